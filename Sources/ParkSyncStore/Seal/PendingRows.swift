import ParkSyncCore

/// One captured write: where its key lies in `PendingRows.arena`.
struct PendingRow {
    var key: Range<Int>
    /// The former values of the counters in column order, encoded; empty if the write recorded
    /// none.
    var counters: Range<Int>
    var order: Int
    var operation: CaptureTriggers.Operation
    var mask: ColumnMask
    /// Where the row lay, if that was known and is not its key.
    var rowid: Int64?
}

/// The captured writes of one table, read in one scan into one buffer, sorted by key and then by
/// time.
struct PendingRows {
    private(set) var arena: ByteWriter
    private(set) var rows: [PendingRow] = []
    /// Rows that no trigger of ParkSync's has written: what they hold, and what is wrong with it.
    private(set) var garbage: [(row: String, cause: String)] = []
    let table: SharedTable
    private let counters: [Int]
    private let names: [String]

    /// - Parameter rowsMax: how many rows the triggers let through.
    init(reading table: SharedTable, from connection: Connection, rowsMax: Int) throws {
        self.table = table
        counters = table.columns.indices.filter { table.columns[$0].isCounter }
        arena = ByteWriter(reserving: 4096)
        names =
            ["op", "mask", "rid"] + table.keyColumns.indices.map { "k\($0)" }
            + counters.map(CaptureTriggers.counterColumn)
        let pending = quoted(CaptureTriggers.pendingTable(table.name))
        let statement = try connection.statement("SELECT \(names.joined(separator: ", ")) FROM \(pending) ORDER BY id")
        defer { statement.reset() }
        // SQLite gives the highest key and one more: the newest such record in front of a number is
        // the one that made the row.
        var numbered: [Int64: Int] = [:]
        var order = 0
        while try statement.step() {
            defer { order += 1 }
            guard order < rowsMax else {
                // Nothing that the triggers let through comes behind so many.
                let count = try connection.int64("SELECT count(*) FROM \(pending)") ?? 0
                garbage.append(
                    (
                        "\(count.adding(-Int64(clamping: rowsMax))) rows behind the first \(rowsMax)",
                        "a transaction may touch at most \(rowsMax) rows of a table"
                    ))
                break
            }
            guard let operation = read(statement) else { continue }
            if operation == .numbering {
                numbered[statement.int64(Self.firstKey)] = order
            } else {
                append(statement, operation, order: order)
            }
        }
        try appendNumbered(numbered, from: connection, rowsMax: rowsMax)
        sort()
    }

    private static let firstKey: Int32 = 3
    private static let operationColumn: Int32 = 0
    private static let maskColumn: Int32 = 1
    private static let rowidColumn: Int32 = 2

    /// What the row at the statement records; nil if it is garbage, which is noted.
    private mutating func read(_ statement: RawStatement) -> CaptureTriggers.Operation? {
        func isInteger(_ column: Int32) -> Bool { if case .integer = statement.view(column) { true } else { false } }
        let cause: String
        if case .integer(let number) = statement.view(Self.operationColumn),
            let operation = CaptureTriggers.Operation(rawValue: number)
        {
            switch operation {
            case .update
            where !isInteger(Self.maskColumn)
                || !ColumnMask(rawValue: statement.uint64(Self.maskColumn)).subtracting(.first(table.columns.count))
                    .isEmpty:
                cause = "the mask names no columns of the table"
            case .numbering
            where !isInteger(Self.firstKey) || table.keyColumns.count != 1
                || table.keyColumns.first?.affinity != .integer:
                cause = "the key is no number"
            case _ where !statement.isNull(Self.rowidColumn) && !isInteger(Self.rowidColumn):
                cause = "the rowid is no number"
            default: return operation
            }
        } else {
            cause = "there is no such operation"
        }
        garbage.append((CapturedText.of(statement, names), cause))
        return nil
    }

