import Crypto
import ParkSyncCore

/// Compares the triggers and tables that capture needs with what the file has, and puts back what
/// is missing.
///
/// Goes by the statements of `CaptureTriggers` and the text that SQLite keeps of them, whatever
/// they look like.
struct CaptureGuard {
    let schema: SharedSchema
    let park: String
    let budget: RowBudget

    /// What changes whenever anybody changes the schema of the file.
    static func cookie(_ connection: Connection) throws -> Int64 { try connection.int64("PRAGMA schema_version") ?? 0 }

    /// A table that has triggers of ParkSync's.
    private enum Guarded {
        case shared(SharedTable)
        case constant(ConstantTable)

        var name: String {
            switch self {
            case .shared(let table): table.name
            case .constant(let table): table.name
            }
        }

        var columns: [String] {
            switch self {
            case .shared(let table): (table.keyColumns + table.columns).map(\.name)
            case .constant(let table): table.columns
            }
        }

        /// The rows of constants are compared when the file is opened, those of shared tables with
        /// the log.
        var shared: SharedTable? { if case .shared(let table) = self { table } else { nil } }
    }

    private struct Wanted {
        var sql: String
        var name: String
        /// The text that SQLite keeps.
        var kept: String
        var isTrigger: Bool
    }

    private struct Kept {
        var name: String
        var table: String
        var sql: String
        var isTrigger: Bool
    }

    /// Puts back what is missing, within the caller's transaction. Tables that are gone or lack
    /// columns are left alone.
    ///
    /// - Returns: shared tables whose triggers were not as they have to be.
    func restore(_ connection: Connection) throws -> [String] {
        let (present, kept) = (try present(connection), try kept(connection))
        let restored = try present.filter { try restore($0, kept, connection) }.compactMap(\.shared?.name)
        for trigger in try strangers(kept, present, connection) {
            try connection.execute("DROP TRIGGER IF EXISTS \(quoted(trigger.name))")
        }
        try Self.note(connection)
        return restored
    }

    /// The tables that the file has with all their columns. A trigger that named a column which
    /// another program has renamed would keep that program from undoing it.
    private func present(_ connection: Connection) throws -> [Guarded] {
        try (schema.tables.map { .shared($0) } + schema.constants.map { .constant($0) }).filter { table in
            let statement = try connection.statement(
                "SELECT c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name = ?1"
            )
            defer { statement.reset() }
            statement.bindText(1, copying: table.name)
            var names: Set<ExactText> = []
            while try statement.step() { names.insert(ExactText(statement.string(0))) }
            return table.columns.allSatisfy { names.contains(ExactText($0)) }
        }
    }

    // MARK: before a start

    private static let captured = "captured"

    /// Keeps what the triggers are now, for a node that may make others: it would not know what
    /// these were to be.
    static func note(_ connection: Connection) throws {
        let hash = Value.blob(try hash(connection))
        if try StoreFile.meta(connection, captured) != hash { try StoreFile.setMeta(connection, captured, hash) }
    }

    /// The tables whose triggers are not as the node left them, before any are made anew.
    ///
    /// - Parameter isSameCapture: whether this node would make the same triggers; otherwise it can
    ///   only be told that some are not.
    func alteredTables(_ connection: Connection, isSameCapture: Bool) throws -> [String] {
        guard let noted = try StoreFile.meta(connection, Self.captured), try noted != .blob(Self.hash(connection))
        else { return [] }
        guard isSameCapture else { return schema.tables.map(\.name) }
        let kept = try kept(connection)
        return try present(connection).filter { try !missing(of: $0, kept, connection).isEmpty }.compactMap(
            \.shared?.name)
    }

