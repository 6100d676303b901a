import ParkSyncCore

/// Which changes of a branch that is written anew are still made.
///
/// The branch that was taken has acknowledged deletions. On the strength of that the zone may have
/// dropped their traces, or may be about to: an update of such a row would find the trace at one
/// node and nothing at the next. So the branch is written anew as if its author had known of those
/// deletions, which it can by now: a row that is gone stays gone, unless the branch gave it a
/// further life. (docs/decisions/0015-retention.md, After a fork.)
struct BranchRows {
    private let applier: Applier
    /// What the branch that was taken has acknowledged.
    private let acknowledged: VersionVector
    /// Rows to which the branch gives a life, by table and key.
    private var born: [Int32: Set<[UInt8]>] = [:]

    init(applier: Applier, acknowledged: VersionVector) { (self.applier, self.acknowledged) = (applier, acknowledged) }

    /// An entry without the changes that cannot be made any more.
    struct Kept {
        /// What follows the header in the payload.
        var body: [UInt8]
        /// How many changes were left out.
        var omitted: Int
    }

    /// - Parameters:
    ///   - payload: of an entry of the branch; they are asked about in order.
    ///   - offset: where its header ends.
    ///   - state: after the other branch was applied, and nothing of this one.
    ///   - past: what the entry's author counts as having seen, if that is less than it had; nil if
    ///     it is what the entry says. A row of which
    ///     there is no trace was then made by an entry that waits again, and not forgotten.
    mutating func kept(
        _ payload: [UInt8], after offset: Int, hash: [UInt8], _ state: StoreState, past: VersionVector? = nil
    ) throws -> Kept {
        let all = Kept(body: Array(payload[offset...]), omitted: 0)
        let buffer = payload.withUnsafeBytes { PayloadBuffer(copying: $0) }
        let entry = try DecodedEntry(payload: buffer.bytes, owner: buffer, hash: hash, schema: applier.schema)
        guard case .ready = entry.fitness else { return all }
        let isKept = try entry.changes.map { try keeps($0, Array(entry.keys[$0.key]), state, isForgotten: past == nil) }
        let omitted = isKept.filter { !$0 }.count
        let controls = past.map { past in entry.controls.compactMap { Self.said($0, past) } } ?? entry.controls
        if omitted == 0, controls == entry.controls { return all }
        return Kept(body: body(of: entry, keeping: isKept, controls), omitted: omitted)
    }

    /// What an entry says about the logs when it is written anew by an author who counts as having
    /// seen less.
    ///
    /// - Returns: nil for what is not said again: how the log began, and a compaction, which the
    ///   next one makes up for.
    private static func said(_ control: ControlRecord, _ past: VersionVector) -> ControlRecord? {
        switch control {
        case .incarnation, .withdrawal, .compaction: nil
        case .memberKey, .vote, .lift: control
        case .fence(let park, let after):
            .fence(
                park: park,
                after: VersionVector(
                    after.elements.map { ($0.origin, min($0.seq, past[$0.origin])) }.filter { $0.1 > 0 }))
        }
    }

    private mutating func keeps(_ change: DecodedChange, _ key: [UInt8], _ state: StoreState, isForgotten: Bool) throws
        -> Bool
    {
        if born[change.table]?.contains(key) == true { return true }
        let clock = try clock(change.table, key, state)
        let isBirth: Bool
        if case .insert = change.kind { isBirth = true } else { isBirth = false }
        guard let clock else {
            if isBirth { born[change.table, default: []].insert(key) }
            return isBirth || !isForgotten
        }
        if clock.causalLength.isAlive || acknowledged[clock.base.origin] < clock.base.seq { return true }
        guard change.causalLength > clock.causalLength else { return false }
        born[change.table, default: []].insert(key)
        return true
    }

    private func clock(_ table: Int32, _ key: [UInt8], _ state: StoreState) throws -> RowClock? {
        let statement = applier.statements[Int(table)].readClock
        statement.bindBlob(1, copying: key)
        defer {
            statement.reset()
            statement.bindNull(1)
        }
        return try statement.step() ? try ClockCoding.decode(statement.bytes(0), state: state).clock : nil
    }

    private func body(of entry: DecodedEntry, keeping isKept: [Bool], _ controls: [ControlRecord]) -> [UInt8] {
        let kept = zip(entry.changes, isKept).filter(\.1).map(\.0)
        let blocks = Dictionary(grouping: kept, by: \.table)
        var names = blocks.keys.map { (name: applier.schema.tables[Int($0)].name, table: Int32?.some($0)) }
        if !controls.isEmpty { names.append((ControlRecord.tableName, nil)) }
        names.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let header = EntryHeader(
            origin: entry.header.origin, seq: entry.header.seq, stamp: entry.header.stamp,
            schemaNumber: entry.header.schemaNumber)
        var writer = ChangeWriter(header: header, tableCount: names.count)
        entry.keys.withUnsafeBytes { keys in
            for (name, table) in names {
                guard let table, let changes = blocks[table], let first = changes.first else {
                    writer.controls(controls)
                    continue
                }
                writer.beginTable(
                    TableBlock(name: name, columnCount: Int(first.columnCount), changeCount: changes.count))
                for change in changes {
                    writer.change(
                        key: entry.key(of: change, in: keys), causalLength: change.causalLength, kind: change.kind,
                        values: UnsafeRawBufferPointer(rebasing: entry.payload[change.values]))
                }
            }
        }
        var head = ByteWriter()
        header.write(to: &head)
        return Array(writer.writer.bytes.dropFirst(head.bytes.count))
    }
}
