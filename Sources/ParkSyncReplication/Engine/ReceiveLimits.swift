import ParkSyncCore
import ParkSyncWire

/// What of one peer is taken into memory.
package struct ReceiveLimits: Hashable, Sendable {
    /// The longest entry.
    package var entryBytesMax: Int
    /// Entries that wait for the store.
    package var inboundBytesMax: Int

    /// - Parameter peers: how many there are.
    package init(entryBytesMax: Int = CoreLimits.payloadBytesDefault, peers: Int = 1) {
        self.entryBytesMax = entryBytesMax
        inboundBytesMax = min(WireLimits.inboundBytesMax, WireLimits.inboundBytesOfAllMax / max(1, peers))
    }
}

/// Logs that do not go on here, because their next entry is longer than this node takes.
///
/// How long a frame is, its header says, and whose entry it has: nobody has signed either. That
/// counts for who sent it alone, which is not asked for that log again until the node is started
/// anew. What the author was found to have signed counts for all.
struct TooLongEntries: Sendable {
    /// An entry that was refused, and who sent it.
    struct Refused: Hashable, Sendable {
        var entry: EntryTooLong
        var peer: OriginID
        /// The entry came whole, with its author's signature.
        var isProven: Bool

        /// Whether the log goes on nowhere else either: it is proven, or its own park says so.
        private var isForAll: Bool { isProven || entry.origin.isOfSamePark(as: peer) }

        var reason: String {
            """
            an entry of \(entry.origin) from \(entry.first) on that is longer than this node takes \
            (\(entry.bytesMax) bytes)
            """
        }
        var cause: String { isForAll ? "this node has got \(reason)" : "\(peer) has begun to send \(reason)" }
        var remedy: String {
            "Set entry.bytes_max of this node to what \(entry.origin.park) has, and restart it; until then the "
                + "log of \(entry.origin) "
                + (isForAll ? "does not go on here." : "is not taken from \(peer).")
        }
        var failure: LinkFailure { LinkFailure(.broken, "\(peer) sent \(reason)", remedy: remedy) }
    }

    /// By log, and for each by who sent the entry.
    private var refused: [OriginID: [OriginID: Refused]] = [:]

    var isEmpty: Bool { refused.isEmpty }

    /// For each log one: what is proven before what its own park says, and that before what others
    /// say. Sorted by log.
    var all: [Refused] {
        refused.sorted { $0.key < $1.key }.compactMap { log, peers in
            let sorted = peers.sorted { $0.key < $1.key }.map(\.value)
            return sorted.first { $0.isProven } ?? sorted.first { $0.peer.isOfSamePark(as: log) } ?? sorted.first
        }
    }

    mutating func add(_ entry: Refused) { refused[entry.entry.origin, default: [:]][entry.peer] = entry }

    /// Whether a peer is not to be asked for a log.
    func keeps(_ origin: OriginID, from peer: OriginID) -> Bool {
        guard let peers = refused[origin] else { return false }
        return peers[peer] != nil || peers.values.contains { $0.isProven }
    }

    /// - Parameter logged: what has come another way, as with a bundle, is no obstacle any more.
    /// - Returns: whether there were such.
    mutating func forget(_ logged: VersionVector) -> Bool {
        let before = refused
        for (origin, peers) in before {
            let left = peers.filter { logged[origin] < $0.value.entry.first }
            refused[origin] = left.isEmpty ? nil : left
        }
        return refused != before
    }
}
