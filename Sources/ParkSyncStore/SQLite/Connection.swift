import CSQLiteSwitches
import CSQLite
import ParkSyncCore

/// One SQLite connection, configured for its role and driven by raw statements.
///
/// Used by one thread at a time; the owner's serial queue sees to that.
package final class Connection: @unchecked Sendable {
    package enum Role {
        /// Local transactions: triggers fire, constraints hold.
        case writer
        /// Apply and fold: triggers off; foreign keys and CHECKs never stop an apply.
        case applier
        case reader
        /// A file that nobody else has open: a copy that is being made. No write-ahead log, no sync
        /// before it is whole.
        case builder
        /// A file that is not the node's own: see `ForeignFile`.
        case foreign
        /// Holds the checkpoint lock, and writes the log back: see `CheckpointGuard`.
        case guardian

        /// Pages in the write-ahead log at which a commit writes them back. Batches of a catch-up
        /// rewrite the same pages of the clock index again and again; written back after several
        /// batches, each page is written once for all of them. A store does that by itself, in its
        /// own time: see `LogKeeper`.
        var walAutocheckpointPages: Int { self == .applier ? 64_000 : self == .guardian ? 0 : 10_000 }

        /// Whether a commit is visible to other connections before it is on the disk. What the
        /// applier commits is shown to readers at once, while the store tells nobody of it before
        /// the sync.
        var syncsAfterCommit: Bool { self == .applier }
    }

    /// What SQL may do right now. SQL from outside is compiled as `guest`; the store's own as
    /// `trusted`.
    enum Trust { case trusted, guestWriter, guestReader }

    private let opened: DatabaseHandle
    package let handle: OpaquePointer
    var trust = Trust.trusted {
        // The log's own values may be longer.
        didSet { if trust == .trusted { limit(valueBytes: Int(Int32.max), steps: Self.progressSteps) } }
    }
    /// Asked every few virtual machine steps while it is set; true interrupts the statement.
    var isOverdue: (() -> Bool)?
    /// What the guest's statement that is being compiled calls.
    var guestUse = GuestUse()
    /// What SQLite holds for the guest's statement that is executed.
    var guestMemory = parksync_guest_memory()
    /// Virtual tables of the library that a guest may not read.
    private var closedModules: Set<ExactText> = []
    private var cache: [ExactText: RawStatement] = [:]
    /// As its role demands, unless the file is one that nobody needs after a power failure.
    package var syncsAfterCommit: Bool
    /// A commit is in the file and perhaps not on the disk, because the sync after it failed. See
    /// `endDoubt`.
    private(set) var isInDoubt = false
    private(set) lazy var guestStatements = GuestStatements(self)
    let lockWait: LockWait
    /// Whether the client whose transaction is begun next has hung up; nil where nobody can.
    var hasGone: (@Sendable () -> Bool)?
    /// Called before each transaction.
    var beforeTransaction: (() throws -> Void)?
    /// Told whether the write lock was free when it was asked for; see `WriteLockWatch`.
    var writeLockWatch: WriteLockWatch? {
        didSet { lockWait.onWait = writeLockWatch.map { watch in { watch.noteBusy() } } }
    }
    /// Entries that were taken out of this file.
    let archive: ArchiveReader

    static let progressSteps: Int32 = 2_000

    /// Whether SQLite counts the memory that it allocates, which takes a lock each time and nobody
    /// asks for.
    private static let isWithoutStatistics = parksync_sqlite_without_memory_statistics() == SQLITE_OK

    private let foreignGuard: ForeignGuard?

    /// - Parameters:
    ///   - segments: the folder of the file's segments; nil for the one beside the file.
    ///   - foreign: bounds what is read of a file that is not the node's own.
    package init(path: String, role: Role, archive segments: String? = nil, foreign: ForeignGuard? = nil) throws {
        foreignGuard = foreign
        _ = Self.isWithoutStatistics
        archive = ArchiveReader(folder: segments.map { ArchiveFolder(path: $0) } ?? ArchiveFolder(database: path))
        do {
            opened = try Self.unlessGone {
                // Opening reads the file, and may have to wait for whoever recovers its log;
                // afterwards `lockWait` does.
                try DatabaseHandle(
                    path: path, isReadOnly: role == .reader || role == .foreign,
                    busyMilliseconds: Int32(LockWait.waitMicrosecondsMax / 1_000), checksReferences: role == .writer
                ) { foreign?.close($0) ?? SQLITE_OK }
            }
        } catch let failure as DatabaseHandle.Failure {
            throw StoreError.opening(path, failure.code, failure.message, isOwn: role != .foreign && role != .builder)
        }
        handle = opened.raw
        try Self.refuseOtherEncodings(handle, path)
        try Self.harden(handle)
        lockWait = LockWait(handle)
        syncsAfterCommit = role.syncsAfterCommit
        if role == .builder {
            try execute("PRAGMA journal_mode = DELETE")
            try execute("PRAGMA synchronous = OFF")
            try execute("PRAGMA ignore_check_constraints = ON")
            parksync_sqlite_enable_triggers(UnsafeMutableRawPointer(handle), 0)
        } else if let foreign {
            foreign.watch(handle)
        } else if role != .reader {
            try Self.unlessGone { try lockWait.retrying { try execute("PRAGMA journal_mode = WAL") } }
            // NORMAL syncs the log only before it is written back, which keeps the file consistent;
            // `transaction` does the rest.
            try execute("PRAGMA synchronous = \(syncsAfterCommit ? "NORMAL" : "FULL")")
            try execute("PRAGMA wal_autocheckpoint = \(role.walAutocheckpointPages)")
            try execute("PRAGMA journal_size_limit = \(LogLimits.logBytesKept)")
        }
        if role == .applier {
            try execute("PRAGMA ignore_check_constraints = ON")
            parksync_sqlite_enable_triggers(UnsafeMutableRawPointer(handle), 0)
        }
        if role == .reader { try execute("PRAGMA query_only = ON") }
        if role == .writer || role == .reader { try installGuards() }
    }

    deinit { sqlite3_busy_handler(handle, nil, nil) }

    private func installGuards() throws {
        parksync_sqlite_defensive(UnsafeMutableRawPointer(handle), 1)
        let result = parksync_sqlite_guest_functions(UnsafeMutableRawPointer(handle))
        guard result == SQLITE_OK else {
            throw StoreError.sqlite(result, connection: handle, doing: "Making functions for guests")
        }
        sqlite3_limit(handle, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, Int32(ReadLimits.patternBytesMax))
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        closedModules = try modules().filter { !GuestFunctions.isOpen(module: $0.text) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_set_authorizer(
            handle,
            { context, action, first, second, _, trigger in
                guard let context else { return SQLITE_DENY }
                let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
                return connection.allows(
                    action, first.map { String(cString: $0) }, second.map { String(cString: $0) },
                    trigger: trigger.map { String(cString: $0) })
                    ? SQLITE_OK : SQLITE_DENY
            }, context)
        limit(valueBytes: Int(Int32.max), steps: Self.progressSteps)
    }

    private func allows(_ action: Int32, _ first: String?, _ second: String?, trigger: String?) -> Bool {
        if trust == .trusted { return true }
        switch action {
        case SQLITE_FUNCTION: return second.map { guestUse.allows(function: $0) } ?? false
        case SQLITE_READ:
            guard let first else { return true }
            guestUse.reads(first)
            return closedModules.isEmpty || !closedModules.contains(ExactText(first.asciiLowercased))
        default: return SQLGuard.allows(trust, action: action, first: first, second: second, trigger: trigger)
        }
    }

    private func modules() throws -> Set<ExactText> {
        let statement = try RawStatement(handle, "PRAGMA module_list")
        var names: Set<ExactText> = []
        while try statement.step() { names.insert(ExactText(statement.string(0).asciiLowercased)) }
        return names
    }

    /// For the statement that is executed next.
    ///
    /// - Parameters:
    ///   - valueBytes: longest text or blob that it may make or read.
    ///   - steps: after how many instructions `isOverdue` is asked.
    func limit(valueBytes: Int, steps: Int32) {
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(clamping: valueBytes))
        sqlite3_progress_handler(
            handle, steps,
            { context in
                guard let context else { return 1 }
                return Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().isOverdue?() == true ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    package func execute(_ sql: String) throws {
        let result = try SQLText.execute(sql, on: handle)
        guard result == SQLITE_OK else {
            throw StoreError.sqlite(result, connection: handle, doing: "Executing \(sql.prefix(200))")
        }
    }

    /// A statement that is prepared once for each connection. Finish it with `reset()` or `run()`.
    package func statement(_ sql: String) throws -> RawStatement {
        let text = ExactText(sql)
        if let cached = cache[text] { return cached }
        let made = try RawStatement(handle, sql)
        cache[text] = made
        return made
    }

    package func forgetStatements() { cache.removeAll() }

    var changes: Int { Int(sqlite3_changes64(handle)) }
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Whether the transaction so far leaves a reference, immediate or deferred, to a row that does
    /// not exist.
    var hasOpenReferences: Bool {
        var (open, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &open, &highest, 0)
        return open != 0
    }

    /// Runs `body` in one transaction that takes the write lock at once; rolls back if it throws.
    /// Durable when it returns.
    ///
    /// - Throws: also when the transaction is committed and its sync failed; `isInDoubt` is true
    ///   then, and every further transaction is refused until `endDoubt`.
    package func transaction<T>(_ body: () throws -> T) throws -> T {
        try refuseDoubt()
        try begin()
        return try commit(body)
    }

    /// Like `transaction`, but does not wait for the write lock, or not for long.
    ///
    /// - Returns: nil if another connection, of whatever process, holds the lock.
    @discardableResult
    func transactionIfFree<T>(within microseconds: Int = 0, _ body: () throws -> T) throws -> T? {
        try refuseDoubt()
        try beforeTransaction?()
        let result = try patiently(atMost: microseconds) { try SQLText.execute("BEGIN IMMEDIATE", on: handle) }
        if result & 0xFF == SQLITE_BUSY { return nil }
        guard result == SQLITE_OK else {
            throw StoreError.sqlite(result, connection: handle, doing: "Taking the write lock")
        }
        writeLockWatch?.noteFree()
        return try commit(body)
    }

    private func begin() throws {
        try beforeTransaction?()
        guard let hasGone else { return try takeLock() }
        try waiting(while: { !hasGone() }) { try takeLock() }
        // Now that the lock is there: who has gone meanwhile wants nothing any more.
        if hasGone() {
            try execute("ROLLBACK")
            throw StoreError.clientGone
        }
        self.hasGone = nil
    }

    private func takeLock() throws {
        try statement("BEGIN IMMEDIATE").run()
        writeLockWatch?.noteFree()
    }

    /// Waits at most so long for each lock that `body` meets.
    func patiently<T>(atMost microseconds: Int, _ body: () throws -> T) rethrows -> T {
        let before = lockWait.limitMicroseconds
        lockWait.limitMicroseconds = microseconds
        defer { lockWait.limitMicroseconds = before }
        return try body()
    }

    /// Gives up waiting for a lock when nobody wants it any more.
    func waiting<T>(while isWanted: @escaping () -> Bool, _ body: () throws -> T) rethrows -> T {
        lockWait.isWanted = isWanted
        defer { lockWait.isWanted = nil }
        return try body()
    }

    /// See `LockWait.polling`.
    func polling(atMost microseconds: Int, _ attempt: () -> Int32) -> Int32 {
        lockWait.polling(atMost: microseconds, attempt)
    }

    /// Leaves writing the log back to the guard.
    func leaveLogAlone() throws { try execute("PRAGMA wal_autocheckpoint = 0") }

    private func commit<T>(_ body: () throws -> T) throws -> T {
        let before = pagesWritten
        let value: T
        do {
            value = try body()
            try statement("COMMIT").run()
        } catch {
            // SQLite has rolled back by itself after some errors (disk full); a second ROLLBACK
            // would fail.
            if isInTransaction { try execute("ROLLBACK") }
            throw error
        }
        if syncsAfterCommit, pagesWritten != before { try sync() }
        return value
    }

    /// Pages that this connection has written into the log; wraps around.
    private var pagesWritten: Int32 {
        var (pages, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &highest, 0)
        return pages
    }

    /// Puts on the disk whatever is committed.
    func sync() throws {
        let result = WriteAheadLog.sync(handle)
        guard result == SQLITE_OK else {
            isInDoubt = true
            throw Self.notSynced(result)
        }
    }

    private func refuseDoubt() throws { if isInDoubt { throw Self.notSynced(WriteAheadLog.syncFailed) } }

    private static func notSynced(_ result: Int32) -> StoreError {
        StoreError(
            .damaged,
            """
            the disk refused to keep what was written to the write-ahead log: \
            \(String(cString: sqlite3_errstr(result)))
            """,
            remedy: "Check the disk of the state folder; the store tries again before it does anything else.")
    }

    /// Makes durable what a sync failed to, and runs `body` in a transaction to learn what the file
    /// holds now.
    ///
    /// - Throws: if the disk still fails, or `body` does; the doubt remains then.
    func endDoubt<T>(_ body: () throws -> T) throws -> T {
        try begin()
        do {
            let result = WriteAheadLog.repair(handle)
            guard result == SQLITE_OK else { throw Self.notSynced(result) }
            let value = try body()
            try execute("COMMIT")
            try sync()
            isInDoubt = false
            return value
        } catch {
            if isInTransaction { try execute("ROLLBACK") }
            throw error
        }
    }

    /// The first column of the first row, or nil.
    package func int64(_ sql: String) throws -> Int64? {
        let statement = try statement(sql)
        defer { statement.reset() }
        return try statement.step() && !statement.isNull(0) ? statement.int64(0) : nil
    }

    package func string(_ sql: String) throws -> String? {
        let statement = try statement(sql)
        defer { statement.reset() }
        return try statement.step() && !statement.isNull(0) ? statement.string(0) : nil
    }
}
