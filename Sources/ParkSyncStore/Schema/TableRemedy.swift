import ParkSyncCore

/// What to execute so that a shared table is again what the schema files make, word for word where
/// that can be said.
enum TableRemedy {
    private static let afterwards = "Entries that wait for the table are applied at once then."

    static func execute(_ statements: [String]) -> String {
        "Execute `\(statements.joined(separator: "; "))`. \(afterwards)"
    }

    static func drop(indexes: [String]) -> String { execute(indexes.map { "DROP INDEX \(quoted($0))" }) }

    /// For columns that a program has made anew, renamed or added.
    ///
    /// - Parameters:
    ///   - table: as the schema files make it.
    ///   - present: names of the columns that it has, in their order.
    static func columns(of table: SharedTable, present: [String]) -> String {
        let wanted = table.keyColumns + table.columns
        let name = quoted(table.name)
        let missing = wanted.map(\.name).filter { name in !present.contains { $0.isExactly(name) } }
        let added = present.filter { name in !wanted.contains { $0.name.isExactly(name) } }
        if missing.isEmpty, !added.isEmpty {
            return execute(added.map { "ALTER TABLE \(name) DROP COLUMN \(quoted($0))" })
        }
        guard missing.count == 1, added.count == 1, isInPlace(added[0], of: missing[0], table, present) else {
            return anew(table, present: present)
        }
        return execute(["ALTER TABLE \(name) RENAME COLUMN \(quoted(added[0])) TO \(quoted(missing[0]))"])
    }

    /// Whether a column stands where another was, and so is that one under another name.
    private static func isInPlace(_ column: String, of other: String, _ table: SharedTable, _ present: [String]) -> Bool
    {
        let keys = table.keyColumns.map(\.name)
        if keys.contains(where: { $0.isExactly(other) }) { return true }
        let rest = present.filter { name in !keys.contains { $0.isExactly(name) } }
        return rest.firstIndex { $0.isExactly(column) } == table.columns.firstIndex { $0.name.isExactly(other) }
    }

    /// For a table that a program has made anew, with other types, keys, defaults or constraints,
    /// or without a column.
    static func anew(_ table: SharedTable, present: [String]) -> String {
        let (name, aside) = (quoted(table.name), quoted(table.name + "_aside"))
        let kept = (table.keyColumns + table.columns).map(\.name).filter { name in
            present.contains { $0.isExactly(name) }
        }
        let list = kept.map { quoted($0) }.joined(separator: ", ")
        return
            "Make it anew in one transaction: execute `ALTER TABLE \(name) RENAME TO \(aside)`, then the "
            + "CREATE TABLE of the schema file, then "
            + "`INSERT INTO \(name)(\(list)) SELECT \(list) FROM \(aside); DROP TABLE \(aside)`. \(afterwards) Rows "
            + "that differ from the log are named "
            + "in the status."
    }
}
