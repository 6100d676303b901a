import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// One park's database: shared tables, log, row clocks, and what keeps them in step.
///
/// All writing happens on one serial queue. Local transactions and received slices that arrive while it is busy are taken
/// together: one SQLite transaction, one fsync. Readers have connections of their own and never wait for it.
package final class ParkStore: @unchecked Sendable {
    // Confined to `queue`: writer, applier, sealer, current. Guarded by `lock`: everything under "shared".
    package let options: StoreOptions
    package var schema: SharedSchema { options.schema.schema }
    let queue: any StoreQueue
    /// Verifies received slices one after the other, beside the queue that writes.
    let verifyQueue: any StoreQueue
    let writer: Connection
    package let applier: Applier
    let writerSealer: Sealer
    package var current: StoreState
    var applyTurns = ApplyTurns()
    private let stateLock: StateLock?
    let logKeeper: LogKeeper
    let writeLock: WriteLock
    let deadlines: TransactionDeadlines

    /// For all up to `nextObserver`.
    let lock = NSLock()
    var waitingTransactions: [WaitingTransaction] = []
    var waitingSlices: [WaitingSlice] = []
    var verifiedAhead: [OriginID: VerifiedEntries] = [:]
    private var isDrainScheduled = false
    var mustEndApplying = false
    private var published: NodeState
    private var newest = StoreState()
    private var publishedCounts = StoreCounts()
    var publishedStanding: LogStanding { newest.standing }
    private var publishedObstacles: [TableObstacleStatus] = []
    private(set) var publishedSchemaChanges: UInt64 = 0
    private(set) var publishedDifferencesFound: UInt64 = 0
    private var publishedMembership = Membership()
    private var publishedZoneNews = ZoneNews()
    private var keysByPark: [String: [UInt8]] = [:]
    private var rememberedKeys = 0
    private(set) var publishedRefused = RefusedRowsStatus()
    var vouchedFor = VouchedEntries()
    private var observers: [UInt64: @Sendable () -> Void] = [:]
    private var nextObserver: UInt64 = 0

    let logReader: Connection
    let logReaderLock = NSLock()
    package let readers: ReaderPool
    let liveness = Liveness()
    /// A copy that was made before the last of them has the rows as they were.
    package let repairs = RepairCount()
    let rowWatch = RowWatch()
    let (logWatch, archiveTurn) = (LogWatch(), ArchiveTurn())
    let openFiles: OpenFiles
    package let schemaHash: [UInt8]

    /// Opens or makes the file. Whoever opens a node's own opens it by `NodeFile`, which sees to the files that wait to take its place.
    ///
    /// - Parameter lock: on the state folder; nil to take it here, if the options want it.
    /// - Throws: `StoreError`, `SchemaError`.
    package init(_ options: StoreOptions, lock: StateLock? = nil) throws {
        self.options = options
        (queue, verifyQueue) = (options.makeQueue(.writing), options.makeQueue(.verifying))
        stateLock = try lock ?? (options.locksFile ? StateLock(path: options.path + ".lock") : nil)
        // SQLite itself would make a file that the programs of the park may only read, whatever the folder grants them.
        if options.locksFile { try FileOwnership.makeFile(options.path) }
        let opened = try StoreOpening.open(options)
        (writer, current, logKeeper, writeLock) = (opened.writer, opened.state, opened.logKeeper, opened.writeLock)
        openFiles = OpenFiles(path: opened.logKeeper.path)
        deadlines = TransactionDeadlines(clock: options.clock) { [writeLock] in writeLock.notBegun($0) }
        applier = try Applier(
            connection: opened.applier, schema: options.schema.schema, rule: options.mergeRule, entryBytesMax: options.entryBytesMax)
        writerSealer = Sealer(connection: opened.writer, schema: options.schema.schema, entryBytesMax: options.entryBytesMax)
        logReader = try Connection(path: options.path, role: .reader, archive: options.archivePath)
        readers = ReaderPool(options)
        schemaHash = Array(SHA256.hash(data: options.schema.schema.canonicalBytes))
        published = Self.nodeState(opened.state, options, schemaHash)
        try noteTables()
        rowWatch.change { $0 = opened.rows }
        publish(opened.state)
    }

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
                table: schema.tables[index].name, cause: "table \(schema.tables[index].name) \(difference.reason)", remedy: difference.remedy)
        }
        lock.withLock { publishedObstacles = found }
    }

    /// What is behind a failure to read what was captured: SQLite says only that there is no such table or column.
    func explained(_ error: any Error) throws -> any Error {
        guard let failure = error as? StoreError, failure.code == .sql else { return error }
        try noteTables()
        guard let obstacle = obstacles.first else { return error }
        return StoreError(.schema, "rows that programs wrote cannot be read: \(obstacle.cause)", remedy: obstacle.remedy)
    }

    private static func nodeState(_ state: StoreState, _ options: StoreOptions, _ hash: [UInt8]) -> NodeState {
        NodeState(
            origin: state.origins[state.own].origin, schemaNumber: options.schema.schema.number, schemaHash: hash, applied: state.applied,
            logged: state.served,
            digest: state.digest)
    }

    /// Makes a committed state known to readers and observers.
    func publish(_ new: StoreState) {
        let next = Self.nodeState(new, options, schemaHash)
        lock.lock()
        published = next
        newest = new
        publishedCounts = StoreCounts(new, schema: schema)
        publishedSchemaChanges = new.watch.changes
        publishedDifferencesFound = new.differencesFound
        publishedMembership = new.membership(configured: options.members)
        publishedZoneNews = ZoneNews(new)
        if keysByPark.isEmpty || new.memberKeys.count != rememberedKeys {
            (rememberedKeys, keysByPark) = (new.memberKeys.count, new.memberKeys.merging(options.keysByPark) { $1 })
        }
        publishedRefused = new.refused
        let listeners = observers.sorted { $0.key < $1.key }.map(\.value)
        lock.unlock()
        rowWatch.change { $0.suspected = new.watch.suspicions }
        for listener in listeners { listener() }
    }

    /// The state that was made known last.
    var publishedState: StoreState { lock.withLock { newest } }
    /// Shared tables that entries cannot be applied to, because of what other programs made of them.
    package var obstacles: [TableObstacleStatus] { lock.withLock { publishedObstacles } }
    /// Whether something is to be folded, or waits to be applied.
    package var needsHousekeeping: Bool {
        lock.withLock { !newest.held.isEmpty || publishedCounts.unfoldedChanges > 0 || published.digest?.vector != published.applied }
    }
    /// Row counts, digests and conflicts at the newest folded state.
    package var counts: StoreCounts { lock.withLock { publishedCounts } }

    func enqueue(_ add: () -> Void) {
        lock.lock()
        add()
        let mustSchedule = !isDrainScheduled
        isDrainScheduled = true
        lock.unlock()
        if mustSchedule { queue.async { self.drain() } }
    }

    /// One round. The next one stands in the queue behind whatever else has come meanwhile, so that writers who keep coming
    /// do not keep sealing, folding and the watchdog waiting.
    private func drain() {
        lock.lock()
        let transactions = waitingTransactions
        let slices = waitingSlices
        (waitingTransactions, waitingSlices) = ([], [])
        isDrainScheduled = !transactions.isEmpty || !slices.isEmpty
        let isDone = !isDrainScheduled
        lock.unlock()
        if isDone { return }
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
        queue.async { self.drain() }
    }

    /// Runs `body` on the store's queue, and then `finish` with what it returned or threw.
    func onQueue<T: Sendable>(_ body: @escaping @Sendable () throws -> T, then finish: @escaping StoreCompletion<T>) {
        queue.async {
            let outcome = Result {
                try self.makeReady()
                return try body()
            }
            finish(outcome.mapError { self.writeLock.naming($0) })
            self.logKeeper.tend(self.applier.connection)
        }
    }

    /// Runs `body` on the store's queue.
    package func onQueue<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in onQueue(body) { continuation.resume(with: $0) } }
    }

    /// Runs `body` on the store's queue for the task's client. If that has hung up before the first transaction of `body` has the write
    /// lock, nothing is written; what was begun is finished.
    func onQueueForClient<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        let hasGone = ClientPresence.hasCurrentGone
        return try await onQueue { [self] in
            applier.connection.hasGone = hasGone
            defer { applier.connection.hasGone = nil }
            return try body()
        }
    }

    /// Before anything is read or written.
    func makeReady() throws {
        try logKeeper.mend(applier.connection)
        try settleDoubt()
        try refuseDamage()
    }

    /// After a sync failed, the file is ahead of `current` by a transaction that may not be on the disk: nobody was told of it,
    /// and nothing may build on it before it is. Then the state is read from the file, as at the start.
    ///
    /// - Throws: if the disk still fails; nothing may be written then.
    func settleDoubt() throws {
        guard applier.connection.isInDoubt else { return }
        current = try applier.connection.settleDoubt { try StoreOpening.again(applier.connection, options, before: current) }
        publish(current)
    }

    /// Waits for what is under way, writes the write-ahead log back into the file and ends all reading.
    package func close() async throws {
        try await withCheckedThrowingContinuation { continuation in close { continuation.resume(with: $0) } }
    }

    /// The same as `close()`, for a caller without tasks.
    package func close(then finish: @escaping StoreCompletion<Void>) {
        endApplying()
        queue.async { [self] in
            finish(
                Result {
                    readers.close()
                    defer {
                        logKeeper.end()
                        stateLock?.release()
                    }
                    try logKeeper.mend(applier.connection)
                    try settleDoubt()
                    // What is damaged is left as it is.
                    let isDamaged = (try? refuseDamage()) == nil
                    if !isDamaged, !current.ownLog.isFetching {
                        do { try foldNow() } catch let error as StoreError where error.isOfFile { logWatch.set(error) }
                    }
                    try logKeeper.empty(applier.connection)
                }.mapError { self.writeLock.naming($0) })
        }
    }

    /// Writes all of the write-ahead log into the database file and makes it empty.
    ///
    /// - Returns: whether it is empty; not if a reader has stayed in it.
    @discardableResult
    package func writeLogBack() async throws -> Bool { try await onQueue { [self] in try logKeeper.empty(applier.connection) } }

    /// Gives up the lock on the file without tidying up, as a crash would. Nothing may be written afterwards.
    package func abandon() {
        queue.sync {
            logKeeper.end()
            stateLock?.release()
        }
    }
}

