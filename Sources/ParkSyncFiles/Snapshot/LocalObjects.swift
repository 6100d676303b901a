import ParkSyncCore
import ParkSyncStore

/// What a park's file has of its own: tables that are not shared, with their rows, and the indices,
/// views and triggers of the park's programs.
///
/// A snapshot has none of it. Before it takes the place of a database, all of that is carried over,
/// or the snapshot is not taken.
struct LocalObjects {
    /// The candidate, whose schema is complete; its triggers do not fire.
    let connection: Connection
    let shared: SharedSchema

    /// The name under which the old database is attached.
    private static let old = "old"

    /// - Throws: `StoreError.schema` if something cannot be made in the candidate.
    func carry(from path: String) throws {
        // What a program's own index or view calls runs here as it would there.
        try connection.execute("PRAGMA trusted_schema = ON")
        try connection.execute("ATTACH \(literal(path)) AS \(Self.old)")
        try connection.transaction {
            let objects = try objects()
            // Constant tables have their rows of the schema files already.
            let tables = objects.filter { $0.type == "table" && !isShared($0.name) && !isConstant($0.name) }
            // Making a virtual table makes the tables behind it; their rows are then taken like
            // those of any other.
            let isVirtual = { (table: SchemaRow) in table.sql.uppercased().hasPrefix("CREATE VIRTUAL") }
            for table in tables.filter(isVirtual) + tables.filter({ !isVirtual($0) }) { try make(table) }
            for table in tables where !isVirtual(table) { try copy(table.name) }
            try copySequences()
            for type in ["index", "view", "trigger"] {
                for object in objects where object.type == type { try make(object) }
            }
            for name in ["user_version", "application_id"] {
                try connection.execute(
                    "PRAGMA main.\(name) = \(try connection.int64("PRAGMA \(Self.old).\(name)") ?? 0)")
            }
        }
        try connection.execute("DETACH \(Self.old)")
        try connection.execute("PRAGMA trusted_schema = OFF")
    }

    private func isShared(_ name: String) -> Bool { shared.index(ofTable: name) != nil }
    private func isConstant(_ name: String) -> Bool { shared.constants.contains { $0.name.isExactly(name) } }

    /// In the order in which they were made. What SQLite makes by itself, and what is ParkSync's
    /// own, is left out.
    private func objects() throws -> [SchemaRow] {
        try SchemaRow.all(connection, in: Self.old).filter {
            !$0.sql.isEmpty && !$0.name.beginsExactly(with: "sqlite_") && !SQLGuard.isInternal($0.name)
        }
    }

    /// Makes what the candidate has not, or has otherwise: a program may have altered a table of
    /// the schema files that is local.
    private func make(_ object: SchemaRow) throws {
        let found = try RawStatement(
            connection.handle, "SELECT sql FROM main.sqlite_master WHERE type = ?1 AND name = ?2")
        found.bindText(1, copying: object.type)
        found.bindText(2, copying: object.name)
        if try found.step() {
            guard object.type == "table", found.string(0) != object.sql else { return }
            found.reset()
            try connection.execute("DROP TABLE main.\(quoted(object.name))")
        }
        found.reset()
        do { try ObjectSQL(connection: connection).make(object) } catch let error as StoreError {
            throw StoreError(
                .schema,
                """
                the \(object.type) \(object.name), which is this park's own, cannot be made on the snapshot: \
                \(error.reason)
                """,
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
            connection.handle,
            "SELECT name FROM pragma_table_xinfo(\(literal(table)), '\(Self.old)') WHERE hidden = 0 ORDER BY cid")
        var names: [String] = []
        while try statement.step() { names.append(statement.string(0)) }
        return names
    }

    /// A name of the row's number that no column hides; nil if the table has none, or a column that
    /// is it.
    private func rowidName(_ table: String, _ columns: [String]) throws -> String? {
        let taken = Set(columns.map { ExactText($0.asciiLowercased) })
        return ["rowid", "_rowid_", "oid"].first { name in
            // A table without one has no such column. Asking for a list of the tables would resolve
            // every view of the other database.
            !taken.contains(ExactText(name))
                && (try? RawStatement(connection.handle, "SELECT \(name) FROM \(Self.old).\(quoted(table)) LIMIT 0"))
                    != nil
        }
    }

    /// Numbers that AUTOINCREMENT has given and that rows no longer show.
    private func copySequences() throws {
        let count = "SELECT count(*) FROM \(Self.old).sqlite_master WHERE name = 'sqlite_sequence'"
        guard try connection.int64(count) != 0,
            try connection.int64(count.replacing("\(Self.old).", with: "main.")) != 0
        else { return }
        try connection.execute("DELETE FROM main.sqlite_sequence")
        try connection.execute(
            """
            INSERT INTO main.sqlite_sequence(name, seq) SELECT name, seq FROM \(Self.old).sqlite_sequence WHERE \
            name IN (SELECT name FROM main.sqlite_master)
            """
        )
    }
}

/// A database that is about to be replaced: nobody may write to it between the look at it and the
/// exchange.
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
            .busy, "a program wrote to \(path) while it was being replaced",
            remedy: "Nothing was replaced. Stop the park's programs, then repeat.")
    }
}
