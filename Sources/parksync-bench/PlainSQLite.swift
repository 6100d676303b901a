import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncStore

/// A program of the park that knows nothing of ParkSync: prepared statements on a plain connection,
/// WAL, synchronous=FULL. The same program is measured on a plain table and on a tracked one.
final class PlainSQLite {
    let handle: OpaquePointer
    private var prepared: [String: OpaquePointer] = [:]

    init(path: String, create: Bool) throws {
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        guard result == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw StoreError(.sql, "opening \(path): \(String(cString: sqlite3_errstr(result)))", remedy: "Run again.")
        }
        handle = opened
        sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        for pragma in ["foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 10000"] {
            try execute("PRAGMA \(pragma)")
        }
        if create { try execute(BenchTable.create) }
    }

    private static let busyMilliseconds: Int32 = 30_000

    deinit {
        for statement in prepared.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    func failure(_ what: String) -> StoreError {
        StoreError(.sql, "\(what): \(String(cString: sqlite3_errmsg(handle)))", remedy: "Run again.")
    }

    /// Runs one statement for each row, `batch` rows a transaction. `afterCommit` is called after
    /// each commit.
    func run(_ sql: String, _ rows: [[Value]], batch: Int, afterCommit: () async throws -> Void = {}) async throws {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(sql) }
        defer { sqlite3_finalize(statement) }
        var start = 0
        while start < rows.count {
            let end = min(rows.count, start + batch)
            try execute("BEGIN IMMEDIATE")
            for row in rows[start..<end] {
                for (index, value) in row.enumerated() { bind(statement, Int32(index + 1), value) }
                guard sqlite3_step(statement) == SQLITE_DONE else { throw failure(sql) }
                sqlite3_reset(statement)
            }
            try execute("COMMIT")
            try await afterCommit()
            start = end
        }
    }

    /// Executes one statement without rows, which is prepared once.
    func insert(_ sql: String, _ parameters: [Value]) throws {
        let statement = try prepared[sql] ?? prepare(sql)
        defer { sqlite3_reset(statement) }
        for (index, value) in parameters.enumerated() { bind(statement, Int32(index + 1), value) }
        guard sqlite3_step(statement) == SQLITE_DONE else { throw failure(sql) }
    }

    /// Asks once, as somebody who does not keep the statement; returns the first column, as texts.
    func ask(_ sql: String, _ parameters: [Value] = []) throws -> [String] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(sql) }
        defer { sqlite3_finalize(statement) }
        for (index, value) in parameters.enumerated() { bind(statement, Int32(index + 1), value) }
        var first: [String] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                for column in 0..<sqlite3_column_count(statement) { _ = sqlite3_column_bytes(statement, column) }
                first.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "")
            case SQLITE_DONE: return first
            default: throw failure(sql)
            }
        }
    }

    /// The first value of the first row.
    func int64(_ sql: String) throws -> Int64 {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(sql) }
        defer { sqlite3_finalize(statement) }
        guard sqlite3_step(statement) == SQLITE_ROW else { throw failure(sql) }
        return sqlite3_column_int64(statement, 0)
    }

    /// Reads all rows of a query, whose statement is prepared once. Returns how many there are.
    func rows(_ sql: String, _ parameters: [Value]) throws -> Int {
        let statement = try prepared[sql] ?? prepare(sql)
        defer { sqlite3_reset(statement) }
        for (index, value) in parameters.enumerated() { bind(statement, Int32(index + 1), value) }
        var count = 0
        while sqlite3_step(statement) == SQLITE_ROW {
            for column in 0..<sqlite3_column_count(statement) { _ = sqlite3_column_bytes(statement, column) }
            count += 1
        }
        return count
    }

    private func prepare(_ sql: String) throws -> OpaquePointer {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw failure(sql)
        }
        prepared[sql] = statement
        return statement
    }

    private func bind(_ statement: OpaquePointer?, _ index: Int32, _ value: Value) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .text(let bytes):
            bytes.withUnsafeBytes { buffer in
                let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                _ = sqlite3_bind_text(statement, index, base, Int32(buffer.count), transient)
            }
        default: sqlite3_bind_null(statement, index)
        }
    }
}
