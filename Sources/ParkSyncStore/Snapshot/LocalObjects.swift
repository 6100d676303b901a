import ParkSyncCore

/// What a park's file has of its own: tables that are not shared, with their rows, and the indices, views and triggers of the park's programs.
///
/// A snapshot has none of it. Before it takes the place of a database, all of that is carried over, or the snapshot is not taken.
struct LocalObjects {
    /// The candidate, whose schema is complete; its triggers do not fire.
    let connection: Connection
    let shared: SharedSchema

    /// The name under which the old database is attached.
    private static let old = "old"

    /// An entry of the old database's schema.
    private struct Object {
        var type: String
        var name: String
        var table: String
        var sql: String
    }

    /// - Throws: `StoreError.schema` if something cannot be made in the candidate.
    func carry(from path: String) throws {
        // What a program's own index or view calls runs here as it would there.
        try connection.execute("PRAGMA trusted_schema = ON")
        try connection.execute("ATTACH \(literal(path)) AS \(Self.old)")
        try connection.transaction {
            let objects = try objects()
            let tables = objects.filter { $0.type == "table" && !isShared($0.name) }
            // Making a virtual table makes the tables behind it; their rows are then taken like those of any other.
            let isVirtual = { (table: Object) in table.sql.uppercased().hasPrefix("CREATE VIRTUAL") }
            for table in tables.filter(isVirtual) + tables.filter({ !isVirtual($0) }) { try make(table) }
            for table in tables where !isVirtual(table) { try copy(table.name) }
            try copySequences()
            for type in ["index", "view", "trigger"] { for object in objects where object.type == type { try make(object) } }
            for name in ["user_version", "application_id"] {
                try connection.execute("PRAGMA main.\(name) = \(try connection.int64("PRAGMA \(Self.old).\(name)") ?? 0)")
            }
        }
        try connection.execute("DETACH \(Self.old)")
        try connection.execute("PRAGMA trusted_schema = OFF")
    }

    private func isShared(_ name: String) -> Bool { shared.index(ofTable: name) != nil }

    /// In the order in which they were made. What SQLite makes by itself, and what is ParkSync's own, is left out.
    private func objects() throws -> [Object] {
        let statement = try RawStatement(
            connection.handle,
            """
            SELECT type, name, tbl_name, sql FROM \(Self.old).sqlite_master WHERE sql IS NOT NULL
            AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_parksync\\_%' ESCAPE '\\' ORDER BY rowid
            """)
        var result: [Object] = []
        while try statement.step() {
            result.append(
                Object(type: statement.string(0), name: statement.string(1), table: statement.string(2), sql: statement.string(3)))
        }
        return result
    }

    /// Makes what the candidate has not, or has otherwise: a program may have altered a table of the schema files that is local.
    private func make(_ object: Object) throws {
        let found = try RawStatement(connection.handle, "SELECT sql FROM main.sqlite_master WHERE type = ?1 AND name = ?2")
        found.bindText(1, copying: object.type)
        found.bindText(2, copying: object.name)
        if try found.step() {
            guard object.type == "table", found.string(0) != object.sql else { return }
            found.reset()
            try connection.execute("DROP TABLE main.\(quoted(object.name))")
        }
        found.reset()
        do { try connection.execute(object.sql) } catch let error as StoreError {
            throw StoreError(
                .schema, "the \(object.type) \(object.name), which is this park's own, cannot be made on the snapshot: \(error.reason)",
                remedy: "Nothing was replaced. Drop it, take the snapshot, and make it anew.")
        }
    }

    private func copy(_ table: String) throws {
        let name = quoted(table)
        let columns = try columns(table)
        guard !columns.isEmpty else { return }
        // Other tables and programs may go by the number of a row.
        let rowid = try rowidName(table, columns)
        let list = ((rowid.map { [$0] } ?? []) + columns.map(quoted)).joined(separator: ", ")
        try connection.execute("DELETE FROM main.\(name)")
        try connection.execute("INSERT INTO main.\(name)(\(list)) SELECT \(list) FROM \(Self.old).\(name)")
    }

    /// Stored columns; those that are computed come by themselves.
    private func columns(_ table: String) throws -> [String] {
        let statement = try RawStatement(
            connection.handle, "SELECT name FROM pragma_table_xinfo(\(literal(table)), '\(Self.old)') WHERE hidden = 0 ORDER BY cid")
        var names: [String] = []
        while try statement.step() { names.append(statement.string(0)) }
        return names
    }

    /// A name of the row's number that no column hides; nil if the table has none, or a column that is it.
    private func rowidName(_ table: String, _ columns: [String]) throws -> String? {
        let kind = try RawStatement(connection.handle, "SELECT wr FROM pragma_table_list WHERE schema = '\(Self.old)' AND name = ?1")
        kind.bindText(1, copying: table)
        guard try kind.step(), kind.int64(0) == 0 else { return nil }
        let taken = Set(columns.map { $0.lowercased() })
        return ["rowid", "_rowid_", "oid"].first { !taken.contains($0) }
    }

    /// Numbers that AUTOINCREMENT has given and that rows no longer show.
    private func copySequences() throws {
        let count = "SELECT count(*) FROM \(Self.old).sqlite_master WHERE name = 'sqlite_sequence'"
        guard try connection.int64(count) != 0, try connection.int64(count.replacing("\(Self.old).", with: "main.")) != 0 else { return }
        try connection.execute("DELETE FROM main.sqlite_sequence")
        try connection.execute(
            "INSERT INTO main.sqlite_sequence(name, seq) SELECT name, seq FROM \(Self.old).sqlite_sequence WHERE name IN (SELECT name FROM main.sqlite_master)"
        )
    }
}

/// A database that is about to be replaced: nobody may write to it between the look at it and the exchange.
final class OutgoingDatabase {
    let connection: Connection
    private let path: String
    private let version: Int64?

    /// - Throws: `StoreError.busy` if something was written since it was opened and closed last.
    init(_ path: String, schema: SharedSchema) throws {
        self.path = path
        connection = try Connection(path: path, role: .applier)
        version = try connection.int64("PRAGMA data_version")
        guard try Sealer(connection: connection, schema: schema).pendingTables().isEmpty else { throw wasWritten() }
    }

    /// Called when no other connection is left.
    func checkUnchanged() throws {
        guard try connection.int64("PRAGMA data_version") == version else { throw wasWritten() }
    }

    private func wasWritten() -> StoreError {
        StoreError(
            .busy, "a program wrote to \(path) while it was being replaced", remedy: "Nothing was replaced. Stop the park's programs, then repeat.")
    }
}
