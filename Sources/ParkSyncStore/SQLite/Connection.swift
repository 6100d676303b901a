import CSQLiteSwitches
import GRDB
import GRDBSQLite

/// One SQLite connection, opened and configured through GRDB and then driven by raw statements.
///
/// Used by one thread at a time; the owner's serial queue sees to that.
final class Connection: @unchecked Sendable {
    enum Role {
        /// Local transactions: triggers fire, constraints hold.
        case writer
        /// Apply and fold: triggers off; foreign keys and CHECKs never stop an apply.
        case applier
        case reader
        /// A file that nobody else has open: a copy that is being made. No write-ahead log, no sync before it is whole.
        case builder

        /// Pages in the write-ahead log at which a commit writes them back. Batches of a catch-up rewrite the same pages of the
        /// clock index again and again; written back after several batches, each page is written once for all of them.
        var walAutocheckpointPages: Int { self == .applier ? 64_000 : 10_000 }
    }

    /// What SQL may do right now. SQL from outside is compiled as `guest`; the store's own as `trusted`.
    enum Trust { case trusted, guestWriter, guestReader }

    private let queue: DatabaseQueue
    let handle: OpaquePointer
    var trust = Trust.trusted {
        // The log's own values may be longer.
        didSet { sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, trust == .trusted ? .max : Int32(ReadLimits.valueBytesMax)) }
    }
    /// Asked every few thousand virtual machine steps while it is set; true interrupts the statement.
    var isOverdue: (() -> Bool)?
    private var cache: [String: RawStatement] = [:]
    let guestStatements: GuestStatements

    static let busyTimeoutSeconds = 10.0
    /// The write-ahead log is cut to this length when it has been written back.
    static let walBytesKept = 64 << 20
    static let progressSteps: Int32 = 2_000

    init(path: String, role: Role) throws {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
        configuration.foreignKeysEnabled = role == .writer
        configuration.readonly = role == .reader
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            guard let handle = queue.inDatabase({ db in SendableHandle(raw: db.sqliteConnection) }).raw else {
                throw StoreError(.internalState, "\(path) opened without a connection", remedy: "Restart the node.")
            }
            self.handle = handle
        } catch let error as DatabaseError {
            throw StoreError(
                .damaged, "Opening \(path): \(error.message ?? "\(error.resultCode)")",
                remedy: "Check that the folder exists, is writable, and that the file is an SQLite database.")
        }
        guestStatements = GuestStatements(handle)
        // GRDB observes transactions that it makes itself and asserts when it sees others.
        sqlite3_commit_hook(handle, nil, nil)
        sqlite3_rollback_hook(handle, nil, nil)
        if role == .builder {
            try execute("PRAGMA journal_mode = DELETE")
            try execute("PRAGMA synchronous = OFF")
            try execute("PRAGMA ignore_check_constraints = ON")
            parksync_sqlite_enable_triggers(UnsafeMutableRawPointer(handle), 0)
        } else if role != .reader {
            try execute("PRAGMA journal_mode = WAL")
            try execute("PRAGMA synchronous = FULL")
            try execute("PRAGMA wal_autocheckpoint = \(role.walAutocheckpointPages)")
            try execute("PRAGMA journal_size_limit = \(Self.walBytesKept)")
        }
        if role == .applier {
            try execute("PRAGMA ignore_check_constraints = ON")
            parksync_sqlite_enable_triggers(UnsafeMutableRawPointer(handle), 0)
        }
        if role == .reader { try execute("PRAGMA query_only = ON") }
        if role == .writer || role == .reader { installGuards() }
    }

    private struct SendableHandle: @unchecked Sendable { let raw: OpaquePointer? }

    private func installGuards() {
        parksync_sqlite_defensive(UnsafeMutableRawPointer(handle), 1)
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_set_authorizer(
            handle,
            { context, action, first, second, _, trigger in
                guard let context else { return SQLITE_DENY }
                let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
                return SQLGuard.allows(
                    connection.trust, action: action, first: first.map { String(cString: $0) }, second: second.map { String(cString: $0) },
                    trigger: trigger.map { String(cString: $0) }) ? SQLITE_OK : SQLITE_DENY
            }, context)
        sqlite3_progress_handler(
            handle, Self.progressSteps,
            { context in
                guard let context else { return 1 }
                return Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().isOverdue?() == true ? 1 : 0
            }, context)
    }

    func execute(_ sql: String) throws {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw StoreError.sqlite(result, connection: handle, doing: "Executing \(sql.prefix(200))") }
    }

    /// A statement that is prepared once for each connection. Finish it with `reset()` or `run()`.
    func statement(_ sql: String) throws -> RawStatement {
        if let cached = cache[sql] { return cached }
        let made = try RawStatement(handle, sql)
        cache[sql] = made
        return made
    }

    func forgetStatements() { cache.removeAll() }

    var changes: Int { Int(sqlite3_changes64(handle)) }
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Whether the transaction so far leaves a reference, immediate or deferred, to a row that does not exist.
    var hasOpenReferences: Bool {
        var (open, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &open, &highest, 0)
        return open != 0
    }

    /// Runs `body` in one transaction that takes the write lock at once; rolls back if it throws.
    func transaction<T>(_ body: () throws -> T) throws -> T {
        try statement("BEGIN IMMEDIATE").run()
        do {
            let value = try body()
            try statement("COMMIT").run()
            return value
        } catch {
            // SQLite has rolled back by itself after some errors (disk full); a second ROLLBACK would fail.
            if isInTransaction { try execute("ROLLBACK") }
            throw error
        }
    }

    /// Like `transaction`, but does not wait for the write lock.
    ///
    /// - Returns: nil if another connection, of whatever process, holds the lock.
    func transactionIfFree<T>(_ body: () throws -> T) throws -> T? {
        sqlite3_busy_timeout(handle, 0)
        let result = sqlite3_exec(handle, "BEGIN IMMEDIATE", nil, nil, nil)
        sqlite3_busy_timeout(handle, Int32(Self.busyTimeoutSeconds * 1_000))
        if result & 0xFF == SQLITE_BUSY { return nil }
        guard result == SQLITE_OK else { throw StoreError.sqlite(result, connection: handle, doing: "Taking the write lock") }
        do {
            let value = try body()
            try statement("COMMIT").run()
            return value
        } catch {
            if isInTransaction { try execute("ROLLBACK") }
            throw error
        }
    }

    /// The first column of the first row, or nil.
    func int64(_ sql: String) throws -> Int64? {
        let statement = try statement(sql)
        defer { statement.reset() }
        return try statement.step() && !statement.isNull(0) ? statement.int64(0) : nil
    }

    func string(_ sql: String) throws -> String? {
        let statement = try statement(sql)
        defer { statement.reset() }
        return try statement.step() && !statement.isNull(0) ? statement.string(0) : nil
    }
}

/// Decides what SQL from outside may do. Reading ParkSync's own tables is allowed, writing them is not, except by the
/// capture triggers.
enum SQLGuard {
    static let internalPrefix = "_parksync_"

    static func allows(_ trust: Connection.Trust, action: Int32, first: String?, second: String?, trigger: String?) -> Bool {
        switch (trust, action) {
        case (.trusted, _): return true
        case (_, SQLITE_SELECT), (_, SQLITE_READ), (_, SQLITE_RECURSIVE): return true
        case (_, SQLITE_FUNCTION): return second?.lowercased() != "load_extension"
        case (.guestWriter, SQLITE_INSERT), (.guestWriter, SQLITE_UPDATE), (.guestWriter, SQLITE_DELETE):
            guard let table = first?.lowercased() else { return false }
            if table.hasPrefix("sqlite_") { return false }
            return !table.hasPrefix(internalPrefix) || trigger?.hasPrefix(internalPrefix) == true
        default: return false
        }
    }
}
