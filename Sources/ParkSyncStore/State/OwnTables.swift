import ParkSyncCore

/// Compares ParkSync's own tables in a file with those that it makes.
///
/// Any program with the file can drop, rename or replace them, give them other columns, and hang
/// triggers and indexes on them, which refuse or undo what the node writes. Pending tables are
/// looked after by `PendingGuard`: what they hold can be found again.
struct OwnTables {
    let connection: Connection
    /// Whose clock tables have to be there.
    let schema: SharedSchema

    /// Made anew when they are missing: what they hold is told of, or found again, and nothing else
    /// is built on it.
    private static let remade = Set(
        ["_parksync_meter", "_parksync_refused", "_parksync_difference"].map { ExactText($0) })

    // MARK: tables

    private struct Column: Hashable, Sendable {
        var name: ExactText
        var type: String
        var isNotNull: Bool
        /// Its place in the primary key, from 1; 0 if it is not part of it.
        var key: Int64
        /// 0 unless it is generated, or a virtual table hides it.
        var hidden: Int64
    }

    private struct Shape: Sendable {
        var kind: String
        /// How often each of `constraintWords` stands in its text.
        var constraints: [Int]
        /// In no order: a file of an earlier version may have another.
        var columns: Set<Column> = []
    }

    /// Words that make a table refuse or compute values. They are counted and compared.
    private static let constraintWords = ["check", "virtual", "references", "collate", "unique", "generated", "strict"]

    /// What the tables are to be, as SQLite describes them.
    private static let reference = Result {
        let sample = try Connection(path: ":memory:", role: .builder)
        for sql in StoreFile.tables + [StoreFile.createClock("")] { try sample.execute(sql) }
        return try shapes(sample, all: false)
    }

    /// - Throws: `StoreError.damaged` with the name of the first table that is not as it has to be,
    ///   and the remedy.
    func check() throws {
        var wanted = try Self.reference.get()
        let clock = wanted.removeValue(forKey: ExactText(StoreFile.clockTable("")))
        for table in schema.tables { wanted[ExactText(StoreFile.clockTable(table.name))] = clock }
        let found = try Self.shapes(connection, all: false)
        for (name, shape) in wanted.sorted(by: { $0.key.text < $1.key.text }) {
            if let there = found[name] {
                try compare(name.text, there, shape)
            } else if !Self.remade.contains(name) {
                throw try missing(name.text, shape, known: Set(wanted.keys))
            }
        }
    }

    /// Whether a file has any of ParkSync's own tables: then it is no new one.
    static func hasAny(_ connection: Connection) throws -> Bool {
        try connection.int64(
            """
            SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name LIKE '\\_parksync\\_%' ESCAPE \
            '\\' LIMIT 1
            """
        ) != nil
    }

    private func compare(_ name: String, _ found: Shape, _ wanted: Shape) throws {
        guard found.kind == "table" else {
            throw StoreError.ofFile(
                "a \(found.kind) stands in the place of ParkSync's own table \(name)", remedy: StoreError.damageRemedy)
        }
        guard found.columns != wanted.columns || found.constraints != wanted.constraints else { return }
        let names = Set(wanted.columns.map(\.name))
        let added = found.columns.filter { !names.contains($0.name) }.sorted { $0.name < $1.name }
        let others = found.columns.filter { names.contains($0.name) }
        guard !added.isEmpty, others == wanted.columns else {
            throw StoreError.ofFile(
                "ParkSync's own table \(name) has other columns or constraints", remedy: StoreError.damageRemedy)
        }
        let drops = added.map { "ALTER TABLE \(quoted(name)) DROP COLUMN \(quoted($0.name.text))" }
        throw StoreError.ofFile(
            "ParkSync's own table \(name) was given columns: \(added.map(\.name.text).joined(separator: ", "))",
            remedy: "\(Self.execute(drops.joined(separator: "; "))) If that does not help: \(StoreError.damageRemedy)")
    }

