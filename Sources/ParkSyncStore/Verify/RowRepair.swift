import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// Repairs rows within one transaction of the applier, with everything sealed and folded.
struct RowRepair {
    let applier: Applier
    let table: Int
    let park: String

    private var connection: Connection { applier.connection }
    private var described: SharedTable { applier.schema.tables[table] }

    /// A row that differs, with what the log says of its counters.
    struct Item {
        var row: DifferenceTable.Row
        var look: RowComparison.Look
    }

    // MARK: from the log

    /// Makes the row what the log says.
    func restore(_ item: Item, _ state: inout StoreState) throws {
        // The trace of a deleted row may come back.
        state.traceBounds = TraceBounds()
        let (key, look) = (item.row.key, item.look)
        switch look.kind {
        case .missing, .changed: try restore(try logged(look, key), item, &state)
        case .clock where look.row != nil && look.isWholeKnown: try restore(try logged(look, key), item, &state)
        case .extra:
            if look.stored == nil { try checkClocks(state) }
            try run(try applier.statements[table].deleteRow, key: key, [])
        case .clock:
            guard let row = look.row, look.stored != nil else { throw unreadableClock(key) }
            try describe(row, key: key, look, &state)
        case nil: break
        }
    }

    private func restore(_ values: [Value], _ item: Item, _ state: inout StoreState) throws {
        try write(values, key: item.row.key, isThere: item.look.row != nil)
        try describe(values, key: item.row.key, item.look, &state)
    }

    private func logged(_ look: RowComparison.Look, _ key: [UInt8]) throws -> [Value] {
        try zip(described.columns, look.logged).map { column, logged in
            if case .value(let value) = logged { return value }
            throw StoreError(
                .damaged,
                """
                \(described.name) \(name(key)): the entries that wrote \(column.name) are not in this node's \
                log or cannot be read
                """,
                remedy:
                    """
                    Publish what is here (--publish), or move the file away and let the node fetch its state \
                    from its peers.
                    """
            )
        }
    }

    private func write(_ values: [Value], key: [UInt8], isThere: Bool) throws {
        if !isThere { return try run(try applier.statements[table].insertRow, key: key, values) }
        guard !values.isEmpty else { return }
        let (update, columns) = try applier.statements[table].update(.first(values.count))
        try run(update, key: key, columns.columns.map { values[$0] })
    }

    private func run(_ statement: RawStatement, key: [UInt8], _ values: [Value]) throws {
        let components = try KeyCoding.decode(key, count: described.keyColumns.count)
        for (index, value) in (components + values).enumerated() { statement.bind(Int32(index + 1), copying: value) }
        try statement.run()
    }

    /// Has the row's clock say what a row holds. The table's digest is added up anew: what it had
    /// of the row is not known.
    private func describe(_ values: [Value], key: [UInt8], _ look: RowComparison.Look, _ state: inout StoreState) throws
    {
        let digest = RowComparison.digest(values, key: key)
        let counters = described.counters(of: values)
        guard var stored = look.stored, stored.digest != digest || stored.counters != counters else { return }
        (stored.digest, stored.counters) = (digest, counters)
        var writer = ByteWriter(reserving: 128)
        ClockCoding.encode(stored, state: state, to: &writer)
        let update = applier.statements[table].updateClock
        update.bindBlob(1, copying: key)
        update.bindBlob(2, copying: writer.bytes)
        try update.run()
        state.tables[table].digest = try clocks(state).digest
        state.digest = nil
    }

    /// All clocks added up: rows that are alive, and their digests.
    private func clocks(_ state: StoreState) throws -> (rows: Int64, digest: RowDigest) {
        let statement = try connection.statement("SELECT clock FROM \(quoted(StoreFile.clockTable(described.name)))")
        defer { statement.reset() }
        var (rows, digest): (Int64, RowDigest) = (0, RowDigest())
        while try statement.step() {
            let stored = try ClockCoding.decode(statement.bytes(0), state: state)
            guard stored.clock.causalLength.isAlive else { continue }
            rows += 1
            digest.add(stored.digest)
        }
        return (rows, digest)
    }

    /// A row without a clock is none that the log has, as long as no clocks are lost.
    private func checkClocks(_ state: StoreState) throws {
        guard try clocks(state).rows != state.tables[table].rows else { return }
        throw StoreError(
            .damaged,
            "\(described.name): clocks of rows are missing, so that it cannot be told from them which rows the log has",
            remedy: "Move the file away and let the node fetch its state from its peers.")
    }

    private func unreadableClock(_ key: [UInt8]) -> StoreError {
        StoreError(
            .damaged, "\(described.name) \(name(key)): what the node keeps beside the row cannot be read",
            remedy: "Move the file away and let the node fetch its state from its peers.")
    }

    // MARK: to the log

