import ParkSyncCore

/// A few parks that write one row, with real causality, and an oracle that says what must come out.
struct MergeWorld {
    /// Two plain columns and a counter.
    static let columns = MergeColumns(all: ColumnMask(rawValue: 0b111), counters: ColumnMask(rawValue: 0b100))
    static let counter = 2
    static let names = [OriginID.known("airport"), OriginID.known("south"), OriginID.known("west")]

    enum Operation: CaseIterable { case insert, first, second, both, count, delete }

    struct Entry {
        var change: IncomingChange
        /// What the counter column carries.
        var delta: Int64
        var seen: VersionVector

        func hasSeen(_ write: WriteID) -> Bool { seen[write.origin] >= write.seq }
    }

    struct LostValue: Hashable {
        var column: Int
        var write: WriteID
    }

    struct Row: Equatable {
        var clock: RowClock?
        /// Who wrote the value that each plain column holds; nil for a default.
        var values: [WriteID?] = [nil, nil]
        var count: Int64 = 0
        /// The conflict inbox: values that lost unseen, until a write of the same column has seen
        /// them.
        var inbox: Set<LostValue> = []

        mutating func apply(_ entry: Entry) {
            let change = entry.change
            inbox = inbox.filter { lost in
                !(change.columns(of: MergeWorld.columns.all).contains(lost.column) && entry.hasSeen(lost.write))
            }
            let outcome = RowMerge.merge(change, into: clock, columns: MergeWorld.columns) { entry.seen[$0] }
            outcome.clock._checkInvariants()
            clock = outcome.clock
            for group in outcome.currentLost {
                for column in group.columns.columns { inbox.insert(LostValue(column: column, write: group.write)) }
            }
            for column in outcome.incomingLost.columns { inbox.insert(LostValue(column: column, write: change.write)) }
            switch outcome.effect {
            case .none: break
            case .delete: (values, count) = ([nil, nil], 0)
            case .replace:
                values = (0..<2).map { outcome.taken.contains($0) ? entry.change.write : nil }
                count = outcome.added.contains(MergeWorld.counter) ? entry.delta : 0
            case .update:
                for column in 0..<2 where outcome.taken.contains(column) { values[column] = entry.change.write }
                if outcome.added.contains(MergeWorld.counter) { count += entry.delta }
            }
        }
    }

    private(set) var entries: [Entry] = []
    private var rows: [Row]
    private var vectors: [VersionVector]
    private var time: UInt64 = 0

    init(parks: Int) {
        rows = Array(repeating: Row(), count: parks)
        vectors = Array(repeating: VersionVector(), count: parks)
    }

    var rowsAtParks: [Row] { rows }

    /// - Parameter stamp: nil for a clock that runs with the writes; otherwise this time, so that
    ///   stamps can contradict the order.
    /// - Returns: false if the row's state does not allow the operation.
    mutating func write(_ park: Int, _ operation: Operation, stamp: UInt64? = nil) -> Bool {
        let length = rows[park].clock?.causalLength ?? .never
        if operation != .insert, !length.isAlive { return false }
        time += 1
        let origin = Self.names[park]
        // A hybrid clock never falls behind what it has seen.
        let newestSeen =
            entries.filter { vectors[park][$0.change.write.origin] >= $0.change.write.seq }.map(
                \.change.write.stamp.rawValue
            ).max() ?? 0
        let value = max(stamp ?? time, newestSeen + 1)
        let kind: IncomingChange.Kind =
            switch operation {
            case .insert: .insert
            case .first: .update(ColumnMask(rawValue: 0b001))
            case .second: .update(ColumnMask(rawValue: 0b010))
            case .both: .update(ColumnMask(rawValue: 0b011))
            case .count: .update(ColumnMask(rawValue: 0b100))
            case .delete: .delete
            }
        let after = operation == .delete ? length.afterDelete : operation == .insert ? length.afterInsert : length
        let write = WriteID(stamp: Stamp(rawValue: value), origin: origin, seq: vectors[park][origin] + 1)
        let entry = Entry(
            change: IncomingChange(write: write, causalLength: after, kind: kind),
            delta: Int64(1) << Int64(entries.count % 40), seen: vectors[park])
        entries.append(entry)
        rows[park].apply(entry)
        vectors[park][origin] = write.seq
        return true
    }

    /// Gives everything that `from` has to `to`. Returns false if there was nothing.
    mutating func exchange(from: Int, to: Int) -> Bool {
        let lacking = entries.filter {
            let write = $0.change.write
            return vectors[from][write.origin] >= write.seq && vectors[to][write.origin] < write.seq
        }
        // The list of entries is in causal order already.
        for entry in lacking {
            rows[to].apply(entry)
            vectors[to][entry.change.write.origin] = entry.change.write.seq
        }
        return !lacking.isEmpty
    }

    /// What every park must hold that has all entries: computed from all of them at once, without
    /// clocks.
    func oracle() -> Row {
        guard let length = entries.map(\.change.causalLength).max() else { return Row() }
        let living = entries.filter { $0.change.causalLength == length }
        var row = Row()
        guard length.isAlive else { return row }
        for column in 0..<2 {
            row.values[column] = living.filter { $0.change.columns(of: Self.columns.all).contains(column) }.map(
                \.change.write
            ).max()
        }
        row.count = living.filter { $0.change.columns(of: Self.columns.all).contains(Self.counter) }.reduce(0) {
            $0 + $1.delta
        }
        return row
    }

    /// What every inbox must hold: each value that is not the row's and that no later write of its
    /// column has seen.
    func inboxOracle() -> Set<LostValue> {
        let values = oracle().values
        var result: Set<LostValue> = []
        for column in 0..<2 {
            let writers = entries.filter { $0.change.columns(of: Self.columns.all).contains(column) }
            for entry in writers where entry.change.kind != .delete {
                let write = entry.change.write
                if values[column] == write || writers.contains(where: { $0.hasSeen(write) }) { continue }
                result.insert(LostValue(column: column, write: write))
            }
        }
        return result
    }

    /// What `park` has, in an order that causality allows.
    func entries(at park: Int) -> [Entry] {
        entries.filter { vectors[park][$0.change.write.origin] >= $0.change.write.seq }
    }

    /// Every order of the entries in which each comes after what its author had seen.
    func orders(_ body: ([Entry]) -> Void) {
        var taken: [Entry] = []
        var left = entries
        func extend() {
            if left.isEmpty { return body(taken) }
            for index in left.indices where isReady(left[index], after: taken) {
                let entry = left.remove(at: index)
                taken.append(entry)
                extend()
                taken.removeLast()
                left.insert(entry, at: index)
            }
        }
        extend()
    }

    func randomOrder(_ random: inout TestRandom) -> [Entry] {
        var taken: [Entry] = []
        var left = entries
        while !left.isEmpty {
            let ready = left.indices.filter { isReady(left[$0], after: taken) }
            taken.append(left.remove(at: ready[random.below(ready.count)]))
        }
        return taken
    }

    private func isReady(_ entry: Entry, after taken: [Entry]) -> Bool {
        let vector = VersionVector(taken.map { ($0.change.write.origin, $0.change.write.seq) })
        return vector.covers(entry.seen) && vector[entry.change.write.origin] + 1 == entry.change.write.seq
    }
}
