import GRDBSQLite
import ParkSyncCore
import ParkSyncReplication

/// A query that is read piece by piece, so that a slow reader holds back only itself.
///
/// Used by one task at a time. `finish()` must be called in the end.
package final class QueryCursor: @unchecked Sendable {
    // Handed from step to step of one task, never shared between two.
    private let connection: Connection
    private let pool: ReaderPool
    private var statement: OpaquePointer?
    package let columns: [String]

    /// - Throws: `StoreError` if the SQL is wrong, writes, or is not a query.
    package static func open(
        _ sql: String, _ parameters: [Value], on store: ParkStore, timeoutMilliseconds: Int
    ) async throws -> QueryCursor {
        let connection = try await store.readers.take()
        let clock = store.options.clock
        let deadline = clock.monotonicMilliseconds() + UInt64(max(1, timeoutMilliseconds))
        do {
            return try QueryCursor(sql, parameters, connection, store.readers) { clock.monotonicMilliseconds() > deadline }
        } catch {
            connection.isOverdue = nil
            connection.trust = .trusted
            store.readers.give(connection)
            throw error
        }
    }

    private init(_ sql: String, _ parameters: [Value], _ connection: Connection, _ pool: ReaderPool, isOverdue: @escaping () -> Bool) throws {
        (self.connection, self.pool) = (connection, pool)
        connection.trust = .guestReader
        connection.isOverdue = isOverdue
        let prepared = try GuestSQL.prepare(sql, on: connection.handle)
        do {
            guard sqlite3_stmt_readonly(prepared) != 0 else {
                throw StoreError(.forbidden, "the statement writes", remedy: "Send writes to /v1/transactions.")
            }
            try GuestSQL.bind(parameters, to: prepared, sql: sql)
        } catch {
            sqlite3_finalize(prepared)
            throw error
        }
        columns = GuestSQL.columnNames(prepared)
        statement = prepared
    }

    /// Up to `count` rows; fewer only at the end.
    package func next(_ count: Int) throws -> [[Value]] {
        guard let statement else { return [] }
        var rows: [[Value]] = []
        while rows.count < count {
            let result = sqlite3_step(statement)
            if result == SQLITE_DONE {
                finish()
                break
            }
            guard result == SQLITE_ROW else {
                let error = StoreError.sqlite(result, connection: connection.handle, doing: "Executing the query")
                finish()
                throw error
            }
            rows.append(GuestSQL.row(statement, columns: columns.count))
        }
        return rows
    }

    package func finish() {
        guard let open = statement else { return }
        statement = nil
        sqlite3_finalize(open)
        connection.isOverdue = nil
        connection.trust = .trusted
        pool.give(connection)
    }

    deinit { finish() }
}