    /// The change that makes the log say what is here.
    func change(_ item: Item) throws -> Sealer.RowChange {
        let (key, look) = (item.row.key, item.look)
        let (length, kind, values): (CausalLength, IncomingChange.Kind, [Value])
        switch look.kind {
        case .changed:
            guard let row = look.row, let clock = look.stored?.clock else { throw unreadableClock(key) }
            let mask = differing(row, look.logged)
            (length, kind, values) = (
                clock.causalLength, .update(mask), try mask.columns.map { try carried($0, row, look, key) }
            )
        case .missing:
            (length, kind, values) = ((look.stored?.clock.causalLength ?? .first).afterDelete, .delete, [])
        case .extra:
            guard let row = look.row else { throw unreadableClock(key) }
            let life = look.stored?.clock.causalLength ?? .never
            (length, kind, values) = (life.afterInsert, .insert, try row.indices.map { try whole($0, row, key) })
        case .clock, nil:
            throw StoreError(
                .invalidInput,
                """
                \(described.name) \(name(key)): the row is what the log says, only what the node keeps beside \
                it is not
                """,
                remedy: "Repair it --from-log.")
        }
        let components = try KeyCoding.decode(key, count: described.keyColumns.count)
        if let refusal = described.refusal(of: kind, key: components, by: park) {
            throw StoreError(
                .forbidden, refusal, remedy: "Repair it --from-log, or let the park that may write it do so.")
        }
        var writer = ByteWriter(reserving: 128)
        for value in values { ValueCoding.write(value, to: &writer) }
        return Sealer.RowChange(key: key, causalLength: length, kind: kind, values: writer.bytes)
    }

    /// Columns of which the log says something else, or nothing that is known.
    private func differing(_ row: [Value], _ logged: [LoggedColumn]) -> ColumnMask {
        var mask = ColumnMask.none
        for (column, value) in row.enumerated() where logged[column] != .value(value) { mask.insert(column) }
        return mask
    }

    /// A counter travels as the difference.
    private func carried(_ column: Int, _ row: [Value], _ look: RowComparison.Look, _ key: [UInt8]) throws -> Value {
        guard described.columns[column].isCounter else { return row[column] }
        guard case .integer(let here) = row[column], case .value(.integer(let logged)) = look.logged[column] else {
            throw wrongCounter(column, key)
        }
        let (difference, isBeyond) = here.subtractingReportingOverflow(logged)
        if isBeyond { throw wrongCounter(column, key) }
        return .integer(difference)
    }

    private func whole(_ column: Int, _ row: [Value], _ key: [UInt8]) throws -> Value {
        if described.columns[column].isCounter, case .integer = row[column] { return row[column] }
        if described.columns[column].isCounter { throw wrongCounter(column, key) }
        return row[column]
    }

    private func wrongCounter(_ column: Int, _ key: [UInt8]) -> StoreError {
        StoreError(
            .invalidInput,
            """
            \(described.name) \(name(key)): the counter \(described.columns[column].name) holds what no sum of \
            changes can be
            """,
            remedy: "Repair it --from-log.")
    }

    private func name(_ key: [UInt8]) -> String {
        let values = (try? KeyCoding.decode(key, count: described.keyColumns.count)) ?? []
        return "("
            + values.map { value in
                switch value {
                case .text(let bytes): String(decoding: bytes, as: UTF8.self)
                case .integer(let number): "\(number)"
                case .blob(let bytes): "x'\(Hex.encode(bytes))'"
                case .real(let bits): "\(Double(bitPattern: bits))"
                case .null: "NULL"
                }
            }.joined(separator: ", ") + ")"
    }
}

extension Sealer {
    /// One change of a row as an entry carries it.
    struct RowChange {
        var key: [UInt8]
        var causalLength: CausalLength
        var kind: IncomingChange.Kind
        /// Encoded, in ascending column order.
        var values: [UInt8]
    }

    /// Seals an entry of changes that no trigger captured. Captured rows must have been sealed, and
    /// own entries folded, in the same transaction.
    ///
    /// - Parameter changes: of one table, in any order, one a key.
    /// - Throws: `StoreError` if the other parks would not take the entry.
    func seal(
        _ changes: [RowChange], of table: SharedTable, _ state: inout StoreState, wallMilliseconds: UInt64,
        author: String, note: String
    ) throws
        -> UInt64
    {
        let stamp = try state.clock.tick(wallMilliseconds: wallMilliseconds)
        let (header, seen) = nextHeader(state, stamp: stamp, author: author, note: note)
        var writer = ChangeWriter(header: header, tableCount: 1)
        writer.beginTable(TableBlock(name: table.name, columnCount: table.columns.count, changeCount: changes.count))
        for change in changes.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            change.key.withUnsafeBytes { key in
                change.values.withUnsafeBytes {
                    writer.change(key: key, causalLength: change.causalLength, kind: change.kind, values: $0)
                }
            }
        }
        let payload = writer.writer.bytes
        try checkOthersTake(payload)
        try append(payload, stamp: header.stamp, to: &state)
        state.ownDependencies = seen
        state.tailChanges += changes.count
        return header.seq
    }

    private func checkOthersTake(_ payload: [UInt8]) throws {
        guard payload.count <= entryBytesMax else {
            throw StoreError(
                .tooLarge, "the rows come to \(payload.count) bytes", remedy: "Repair fewer rows at a time.")
        }
        let entry = try payload.withUnsafeBytes { bytes in
            let buffer = PayloadBuffer(copying: bytes)
            return try DecodedEntry(payload: buffer.bytes, owner: buffer, hash: [], schema: schema)
        }
        if case .defective(let cause, _) = entry.fitness {
            throw StoreError(
                .invalidInput, "the other parks would not take what is here: \(cause)", remedy: "Repair it --from-log.")
        }
    }
}
