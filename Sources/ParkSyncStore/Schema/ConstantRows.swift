import CSQLite
import ParkSyncCore

/// The constant tables of schema files while those are compiled: rows come with the file whose
/// number they have, and stay.
struct ConstantRows {
    struct Declared {
        var place: SchemaPlace
        /// Its rows as they were after the last file.
        var table: ConstantTable
        /// One for each column.
        var affinities: [Affinity]
    }

    private let connection: Connection
    private var declared: [ExactText: Declared] = [:]

    init(_ connection: Connection) { self.connection = connection }

    /// After the last file that was compiled.
    var tables: [ConstantTable] { declared.values.map(\.table) }

    func table(_ name: String) -> Declared? { declared.first { $0.key.text.isSameName(as: name) }?.value }

    // MARK: declaring

    /// Takes a table that the statement has made.
    mutating func declare(_ name: String, _ statement: SchemaStatement, file: SchemaFile) throws {
        func refuse(_ reason: String, _ remedy: String) -> SchemaError {
            SchemaError(
                file: file.name, line: statement.line, reason: "the constant table \(name) \(reason)", remedy: remedy)
        }
        guard SchemaExecution.nameMade(by: statement.sql) != nil else {
            throw refuse("is made IF NOT EXISTS, and its rows are those of the schema files alone", "Leave that out.")
        }
        let columns = try RawStatement(
            connection.handle,
            "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(\(literal(name))) ORDER BY cid")
        var (names, affinities): ([String], [Affinity]) = ([], [])
        var keys: [(position: Int64, column: Int)] = []
        var hasSince = false
        while try columns.step() {
            let column = columns.string(0)
            guard columns.int64(4) == 0 else {
                throw refuse("has the generated column \(column)", "Compute it in a view instead.")
            }
            let affinity = SchemaIntrospection.affinity(of: columns.string(1))
            if column.isExactly(ConstantTable.sinceColumn) {
                hasSince = affinity == .integer && columns.int64(2) != 0
            }
            if columns.int64(3) > 0 { keys.append((columns.int64(3), names.count)) }
            names.append(column)
            affinities.append(affinity)
        }
        let until = names.firstIndex { $0.isExactly(ConstantTable.untilColumn) }
        guard hasSince, let until, affinities[until] == .integer else {
            throw refuse(
                "does not say since when its rows are in force, and until when",
                "Give it the columns `since INTEGER NOT NULL` and `until INTEGER`.")
        }
        guard !keys.isEmpty else { throw refuse("has no primary key", "Declare one, by which a row is called.") }
        let key = keys.sorted { $0.position < $1.position }.map(\.column)
        declared[ExactText(name)] = Declared(
            place: SchemaPlace(file: file.name, line: statement.line),
            table: ConstantTable(name: name, columns: names, keyColumns: key), affinities: affinities)
    }

    /// After a statement, before anything is declared that it has made.
    func checkShape(_ statement: SchemaStatement, _ authorizer: SchemaAuthorizer, file: SchemaFile) throws {
        guard let table = authorizer.dropped.union(authorizer.altered).filter({ declared[$0] != nil }).min() else {
            return
        }
        throw SchemaError(
            file: file.name, line: statement.line,
            reason: "the statement drops, renames or alters the constant table \(table)",
            remedy: """
                Keep it as it is, at every park: entries are measured by its rows. What needs other columns is \
                another table.
                """)
    }

    // MARK: rows

    /// The rows as they are now.
    static func read(_ table: ConstantTable, on connection: Connection) throws -> [[Value]] {
        let list = table.columns.map { quoted($0) }.joined(separator: ", ")
        let statement = try RawStatement(connection.handle, "SELECT \(list) FROM main.\(quoted(table.name))")
        var rows: [[Value]] = []
        while try statement.step() {
            rows.append(table.columns.indices.map { statement.view(Int32($0)).copied })
        }
        return rows
    }

    /// What people call a row.
    static func name(_ row: [Value], of table: ConstantTable) -> String {
        CapturedText.of(table.keyColumns.map { row[$0] })
    }

    /// Compares the rows of all tables with those before the file that is compiled.
    ///
    /// - Parameter line: of the statement that was executed last; nil at the end of the file.
    func check(_ number: UInt64, file: SchemaFile, line: Int?) throws {
        for entry in declared.sorted(by: { $0.key < $1.key }) {
            try check(entry.value, try Self.read(entry.value.table, on: connection), number, file, line)
        }
    }

    /// At the end of a file: its rows are those that stay.
    mutating func keep() throws {
        for (name, entry) in declared {
            let table = entry.table
            declared[name]?.table = ConstantTable(
                name: table.name, columns: table.columns, keyColumns: table.keyColumns,
                rows: try Self.read(table, on: connection))
        }
    }

    private func check(
        _ entry: Declared, _ rows: [[Value]], _ number: UInt64, _ file: SchemaFile, _ line: Int?
    ) throws {
        let table = entry.table
        func refuse(_ row: [Value], _ reason: String, _ remedy: String) -> SchemaError {
            SchemaError(
                file: file.name, line: line,
                reason: "the row \(Self.name(row, of: table)) of the constant table \(table.name) \(reason)",
                remedy: remedy)
        }
        guard let since = table.index(ofColumn: ConstantTable.sinceColumn),
            let until = table.index(ofColumn: ConstantTable.untilColumn)
        else { return }
        func rest(_ row: [Value]) -> [Value] { Array(row[..<until] + row[(until + 1)...]) }
        let (now, this) = (Dictionary(grouping: rows, by: rest), Value.integer(Int64(clamping: number)))
        if let twice = now.values.first(where: { $0.count > 1 })?.first {
            throw refuse(twice, "stands in it twice", "Leave one out.")
        }
        let before = Dictionary(grouping: table.rows, by: rest)
        for row in table.rows {
            guard let present = now[rest(row)]?.first else {
                throw refuse(
                    row, "was changed or deleted",
                    """
                    Leave rows of earlier files as they are: set `until` to \(number), the number of this file, and \
                    insert others.
                    """)
            }
            guard present[until] == row[until] || (row[until] == .null && present[until] == this) else {
                throw refuse(
                    row, "was given another `until`",
                    "A file sets `until` where it is NULL, and to its own number, which is \(number) here.")
            }
        }
        for row in rows where before[rest(row)] == nil {
            guard row[since] == this, row[until] == .null else {
                throw refuse(
                    row, "is new, and does not say so",
                    "Give it \(number), the number of this file, as `since`, and leave `until` NULL.")
            }
        }
    }
}