    private mutating func append(_ statement: RawStatement, _ operation: CaptureTriggers.Operation, order: Int) {
        let mask = operation == .update ? ColumnMask(rawValue: statement.uint64(Self.maskColumn)) : .none
        let keyStart = arena.bytes.count
        guard statement.encodeKey(Self.firstKey, count: table.keyColumns.count, to: &arena),
            arena.bytes.count - keyStart <= CoreLimits.keyBytesMax
        else {
            arena.bytes.removeSubrange(keyStart...)
            // A row without a key, or with one that no entry can hold, was announced and then
            // refused: there is none. Nor was there one before.
            if operation == .update || operation == .delete {
                garbage.append((CapturedText.of(statement, names), "no row has such a key"))
            }
            return
        }
        let countersStart = arena.bytes.count
        if operation == .update || operation == .replacing {
            let first = Self.firstKey + Int32(table.keyColumns.count)
            for index in counters.indices { statement.encode(first + Int32(index), to: &arena) }
        }
        rows.append(
            PendingRow(
                key: keyStart..<countersStart, counters: countersStart..<arena.bytes.count, order: order,
                operation: operation, mask: mask,
                rowid: statement.isNull(Self.rowidColumn) ? nil : statement.int64(Self.rowidColumn)))
    }

    /// Rows whose keys SQLite has chosen. Each is above the highest key that there was, so all of
    /// them are found above the lowest of those.
    private mutating func appendNumbered(_ orders: [Int64: Int], from connection: Connection, rowsMax: Int) throws {
        guard let lowest = orders.keys.min(), let newest = orders.values.max() else { return }
        let key = quoted(table.keyColumns.first?.name ?? "rowid")
        let statement = try connection.statement("SELECT \(key) FROM \(quoted(table.name)) WHERE \(key) > ?1")
        statement.bind(1, lowest)
        defer { statement.reset() }
        var count = 0
        while try statement.step() {
            let number = statement.int64(0)
            count += 1
            guard count <= rowsMax else {
                garbage.append(
                    ("numbers above \(lowest)", "a transaction may touch at most \(rowsMax) rows of a table"))
                break
            }
            let start = arena.bytes.count
            KeyCoding.appendInteger(number, to: &arena)
            let end = arena.bytes.count
            // Rows that triggers of others inserted meanwhile can move the number on.
            let order = orders[number &- 1] ?? newest
            rows.append(
                PendingRow(
                    key: start..<end, counters: end..<end, order: order, operation: .numbering, mask: .none, rowid: nil)
            )
        }
    }

    /// What a counter was before the write of a pending row.
    func counter(_ column: Int, before row: PendingRow) throws -> Int64 {
        try arena.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes, offset: row.counters.lowerBound)
            for index in counters {
                guard reader.offset < row.counters.upperBound else { break }
                let value = try ValueCoding.read(from: &reader)
                if index == column, case .integer(let number) = value { return number }
            }
            return 0
        }
    }

    /// Whether a pending row says that a counter was `value` before its write.
    func records(_ value: Int64, of column: Int, in row: PendingRow) throws -> Bool {
        try !row.counters.isEmpty && counter(column, before: row) == value
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

extension RawStatement {
    /// Appends the key that lies in `count` columns from `first` on.
    ///
    /// - Returns: false if one of them is NULL.
    func encodeKey(_ first: Int32, count: Int, to writer: inout ByteWriter) -> Bool {
        for index in 0..<count {
            let isLast = index == count - 1
            switch view(first + Int32(index)) {
            case .integer(let value): KeyCoding.appendInteger(value, to: &writer)
            case .real(let bits): KeyCoding.appendReal(bits: bits, to: &writer)
            case .text(let bytes): KeyCoding.appendText(bytes, isLast: isLast, to: &writer)
            case .blob(let bytes): KeyCoding.appendBlob(bytes, isLast: isLast, to: &writer)
            case .null: return false
            }
        }
        return true
    }
}