    /// Of the text of all triggers, but those that shut the tables: they come and go.
    private static func hash(_ connection: Connection) throws -> [UInt8] {
        let statement = try connection.statement(
            """
            SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '\\_parksync\\_%' \
            ESCAPE '\\'
            AND name NOT LIKE '\\_parksync\\_gate\\_%' ESCAPE '\\' ORDER BY name
            """)
        defer { statement.reset() }
        var hasher = SHA256()
        while try statement.step() {
            for column in 0..<Int32(3) {
                hasher.update(data: withUnsafeBytes(of: UInt64(statement.bytes(column).count).bigEndian) { Array($0) })
                hasher.update(bufferPointer: statement.bytes(column))
            }
        }
        return Array(hasher.finalize())
    }

    // MARK: comparing

    /// - Returns: whether anything was not as it has to be.
    private func restore(_ table: Guarded, _ kept: [Kept], _ connection: Connection) throws -> Bool {
        let missing = try missing(of: table, kept, connection)
        for wanted in missing {
            if wanted.isTrigger { try connection.execute("DROP TRIGGER IF EXISTS \(quoted(wanted.name))") }
            try connection.execute(wanted.sql)
        }
        return !missing.isEmpty
    }

    private func missing(of table: Guarded, _ kept: [Kept], _ connection: Connection) throws -> [Wanted] {
        try wanted(table, connection).filter { wanted in
            // The pending table may have been given columns; it only has to be there.
            !kept.contains {
                $0.isTrigger == wanted.isTrigger && $0.name.isExactly(wanted.name)
                    && (!wanted.isTrigger || $0.sql.isExactly(wanted.kept))
            }
        }
    }

    /// Triggers of these tables with names that are ParkSync's own and that it did not make. Those
    /// of a table that was renamed tell its new name.
    private func strangers(_ kept: [Kept], _ present: [Guarded], _ connection: Connection) throws -> [Kept] {
        let names = Set(
            try present.flatMap { try wanted($0, connection).map(\.name) + gateNames($0) }.map { ExactText($0) })
        let tables = Set(present.map { ExactText($0.name) })
        return kept.filter {
            $0.isTrigger && tables.contains(ExactText($0.table)) && !names.contains(ExactText($0.name))
        }
    }

    private func gateNames(_ table: Guarded) -> [String] {
        table.shared.map { CaptureTriggers.gate(for: $0, reason: "").compactMap { Self.name(of: $0) } } ?? []
    }

    private func statements(_ table: Guarded, _ connection: Connection) throws -> [String] {
        switch table {
        case .shared(let table):
            try CaptureTriggers.statements(
                for: table, at: schema.number, park: park, budget: budget, on: connection)
        case .constant(let table): CaptureTriggers.constant(table)
        }
    }

    private func wanted(_ table: Guarded, _ connection: Connection) throws -> [Wanted] {
        try statements(table, connection).compactMap { sql in
            guard let name = Self.name(of: sql) else { return nil }
            return Wanted(
                sql: sql, name: name, kept: CaptureTriggers.kept(sql), isTrigger: sql.hasPrefix("CREATE TRIGGER"))
        }
    }

    /// The name of what a statement makes: the first identifier in quotes.
    static func name(of sql: String) -> String? {
        guard let open = sql.firstIndex(of: "\"") else { return nil }
        var name = ""
        var index = sql.index(after: open)
        while index < sql.endIndex {
            let next = sql.index(after: index)
            if sql[index] == "\"" {
                guard next < sql.endIndex, sql[next] == "\"" else { return name }
                index = next
            }
            name.append(sql[index])
            index = sql.index(after: index)
        }
        return nil
    }

    private func kept(_ connection: Connection) throws -> [Kept] {
        let statement = try connection.statement(
            """
            SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('table', 'trigger') AND name \
            LIKE '\\_parksync\\_%' ESCAPE '\\'
            """
        )
        defer { statement.reset() }
        var result: [Kept] = []
        while try statement.step() {
            result.append(
                Kept(
                    name: statement.string(1), table: statement.string(2), sql: statement.string(3),
                    isTrigger: statement.string(0) == "trigger"))
        }
        return result
    }
}
