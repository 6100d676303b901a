import CSQLite
import ParkSyncSimulation

/// A bare SQLite connection to a file of a virtual disk.
final class DiskDatabase {
    private var handle: OpaquePointer?

    init(_ disk: VirtualDisk, _ file: String = "a.sqlite", setup: String = "") throws {
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(disk.path(file), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        handle = opened
        guard result == SQLITE_OK else { throw DiskDatabaseError(code: result, sql: "open \(file)") }
        if !setup.isEmpty { try execute(setup) }
    }

    deinit { close() }

    /// Also keeps the connection open until then: without a later use, it would end before the
    /// power does.
    func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// - Returns: SQLite's result code.
    func run(_ sql: String) -> Int32 { sqlite3_exec(handle, sql, nil, nil, nil) }

    func execute(_ sql: String) throws {
        let result = run(sql)
        guard result == SQLITE_OK else { throw DiskDatabaseError(code: result, sql: sql) }
    }

    /// The first column of the first row; nil if there is none, or on an error.
    func text(_ sql: String) -> String? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { return nil }
        defer { sqlite3_finalize(statement) }
        guard sqlite3_step(statement) == SQLITE_ROW else { return nil }
        return sqlite3_column_text(statement, 0).map { String(cString: $0) }
    }

    var isIntact: Bool { text("PRAGMA integrity_check") == "ok" }
}

struct DiskDatabaseError: Error {
    var code: Int32
    var sql: String
}

/// Numbered transactions, each of which changes several pages.
struct DiskWork {
    var journal = "WAL"
    var synchronous = "FULL"
    /// Pages in the write-ahead log at which a commit writes them back; few, so that there are many
    /// checkpoints.
    var checkpointPages = 8

    struct Outcome: Equatable {
        /// The newest transaction that SQLite has acknowledged, and the newest that was begun.
        var acknowledged = 0
        var begun = 0
    }

    var setup: String {
        """
        PRAGMA synchronous = \(synchronous); PRAGMA journal_mode = \(journal); PRAGMA wal_autocheckpoint = \
        \(checkpointPages);
        CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v, w);
        CREATE INDEX IF NOT EXISTS i ON t(w);
        """
    }

    /// Stops at the first error.
    func run(_ connection: DiskDatabase, _ count: Int, from first: Int = 1) -> Outcome {
        var outcome = Outcome()
        guard connection.run(setup) == SQLITE_OK else { return outcome }
        for number in first..<first + count {
            outcome.begun = number
            let sql = """
                BEGIN IMMEDIATE;
                INSERT INTO t VALUES(\(number), zeroblob(\(number * 97 % 3_000)), hex(\(number * 7_919 % 1_000)));
                UPDATE t SET w = w || 'x' WHERE id > \(number) - 3;
                COMMIT
                """
            guard connection.run(sql) == SQLITE_OK else { break }
            outcome.acknowledged = number
        }
        return outcome
    }

    /// The newest transaction that is in the file, 0 if there is none, or nil if the file is
    /// damaged or has a gap.
    static func found(_ disk: VirtualDisk) -> Int? {
        guard let connection = try? DiskDatabase(disk), connection.isIntact else { return nil }
        guard connection.text("SELECT count(*) FROM sqlite_master WHERE name = 't'") == "1" else { return 0 }
        guard connection.text("SELECT count(*) = coalesce(max(id), 0) FROM t") == "1" else { return nil }
        return connection.text("SELECT count(*) FROM t").flatMap { Int($0) }
    }
}
