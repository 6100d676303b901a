import ParkSyncCore

/// Entries that were set aside for good: how many of each origin, and the newest ones. All of them
/// are in the file.
///
/// A park can send tens of thousands, so what is kept here is bounded, and to set one more aside
/// costs the same however many there are.
struct Quarantine {
    private(set) var counts: [OriginID: UInt64] = [:]
    /// In the order in which they were found.
    private var newest: [OriginID: [StuckEntry]] = [:]

    /// Kept of each origin.
    static let newestMax = 256

    /// By origin, then in the order in which they were found.
    var listed: [StuckEntry] { newest.keys.sorted().flatMap { newest[$0] ?? [] } }

    mutating func add(_ entry: StuckEntry) {
        counts[entry.origin, default: 0] &+= 1
        newest[entry.origin, default: []].append(entry)
        if let kept = newest[entry.origin]?.count, kept > Self.newestMax {
            newest[entry.origin]?.removeFirst(kept - Self.newestMax)
        }
    }
}

extension ParkStore {
    /// Entries that wait or were set aside, with cause and remedy; of those that were set aside,
    /// the newest of each origin.
    package var stuck: [StuckEntry] {
        let state = publishedState
        return state.quarantine.listed + state.held
    }

    /// How many entries of each origin were set aside.
    package var quarantined: [OriginID: UInt64] { publishedState.quarantine.counts }
}
