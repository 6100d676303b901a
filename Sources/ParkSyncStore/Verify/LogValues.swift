import ParkSyncCore

/// What the log says of one column.
enum LoggedColumn: Hashable {
    case value(Value)
    /// A counter: the sum of many entries, which is not looked up here.
    case sum
    /// The entry that wrote it is not kept, or cannot be read.
    case unknown
}

/// Looks up in the log what the winners that row clocks name have written.
struct LogValues {
    struct Wanted {
        var key: [UInt8]
        var clock: RowClock
    }

    let connection: Connection
    let state: StoreState
    let table: SharedTable

    private struct Reference {
        var write: WriteID
        var row: Int
    }

    /// - Parameter rows: alive ones, in any order. Entries that several of them name are read once.
    /// - Returns: for each row its columns outside the key.
    func columns(of rows: [Wanted]) throws -> [[LoggedColumn]] {
        var result = rows.map { row in
            table.columns.indices.map { column -> LoggedColumn in
                if table.columns[column].isCounter { return .sum }
                // Nobody has written the columns of a row that began with an update; they are as in
                // a row that lacks them.
                return row.clock.winner(of: column) == .nobody ? .value(table.columns[column].absentValue) : .unknown
            }
        }
        var references: [Reference] = []
        for (index, row) in rows.enumerated() {
            let writes = [row.clock.base] + row.clock.groups.map(\.write)
            references += writes.filter { $0 != .nobody }.map { Reference(write: $0, row: index) }
        }
        references.sort { a, b in
            if a.write != b.write { return a.write < b.write }
            return rows[a.row].key.lexicographicallyPrecedes(rows[b.row].key)
        }
        var start = 0
        while start < references.count {
            let write = references[start].write
            var end = start + 1
            while end < references.count, references[end].write == write { end += 1 }
            try read(write, references[start..<end], rows, &result)
            start = end
        }
        return result
    }

    /// Takes from one entry what it says of the rows, whose keys ascend like those of the entry.
    private func read(
        _ write: WriteID, _ references: ArraySlice<Reference>, _ rows: [Wanted], _ result: inout [[LoggedColumn]]
    ) throws {
        guard let origin = state.index(of: write.origin) else { return }
        _ = try LogTable.withPayload(connection, ordinal: state.origins[origin].ordinal, seq: write.seq) { payload in
            var reader = try ChangeReader(payload)
            var rest = references
            while !rest.isEmpty, let change = try reader.next() {
                guard let block = reader.block, block.name.utf8.elementsEqual(table.name.utf8) else { continue }
                while let first = rest.first, rows[first.row].key.lexicographicallyPrecedes(reader.key) {
                    rest.removeFirst()
                }
                guard let first = rest.first, rows[first.row].key == reader.key else { continue }
                try gather(change, block, payload, write, rows[first.row].clock, &result[first.row])
                rest.removeFirst()
            }
        }
    }

    private func gather(
        _ change: ChangeView, _ block: TableBlock, _ payload: UnsafeRawBufferPointer, _ write: WriteID,
        _ clock: RowClock,
        _ columns: inout [LoggedColumn]
    ) throws {
        let carried: ColumnMask
        switch change.kind {
        case .insert: carried = .first(block.columnCount)
        case .update(let mask): carried = mask
        case .delete: return
        }
        var values: [Int: Value] = [:]
        var reader = ByteReader(payload, offset: change.values.lowerBound)
        for column in carried.columns { values[column] = try ValueCoding.read(from: &reader).copied }
        for column in columns.indices where !table.columns[column].isCounter && clock.winner(of: column) == write {
            columns[column] = .value(values[column] ?? table.columns[column].absentValue)
        }
    }
}
