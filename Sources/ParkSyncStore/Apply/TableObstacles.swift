import CSQLite
import ParkSyncCore

/// What other programs have made of the shared tables, so that entries cannot be applied to them.
struct TableObstacles {
    let schema: SharedSchema
    let connection: Connection
    /// Of the file, for messages.
    let path: String

    /// - Returns: by the table's index in the schema.
    func find() throws -> [Int: SchemaFit.Difference] {
        let fit = SchemaFit(schema, on: connection, path: path)
        var found: [Int: SchemaFit.Difference] = [:]
        for (index, table) in schema.tables.enumerated() {
            found[index] = try fit.difference(table) ?? unusableIndex(of: table)
        }
        return found
    }

    /// An index that only the program can keep that made it: by its own collation, or its own
    /// function. SQLite says so when it is to compile the making of the index; nothing is executed.
    private func unusableIndex(of table: SharedTable) throws -> SchemaFit.Difference? {
        let indexes = try RawStatement(
            connection.handle,
            "SELECT name FROM pragma_index_list(\(literal(table.name))) WHERE origin = 'c' ORDER BY name")
        while try indexes.step() {
            let index = indexes.string(0)
            let prepared = try SQLText.prepare("REINDEX main.\(quoted(index))", on: connection.handle)
            defer { sqlite3_finalize(prepared.statement) }
            let result = prepared.result
            guard result & 0xFF == SQLITE_ERROR else { continue }
            let message = sqlite3_errmsg(connection.handle).map { String(cString: $0) } ?? "error \(result)"
            return SchemaFit.Difference(
                reason: "has the index \(index), which only the program that made it can keep (\(message))",
                remedy: TableRemedy.drop(indexes: [index]))
        }
        return nil
    }
}

extension TableObstacles {
    /// Indexes that compute something for each row, which may fail: over expressions, or over a
    /// part of the rows. In the order of their names.
    static func computedIndexes(of table: SharedTable, on connection: Connection) throws -> [String] {
        let statement = try RawStatement(
            connection.handle,
            """
            SELECT name FROM pragma_index_list(\(literal(table.name))) AS list WHERE origin = 'c' AND
              (partial OR EXISTS (SELECT 1 FROM pragma_index_xinfo(list.name) WHERE cid = -2)) ORDER BY name
            """)
        var names: [String] = []
        while try statement.step() { names.append(statement.string(0)) }
        return names
    }
}
