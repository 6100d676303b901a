import ParkSyncCore

/// What one piece of a row verification is about.
package struct RowSliceRequest: Hashable, Sendable {
    package var table: String
    /// Only rows with a higher encoded key; empty for the beginning of the table.
    package var after: [UInt8]
    package var rowsMax: Int
    /// What an earlier verification of the whole table had seen when it began: rows that were not
    /// written since need only be compared with their clocks.
    package var compared: VersionVector

    package init(
        table: String, after: [UInt8] = [], rowsMax: Int = VerificationLimits.sliceRowsMax,
        compared: VersionVector = VersionVector()
    ) {
        (self.table, self.after, self.rowsMax, self.compared) = (table, after, rowsMax, compared)
    }
}

/// Reads rows and clocks side by side in the order of their keys, within one read transaction.
///
/// What it calls suspect need not be wrong: rows that were written and not sealed or folded yet are
/// newer than their clocks. It is looked at again under the write lock.
struct RowSlice {
    private(set) var suspects: [[UInt8]] = []
    private(set) var rows = 0
    /// The last key of the piece; nil at the end of the table.
    private(set) var next: [UInt8]?

    private struct Row {
        var key: [UInt8]
        var digest: RowDigest
        /// Nil without counters.
        var counters: CounterValues?
    }

    private let connection: Connection
    private let state: StoreState
    private let table: SharedTable
    private let request: RowSliceRequest

    /// More clocks than rows may lie in a piece: those of deleted rows.
    private var clocksMax: Int { request.rowsMax * 4 }

    init(_ request: RowSliceRequest, _ table: SharedTable, on connection: Connection, _ state: StoreState) throws {
        (self.request, self.table, self.connection, self.state) = (request, table, connection, state)
        var (rows, isWhole) = try readRows()
        let (clocks, areAllClocks) = try readClocks(through: isWhole ? nil : rows.last?.key)
        if !areAllClocks, let last = clocks.last?.key {
            rows.removeAll { last.lexicographicallyPrecedes($0.key) }
            (isWhole, next) = (false, last)
        } else if !isWhole {
            next = rows.last?.key
        }
        self.rows = rows.count
        try compare(rows, clocks)
    }

    // MARK: reading

    private func readRows() throws -> (rows: [Row], isWhole: Bool) {
        let keys = table.keyColumns.map { quoted($0.name) }
        let columns = table.columns.map { quoted($0.name) }
        let order = keys.joined(separator: ", ")
        let marks = keys.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        let condition = request.after.isEmpty ? "" : "WHERE (\(order)) > (\(marks))"
        let statement = try connection.statement(
            """
            SELECT \((keys + columns).joined(separator: ", ")) FROM \(quoted(table.name)) \(condition) ORDER BY \
            \(order) LIMIT ?\(keys.count + 1)
            """
        )
        defer { statement.reset() }
        if !request.after.isEmpty {
            for (index, value) in try KeyCoding.decode(request.after, count: keys.count).enumerated() {
                statement.bind(Int32(index + 1), copying: value)
            }
        }
        statement.bind(Int32(keys.count + 1), request.rowsMax)
        var (rows, bytes): ([Row], Int) = ([], 0)
        var reader = RowReader(table: table)
        while try statement.step() {
            let row = try reader.read(statement)
            rows.append(Row(key: row.key, digest: row.digest, counters: row.counters))
            bytes += row.bytes
            if bytes > VerificationLimits.sliceBytesMax { return (rows, false) }
        }
        return (rows, rows.count < request.rowsMax)
    }

    private func readClocks(through last: [UInt8]?) throws -> (
        clocks: [(key: [UInt8], stored: StoredClock?)], areAll: Bool
    ) {
        let bound = last == nil ? "" : "AND key <= ?2"
        let statement = try connection.statement(
            """
            SELECT key, clock FROM \(quoted(StoreFile.clockTable(table.name))) WHERE key > ?1 \(bound) ORDER BY \
            key LIMIT ?3
            """
        )
        defer { statement.reset() }
        statement.bindBlob(1, copying: request.after)
        if let last { statement.bindBlob(2, copying: last) }
        statement.bind(3, clocksMax)
        var clocks: [(key: [UInt8], stored: StoredClock?)] = []
        while try statement.step() {
            clocks.append((Array(statement.bytes(0)), try? ClockCoding.decode(statement.bytes(1), state: state)))
        }
        return (clocks, clocks.count < clocksMax)
    }

