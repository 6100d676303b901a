import ParkSyncCore

/// A constant table whose rows were not those of the schema files, and are again.
package struct RestoredConstant: Hashable, Sendable {
    package var table: String
    /// The first row that was different, and how many were.
    package var difference: String

    package init(table: String, difference: String) { (self.table, self.difference) = (table, difference) }
}

/// Compares the constant tables of a node's file with what the schema files make of them on an
/// empty database.
///
/// Triggers refuse the programs' writes. What goes round them (a program that turns triggers off, a
/// hand in the file) is found here: the rows say nothing of their own, so they are put back.
struct ConstantGuard {
    let schema: SharedSchema
    let connection: Connection
    /// Of the file, for messages.
    let path: String

    /// Within the caller's transaction, on a connection whose triggers are off.
    ///
    /// - Throws: `StoreError.schema` for a table that is not as the schema files make it, or whose
    ///   rows cannot be put back.
    func restore() throws -> [RestoredConstant] {
        try schema.constants.compactMap { table in
            try checkShape(table)
            guard let difference = try difference(table) else { return nil }
            try putBack(table, difference)
            if let left = try self.difference(table) {
                throw refusal(table, "keeps other rows than the schema files give it: \(left)")
            }
            return RestoredConstant(table: table.name, difference: difference)
        }
    }

    private func refusal(_ table: ConstantTable, _ reason: String) -> StoreError {
        StoreError(
            .schema, "the constant table \(table.name) in \(path) \(reason)",
            remedy: """
                Drop what another program has put on it or in its place, and make it with the CREATE TABLE of the \
                schema file; its rows are put back at the start.
                """)
    }

    private func checkShape(_ table: ConstantTable) throws {
        let statement = try RawStatement(
            connection.handle,
            "SELECT c.name, c.hidden FROM sqlite_schema t, pragma_table_xinfo(t.name) c "
                + "WHERE t.type = 'table' AND t.name = \(literal(table.name)) ORDER BY c.cid")
        var names: [String] = []
        while try statement.step() {
            let isStored = statement.int64(1) == 0
            names.append(isStored ? statement.string(0) : "\(statement.string(0)) (generated)")
        }
        guard !names.isEmpty else { throw refusal(table, "is missing") }
        guard names.count == table.columns.count, zip(names, table.columns).allSatisfy({ $0.isExactly($1) }) else {
            throw refusal(
                table,
                "has the columns \(names.joined(separator: ", ")), and not \(table.columns.joined(separator: ", "))")
        }
    }

    /// The first difference in words; nil for none.
    private func difference(_ table: ConstantTable) throws -> String? {
        let found = ConstantTable(
            name: table.name, columns: table.columns, keyColumns: table.keyColumns,
            rows: try ConstantRows.read(table, on: connection))
        if found.rows == table.rows { return nil }
        let (present, wanted) = (Set(found.rows), Set(table.rows))
        let missing = table.rows.filter { !present.contains($0) }
        let extra = found.rows.filter { !wanted.contains($0) }
        let count = max(missing.count + extra.count, 1)
        let first =
            missing.first.map { "the row \(ConstantRows.name($0, of: table)) is missing or changed" }
            ?? extra.first.map { "the row \(ConstantRows.name($0, of: table)) is in no schema file" }
            ?? "a row stands there twice"
        return count == 1 ? first : "\(first), and \(count - 1) more"
    }

    private func putBack(_ table: ConstantTable, _ difference: String) throws {
        let marks = table.columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        let list = table.columns.map { quoted($0) }.joined(separator: ", ")
        do {
            try connection.execute("DELETE FROM main.\(quoted(table.name))")
            let insert = try RawStatement(
                connection.handle, "INSERT INTO main.\(quoted(table.name))(\(list)) VALUES(\(marks))")
            for row in table.rows {
                for (index, value) in row.enumerated() { insert.bind(Int32(index + 1), copying: value) }
                try insert.run()
            }
        } catch let error as StoreError where [.sql, .constraint].contains(error.code) {
            throw refusal(table, "has other rows than the schema files give it, and takes no others: \(difference)")
        }
    }
}
