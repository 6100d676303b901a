import ParkSyncCore

/// Reads what rows of one table hold at the moment of sealing.
struct PresentRows {
    private let table: SharedTable
    private let byKey: RawStatement
    /// With the key in front of the columns: the row that lies there may be another one by now.
    private let byRowid: RawStatement?
    private var key = ByteWriter(reserving: 64)

    init(_ table: SharedTable, on connection: Connection) throws {
        self.table = table
        let columns = table.columns.map { quoted($0.name) }
        let list = (table.keyColumns.map { quoted($0.name) } + columns).joined(separator: ", ")
        let layout = try TableLayout(of: table, on: connection)
        byKey = try connection.statement(
            "SELECT \(list) FROM \(quoted(table.name)) WHERE \(TableStatements.whereKey(table))")
        byRowid = try layout.hiddenRowid.map {
            try connection.statement("SELECT \(list) FROM \(quoted(table.name)) WHERE \($0) = ?1")
        }
    }

    /// - Parameters:
    ///   - key: encoded.
    ///   - body: is given the statement at the row, and the index of the first column outside the
    ///     key; or nil if there is no such row.
    mutating func with<T>(_ key: UnsafeRawBufferPointer, rowid: Int64?, _ body: (RawStatement?, Int32) throws -> T)
        throws -> T
    {
        let first = Int32(table.keyColumns.count)
        if let rowid, let byRowid {
            byRowid.bind(1, rowid)
            defer { byRowid.reset() }
            if try byRowid.step(), isKey(key, of: byRowid) { return try body(byRowid, first) }
        }
        try KeyBinder.bind(key, of: table, to: byKey)
        defer { byKey.reset() }
        return try body(try byKey.step() ? byKey : nil, first)
    }

    private mutating func isKey(_ expected: UnsafeRawBufferPointer, of statement: RawStatement) -> Bool {
        key.bytes.removeAll(keepingCapacity: true)
        guard statement.encodeKey(0, count: table.keyColumns.count, to: &key) else { return false }
        return key.bytes.withUnsafeBytes { compareBytes($0, expected) } == 0
    }
}
