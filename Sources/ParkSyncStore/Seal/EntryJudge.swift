import ParkSyncCore

/// What one table's captured rows come to.
struct SealedBlock {
    struct Change {
        var key: Range<Int>
        var values: Range<Int>
        var causalLength: CausalLength
        var kind: IncomingChange.Kind
        /// What the log says of the row's counters when it has the change; nil if it carries none.
        var counted: CounterTail.Row?
    }
    /// Index in the schema.
    var table: Int
    /// Sorted by key.
    var changes: [Change]
    /// Where keys and values lie.
    var arena: [UInt8]
}

/// A captured write that is not signed, in words.
struct RefusedChange {
    var table: String
    var row: String
    var cause: String
}

/// Puts captured changes into the bytes of an entry, and judges those bytes as every other park
/// will: an entry that is signed is quarantined as a whole by all who find fault with it, and its
/// author would hear of it last.
struct EntryJudge {
    let schema: SharedSchema
    let header: EntryHeader
    /// What this node has applied of the others.
    let seen: VersionVector
    /// The longest entry that this node makes.
    let entryBytesMax: Int

    func payload(of blocks: [SealedBlock]) -> [UInt8] {
        let size = blocks.reduce(512) { $0 + $1.arena.count }
        var writer = ChangeWriter(header: header, tableCount: blocks.count, reserving: size)
        for block in blocks {
            let table = schema.tables[block.table]
            writer.beginTable(
                TableBlock(name: table.name, columnCount: table.columns.count, changeCount: block.changes.count))
            block.arena.withUnsafeBytes { arena in
                for change in block.changes {
                    writer.change(
                        key: UnsafeRawBufferPointer(rebasing: arena[change.key]), causalLength: change.causalLength,
                        kind: change.kind,
                        values: UnsafeRawBufferPointer(rebasing: arena[change.values]))
                }
            }
        }
        return writer.writer.bytes
    }

    /// What is wrong with an entry; nil if all parks apply it.
    func defect(of payload: [UInt8]) -> String? {
        if payload.count > entryBytesMax {
            return "it comes to \(payload.count) bytes, and an entry has at most \(entryBytesMax)"
        }
        return payload.withUnsafeBytes { bytes in
            do {
                return try DecodedEntry.defect(
                    of: bytes, seen: seen, schema: schema, room: EntryRoom(bytesMax: entryBytesMax))
            } catch let excess
                as EntryRoom.Excess
            {
                return "it \(excess.reason), and an entry has at most \(entryBytesMax) bytes"
            } catch { return "\(error)" }
        }
    }

    /// Takes out of the blocks what alone makes an entry defective; everything, if nothing does
    /// alone.
    ///
    /// - Parameter defect: of all of them together.
    /// - Returns: what was taken out.
    func sift(_ blocks: inout [SealedBlock], _ defect: String) -> [RefusedChange] {
        var refused: [RefusedChange] = []
        for index in blocks.indices {
            blocks[index].changes = blocks[index].changes.filter { change in
                guard let cause = self.defect(of: payload(ofOne: change, in: blocks[index])) else { return true }
                refused.append(named(change, in: blocks[index], cause))
                return false
            }
        }
        blocks.removeAll { $0.changes.isEmpty }
        guard !blocks.isEmpty, let rest = refused.isEmpty ? defect : self.defect(of: payload(of: blocks)) else {
            return refused
        }
        for block in blocks { refused += block.changes.map { named($0, in: block, rest) } }
        blocks = []
        return refused
    }

    private func payload(ofOne change: SealedBlock.Change, in block: SealedBlock) -> [UInt8] {
        let (start, end) = (change.key.count, change.key.count + change.values.count)
        let arena = Array(block.arena[change.key]) + Array(block.arena[change.values])
        var one = change
        (one.key, one.values) = (0..<start, start..<end)
        return payload(of: [SealedBlock(table: block.table, changes: [one], arena: arena)])
    }

    private func named(_ change: SealedBlock.Change, in block: SealedBlock, _ cause: String) -> RefusedChange {
        let table = schema.tables[block.table]
        return RefusedChange(
            table: table.name, row: CapturedText.of(change.kind, key: Array(block.arena[change.key]), table),
            cause: cause)
    }
}
