import ParkSyncCore

/// Sees to it that the tables which capture writes are tables with the columns that it writes.
///
/// Triggers and indexes on them are dropped before: see `OwnTables`. What somebody else has put in
/// the place of one, or made of it, is no captured write: it is kept aside in words, and the table
/// is made anew.
struct PendingGuard {
    let schema: SharedSchema
    let park: String
    let budget: RowBudget
    let connection: Connection

    /// Within the caller's transaction.
    ///
    /// - Returns: the shared tables whose pending tables were made anew.
    func restore(wallMilliseconds: UInt64) throws -> [String] {
        try schema.tables.filter { try restore($0, wallMilliseconds: wallMilliseconds) }.map(\.name)
    }

    private func restore(_ table: SharedTable, wallMilliseconds: UInt64) throws -> Bool {
        let name = CaptureTriggers.pendingTable(table.name)
        guard let type = try self.type(of: name) else { return false }
        let capture = TableCapture(
            table: table, layout: try TableLayout(of: table, on: connection), park: park, budget: budget)
        if type == "table", try hasColumns(name, ["id"] + capture.pendingColumns) { return false }
        let rows = type == "table" ? (try? connection.int64("SELECT count(*) FROM \(quoted(name))")) ?? 0 : 0
        try RefusalTable.keep(
            connection, table: table.name, row: "\(rows) rows of a \(type) with other columns",
            cause: "the table that captures writes of \(table.name) was replaced or altered by another program",
            wallMilliseconds: wallMilliseconds)
        try connection.execute("DROP \(type.uppercased()) \(quoted(name))")
        try connection.execute(capture.pending)
        connection.forgetStatements()
        return true
    }

    /// Whether the table has these columns, and its number is the one that SQLite gives.
    private func hasColumns(_ name: String, _ wanted: [String]) throws -> Bool {
        let statement = try connection.statement(
            "SELECT name, type, pk FROM pragma_table_xinfo(\(literal(name))) WHERE hidden = 0")
        defer { statement.reset() }
        var found: Set<ExactText> = []
        var hasNumber = false
        while try statement.step() {
            found.insert(ExactText(statement.string(0)))
            if statement.string(0).isExactly("id"), statement.int64(2) == 1,
                statement.string(1).uppercased().isExactly("INTEGER")
            {
                hasNumber = true
            }
        }
        return hasNumber && wanted.allSatisfy { found.contains(ExactText($0)) }
    }

    private func type(of name: String) throws -> String? {
        let statement = try connection.statement(
            "SELECT type FROM sqlite_master WHERE name = ?1 AND type IN ('table', 'view')")
        defer { statement.reset() }
        statement.bindText(1, copying: name)
        return try statement.step() ? statement.string(0) : nil
    }
}
