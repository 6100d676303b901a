import ParkSyncCore
import ParkSyncStore

/// The schema that a node's own schema files make, to compare that of another file with, text for
/// text.
struct ForeignSchema {
    let compiled: CompiledSchema
    private let expected: [SchemaRow]
    private let template: Connection

    init(_ compiled: CompiledSchema, park: String) throws {
        self.compiled = compiled
        let made = try Connection(path: ":memory:", role: .applier)
        try made.transaction {
            for sql in StoreFile.tables { try made.execute(sql) }
            try StoreFile.install(compiled, on: made, park: park)
        }
        (template, expected) = (made, try SchemaRow.all(made))
    }

    /// ParkSync's own tables and the shared ones, with their clocks and what is captured of them.
    var tables: [String] {
        let shared = Set(compiled.schema.tables.map { ExactText($0.name.asciiLowercased) })
        return expected.filter {
            $0.type == "table" && (SQLGuard.isInternal($0.name) || shared.contains(ExactText($0.name.asciiLowercased)))
        }.map(
            \.name)
    }

    /// - Parameters:
    ///   - found: the rows of the file's schema.
    ///   - tables: those of this schema that are going to be read; one that the file has not is
    ///     left to whoever reads it.
    /// - Throws: `StoreError` if one of them is anything but the table that the node's own schema
    ///   files make.
    func check(_ found: [SchemaRow], _ tables: [String], path: String) throws {
        let byName = Dictionary(grouping: found.filter { $0.type != "trigger" }) { ExactText($0.name.asciiLowercased) }
        for table in tables {
            guard let rows = byName[ExactText(table.asciiLowercased)],
                let wanted = expected.first(where: { $0.type == "table" && $0.name == table })
            else { continue }
            guard rows.count == 1, let row = rows.first, row.type == "table", row.name.isExactly(table),
                try isSame(row, wanted)
            else {
                throw StoreError(
                    .damaged, "\(path) has something else where the table \(table) belongs",
                    remedy: "Nothing of it was executed. \(CopyChecks.remedy)")
            }
        }
    }

    /// What the file has besides: objects of the park's programs, which nothing here reads or
    /// executes.
    func others(_ found: [SchemaRow]) -> [SchemaRow] {
        let known = Dictionary(grouping: expected) { ExactText($0.name.asciiLowercased) }
        let own = Set(tables.map { ExactText($0.asciiLowercased) })
        return found.filter { row in
            if row.sql.isEmpty || row.name.beginsExactly(with: "sqlite_") || SQLGuard.isInternal(row.name) {
                return false
            }
            // Compared before, and made anew.
            if row.type == "table", own.contains(ExactText(row.name.asciiLowercased)) { return false }
            return !(known[ExactText(row.name.asciiLowercased)]?.contains { $0.isSame(as: row) } ?? false)
        }
    }

    /// A program may have made the table before a schema file shared it, so that its text is
    /// another one. Then reading it evaluates nothing, and it has the same columns.
    private func isSame(_ row: SchemaRow, _ wanted: SchemaRow) throws -> Bool {
        if row.isSame(as: wanted) { return true }
        guard row.isStored, row.table.isExactly(row.name) else { return false }
        let scratch = try Connection(path: ":memory:", role: .applier)
        do { try ObjectSQL(connection: scratch).make(row) } catch is StoreError { return false }
        // What is captured had other columns in older formats; only whether there is any is asked.
        if row.name.beginsExactly(with: CaptureTriggers.pendingTable("")) { return true }
        return try Self.columns(row.name, scratch) == Self.columns(wanted.name, template)
    }

    private static func columns(_ table: String, _ connection: Connection) throws -> [String] {
        let statement = try RawStatement(
            connection.handle, "SELECT name, pk, hidden FROM pragma_table_xinfo(\(literal(table))) ORDER BY name")
        var columns: [String] = []
        while try statement.step() {
            columns.append("\(statement.string(0)) \(statement.int64(1)) \(statement.int64(2))")
        }
        return columns
    }
}