    // MARK: comparing

    private mutating func compare(_ rows: [Row], _ clocks: [(key: [UInt8], stored: StoredClock?)]) throws {
        var written: [(key: [UInt8], clock: RowClock)] = []
        var index = 0
        func passMissing(before key: [UInt8]?) -> [[UInt8]] {
            var found: [[UInt8]] = []
            while index < clocks.count, key.map({ clocks[index].key.lexicographicallyPrecedes($0) }) ?? true {
                if clocks[index].stored?.clock.causalLength.isAlive ?? true { found.append(clocks[index].key) }
                index += 1
            }
            return found
        }
        for row in rows {
            suspects += passMissing(before: row.key)
            guard index < clocks.count, clocks[index].key == row.key else {
                suspects.append(row.key)
                continue
            }
            let stored = clocks[index].stored
            index += 1
            guard let stored, stored.clock.causalLength.isAlive, stored.digest == row.digest,
                stored.counters == nil || stored.counters == row.counters
            else {
                suspects.append(row.key)
                continue
            }
            if isWrittenSince(stored.clock) { written.append((row.key, stored.clock)) }
        }
        suspects += passMissing(before: nil)
        try compareWithLog(written)
    }

    /// Whether a part of the row was written after the last comparison; then its digest was made of
    /// what the row held.
    private func isWrittenSince(_ clock: RowClock) -> Bool {
        if clock.base == .nobody { return true }
        return clock.groups.contains { $0.write.seq > request.compared[$0.write.origin] }
    }

    private mutating func compareWithLog(_ rows: [(key: [UInt8], clock: RowClock)]) throws {
        guard !rows.isEmpty else { return }
        let logged = try LogValues(connection: connection, state: state, table: table).columns(
            of: rows.map { .init(key: $0.key, clock: $0.clock) })
        let reader = SQLReader(connection: connection)
        for (row, columns) in zip(rows, logged) {
            guard let here = try reader.row(table, key: row.key), RowComparison.differing(here, columns).isEmpty else {
                suspects.append(row.key)
                continue
            }
        }
    }
}

/// Encodes and hashes rows of a SELECT whose result columns are the key's and then the others.
private struct RowReader {
    let table: SharedTable
    private var buffer = ByteWriter(reserving: 1024)
    private var digester = RowDigester()
    private let counters: ColumnMask

    init(table: SharedTable) { (self.table, counters) = (table, table.mergeColumns.counters) }

    mutating func read(_ statement: RawStatement) throws -> (
        key: [UInt8], digest: RowDigest, counters: CounterValues?, bytes: Int
    ) {
        var writer = ByteWriter(reserving: 64)
        let last = table.keyColumns.count - 1
        for index in table.keyColumns.indices {
            switch statement.view(Int32(index)) {
            case .integer(let value): KeyCoding.appendInteger(value, to: &writer)
            case .real(let bits): KeyCoding.appendReal(bits: bits, to: &writer)
            case .text(let bytes): KeyCoding.appendText(bytes, isLast: index == last, to: &writer)
            case .blob(let bytes): KeyCoding.appendBlob(bytes, isLast: index == last, to: &writer)
            case .null:
                throw StoreError(
                    .damaged, "a row of \(table.name) has no \(table.keyColumns[index].name), which is part of the key",
                    remedy: "Somebody has rebuilt the table by hand: delete the row.")
            }
        }
        let key = writer.bytes
        buffer.bytes.removeAll(keepingCapacity: true)
        key.withUnsafeBytes { digester.begin(key: $0) }
        var start = 0
        for column in table.columns.indices {
            statement.encode(Int32(table.keyColumns.count + column), to: &buffer)
            buffer.bytes.withUnsafeBytes { digester.add(column, UnsafeRawBufferPointer(rebasing: $0[start...])) }
            start = buffer.bytes.count
        }
        let sums = counters.columns.map { statement.int64(Int32(table.keyColumns.count + $0)) }
        return (key, digester.finish(), sums.isEmpty ? nil : CounterValues(sums), key.count + buffer.bytes.count)
    }
}
