import CSQLite
import ParkSyncStore

/// Copies of whole database files, page by page, through SQLite's backup interface.
enum FileCopy {
    static let pagesPerStep: Int32 = 4_096

    /// Copies what `reader` sees in its open transaction into a new file, which is one plain file
    /// afterwards, on the disk.
    ///
    /// The transaction keeps the source as it is, so that writers neither wait nor make the copy
    /// begin anew.
    /// - Throws: `StoreError`. What was made of the target is removed then.
    static func copy(_ reader: Connection, to path: String) throws {
        FileSystem.removeDatabase(path)
        do {
            try pages(of: reader, to: path)
            // The header says that there is a write-ahead log, as in the source: opening it so
            // makes one file of it.
            _ = try Connection(path: path, role: .builder).int64("SELECT count(*) FROM sqlite_master")
            try FileSystem.sync(path)
        } catch {
            FileSystem.removeDatabase(path)
            throw error
        }
    }

    private static func pages(of reader: Connection, to path: String) throws {
        var target: OpaquePointer?
        let opened = sqlite3_open_v2(
            path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE, nil)
        defer { sqlite3_close_v2(target) }
        guard opened == SQLITE_OK else { throw StoreError.sqlite(opened, connection: target, doing: "Making \(path)") }
        if let target { _ = try SQLText.execute("PRAGMA synchronous = OFF", on: target) }
        guard let backup = sqlite3_backup_init(target, "main", reader.handle, "main") else {
            throw StoreError.sqlite(sqlite3_errcode(target), connection: target, doing: "Copying to \(path)")
        }
        var result = SQLITE_OK
        while result == SQLITE_OK { result = sqlite3_backup_step(backup, pagesPerStep) }
        sqlite3_backup_finish(backup)
        guard result == SQLITE_DONE else {
            throw StoreError.sqlite(result, connection: target, doing: "Copying to \(path)")
        }
    }
}
