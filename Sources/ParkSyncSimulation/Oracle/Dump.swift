import ParkSyncCore

/// All shared tables, exact: for each the rows in the order of their keys, each with the key first
/// and then the other columns.
package struct Dump: Hashable, Sendable {
    package var tables: [String: [[Value]]]

    package init(tables: [String: [[Value]]]) { self.tables = tables }

    /// Reads every table of a schema; call it within a snapshot if they must belong together.
    package init(_ file: SQLiteFile, schema: SharedSchema) throws {
        tables = [:]
        for table in schema.tables {
            let names = (table.keyColumns + table.columns).map { SQLiteFile.quoted($0.name) }
            let order = table.keyColumns.map { SQLiteFile.quoted($0.name) }.joined(separator: ", ")
            tables[table.name] = try file.rows(
                "SELECT \(names.joined(separator: ", ")) FROM \(SQLiteFile.quoted(table.name)) ORDER BY \(order)")
        }
    }

    package func rows(_ table: String) -> [[Value]] { tables[table] ?? [] }
}

/// A row of a shared table by its key.
package struct RowName: Hashable, Sendable, CustomStringConvertible {
    package var table: String
    package var key: [Value]
    package init(_ table: String, _ key: [Value]) {
        self.table = table
        self.key = key
    }
    package var description: String { "\(table) \(ModelReader.show(key))" }
}
