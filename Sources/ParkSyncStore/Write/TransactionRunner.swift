import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncReports

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
    package init(
        statements: [StoreStatement], author: String = "", note: String = "", timeoutMilliseconds: Int = 10_000,
        rowsMax: Int = 10_000
    ) {
        self.statements = statements
        self.author = author
        self.note = note
        self.timeoutMilliseconds = timeoutMilliseconds
        self.rowsMax = rowsMax
    }
}

/// Executes SQL from outside on the writer connection, within the caller's transaction.
struct TransactionRunner {
    let connection: Connection

    func run(_ transaction: StoreTransaction, isOverdue: @escaping () -> Bool) throws -> [TransactionResult
        .StatementResult]
    {
        connection.trust = .guestWriter
        connection.isOverdue = isOverdue
        defer {
            connection.trust = .trusted
            connection.isOverdue = nil
        }
        var budget = ResultBudget(rowsMax: transaction.rowsMax)
        return try transaction.statements.map { statement in
            // One that has no loop is asked by nobody.
            if isOverdue() {
                throw StoreError.sqlite(
                    SQLITE_INTERRUPT, connection: nil, doing: "Executing \(statement.sql.prefix(200))")
            }
            return try run(statement, &budget)
        }
    }

    private func run(_ statement: StoreStatement, _ budget: inout ResultBudget) throws
        -> TransactionResult.StatementResult
    {
        let guest = try connection.guestStatements.take(statement.sql)
        let prepared = guest.handle
        defer { connection.guestStatements.give(guest, statement.sql) }
        try GuestSQL.begin(guest, statement.parameters, on: connection, sql: statement.sql)
        // Known after the first step, which compiles the statement anew if a table has changed
        // since.
        var columns: [String]?
        var rows: [[JSONValue]] = []
        let before = sqlite3_total_changes64(connection.handle)
        while true {
            let result = GuestSQL.step(guest, on: connection)
            let names = columns ?? GuestSQL.columnNames(prepared)
            columns = names
            if result == SQLITE_DONE { break }
            guard result == SQLITE_ROW else {
                throw GuestSQL.failure(result, guest, on: connection, sql: statement.sql)
            }
            rows.append(try budget.read(prepared, columns: names.count).map(JSONValue.init))
        }
        let isWrite = sqlite3_stmt_readonly(prepared) == 0
        let changes =
            isWrite && sqlite3_total_changes64(connection.handle) != before
            ? Int(sqlite3_changes64(connection.handle)) : 0
        guard let columns, !columns.isEmpty else { return TransactionResult.StatementResult(changes: changes) }
        return TransactionResult.StatementResult(changes: changes, columns: columns, rows: rows)
    }
}
