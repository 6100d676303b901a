import ParkSyncCore

/// How SQLite keeps the rows of a shared table: what capture and sealing have to know beside its
/// columns.
struct TableLayout: Hashable, Sendable {
    /// The name under which the rowid can be asked for; nil if the table has none, or columns with
    /// all three of its names.
    var rowid: String?
    /// Whether the key is the rowid (`INTEGER PRIMARY KEY`), and SQLite may choose it.
    var isRowidKey: Bool

    /// The rowid's name where it is something else than the key.
    var hiddenRowid: String? { isRowidKey ? nil : rowid }

    init(rowid: String?, isRowidKey: Bool) { (self.rowid, self.isRowidKey) = (rowid, isRowidKey) }

    init(of table: SharedTable, on connection: Connection) throws {
        let name = literal(table.name)
        let isWithoutRowid =
            try connection.int64("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = \(name)") == 1
        let hasKeyIndex = try connection.int64("SELECT 1 FROM pragma_index_list(\(name)) WHERE origin = 'pk'") != nil
        let taken = (table.keyColumns + table.columns).map { $0.name.lowercased() }
        rowid = isWithoutRowid ? nil : ["rowid", "_rowid_", "oid"].first { !taken.contains($0) }
        isRowidKey = !isWithoutRowid && !hasKeyIndex
    }
}
