import ParkSyncCore

/// Publishes the rows that were in a table before a schema file made it a shared one: they are
/// captured as if they were inserted now.
///
/// No trigger has seen them, so everything that the triggers refuse is looked for here.
struct EarlierRows {
    private let compiled: CompiledSchema
    private let connection: Connection
    private let park: String
    private let budget: RowBudget
    /// The node's own entries are still to come from its peers, and may be about these very rows.
    private let isFetching: Bool

    init(_ compiled: CompiledSchema, on connection: Connection, park: String, budget: RowBudget, isFetching: Bool) {
        (self.compiled, self.connection, self.park, self.budget, self.isFetching) = (
            compiled, connection, park, budget, isFetching
        )
    }

    /// Within the caller's transaction, after the triggers were made.
    ///
    /// - Throws: `SchemaError` if a row is none that this park may write, or there are too many for
    ///   one entry.
    func publish(_ found: Set<ExactText>) throws {
        var metered = 0
        for table in compiled.schema.tables where found.contains(ExactText(table.name)) {
            let rows = try connection.int64("SELECT count(*) FROM \(quoted(table.name))") ?? 0
            if rows == 0 { continue }
            if isFetching {
                throw refusal(
                    table,
                    """
                    has \(rows) rows that are in no log, while this node has to fetch its own log back from its \
                    peers first
                    """,
                    "If the node has never run, mark it with `parksyncd first-start`; else empty the table.")
            }
            let rowsMax = CoreLimits.changesPerTableMax
            guard rows <= rowsMax else {
                throw refusal(
                    table, "has \(rows) rows, more than the \(rowsMax) of an entry",
                    """
                    Move them to another table, start the node, and insert them in transactions of at most \
                    \(rowsMax) rows.
                    """
                )
            }
            try refuseReservedRowid(table)
            metered += try measure(table) + budget.steps(table, rows: rows)
            guard metered <= budget.bytesMax else {
                throw refusal(
                    table, "has more or larger rows than fit into an entry (\(budget.bytesMax) bytes)",
                    "Move them to another table, start the node, and insert them in smaller transactions.")
            }
            try connection.execute(CaptureTriggers.captureRows(of: table))
        }
        if metered > 0 { try connection.execute("UPDATE _parksync_meter SET bytes = bytes + \(metered)") }
    }

    private func refusal(_ table: SharedTable, _ reason: String, _ remedy: String) -> SchemaError {
        let place = compiled.places[ExactText(table.name)]
        return SchemaError(
            file: place?.file ?? "schema", line: place?.line,
            reason: "table \(table.name) was in the database already, and \(reason)",
            remedy: remedy)
    }

    /// A trigger cannot tell a row that has it from one whose rowid SQLite is still to choose.
    private func refuseReservedRowid(_ table: SharedTable) throws {
        guard let rowid = try TableLayout(of: table, on: connection).hiddenRowid else { return }
        guard try connection.int64("SELECT count(*) FROM \(quoted(table.name)) WHERE \(rowid) = -1") != 0 else {
            return
        }
        throw refusal(
            table, "has a row with the rowid -1",
            "Give it one that is free: UPDATE \(quoted(table.name)) SET \(rowid) = … WHERE \(rowid) = -1.")
    }

    /// - Returns: what the rows add to the meter, in bytes.
    private func measure(_ table: SharedTable) throws -> Int {
        let columns = table.keyColumns + table.columns
        let list = columns.map { quoted($0.name) }.joined(separator: ", ")
        let statement = try RawStatement(connection.handle, "SELECT \(list) FROM \(quoted(table.name))")
        let keys = table.keyColumns.count
        var metered = 0
        while try statement.step() {
            let key = (0..<keys).map { statement.view(Int32($0)).copied }
            try check(key, of: table)
            let found = table.disallowed(.insert, key: key, at: compiled.schema.number) {
                statement.view(Int32(keys + $0))
            }
            if let found {
                throw refusal(
                    table,
                    "the row \(Self.text(key)) \(DisallowedWords.reason(found, table, at: compiled.schema.number))",
                    "Correct or delete the row, then start again.")
            }
            var (bytes, isLarge) = (0, false)
            for (index, column) in columns.enumerated() {
                let view = statement.view(Int32(index))
                if index >= keys, !column.canHold(view) {
                    throw refusal(
                        table,
                        """
                        the row \(Self.text(key)) has a value in \(column.name) that the column does not keep \
                        as it is
                        """,
                        "Correct the row, then start again.")
                }
                guard case .text(let content) = view else {
                    if case .blob(let content) = view {
                        (bytes, isLarge) = (bytes + content.count, isLarge || column.isNumeric)
                    }
                    continue
                }
                (bytes, isLarge) = (bytes + content.count, isLarge || column.isNumeric)
            }
            let keyBytes = KeyCoding.encode(key)?.count ?? .max
            guard keyBytes <= CoreLimits.keyBytesMax else {
                throw refusal(
                    table, "the row \(Self.text(key)) has a key of more than \(CoreLimits.keyBytesMax) bytes",
                    "Use a shorter one.")
            }
            if isLarge || bytes > CoreLimits.unmeteredRowBytesMax { metered += keyBytes + bytes }
        }
        return metered
    }

    private func check(_ key: [Value], of table: SharedTable) throws {
        guard table.canHold(key: key) else {
            throw refusal(
                table, "the row \(Self.text(key)) has a key of a type that the key's columns do not keep",
                "Correct the row, then start again.")
        }
        if let reason = table.refusal(of: .insert, key: key, by: park) {
            throw refusal(
                table, "a row is not this park's to write: \(reason)",
                "Delete the row: it comes from the park that it belongs to.")
        }
    }

    private static let shownBytesMax = 40

    private static func text(_ key: [Value]) -> String {
        let parts = key.map { value -> String in
            switch value {
            case .null: "NULL"
            case .integer(let number): "\(number)"
            case .real(let bits): "\(Double(bitPattern: bits))"
            case .text(let bytes): literal(String(decoding: bytes.prefix(shownBytesMax), as: UTF8.self))
            case .blob(let bytes): "a blob of \(bytes.count) bytes"
            }
        }
        return "(" + parts.joined(separator: ", ") + ")"
    }
}

extension SharedColumn {
    /// A text or blob in it is metered however short it is.
    fileprivate var isNumeric: Bool { affinity == .integer || affinity == .real }
}
