import CSQLite
import ParkSyncCore

/// Compares the tables of a node's file with what the schema files make: other programs may have
/// made, altered, renamed or dropped some.
struct SchemaFit {
    struct Difference: Hashable, Sendable {
        /// A predicate: what the table does or is.
        var reason: String
        var remedy: String
    }

    private let schema: SharedSchema
    private let connection: Connection
    private let path: String
    private let defaults = ColumnDefaults()

    init(_ schema: SharedSchema, on connection: Connection, path: String) {
        (self.schema, self.connection, self.path) = (schema, connection, path)
    }

    /// - Parameters:
    ///   - found: tables that were there before their schema file was executed.
    ///   - places: where the schema files make each table.
    /// - Throws: `SchemaError` with the line of the schema file for those, `StoreError.schema` for
    ///   the others.
    func check(found: Set<ExactText> = [], places: [ExactText: SchemaPlace] = [:]) throws {
        for table in schema.tables {
            guard let difference = try difference(table) else { continue }
            guard found.contains(ExactText(table.name)), let place = places[ExactText(table.name)] else {
                throw StoreError(
                    .schema, "table \(table.name) in \(path) \(difference.reason)", remedy: difference.remedy)
            }
            throw SchemaError(
                file: place.file, line: place.line,
                reason: "table \(table.name) was in \(path) already, and \(difference.reason)",
                remedy: "Rename or drop the table that is there, or give the shared one another name.")
        }
    }

    /// - Returns: nil if the table is what it must be.
    func difference(_ table: SharedTable) throws -> Difference? {
        if let absence = try absence(table) { return absence }
        let present = try columns(of: table.name)
        if let addition = try addition(to: table, present) { return addition }
        let actual: SharedTable
        do {
            actual = try SchemaIntrospection.table(table.name, on: connection.handle, defaults) { reason, remedy in
                SchemaError(file: path, line: nil, reason: reason, remedy: remedy)
            }
        } catch let error as SchemaError {
            return Difference(
                reason: "cannot be shared as it is: \(error.reason)",
                remedy: TableRemedy.anew(table, present: present.map(\.name)))
        }
        // Columns come by a new schema file.
        let isOfAnotherType = zip(table.keyColumns + table.columns, actual.keyColumns + actual.columns).contains {
            $0.name.isExactly($1.name) && !Self.isSame($0, $1)
        }
        let names = present.map(\.name)
        let remedy =
            isOfAnotherType ? TableRemedy.anew(table, present: names) : TableRemedy.columns(of: table, present: names)
        for (wanted, have) in [(table.keyColumns, actual.keyColumns), (table.columns, actual.columns)] {
            if let pair = zip(wanted, have).first(where: { !Self.isSame($0, $1) }) {
                return Difference(
                    reason:
                        """
                        differs from the schema files: it has \(Self.describe(pair.1)) where \
                        \(Self.describe(pair.0)) belongs
                        """,
                    remedy: remedy)
            }
            if wanted.count > have.count {
                return Difference(
                    reason: "differs from the schema files: it lacks \(Self.describe(wanted[have.count]))",
                    remedy: remedy)
            }
            if wanted.count < have.count {
                return Difference(
                    reason:
                        """
                        differs from the schema files: it has \(Self.describe(have[wanted.count])), which they \
                        have not
                        """,
                    remedy: remedy)
            }
        }
        return nil
    }

    private struct Column {
        var name: String
        var isGenerated: Bool
    }

    private func columns(of table: String) throws -> [Column] {
        let statement = try RawStatement(
            connection.handle, "SELECT name, hidden FROM pragma_table_xinfo(\(literal(table))) ORDER BY cid")
        var found: [Column] = []
        while try statement.step() {
            found.append(Column(name: statement.string(0), isGenerated: statement.int64(1) != 0))
        }
        return found
    }

