import ParkSyncCore

/// What entries said about other parks that their authors have taken back since.
///
/// It counts for nothing, except where an entry is judged whose author had seen it and had not seen that it was taken back: what
/// others have decided in good faith on the strength of a vote or a fence stays decided (docs/decisions/0018-future-stamps.md).
struct Retracted {
    private struct FenceWord {
        var fence: Fence
        /// What its author had seen, the entry itself included.
        var past: VersionVector
    }
    private var votes: Set<Vote> = []
    private var fences: [FenceWord] = []
    /// Those that are in `fences`.
    private var known: Set<Fence> = []

    /// Notes what an entry says that is passed over.
    ///
    /// - Parameter seen: what its author had seen.
    mutating func add(_ entry: DecodedEntry, seen: VersionVector) {
        guard case .ready = entry.verdict else { return }
        votes.formUnion(entry.votes)
        for case .fence(let park, let after) in entry.controls where park != entry.header.origin.park {
            let fence = Fence(park: park, by: entry.header.origin, seq: entry.header.seq, after: after)
            guard known.insert(fence).inserted else { continue }
            var past = seen
            past[fence.by] = fence.seq
            fences.append(FenceWord(fence: fence, past: past))
        }
    }

    /// Votes that an author with this past had not seen taken back.
    func votes(asOf past: VersionVector, _ state: StoreState) -> [Vote] {
        votes.filter { $0.isIn(past) && !state.isWithdrawn($0.by, $0.seq, asOf: past) }.sorted { ($0.by, $0.seq, $0.park) < ($1.by, $1.seq, $1.park) }
    }

    /// Fences that enough parks had agreed to, and that an author with this past had not seen taken back.
    func fences(asOf past: VersionVector, _ state: StoreState, _ history: SeenHistory) throws -> [Fence] {
        try fences.compactMap { word in
            let fence = word.fence
            guard fence.isIn(past), past.covers(word.past), !state.isWithdrawn(fence.by, fence.seq, asOf: past) else { return nil }
            let votes = state.votes + votes(asOf: word.past, state)
            guard Ballot(on: fence.park, .out, votes, state, asOf: word.past, by: fence.by).isCarried else { return nil }
            var found = fence
            for origin in past.elements.map(\.origin) where origin.park == fence.park {
                if try history.seen(by: origin, at: 1, of: [fence.by])[fence.by] ?? 0 >= fence.seq { found.returned.insert(origin) }
            }
            return found
        }
    }

    /// Reads what was taken back from the log: at start.
    init(_ connection: Connection, _ state: StoreState, schema: SharedSchema) throws {
        for origin in Set(state.withdrawals.map(\.origin)).sorted() {
            guard let index = state.index(of: origin) else { continue }
            let last = state.withdrawals.filter { $0.origin == origin }.map(\.last).max() ?? 0
            var (seq, seen) = (UInt64(0), VersionVector())
            while seq < min(last, state.origins[index].folded) {
                seq += 1
                let ordinal = state.origins[index].ordinal
                guard let payload = try LogTable.payload(connection, ordinal: ordinal, seq: seq) else { continue }
                let entry = try DecodedEntry(payload: payload.bytes, owner: payload, hash: [], schema: schema)
                for dependency in entry.header.dependencies { seen[dependency.origin] = dependency.seq }
                if state.isWithdrawn(origin, seq) { add(entry, seen: seen) }
            }
        }
    }

    init() {}
}

extension StoreState {
    /// Whether an entry was taken back as far as an author with this past knew.
    func isWithdrawn(_ origin: OriginID, _ seq: UInt64, asOf past: VersionVector) -> Bool {
        withdrawals.contains { $0.origin == origin && ($0.first...$0.last).contains(seq) && past[$0.by] > 0 }
    }
}
