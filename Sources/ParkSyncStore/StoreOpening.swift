import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// Opens a store's connections and brings the file up to the schema.
package enum StoreOpening {
    package struct Opened {
        var writer: Connection
        package var applier: Connection
        package var state: StoreState
        var rows: RowsStatus
        var logKeeper: LogKeeper
        var writeLock: WriteLock
    }

    package static func open(_ options: StoreOptions) throws -> Opened {
        let applier = try Connection(path: options.path, role: .applier, archive: options.archivePath)
        // The first that reads makes the log's file, and SQLite syncs the folder with it only in
        // that connection, at its first sync. Unsynced, a power failure may bring back the journal
        // of the moment before the file had a log, and empty the file.
        _ = try applier.int64("SELECT count(*) FROM sqlite_master")
        let keeper = try LogKeeper(options)
        let watch = WriteLockWatch(clock: options.clock)
        try look(after: applier, keeper, watch)
        // Before anything is written, and before anything that is read is believed.
        try keeper.start(applier)
        let state = try applier.transaction { try prepare(applier, options) }
        // A node that ended between a commit and its sync left what nobody has been told of yet. A
        // sync may have failed, too; what the kernel has taken for clean then is written once more.
        try applier.endDoubt {}
        let writer = try Connection(path: options.path, role: .writer, archive: options.archivePath)
        try look(after: writer, keeper, watch)
        return Opened(
            writer: writer, applier: applier, state: state, rows: try VerificationMemory.status(applier),
            logKeeper: keeper,
            writeLock: WriteLock(watch: watch, clock: options.clock, path: keeper.path))
    }

    private static func look(after connection: Connection, _ keeper: LogKeeper, _ watch: WriteLockWatch) throws {
        try connection.leaveLogAlone()
        connection.writeLockWatch = watch
        connection.beforeTransaction = { [unowned connection] in try keeper.mend(connection) }
    }

    private static func prepare(_ connection: Connection, _ options: StoreOptions) throws -> StoreState {
        // First of all: what hangs on the own tables could refuse or undo what follows.
        let dropped = try OwnTables(connection: connection, schema: options.schema.schema).dropForeign()
        let isNew = try StoreFile.prepare(connection, origin: options.origin, path: options.path)
        try MemberTable.remember(connection, options.keysByPark)
        let before = try connection.int64("SELECT max(number) FROM _parksync_schema") ?? 0
        try LogSoundness.checkSchemaFiles(connection, newest: before)
        var altered: [String] = []
        var constants: [RestoredConstant] = []
        if before > 0 {
            guard Int(before) <= options.schema.files.count else {
                throw StoreError(
                    .schema, "\(options.path) has schema \(before), this node brings \(options.schema.schema.number)",
                    remedy: "Install the schema files that this park had before.")
            }
            let earlier = options.schema.files[Int(before) - 1].schema
            try SchemaInstall(options.schema, on: connection).checkExecuted()
            try SchemaFit(earlier, on: connection, path: options.path).check()
            // Before files that come later build on them.
            constants = try ConstantGuard(schema: earlier, connection: connection, path: options.path).restore()
            try OwnTables(connection: connection, schema: earlier).check()
            let found = try StateLoader.load(
                connection, origin: try record(connection, options).origin ?? options.origin, schema: earlier)
            try ControlRows.check(connection, found)
            altered = try PendingGuard(
                schema: earlier, park: options.origin.park, budget: options.budget(earlier), connection: connection
            ).restore(
                wallMilliseconds: options.clock.wallMilliseconds())
            altered += try restoreCapture(connection, earlier, options)
            try sealWhatWaits(connection, options, schema: earlier, signs: !options.checksHeads)
        }
        let found = try StoreFile.installTables(options.schema, on: connection)
        if Int(before) < options.schema.files.count {
            try SchemaFit(options.schema.schema, on: connection, path: options.path).check(
                found: found, places: options.schema.places)
            constants += try ConstantGuard(
                schema: options.schema.schema, connection: connection, path: options.path
            ).restore()
        }
        try StoreFile.installCapture(
            options.schema.schema, on: connection, park: options.origin.park, budget: options.budget)
        // A schema file, or somebody's hand, may have removed what the file was given.
        altered += try CaptureGuard(schema: options.schema.schema, park: options.origin.park, budget: options.budget)
            .restore(connection)
        try VerificationMemory.suspect(connection, altered, since: options.clock.wallMilliseconds())
        var own = try record(connection, options)
        if isNew, options.recoversWhenNew {
            own.fetch = OwnLog.Fetch(.lost)
            try own.save(connection)
        }
        try EarlierRows(
            options.schema, on: connection, park: options.origin.park, budget: options.budget,
            isFetching: own.fetch != nil
        ).publish(found)
        connection.forgetStatements()
        var state = try state(
            of: connection, options, OwnLog.opened(own.fetch, isNew: isNew, comparesHeads: options.checksHeads))
        // Also when the file is opened again: a new schema makes all triggers anew, and may bring
        // tables.
        try Gate.set(connection, options.schema.schema, state.ownLog.gate)
        connection.forgetStatements()
        state.watch.cookie = try CaptureGuard.cookie(connection)
        state.watch.noteDropped(dropped)
        state.watch.constants = constants
        return state
    }

    /// Puts back what somebody removed while the node was down, as far as this node would have made
    /// the same.
    ///
    /// - Returns: the tables whose triggers were altered.
    private static func restoreCapture(_ connection: Connection, _ schema: SharedSchema, _ options: StoreOptions) throws
        -> [String]
    {
        let budget = options.budget(schema)
        let capture = CaptureGuard(schema: schema, park: options.origin.park, budget: budget)
        let isSame = try StoreFile.hasCapture(schema, on: connection, park: options.origin.park, budget: budget)
        let altered = try capture.alteredTables(connection, isSameCapture: isSame)
        if isSame { _ = try capture.restore(connection) }
        return altered
    }

    /// The state that the file holds, after it was not known what is in it. Within the caller's
    /// transaction.
    ///
    /// - Parameter before: what was not in the file stays as it was there.
    static func again(_ connection: Connection, _ options: StoreOptions, before: StoreState) throws -> StoreState {
        try sealWhatWaits(connection, options, schema: options.schema.schema, signs: before.ownLog != .checking)
        let log = before.ownLog.transition(on: .reread(try record(connection, options).fetch)).next
        let state = try state(of: connection, options, log, excludedBy: before.excludedBy)
        try Gate.set(connection, options.schema.schema, state.ownLog.gate)
        return state
    }

    /// The state that the file holds.
    ///
    /// - Parameters:
    ///   - log: what is known of the own log. Whether it is being compared with its peers' is not
    ///     in the file.
    ///   - parks: those that do not know this one, which is not in the file either.
    private static func state(
        of connection: Connection, _ options: StoreOptions, _ log: OwnLog, excludedBy parks: [String] = []
    ) throws -> StoreState {
        let origin = try record(connection, options).origin ?? options.origin
        var state = try StateLoader.load(connection, origin: origin, schema: options.schema.schema)
        (state.ownLog, state.excludedBy) = (log, parks)
        state.ownLog = log.transition(on: .zone(state.zoneObstacle(members: options.members.keys.sorted()))).next
        state.branch = try BranchTable.load(connection, ordinal: state.origins[state.own].ordinal)
        if state.isTentative { state.digest = nil }
        state.watch.suspicions = try VerificationMemory.loadSuspicions(connection)
        noteWaiting(&state)
        state._checkInvariants()
        return state
    }

    /// What the file remembers of its own log, with the origin that the node writes as: the park's
    /// own, or a later incarnation of it.
    private static func record(_ connection: Connection, _ options: StoreOptions) throws -> OwnLogRecord {
        try OwnLogRecord.load(connection, park: options.origin.park)
    }

    /// Entries that were held when the node stopped. What they waited for may be there now, a new
    /// schema for example, and nothing else need happen that would make somebody try them again.
    private static func noteWaiting(_ state: inout StoreState) {
        for (index, origin) in state.origins.enumerated()
        where origin.folded < origin.logged && (index != state.own || state.ownLog.isFetching) {
            state.held.append(
                StuckEntry(
                    origin: origin.origin, seq: origin.folded + 1, state: .held, kind: StuckCause(.notTried),
                    cause: "it was not applied yet when the node stopped",
                    remedy: "It is tried again at once; if it still cannot be applied, the cause is told here."))
        }
    }

    /// Seals what was captured while the daemon was down, and folds the tail, with the schema that
    /// the file has. Within the caller's transaction.
    ///
    /// - Parameter signs: whether what is sealed counts at once. Without a signature an entry has
    ///   its number for the time being only: an old copy may have to give it another one.
    static func sealWhatWaits(_ connection: Connection, _ options: StoreOptions, schema: SharedSchema, signs: Bool)
        throws
    {
        let record = try record(connection, options)
        if record.fetch != nil { return }
        var state = try StateLoader.load(connection, origin: record.origin ?? options.origin, schema: schema)
        let before = state
        let applier = try Applier(connection: connection, schema: schema, entryBytesMax: options.entryBytesMax)
        // The lengths of rows in the tail are in the log only; folding brings them into the table
        // that sealing asks.
        try applier.fold(&state)
        _ = try applier.sealer.seal(&state, wallMilliseconds: options.clock.wallMilliseconds())
        if signs { try applier.sealer.sign(&state, key: options.identity) }
        try applier.fold(&state)
        try applier.keepDifferences(&state, wallMilliseconds: options.clock.wallMilliseconds())
        try EarlierCounters(connection: connection, schema: schema, state: state).note()
        try applier.keepEarlierTraces(&state, wallMilliseconds: options.clock.wallMilliseconds())
        try StateLoader.save(connection, state, before: before)
    }
}
