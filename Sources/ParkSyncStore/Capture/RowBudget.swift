import ParkSyncCore

/// How many rows of each table may wait to be sealed, so that one entry can always hold them.
///
/// A transaction is never split, and one that is committed cannot be refused any more: what the triggers let through has to
/// fit. They count rows for each table and bytes only of large rows; this number makes the rest fit by arithmetic, and is a
/// constant in the triggers' text.
enum RowBudget {
    /// Room for an entry's header and the heads of its tables, in bytes.
    static let headBytesMax = 1 << 20

    /// Most rows of one table, if every table of the schema is as full.
    static func rowsMax(_ schema: SharedSchema) -> Int {
        let room = CoreLimits.payloadBytesMax - CoreLimits.meteredBytesPerEntryMax - headBytesMax
        let rowOfEachTable = schema.tables.reduce(0) { $0 + unmeteredBytesMax($1) }
        return max(1, min(CoreLimits.changesPerTableMax, room / max(1, rowOfEachTable)))
    }

    /// Most bytes that one change of a table has in an entry, without the bytes that the triggers meter.
    static func unmeteredBytesMax(_ table: SharedTable) -> Int {
        // Two lengths of at most 2 bytes, the kind, the causal length (7) and the mask of columns (9).
        let framing = 21
        // A number has at most 9 bytes, and so have a text's tag and length.
        let fixed = framing + 9 * (table.keyColumns.count + table.columns.count)
        let holdsTexts = (table.keyColumns + table.columns).contains { $0.affinity != .integer && $0.affinity != .real }
        // In front of other components of a key each zero byte is written as two.
        let escapes = table.keyColumns.dropLast().contains { $0.affinity != .integer } ? CoreLimits.unmeteredRowBytesMax : 0
        return fixed + (holdsTexts ? CoreLimits.unmeteredRowBytesMax : 0) + escapes
    }
}
