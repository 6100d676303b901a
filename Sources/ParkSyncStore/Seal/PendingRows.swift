import ParkSyncCore

/// One captured write: where its key and values lie in `PendingRows.arena`.
struct PendingRow {
    var key: Range<Int>
    /// Encoded values: all columns for an insert or a row to be replaced, the mask's for an update, none for a delete.
    var values: Range<Int>
    var order: Int
    var operation: CaptureTriggers.Operation
    var mask: ColumnMask
}

/// The captured writes of one table, read in one scan into one buffer, sorted by key and then by time.
struct PendingRows {
    private(set) var arena: ByteWriter
    private(set) var rows: [PendingRow] = []
    let table: SharedTable

    init(reading table: SharedTable, from connection: Connection) throws {
        self.table = table
        arena = ByteWriter(reserving: 4096)
        let names = table.keyColumns.indices.map { "k\($0)" } + table.columns.indices.map { "c\($0)" }
        let sql = "SELECT op, mask, \(names.joined(separator: ", ")) FROM \(quoted(CaptureTriggers.pendingTable(table.name))) ORDER BY id"
        let statement = try connection.statement(sql)
        defer { statement.reset() }
        while try statement.step() { try append(statement) }
        sort()
    }

    private mutating func append(_ statement: RawStatement) throws {
        guard let operation = CaptureTriggers.Operation(rawValue: statement.int64(0)) else {
            throw StoreError(
                .damaged, "a captured row of \(table.name) has operation \(statement.int64(0))",
                remedy: "No other program may write ParkSync's own tables.")
        }
        let mask =
            operation == .update ? ColumnMask(rawValue: statement.uint64(1)).intersection(.first(table.columns.count)) : .first(table.columns.count)
        let keyStart = arena.bytes.count
        try appendKey(statement)
        let valuesStart = arena.bytes.count
        if operation != .delete {
            let first = Int32(2 + table.keyColumns.count)
            for column in mask.columns { statement.encode(first + Int32(column), to: &arena) }
        }
        rows.append(
            PendingRow(
                key: keyStart..<valuesStart, values: valuesStart..<arena.bytes.count, order: rows.count, operation: operation, mask: mask))
    }

    private mutating func appendKey(_ statement: RawStatement) throws {
        let last = table.keyColumns.count - 1
        for index in 0...max(0, last) {
            switch statement.view(Int32(2 + index)) {
            case .integer(let value): KeyCoding.appendInteger(value, to: &arena)
            case .real(let bits): KeyCoding.appendReal(bits: bits, to: &arena)
            case .text(let bytes): KeyCoding.appendText(bytes, isLast: index == last, to: &arena)
            case .blob(let bytes): KeyCoding.appendBlob(bytes, isLast: index == last, to: &arena)
            case .null:
                throw StoreError(
                    .damaged, "a captured row of \(table.name) has no key", remedy: "Remove the row from \(CaptureTriggers.pendingTable(table.name))."
                )
            }
        }
    }

    private mutating func sort() {
        guard rows.count > 1 else { return }
        arena.bytes.withUnsafeBytes { bytes in
            rows.sort { a, b in
                let order = compareKeys(bytes[a.key], bytes[b.key])
                return order == 0 ? a.order < b.order : order < 0
            }
        }
    }
}

/// Byte order: negative, zero or positive.
@inline(__always)
func compareKeys(_ a: Slice<UnsafeRawBufferPointer>, _ b: Slice<UnsafeRawBufferPointer>) -> Int32 {
    compareBytes(UnsafeRawBufferPointer(rebasing: a), UnsafeRawBufferPointer(rebasing: b))
}
