import ParkSyncCore

/// What several writes of one transaction to one row come to: the entry carries one change for each row.
struct NetChange {
    var causalLength: CausalLength
    var kind: IncomingChange.Kind
    /// Encoded values in ascending column order, as the change carries them.
    var values: [UInt8]

    /// - Parameters:
    ///   - rows: the writes in order of time, all to one key.
    ///   - known: the row's causal length before, nil if it is 1 or the row is new (the two need not be told apart: an
    ///     insert makes it 1 in both cases, and an update or delete says that the row was there).
    /// - Returns: nil if nothing changed.
    static func of(
        _ rows: ArraySlice<PendingRow>, arena: UnsafeRawBufferPointer, table: SharedTable, known: CausalLength?
    ) throws -> NetChange? {
        var builder = Builder(table: table, length: known)
        for row in rows { try builder.take(row, arena: arena) }
        return builder.result
    }

    private struct Builder {
        let table: SharedTable
        var length: CausalLength?
        var isWhole = false
        var mask = ColumnMask.none
        var cells: [[UInt8]]
        var deltas: [Int64]
        /// Counter values of the row that the next insert replaces.
        var replaced: [Int64]?

        init(table: SharedTable, length: CausalLength?) {
            self.table = table
            self.length = length
            cells = Array(repeating: [], count: table.columns.count)
            deltas = Array(repeating: 0, count: table.columns.count)
        }

        mutating func take(_ row: PendingRow, arena: UnsafeRawBufferPointer) throws {
            switch row.operation {
            case .insert: try insert(row, arena: arena)
            case .update: try update(row, arena: arena)
            case .delete:
                length = (length ?? .first).afterDelete
                (isWhole, mask) = (false, .none)
            case .replacing:
                replaced = try counters(of: row, arena: arena)
                return
            }
            replaced = nil
        }

        private mutating func insert(_ row: PendingRow, arena: UnsafeRawBufferPointer) throws {
            let isReborn = length.map { !$0.isAlive } ?? false
            let before = isReborn ? nil : replaced
            length = (length ?? .never).afterInsert
            isWhole = true
            mask = row.mask
            var reader = ByteReader(arena, offset: row.values.lowerBound)
            for column in row.mask.columns {
                let start = reader.offset
                let value = try ValueCoding.read(from: &reader)
                if table.columns[column].isCounter, case .integer(let number) = value {
                    // Replacing a row changes its counter by a difference, like an update; a new row begins at zero.
                    deltas[column] = before.map { deltas[column] &+ number &- $0[column] } ?? number
                } else {
                    cells[column] = Array(arena[start..<reader.offset])
                }
            }
        }

        private mutating func update(_ row: PendingRow, arena: UnsafeRawBufferPointer) throws {
            if length == nil { length = .first }
            mask = mask.union(row.mask)
            var reader = ByteReader(arena, offset: row.values.lowerBound)
            for column in row.mask.columns {
                let start = reader.offset
                let value = try ValueCoding.read(from: &reader)
                if table.columns[column].isCounter, case .integer(let delta) = value {
                    deltas[column] = deltas[column] &+ delta
                } else {
                    cells[column] = Array(arena[start..<reader.offset])
                }
            }
        }

        private func counters(of row: PendingRow, arena: UnsafeRawBufferPointer) throws -> [Int64] {
            var result = Array(repeating: Int64(0), count: table.columns.count)
            var reader = ByteReader(arena, offset: row.values.lowerBound)
            for column in row.mask.columns {
                if case .integer(let number) = try ValueCoding.read(from: &reader) { result[column] = number }
            }
            return result
        }

        var result: NetChange? {
            guard let length else { return nil }
            guard length.isAlive else { return NetChange(causalLength: length, kind: .delete, values: []) }
            guard isWhole || !mask.isEmpty else { return nil }
            var writer = ByteWriter(reserving: 128)
            for column in mask.columns {
                if table.columns[column].isCounter {
                    ValueCoding.writeInteger(deltas[column], to: &writer)
                } else {
                    writer.raw(cells[column])
                }
            }
            return NetChange(causalLength: length, kind: isWhole ? .insert : .update(mask), values: writer.bytes)
        }
    }
}
