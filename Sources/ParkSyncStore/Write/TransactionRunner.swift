import Foundation
import GRDBSQLite
import ParkSyncCore

/// One statement of a local transaction.
package struct StoreStatement: Sendable {
    package var sql: String
    package var parameters: [Value]
    package init(sql: String, parameters: [Value] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// A local transaction: all of it, or nothing.
package struct StoreTransaction: Sendable {
    package var statements: [StoreStatement]
    package var author: String
    package var note: String
    /// Longest run time.
    package var timeoutMilliseconds: Int
    /// Most rows that its statements give back.
    package var rowsMax: Int
    package init(statements: [StoreStatement], author: String = "", note: String = "", timeoutMilliseconds: Int = 10_000, rowsMax: Int = 10_000) {
        self.statements = statements
        self.author = author
        self.note = note
        self.timeoutMilliseconds = timeoutMilliseconds
        self.rowsMax = rowsMax
    }
}

package struct StoreTransactionResult: Sendable {
    package struct Statement: Sendable {
        package var changes: Int
        package var columns: [String]
        package var rows: [[Value]]
    }
    /// The entry's number; nil when no shared table changed.
    package var seq: UInt64?
    package var statements: [Statement]
}

/// Executes SQL from outside on the writer connection, within the caller's transaction.
struct TransactionRunner {
    let connection: Connection

    func run(_ transaction: StoreTransaction, isOverdue: @escaping () -> Bool) throws -> [StoreTransactionResult.Statement] {
        connection.trust = .guestWriter
        connection.isOverdue = isOverdue
        defer {
            connection.trust = .trusted
            connection.isOverdue = nil
        }
        var budget = ResultBudget(rowsMax: transaction.rowsMax)
        return try transaction.statements.map { try run($0, &budget) }
    }

    private func run(_ statement: StoreStatement, _ budget: inout ResultBudget) throws -> StoreTransactionResult.Statement {
        let prepared = try GuestSQL.prepare(statement.sql, on: connection.handle)
        defer { sqlite3_finalize(prepared) }
        try GuestSQL.bind(statement.parameters, to: prepared, sql: statement.sql)
        let columns = GuestSQL.columnNames(prepared)
        var rows: [[Value]] = []
        let before = sqlite3_total_changes64(connection.handle)
        while true {
            let result = sqlite3_step(prepared)
            if result == SQLITE_DONE { break }
            guard result == SQLITE_ROW else {
                throw StoreError.sqlite(result, connection: connection.handle, doing: "Executing \(statement.sql.prefix(200))")
            }
            rows.append(try budget.take(prepared, columns: columns.count))
        }
        let isWrite = sqlite3_stmt_readonly(prepared) == 0
        let changes = isWrite && sqlite3_total_changes64(connection.handle) != before ? Int(sqlite3_changes64(connection.handle)) : 0
        return StoreTransactionResult.Statement(changes: changes, columns: columns, rows: rows)
    }
}

/// Compiling and binding SQL that came from outside.
enum GuestSQL {
    /// Prepares exactly one statement.
    static func prepare(_ sql: String, on connection: OpaquePointer) throws -> OpaquePointer {
        var statement: OpaquePointer?
        var rest = 0
        let result = sql.withCString { text -> Int32 in
            var tail: UnsafePointer<CChar>?
            let result = sqlite3_prepare_v3(connection, text, -1, 0, &statement, &tail)
            if let tail { rest = strlen(tail) }
            return result
        }
        guard result == SQLITE_OK else {
            throw StoreError.sqlite(result, connection: connection, doing: "Preparing \(sql.prefix(200))")
        }
        guard let statement else { throw StoreError(.sql, "the statement is empty", remedy: "Send one SQL statement.") }
        let tail = sql.utf8.suffix(rest)
        guard tail.allSatisfy({ $0 <= 0x20 || $0 == UInt8(ascii: ";") }) else {
            sqlite3_finalize(statement)
            throw StoreError(
                .sql, "text follows the statement: \(String(decoding: tail.prefix(80), as: UTF8.self))",
                remedy: "Send each statement as an element of its own.")
        }
        return statement
    }

    static func bind(_ parameters: [Value], to statement: OpaquePointer, sql: String) throws {
        let wanted = Int(sqlite3_bind_parameter_count(statement))
        guard wanted == parameters.count else {
            throw StoreError(
                .sql, "the statement has \(wanted) parameters, \(parameters.count) were given: \(sql.prefix(200))",
                remedy: "Give one value for each `?`.")
        }
        for (index, value) in parameters.enumerated() { bind(value, to: statement, at: Int32(index + 1)) }
    }

    private static func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .real(let bits): sqlite3_bind_double(statement, index, Double(bitPattern: bits))
        case .text(let bytes):
            // One byte more than the text, so that an empty text has an address too.
            (bytes + [0]).withUnsafeBufferPointer { buffer in
                buffer.withMemoryRebound(to: CChar.self) {
                    _ = sqlite3_bind_text64(statement, index, $0.baseAddress, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let bytes):
            if bytes.isEmpty {
                sqlite3_bind_zeroblob(statement, index, 0)
            } else {
                sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), transient)
            }
        }
    }

    static func columnNames(_ statement: OpaquePointer) -> [String] {
        (0..<sqlite3_column_count(statement)).map { index in sqlite3_column_name(statement, index).map { String(cString: $0) } ?? "" }
    }
}
