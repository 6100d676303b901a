import CSQLite
import CSQLiteSwitches

/// An open handle of SQLite, which is closed when this is let go of.
///
/// What differs from SQLite's own defaults: the handle has no mutex, since one thread at a time
/// uses it; result codes are extended ones; and a text in double quotes is a name and never a
/// value.
final class DatabaseHandle {
    struct Failure: Error {
        /// SQLite's extended result code.
        var code: Int32
        /// In SQLite's words.
        var message: String
    }

    let raw: OpaquePointer

    /// Opens a file, makes it if it may be written and is not there, and reads its schema.
    ///
    /// - Parameters:
    ///   - busyMilliseconds: how long the reading waits for whoever recovers the file's log, and
    ///     any statement afterwards.
    ///   - prepare: called before anything is read of the file; returns SQLite's result code.
    /// - Throws: `Failure`, also for a file that is no database.
    init(
        path: String, isReadOnly: Bool, busyMilliseconds: Int32, checksReferences: Bool,
        prepare: (OpaquePointer) -> Int32
    ) throws {
        var opened: OpaquePointer?
        let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let result = sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard result == SQLITE_OK, let opened else {
            // There is a handle behind most failures, too.
            sqlite3_close_v2(opened)
            let code = result == SQLITE_OK ? SQLITE_NOMEM : result
            throw Failure(code: code, message: String(cString: sqlite3_errstr(code)))
        }
        raw = opened
        sqlite3_busy_timeout(raw, busyMilliseconds)
        try check(parksync_sqlite_strict_quotes(UnsafeMutableRawPointer(raw)))
        if checksReferences { try check(SQLText.execute(fixed: "PRAGMA foreign_keys = ON", on: raw)) }
        try check(prepare(raw))
        // SQLite looks at the file no earlier: what is no database is told here and not by the
        // first statement.
        try check(SQLText.execute(fixed: "SELECT * FROM sqlite_master LIMIT 1", on: raw))
    }

    // Statements that are still there keep it open until they are finalised.
    deinit { sqlite3_close_v2(raw) }

    private func check(_ result: Int32) throws {
        guard result == SQLITE_OK else { throw Failure(code: result, message: String(cString: sqlite3_errmsg(raw))) }
    }
}
