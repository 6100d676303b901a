import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Synchronization

/// One park's database: shared tables, log, row clocks, and what keeps them in step. This is its
/// face: what anybody may call from anywhere.
///
/// All writing happens on one serial queue, in `StoreCore`. Local transactions and received slices
/// that arrive while it is busy are taken together: one SQLite transaction, one fsync. Readers have
/// connections of their own and never wait for it.
package final class ParkStore: Sendable {
    package let options: StoreOptions
    package var schema: SharedSchema { options.schema.schema }
    package let schemaHash: [UInt8]
    let queue: any StoreQueue
    let core: QueueConfined<StoreCore>
    /// Verifies received slices one after the other, beside the queue that writes.
    let verifyQueue: any StoreQueue
    let board: StoreBoard
    let deadlines: TransactionDeadlines
    let logReader: Mutex<Connection>
    package let readers: ReaderPool
    /// A copy that was made before the last of them has the rows as they were.
    package let repairs = RepairCount()
    let archiveTurn = ArchiveTurn()

    /// Opens or makes the file. Whoever opens a node's own opens it by `NodeFile`, which sees to
    /// the files that wait to take its place.
    ///
    /// - Parameter lock: on the state folder; nil to take it here, if the options want it.
    /// - Throws: `StoreError`, `SchemaError`.
    package init(_ options: StoreOptions, lock: StateLock? = nil) throws {
        self.options = options
        (queue, verifyQueue) = (options.makeQueue(.writing), options.makeQueue(.verifying))
        let stateLock = try lock ?? (options.locksFile ? StateLock(path: options.path + ".lock") : nil)
        // SQLite itself would make a file that the programs of the park may only read, whatever the
        // folder grants them.
        if options.locksFile { try FileOwnership.makeFile(options.path) }
        let opened = try StoreOpening.open(options)
        board = StoreBoard(opened, options)
        schemaHash = board.schemaHash
        let writeLock = opened.writeLock
        deadlines = TransactionDeadlines(clock: options.clock) { writeLock.notBegun($0) }
        logReader = Mutex(try Connection(path: options.path, role: .reader, archive: options.archivePath))
        readers = ReaderPool(options)
        let value = try StoreCore(opened, board, options, lock: stateLock)
        core = QueueConfined(queue, value)
        value.bind(to: core)
    }

    /// The state that was made known last.
    var publishedState: StoreState { board.known.withLock { $0.state } }
    /// Shared tables that entries cannot be applied to, because of what other programs made of
    /// them.
    package var obstacles: [TableObstacleStatus] { board.obstacles }
    /// Whether something is to be folded, or waits to be applied.
    package var needsHousekeeping: Bool {
        board.known.withLock {
            !$0.state.held.isEmpty || $0.counts.unfoldedChanges > 0 || $0.node.digest?.vector != $0.node.applied
        }
    }
    /// Row counts, digests and conflicts at the newest folded state.
    package var counts: StoreCounts { board.known.withLock { $0.counts } }

    func enqueue(_ add: (inout StoreBoard.Inbox) -> Void) {
        let mustSchedule = board.inbox.withLock { inbox in
            add(&inbox)
            let mustSchedule = !inbox.isDrainScheduled
            inbox.isDrainScheduled = true
            return mustSchedule
        }
        if mustSchedule { core.async { $0.drain() } }
    }

    /// Runs `body` on the store's queue, and then `finish` with what it returned or threw.
    func onQueue<T: Sendable>(
        _ body: @escaping @Sendable (StoreCore) throws -> T, then finish: @escaping StoreCompletion<T>
    ) {
        core.async { core in
            let outcome = Result {
                try core.makeReady()
                return try body(core)
            }
            finish(outcome.mapError { core.writeLock.naming($0) })
            core.logKeeper.tend(core.applier.connection)
        }
    }

    /// Runs `body` on the store's queue.
    package func onQueue<T: Sendable>(_ body: @escaping @Sendable (StoreCore) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in onQueue(body) { continuation.resume(with: $0) } }
    }

    /// Runs `body` on the store's queue for the task's client. If that has hung up before the first
    /// transaction of `body` has the write lock, nothing is written; what was begun is finished.
    func onQueueForClient<T: Sendable>(_ body: @escaping @Sendable (StoreCore) throws -> T) async throws -> T {
        let hasGone = ClientPresence.hasCurrentGone
        return try await onQueue { core in
            core.applier.connection.hasGone = hasGone
            defer { core.applier.connection.hasGone = nil }
            return try body(core)
        }
    }

    /// Waits for what is under way, writes the write-ahead log back into the file and ends all
    /// reading.
    package func close() async throws {
        try await withCheckedThrowingContinuation { continuation in close { continuation.resume(with: $0) } }
    }

    /// The same as `close()`, for a caller without tasks.
    package func close(then finish: @escaping StoreCompletion<Void>) {
        endApplying()
        core.async { [readers] core in
            readers.close()
            finish(Result { try core.close() }.mapError { core.writeLock.naming($0) })
        }
    }

    /// Writes all of the write-ahead log into the database file and makes it empty.
    ///
    /// - Returns: whether it is empty; not if a reader has stayed in it.
    @discardableResult
    package func writeLogBack() async throws -> Bool {
        try await onQueue { try $0.logKeeper.empty($0.applier.connection) }
    }

    /// Gives up the lock on the file without tidying up, as a crash would. Nothing may be written
    /// afterwards.
    package func abandon() { core.sync { $0.letGo() } }
}

