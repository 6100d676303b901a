import ParkSyncCore

/// What may wait to be sealed, so that one entry can always hold it.
///
/// A transaction is never split, and one that is committed cannot be refused any more: what the
/// triggers let through has to fit. One meter counts for all tables. Large rows are added to it one
/// by one, with their bytes; all rows besides in steps of many, with the most that a row of their
/// table can have without the bytes of large ones. What no step has come to yet fits by arithmetic.
package struct RowBudget: Hashable, Sendable {
    /// Room for an entry's header and the heads of its tables, in bytes.
    static let headBytesMax = 1 << 20
    /// Rows of a table in one step, at most: as many as make the step's cost small.
    static let stepRowsMax = 1_024
    /// The part of an entry that is given up to rows that no step has come to yet.
    static let stepShare = 8

    /// Rows of a table that are added to the meter together.
    let stepRows: Int
    /// What the meter may come to.
    let bytesMax: Int

    /// - Parameter entryBytesMax: the longest entry that the node makes.
    init(_ schema: SharedSchema, entryBytesMax: Int) {
        let room = max(0, entryBytesMax - Self.headBytesMax)
        let rowOfEachTable = max(1, schema.tables.reduce(0) { $0 + Self.rowBytes($1) })
        stepRows = max(1, min(Self.stepRowsMax, room / Self.stepShare / rowOfEachTable))
        bytesMax = max(0, room - stepRows * rowOfEachTable)
    }

    /// What a row of a table counts, beside the bytes of a large one.
    static func rowBytes(_ table: SharedTable) -> Int {
        max(CoreLimits.payloadBytesPerChange, unmeteredBytesMax(table))
    }

    /// Most bytes that one change of a table has in an entry, without the bytes that the triggers
    /// meter.
    static func unmeteredBytesMax(_ table: SharedTable) -> Int {
        // Two lengths of at most 2 bytes, the kind, the causal length (7) and the mask of columns
        // (9).
        let framing = 21
        // A number has at most 9 bytes, and so have a text's tag and length.
        let fixed = framing + 9 * (table.keyColumns.count + table.columns.count)
        let holdsTexts = (table.keyColumns + table.columns).contains { $0.affinity != .integer && $0.affinity != .real }
        // In front of other components of a key each zero byte is written as two.
        let escapes =
            table.keyColumns.dropLast().contains { $0.affinity != .integer } ? CoreLimits.unmeteredRowBytesMax : 0
        return fixed + (holdsTexts ? CoreLimits.unmeteredRowBytesMax : 0) + escapes
    }

    var message: String {
        "what a transaction writes may come to at most \(bytesMax) bytes in an entry; commit in smaller "
            + "transactions, or raise entry.bytes_max of all "
            + "parks, and start parksyncd if it is down"
    }

    /// Statements that add to the meter, and refuse the write with which it comes to too much.
    ///
    /// - Parameter size: an expression. It stands in them once: calls of functions in triggers are
    ///   counted.
    func meter(_ size: String, where condition: String? = nil) -> [String] {
        [
            "UPDATE _parksync_meter SET bytes = bytes + \(size)\(condition.map { " WHERE \($0)" } ?? "");",
            "SELECT RAISE(ABORT, \(literal("ParkSync: " + message))) FROM _parksync_meter WHERE bytes > \(bytesMax);",
        ]
    }

    /// Behind the record of a row: adds the step that it completes, if it does.
    func step(_ table: SharedTable) -> String {
        let size = Self.rowBytes(table) * stepRows
        return "UPDATE _parksync_meter SET bytes = CASE WHEN bytes + \(size) > \(bytesMax) THEN RAISE(ABORT, "
            + "\(literal("ParkSync: " + message))) ELSE bytes + \(size) "
            + "END\(stepRows == 1 ? "" : " WHERE last_insert_rowid() % \(stepRows) = 0");"
    }

    /// The same for rows that were captured together.
    func steps(_ table: SharedTable, rows: Int64) -> Int {
        Int(clamping: rows) / stepRows * stepRows * Self.rowBytes(table)
    }
}
