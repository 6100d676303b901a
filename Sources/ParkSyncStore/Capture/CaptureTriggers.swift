import ParkSyncCore

/// The SQL that records which rows of the shared tables are written, whoever writes them.
///
/// Plain SQL only: a trigger that called a function of ours would break every other program's
/// write. Each table has a pending table of its own. A pending row says that a row is being
/// written, and what cannot be found out afterwards; what the row then holds is read when it is
/// sealed, because other triggers and foreign-key actions may change it before and after ours have
/// run (docs/decisions/0003-pending-tables.md).
package enum CaptureTriggers {
    /// What a pending row records. It is written *before* the row, so that a trigger of somebody
    /// else that ends the statement with RAISE(IGNORE) cannot hide it; a write that then does not
    /// happen leaves a pending row that sealing finds nothing behind.
    enum Operation: Int64 {
        /// A row is inserted under a key that no row has.
        case insert = 0
        /// Columns of a row are updated; with the values that its counters had.
        case update = 1
        case delete = 2
        /// A row is perhaps about to be replaced: REPLACE fires no delete trigger. With the values
        /// of its counters. Only where there are counters, or where the key of another row is
        /// changed to its key.
        case replacing = 3
        /// A row stands that none of the above has announced: it replaced another one.
        case written = 4
        /// SQLite chooses the key of a new row, above the one recorded here.
        case numbering = 5
    }

    package static func pendingTable(_ table: String) -> String { "_parksync_pending_" + table }
    /// The column of a pending table for the former value of the counter at `column`.
    static func counterColumn(_ column: Int) -> String { "o\(column)" }

    /// Statements that make the pending tables and the triggers of all shared tables, and the
    /// triggers that guard the constant ones, for a node of `park`.
    ///
    /// - Parameter connection: on a file that has the tables.
    static func statements(for schema: SharedSchema, park: String, budget: RowBudget, on connection: Connection) throws
        -> [String]
    {
        try schema.tables.flatMap {
            try statements(for: $0, at: schema.number, park: park, budget: budget, on: connection)
        } + schema.constants.flatMap(constant)
    }

    /// Those of one table.
    static func statements(
        for table: SharedTable, at schemaNumber: UInt64, park: String, budget: RowBudget, on connection: Connection
    ) throws -> [String] {
        let layout = try TableLayout(of: table, on: connection)
        let capture = TableCapture(table: table, layout: layout, park: park, budget: budget)
        return [capture.pending] + capture.triggers + CaptureMeters(table: table, budget: budget).triggers
            + AllowedTriggers(table: table, schemaNumber: schemaNumber).triggers
    }

    /// The statement that captures all rows of a table as inserted: those that were there before it
    /// was shared.
    static func captureRows(of table: SharedTable) -> String {
        let columns = ["op"] + table.keyColumns.indices.map { "k\($0)" }
        let values = ["\(Operation.insert.rawValue)"] + table.keyColumns.map { quoted($0.name) }
        return "INSERT INTO \(quoted(pendingTable(table.name)))(\(columns.joined(separator: ", "))) "
            + "SELECT \(values.joined(separator: ", ")) FROM \(quoted(table.name))"
    }

    /// Statements that refuse writes while the node may not accept any.
    static func gate(for table: SharedTable, reason: String) -> [String] {
        ["INSERT", "UPDATE", "DELETE"].map { event in
            """
            CREATE TRIGGER IF NOT EXISTS \(quoted("_parksync_gate_\(event.lowercased())_\(table.name)")) BEFORE \
            \(event) ON \(quoted(table.name)) BEGIN \
            SELECT RAISE(ABORT, \(literal("ParkSync: \(reason)"))); END
            """
        }
    }

    /// The text of a statement of ParkSync's as SQLite keeps it.
    static func kept(_ sql: String) -> String { sql.replacing("IF NOT EXISTS ", with: "", maxReplacements: 1) }

    /// The text of one trigger of ParkSync's; empty statements are left out.
    ///
    /// - Parameter suffix: without an underscore, so that no two tables and suffixes come to one
    ///   name.
    static func trigger(
        _ suffix: String, _ event: String, on table: SharedTable, when condition: String? = nil, _ body: [String]
    ) -> String {
        trigger(suffix, event, on: table.name, when: condition, body)
    }

    static func trigger(
        _ suffix: String, _ event: String, on table: String, when condition: String? = nil, _ body: [String]
    ) -> String {
        let guardClause = condition.map { " WHEN \($0)" } ?? ""
        return
            "CREATE TRIGGER \(quoted("_parksync_\(suffix)_\(table)")) \(event) ON "
            + "\(quoted(table))\(guardClause) BEGIN "
            + body.filter { !$0.isEmpty }.joined(separator: " ") + " END"
    }

    /// A statement in a trigger that refuses the write with a sentence for the person who reads it.
    static func refuse(_ message: String, where condition: String? = nil) -> String {
        "SELECT RAISE(ABORT, \(literal("ParkSync: " + message)))\(condition.map { " WHERE \($0)" } ?? "");"
    }
}
