import CSQLite
import ParkSyncCore

/// An SQLite connection of the simulation's own: a witness that reads a node's file, or a foreign
/// program that writes to it.
///
/// Not the store's connection, so that a fault in that one is not read through itself. Used by one
/// thread at a time.
package final class SQLiteFile {
    package let handle: OpaquePointer

    package struct Failure: Error, Hashable, CustomStringConvertible {
        /// SQLite's extended result code.
        package var code: Int32
        package var message: String
        package var description: String { "SQLite \(code): \(message)" }
    }

    /// - Parameters:
    ///   - path: as SQLite takes it.
    ///   - vfs: the name of a registered file system; nil for the default one.
    ///   - canWrite: false for a witness.
    package init(_ path: String, vfs: String? = nil, canWrite: Bool = false) throws {
        var opened: OpaquePointer?
        // A reader of a write-ahead log writes to the shared memory beside it, so the file itself
        // is opened for writing as well.
        let result = sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs)
        guard result == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "no connection"
            sqlite3_close_v2(opened)
            throw Failure(code: result, message: "\(path): \(message)")
        }
        handle = opened
        if !canWrite { try execute("PRAGMA query_only = ON") }
    }

    deinit { sqlite3_close_v2(handle) }

    package func execute(_ sql: String) throws {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw failure(result) }
    }

    private func failure(_ code: Int32) -> Failure {
        Failure(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }

    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Runs one statement to its end.
    ///
    /// - Returns: its rows, exact.
    @discardableResult
    package func rows(_ sql: String, _ parameters: [Value] = []) throws -> [[Value]] {
        var prepared: OpaquePointer?
        let result = sql.withCString { sqlite3_prepare_v2(handle, $0, Int32(clamping: sql.utf8.count), &prepared, nil) }
        guard result == SQLITE_OK, let statement = prepared else { throw failure(result) }
        defer { sqlite3_finalize(statement) }
        for (index, value) in parameters.enumerated() { bind(value, to: statement, at: Int32(index + 1)) }
        var rows: [[Value]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append((0..<sqlite3_column_count(statement)).map { Self.value(statement, $0) })
            case SQLITE_DONE: return rows
            case let code: throw failure(code)
            }
        }
    }

    private func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .real(let bits): sqlite3_bind_double(statement, index, Double(bitPattern: bits))
        case .text(let bytes):
            // With a byte more the address is never nil, which would bind NULL.
            (bytes + [0]).withUnsafeBytes {
                _ = sqlite3_bind_text64(
                    statement, index, $0.baseAddress?.assumingMemoryBound(to: CChar.self), UInt64(bytes.count),
                    transient, UInt8(SQLITE_UTF8))
            }
        case .blob(let bytes):
            (bytes + [0]).withUnsafeBytes {
                _ = sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64(bytes.count), transient)
            }
        }
    }

    private static func value(_ statement: OpaquePointer, _ column: Int32) -> Value {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column).bitPattern)
        case SQLITE_TEXT: return .text(bytes(statement, column))
        case SQLITE_BLOB: return .blob(bytes(statement, column))
        default: return .null
        }
    }

    private static func bytes(_ statement: OpaquePointer, _ column: Int32) -> [UInt8] {
        let start = sqlite3_column_blob(statement, column)
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    /// Runs `body` on one snapshot of the file.
    package func snapshot<T>(_ body: () throws -> T) throws -> T {
        try execute("BEGIN")
        defer { if isInTransaction { try? execute("COMMIT") } }
        return try body()
    }

    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
