import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Synchronization

/// What only the queue of a store touches: the connections that write, and the state as of the
/// newest commit.
///
/// It is no `Sendable`, and `QueueConfined` is the only one who has it: who wants something done
/// hands it to `ParkStore.onQueue`.
package final class StoreCore {
    package let options: StoreOptions
    let board: StoreBoard
    let writer: Connection
    package let applier: Applier
    let writerSealer: Sealer
    package internal(set) var current: StoreState
    var applyTurns = ApplyTurns()
    let logKeeper: LogKeeper
    /// The file's version and schema when damage was looked for last.
    var seenVersion: Int64?
    var seenCookie: Int64?
    private let stateLock: StateLock?
    /// The way back to the queue, for what is to be done in a later turn. Whoever runs on the queue
    /// keeps it alive.
    private weak var lane: QueueConfined<StoreCore>?

    init(_ opened: StoreOpening.Opened, _ board: StoreBoard, _ options: StoreOptions, lock: StateLock?) throws {
        (self.options, self.board, stateLock) = (options, board, lock)
        (writer, current, logKeeper) = (opened.writer, opened.state, opened.logKeeper)
        applier = try Applier(
            connection: opened.applier, schema: options.schema.schema, rule: options.mergeRule,
            entryBytesMax: options.entryBytesMax)
        writerSealer = Sealer(
            connection: opened.writer, schema: options.schema.schema, entryBytesMax: options.entryBytesMax)
        try noteTables()
        publish(current)
    }

    /// To be called once, before anything is done.
    func bind(to lane: QueueConfined<StoreCore>) { self.lane = lane }

    /// Does something in a later turn: what has come meanwhile comes first.
    func later(_ body: @escaping @Sendable (StoreCore) -> Void) { lane?.async(body) }

    var schema: SharedSchema { options.schema.schema }
    var parks: [String] { options.members.keys.sorted() }
    var memberKeys: [String: [UInt8]] { board.memberKeys }
    var obstacles: [TableObstacleStatus] { board.obstacles }
    var liveness: Liveness { board.liveness }
    var logWatch: LogWatch { board.logWatch }
    var writeLock: WriteLock { board.writeLock }

    func publish(_ new: StoreState) { board.publish(new) }

    /// Looks at the shared tables anew if another program has changed the file's schema.
    ///
    /// - Returns: whether something has changed for the entries that wait.
    @discardableResult
    func noteTables() throws -> Bool {
        guard try applier.lookAtTables(path: options.path) else { return false }
        publishObstacles()
        return true
    }

    func publishObstacles() {
        let all = applier.obstacles.merging(applier.refusals.byTable) { first, _ in first }
        let found = all.sorted { $0.key < $1.key }.map { index, difference in
            TableObstacleStatus(
                table: schema.tables[index].name, cause: "table \(schema.tables[index].name) \(difference.reason)",
                remedy: difference.remedy)
        }
        board.known.withLock { $0.obstacles = found }
    }

    /// What is behind a failure to read what was captured: SQLite says only that there is no such
    /// table or column.
    func explained(_ error: any Error) throws -> any Error {
        guard let failure = error as? StoreError, failure.code == .sql else { return error }
        try noteTables()
        guard let obstacle = obstacles.first else { return error }
        return StoreError(
            .schema, "rows that programs wrote cannot be read: \(obstacle.cause)", remedy: obstacle.remedy)
    }

    /// One round of what waits. The next one stands in the queue behind whatever else has come
    /// meanwhile, so that writers who keep coming do not keep sealing, folding and the watchdog
    /// waiting.
    func drain() {
        let (transactions, slices) = board.inbox.withLock { inbox in
            let taken = (inbox.transactions, inbox.slices)
            (inbox.transactions, inbox.slices) = ([], [])
            inbox.isDrainScheduled = !taken.0.isEmpty || !taken.1.isEmpty
            return taken
        }
        if transactions.isEmpty, slices.isEmpty { return }
        do {
            try makeReady()
            if let refusal = logRefusal() { throw refusal }
            if !transactions.isEmpty { commit(transactions) }
            if !slices.isEmpty { commit(slices) }
        } catch {
            for job in transactions { job.finish(.failure(error)) }
            for job in slices { job.finish(.failure(error)) }
        }
        if !slices.isEmpty { logKeeper.noteBatch() }
        logKeeper.tend(applier.connection)
        liveness.beat()
        later { $0.drain() }
    }

    /// Before anything is read or written.
    func makeReady() throws {
        try logKeeper.mend(applier.connection)
        try endDoubt()
        try refuseDamage()
    }

    /// After a sync failed, the file is ahead of `current` by a transaction that may not be on the
    /// disk: nobody was told of it, and nothing may build on it before it is. Then the state is
    /// read from the file, as at the start.
    ///
    /// - Throws: if the disk still fails; nothing may be written then.
    func endDoubt() throws {
        guard applier.connection.isInDoubt else { return }
        current = try applier.connection.endDoubt {
            try StoreOpening.again(applier.connection, options, before: current)
        }
        publish(current)
    }

    /// Writes the write-ahead log back into the file, and gives up the locks.
    func close() throws {
        defer { letGo() }
        try logKeeper.mend(applier.connection)
        try endDoubt()
        // What is damaged is left as it is.
        let isDamaged = (try? refuseDamage()) == nil
        if !isDamaged, !current.ownLog.isFetching {
            do { try foldNow() } catch let error as StoreError where error.isOfFile { logWatch.set(error) }
        }
        try logKeeper.empty(applier.connection)
    }

    func letGo() {
        logKeeper.end()
        stateLock?.release()
    }
}