/// Told once what became of a call; on the store's queue.
package typealias StoreCompletion<T> = @Sendable (Result<T, any Error>) -> Void

/// Figures of a store at its newest folded state.
package struct StoreCounts: Sendable {
    package var tables: [TableFigures] = []
    package var conflicts: Int64 = 0
    /// Changes of own entries of which this process knows that their clocks and digests are still
    /// to be folded in. Of what was sealed before it opened the file it knows only that there is
    /// some: the state has no digest then.
    package var unfoldedChanges = 0
    /// What is known of the own log.
    package var ownLog = OwnLog.writing
    package var isRecovering: Bool { ownLog.isFetching }
    /// Why the zone does not let the park write.
    package var fenced: ZoneObstacle? { ownLog.obstacle }
    /// Parks that do not know this one, if that is why.
    package var excludedBy: [String] = []
    /// Own entries that were never published and have their numbers for the time being, because the
    /// log is being checked.
    package var tentativeEntries: UInt64 = 0

    init() {}
    init(_ state: StoreState, schema: SharedSchema) {
        ownLog = state.ownLog
        excludedBy = state.excludedBy
        tables = zip(schema.tables, state.tables).map { TableFigures(name: $0.name, rows: $1.rows, digest: $1.digest) }
        conflicts = state.tables.reduce(0) { $0 + $1.conflicts }
        unfoldedChanges = state.tailChanges
        guard state.origins.indices.contains(state.own) else { return }
        if state.isTentative { tentativeEntries = state.origins[state.own].logged - state.origins[state.own].signed }
    }
}

extension ParkStore: ChangeLog {
    package func state() -> NodeState { board.known.withLock { $0.node } }

    package func zoneNews() -> ZoneNews { board.known.withLock { $0.zoneNews } }
    package func membership() -> Membership { board.known.withLock { $0.membership } }

    /// Public keys by which entries are checked: the configuration's, and those of parks that were
    /// configured once or whose fence named one.
    package var memberKeys: [String: [UInt8]] { board.memberKeys }

    package func hash(of origin: OriginID, seq: UInt64) throws -> [UInt8]? {
        if seq == 0 { return EntryChain.genesis }
        return try logReader.withLock { logReader in
            guard let ordinal = try logReader.ordinal(of: origin) else { return nil }
            return try LogTable.hash(logReader, ordinal: ordinal, seq: seq)
        }
    }

    package func head(of origin: OriginID, upTo seq: UInt64) throws -> LogBranch.Head? {
        try logReader.withLock { logReader in
            guard let ordinal = try logReader.ordinal(of: origin) else { return nil }
            return try LogTable.head(logReader, ordinal: ordinal, upTo: min(seq, LogTable.seqMax))
        }
    }

    package func isForked(_ origin: OriginID) throws -> Bool {
        try logReader.withLock { logReader in
            try logReader.ordinal(of: origin).map { try ForkTable.isForked(logReader, ordinal: $0) } ?? false
        }
    }

    package func isSigned(_ head: LogBranch.Head, of origin: OriginID) -> Bool { board.isSigned(head, of: origin) }

    package func read(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogSlice? {
        try readingLog(of: origin, after: seq, through: last) { logReader, ordinal, last in
            try LogTable.slice(
                logReader, origin: origin, ordinal: ordinal, after: seq, through: last, bytesMax: bytesMax)
        }
    }

    package func next(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogPiece? {
        try readingLog(of: origin, after: seq, through: last) { logReader, ordinal, last in
            try LogTable.piece(
                logReader, origin: origin, ordinal: ordinal, after: seq, through: last, bytesMax: bytesMax)
        }
    }

    /// - Returns: nil if the log has nothing published behind `seq`.
    private func readingLog<Piece: Sendable>(
        of origin: OriginID, after seq: UInt64, through last: UInt64,
        _ read: (_ logReader: Connection, _ ordinal: Int64, _ last: UInt64) throws -> Piece?
    ) throws -> Piece? {
        let last = min(last, state().logged[origin])
        guard seq < last else { return nil }
        return try logReader.withLock { logReader in
            guard let ordinal = try logReader.ordinal(of: origin) else { return nil }
            return try read(logReader, ordinal, last)
        }
    }

    package func payload(of origin: OriginID, seq: UInt64, from offset: Int, count: Int) throws -> [UInt8] {
        try logReader.withLock { logReader in
            guard let ordinal = try logReader.ordinal(of: origin) else {
                throw LogGone(origin: origin, oldestKept: seq &+ 1)
            }
            return try LogTable.part(logReader, origin: origin, ordinal: ordinal, seq: seq, from: offset, count: count)
        }
    }

    package func observe(_ body: @escaping @Sendable () -> Void) -> ObservationToken { board.observe(body) }
}

extension Connection {
    /// The number by which the file calls an origin; nil if it has nothing of it.
    func ordinal(of origin: OriginID) throws -> Int64? {
        let statement = try statement("SELECT ordinal FROM _parksync_origin WHERE name = ?1")
        defer { statement.reset() }
        statement.bindText(1, copying: origin.name)
        return try statement.step() ? statement.ordinal(0) : nil
    }
}