    /// What a program has put on the table as it is, and what takes it away.
    private func addition(to table: SharedTable, _ present: [Column]) throws -> Difference? {
        let indexes = try RawStatement(
            connection.handle,
            "SELECT name FROM pragma_index_list(\(literal(table.name))) WHERE \"unique\" AND origin = 'c' ORDER BY name"
        )
        var unique: [String] = []
        while try indexes.step() { unique.append(indexes.string(0)) }
        guard unique.isEmpty else {
            return Difference(
                reason:
                    """
                    cannot be shared as it is: \(unique.joined(separator: ", ")) \
                    \(unique.count == 1 ? "is" : "are") UNIQUE, which parted parks cannot keep
                    """,
                remedy: TableRemedy.drop(indexes: unique))
        }
        let generated = present.filter(\.isGenerated).map(\.name)
        guard generated.isEmpty else {
            return Difference(
                reason: "cannot be shared as it is: column \(generated.joined(separator: ", ")) is generated",
                remedy: TableRemedy.execute(
                    generated.map { "ALTER TABLE \(quoted(table.name)) DROP COLUMN \(quoted($0))" }))
        }
        return nil
    }

    private static func isSame(_ wanted: SharedColumn, _ have: SharedColumn) -> Bool {
        var plain = wanted
        plain.isCounter = false
        return plain == have && wanted.name.isExactly(have.name)
    }

    private static func describe(_ column: SharedColumn) -> String {
        let type =
            "\(column.affinity)".uppercased() + (column.isStrict ? " STRICT" : "")
            + (column.isNotNull ? " NOT NULL" : "")
        let fallback =
            switch column.defaultValue {
            case .null: ""
            case .integer(let value): " DEFAULT \(value)"
            case .real(let bits): " DEFAULT \(Double(bitPattern: bits))"
            case .text(let bytes): " DEFAULT \(literal(String(decoding: bytes, as: UTF8.self)))"
            case .blob(let bytes): " DEFAULT a blob of \(bytes.count) bytes"
            }
        return "column \(column.name) \(type)\(fallback)"
    }

    /// Why there is no table of this name; nil if there is one.
    private func absence(_ table: SharedTable) throws -> Difference? {
        let statement = try RawStatement(
            connection.handle,
            """
            SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name = \
            \(literal(table.name)) COLLATE NOCASE
            """
        )
        if try statement.step() {
            let (type, name) = (statement.string(0), statement.string(1))
            if type == "table", name.isExactly(table.name) { return nil }
            if type == "view" {
                let back =
                    try renamed(table).map { ["ALTER TABLE \(quoted($0)) RENAME TO \(quoted(table.name))"] } ?? []
                return Difference(
                    reason: "is a view", remedy: TableRemedy.execute(["DROP VIEW \(quoted(name))"] + back))
            }
            // SQLite takes the two names for one, and renames to no name that is taken.
            let aside = quoted(table.name + "_aside")
            return Difference(
                reason: "is named \(name) there, in other letters",
                remedy: TableRemedy.execute([
                    "ALTER TABLE \(quoted(name)) RENAME TO \(aside)",
                    "ALTER TABLE \(aside) RENAME TO \(quoted(table.name))",
                ]))
        }
        if let name = try renamed(table) {
            return Difference(
                reason: "is missing: another program renamed it to \(name)",
                remedy: TableRemedy.execute(["ALTER TABLE \(quoted(name)) RENAME TO \(quoted(table.name))"]))
        }
        return Difference(
            reason: "is missing: another program dropped it",
            remedy:
                """
                Its rows are in the log: restore a backup, or move the database away and let the node fetch its \
                state from its peers.
                """
        )
    }

    /// A trigger stays with its table when that gets another name.
    private func renamed(_ table: SharedTable) throws -> String? {
        let statement = try RawStatement(
            connection.handle, "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")
        let suffix = Array(("_" + table.name).utf8)
        while try statement.step() {
            let (trigger, owner) = (statement.string(0), statement.string(1))
            guard SQLGuard.isInternal(trigger), Array(trigger.utf8.suffix(suffix.count)) == suffix,
                schema.index(ofTable: owner) == nil
            else {
                continue
            }
            return owner
        }
        return nil
    }
}
