import CFaultVFS
import CSQLite

/// Another program with an SQLite connection of its own, as it comes out of the box but for its own
/// checkpoints, which it makes when told.
final class RawProgram {
    struct Failure: Error {
        var code: Int32
        var message = ""
    }

    /// How long other programs of the tests wait for a lock.
    static let patienceMilliseconds: Int32 = 600_000

    private(set) var handle: OpaquePointer?

    /// - Parameters:
    ///   - pausing: whether its checkpoints stop in the middle, see `parksync_pause_arm`.
    ///   - milliseconds: how long it waits for a lock.
    init(
        _ path: String, pausing: Bool = false, autocheckpoint: Int = 0,
        patience milliseconds: Int32 = patienceMilliseconds
    ) throws {
        parksync_pause_register()
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        guard sqlite3_open_v2(path, &handle, flags, pausing ? PARKSYNC_PAUSE_VFS : nil) == SQLITE_OK else {
            throw Failure(code: SQLITE_CANTOPEN)
        }
        sqlite3_busy_timeout(handle, milliseconds)
        try execute("PRAGMA wal_autocheckpoint = \(autocheckpoint)")
        // Opens the write-ahead log.
        _ = text("SELECT count(*) FROM sqlite_master")
    }

    deinit { close() }

    func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    func run(_ sql: String) -> Int32 { sqlite3_exec(handle, sql, nil, nil, nil) }

    func execute(_ sql: String) throws {
        let result = run(sql)
        guard result == SQLITE_OK else {
            throw Failure(code: result, message: "\(sql): \(sqlite3_errmsg(handle).map { String(cString: $0) } ?? "")")
        }
    }

    /// The columns of the first row, separated by bars; nil if there is none, or on an error.
    func text(_ sql: String) -> String? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { return nil }
        defer { sqlite3_finalize(statement) }
        guard sqlite3_step(statement) == SQLITE_ROW else { return nil }
        return (0..<sqlite3_column_count(statement)).map { column in
            sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
        }.joined(separator: "|")
    }
}
