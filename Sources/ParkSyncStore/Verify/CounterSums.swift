import ParkSyncCore

/// Adds up the counters of single rows by reading the whole log: a counter's value is in no one
/// entry.
struct CounterSums {
    /// One change of a row, with what its author had seen.
    private struct Change {
        var origin: OriginID
        var seq: UInt64
        var length: CausalLength
        var isInsert: Bool
        var seen: VersionVector
        /// By column.
        var deltas: [Int: Int64]

        /// Whether the author of `self` had seen `other`.
        func hadSeen(_ other: Change) -> Bool {
            other.origin == origin ? other.seq < seq : other.seq <= seen[other.origin]
        }
    }

    let connection: Connection
    let state: StoreState
    let table: SharedTable

    private var counters: [Int] { table.columns.indices.filter { table.columns[$0].isCounter } }

    /// - Parameter clocks: of rows that are alive, by key.
    /// - Returns: the value of each counter by column, for each key; nil if the log does not reach
    ///   back, or a segment of it cannot be read.
    func values(of clocks: [[UInt8]: RowClock]) throws -> [[UInt8]: [Int: Int64]]? {
        guard !counters.isEmpty, !clocks.isEmpty else { return [:] }
        guard let changes = try collect(Set(clocks.keys)) else { return nil }
        var result: [[UInt8]: [Int: Int64]] = [:]
        for (key, clock) in clocks { result[key] = sum(changes[key] ?? [], clock) }
        return result
    }

    private func sum(_ changes: [Change], _ clock: RowClock) -> [Int: Int64] {
        // A row that was born with no higher length than a deletion which its author had seen was
        // forgotten in between: what that author had seen is of a life that does not count any
        // more.
        let births = changes.filter { birth in
            birth.isInsert && changes.contains { !$0.length.isAlive && birth.length < $0.length && birth.hadSeen($0) }
        }
        let living = changes.filter { change in
            change.length == clock.causalLength && !births.contains { $0.hadSeen(change) }
        }
        var sums: [Int: Int64] = [:]
        for column in counters { sums[column] = living.reduce(0) { $0 &+ ($1.deltas[column] ?? 0) } }
        return sums
    }

    private func collect(_ keys: Set<[UInt8]>) throws -> [[UInt8]: [Change]]? {
        var result: [[UInt8]: [Change]] = [:]
        let quarantined = try quarantined()
        for origin in state.origins where origin.folded > 0 {
            var seen = VersionVector()
            var next: UInt64 = 1
            do {
                try LogScan.ascend(
                    connection, origin: origin.origin, ordinal: origin.ordinal, after: 0, through: origin.folded,
                    onFault: { throw $0 }
                ) { entry in
                    guard entry.seq == next else { return .enough }
                    next += 1
                    var reader = try ChangeReader(entry.payload)
                    for dependency in reader.header.dependencies { seen[dependency.origin] = dependency.seq }
                    if quarantined.contains(LogTable.id(origin.ordinal, entry.seq)) { return .more }
                    try gather(&reader, entry, origin.origin, seen, keys, &result)
                    return .more
                }
            } catch is ArchiveFault { return nil }
            guard next == origin.folded + 1 else { return nil }
        }
        return result
    }

    private func gather(
        _ reader: inout ChangeReader, _ entry: LogEntryView, _ origin: OriginID, _ seen: VersionVector,
        _ keys: Set<[UInt8]>,
        _ result: inout [[UInt8]: [Change]]
    ) throws {
        while let change = try reader.next() {
            guard let block = reader.block, block.name.utf8.elementsEqual(table.name.utf8), keys.contains(reader.key)
            else { continue }
            let carried: ColumnMask =
                switch change.kind {
                case .insert: .first(block.columnCount)
                case .update(let mask): mask
                case .delete: .none
                }
            var deltas: [Int: Int64] = [:]
            var values = ByteReader(entry.payload, offset: change.values.lowerBound)
            for column in carried.columns {
                if case .integer(let delta) = try ValueCoding.read(from: &values) { deltas[column] = delta }
            }
            result[reader.key, default: []].append(
                Change(
                    origin: origin, seq: entry.seq, length: change.causalLength, isInsert: change.kind == .insert,
                    seen: seen, deltas: deltas))
        }
    }

    /// Entries that were set aside, as numbers in the log.
    private func quarantined() throws -> Set<Int64> {
        let statement = try connection.statement("SELECT origin, seq FROM _parksync_quarantine")
        defer { statement.reset() }
        var result: Set<Int64> = []
        while try statement.step() {
            result.insert(LogTable.id(try statement.ordinal(0), try statement.entryNumber(1)))
        }
        return result
    }
}