    private func missing(_ name: String, _ wanted: Shape, known: Set<ExactText>) throws -> StoreError {
        let reason = "ParkSync's own table \(name) is missing"
        let alike = try Self.shapes(connection, all: true).filter {
            !known.contains($0.key) && $0.value.columns == wanted.columns
        }.keys
        guard alike.count == 1, let renamed = alike.first?.text else {
            return StoreError.ofFile(reason, remedy: StoreError.damageRemedy)
        }
        let back = Self.execute("ALTER TABLE \(quoted(renamed)) RENAME TO \(quoted(name))")
        return StoreError.ofFile(
            "\(reason), and \(renamed) looks like it",
            remedy: "\(back) If that does not help: \(StoreError.damageRemedy)")
    }

    /// - Parameter all: whether tables of any name are wanted, and not ParkSync's own alone.
    private static func shapes(_ connection: Connection, all: Bool) throws -> [ExactText: Shape] {
        let names = all ? "1" : "m.name LIKE '\\_parksync\\_%' ESCAPE '\\'"
        var result: [ExactText: Shape] = [:]
        do {
            let objects = try connection.statement(
                """
                SELECT m.name, m.type, lower(ifnull(m.sql, '')) FROM sqlite_master m WHERE m.type IN ('table', \
                'view') AND \(names)
                """
            )
            defer { objects.reset() }
            while try objects.step() {
                let text = objects.string(2)
                let isVirtual = text.hasPrefix("create virtual")
                let words = text.split { !$0.isLetter && $0 != "_" }
                let counts = constraintWords.map { wanted in words.count { $0 == wanted } }
                result[ExactText(objects.string(0))] = Shape(
                    kind: isVirtual ? "virtual table" : objects.string(1), constraints: counts)
            }
        }
        let columns = try connection.statement(
            "SELECT m.name, c.name, upper(c.type), c.\"notnull\", c.pk, c.hidden FROM sqlite_master m, "
                + "pragma_table_xinfo(m.name) c "
                + "WHERE m.type = 'table' AND lower(m.sql) NOT LIKE 'create virtual%' AND \(names) ORDER BY m.name, "
                + "c.cid"
        )
        defer { columns.reset() }
        while try columns.step() {
            result[ExactText(columns.string(0))]?.columns.insert(
                Column(
                    name: ExactText(columns.string(1)), type: columns.string(2), isNotNull: columns.int64(3) != 0,
                    key: columns.int64(4),
                    hidden: columns.int64(5)))
        }
        return result
    }

    private static func execute(_ sql: String) -> String { "Execute `\(sql)`." }

    // MARK: what hangs on them

    /// A trigger or an index that ParkSync has not made: it makes none on its own tables.
    private struct Foreign {
        var kind: String
        var name: String
        var table: String
        var drop: String { "DROP \(kind.uppercased()) \(quoted(name))" }
    }

    private func foreign() throws -> [Foreign] {
        let statement = try connection.statement(
            "SELECT type, name, tbl_name FROM sqlite_master WHERE tbl_name LIKE '\\_parksync\\_%' ESCAPE '\\' "
                + "AND (type = 'trigger' OR (type = 'index' AND sql IS NOT NULL)) ORDER BY type, name")
        defer { statement.reset() }
        var result: [Foreign] = []
        while try statement.step() {
            result.append(Foreign(kind: statement.string(0), name: statement.string(1), table: statement.string(2)))
        }
        return result
    }

    /// Drops triggers and indexes that others have made on ParkSync's own tables; within the
    /// caller's transaction, before it writes anything.
    ///
    /// - Returns: what was dropped, in words.
    /// - Throws: `StoreError.damaged` with the name and the statement, if one cannot be dropped.
    func dropForeign() throws -> [String] {
        let all = try foreign()
        for object in all {
            do { try connection.execute(object.drop) } catch let error as StoreError
                where [.sql, .constraint, .damaged, .forbidden].contains(error.code)
            {
                throw Self.stays(object, ": \(error.reason)")
            }
        }
        if !all.isEmpty { connection.forgetStatements() }
        return all.map { "\($0.kind) \($0.name) on \($0.table)" }
    }

    /// - Throws: `StoreError.damaged` if there is one still.
    func refuseForeign() throws { if let object = try foreign().first { throw Self.stays(object, "") } }

    private static func stays(_ object: Foreign, _ why: String) -> StoreError {
        StoreError.ofFile(
            """
            the \(object.kind) \(object.name) of another program is on ParkSync's own table \(object.table) and \
            cannot be dropped\(why)
            """,
            remedy: "\(execute(object.drop)) If that does not help: \(StoreError.damageRemedy)")
    }
}