/// Told once what became of a call; on the store's queue.
package typealias StoreCompletion<T> = @Sendable (Result<T, any Error>) -> Void

/// Figures of a store at its newest folded state.
package struct StoreCounts: Sendable {
    package var tables: [TableFigures] = []
    package var conflicts: Int64 = 0
    /// Changes of own entries whose clocks and digests are still to be folded in.
    package var unfoldedChanges = 0
    /// What is known of the own log.
    package var ownLog = OwnLog.writing
    package var isRecovering: Bool { ownLog.isFetching }
    /// Why the zone does not let the park write.
    package var fenced: ZoneObstacle? { ownLog.obstacle }
    /// Parks that do not know this one, if that is why.
    package var excludedBy: [String] = []
    /// Own entries that were never published and have their numbers for the time being, because the log is being checked.
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
    package func state() -> NodeState { lock.withLock { published } }

    package func zoneNews() -> ZoneNews { lock.withLock { publishedZoneNews } }
    package func membership() -> Membership { lock.withLock { publishedMembership } }

    /// Public keys by which entries are checked: the configuration's, and those of parks that were configured once or whose fence named one.
    package var memberKeys: [String: [UInt8]] { lock.withLock { keysByPark } }

    package func hash(of origin: OriginID, seq: UInt64) throws -> [UInt8]? {
        if seq == 0 { return EntryChain.genesis }
        return try logReaderLock.withLock {
            guard let ordinal = try ordinal(of: origin, on: logReader) else { return nil }
            return try LogTable.hash(logReader, ordinal: ordinal, seq: seq)
        }
    }

    package func head(of origin: OriginID, upTo seq: UInt64) throws -> LogBranch.Head? {
        try logReaderLock.withLock {
            guard let ordinal = try ordinal(of: origin, on: logReader) else { return nil }
            return try LogTable.head(logReader, ordinal: ordinal, upTo: min(seq, LogTable.seqMax))
        }
    }

    package func isForked(_ origin: OriginID) throws -> Bool {
        try logReaderLock.withLock {
            try ordinal(of: origin, on: logReader).map { try ForkTable.isForked(logReader, ordinal: $0) } ?? false
        }
    }

    package func isSigned(_ head: LogBranch.Head, of origin: OriginID) -> Bool {
        guard let raw = memberKeys[origin.park], let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw) else { return false }
        return key.isValidSignature(head.signature, for: EntryChain.headMessage(origin: origin, seq: head.seq, hash: head.hash))
    }

    package func read(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogSlice? {
        let last = min(last, state().logged[origin])
        guard seq < last else { return nil }
        return try logReaderLock.withLock {
            guard let ordinal = try ordinal(of: origin, on: logReader) else { return nil }
            return try LogTable.slice(logReader, origin: origin, ordinal: ordinal, after: seq, through: last, bytesMax: bytesMax)
        }
    }

    package func next(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogPiece? {
        let last = min(last, state().logged[origin])
        guard seq < last else { return nil }
        return try logReaderLock.withLock {
            guard let ordinal = try ordinal(of: origin, on: logReader) else { return nil }
            return try LogTable.piece(logReader, origin: origin, ordinal: ordinal, after: seq, through: last, bytesMax: bytesMax)
        }
    }

    package func payload(of origin: OriginID, seq: UInt64, from offset: Int, count: Int) throws -> [UInt8] {
        try logReaderLock.withLock {
            guard let ordinal = try ordinal(of: origin, on: logReader) else { throw LogGone(origin: origin, oldestKept: seq &+ 1) }
            return try LogTable.part(logReader, origin: origin, ordinal: ordinal, seq: seq, from: offset, count: count)
        }
    }

    func ordinal(of origin: OriginID, on connection: Connection) throws -> Int64? {
        let statement = try connection.statement("SELECT ordinal FROM _parksync_origin WHERE name = ?1")
        defer { statement.reset() }
        statement.bindText(1, copying: origin.name)
        return try statement.step() ? statement.ordinal(0) : nil
    }

    package func observe(_ body: @escaping @Sendable () -> Void) -> ObservationToken {
        let id = lock.withLock {
            nextObserver += 1
            observers[nextObserver] = body
            return nextObserver
        }
        return ObservationToken { [weak self] in
            guard let self else { return }
            self.lock.withLock { _ = self.observers.removeValue(forKey: id) }
        }
    }
}
