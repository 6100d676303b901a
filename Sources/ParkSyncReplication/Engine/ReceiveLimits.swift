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

/// Logs that do not go on here, because their next entry is longer than this node takes: nobody is asked for them until the node is started anew.
struct TooLongEntries: Sendable {
    private(set) var all: [OriginID: EntryTooLong] = [:]

    mutating func add(_ refused: EntryTooLong) { all[refused.origin] = refused }

    /// - Parameter logged: what has come another way, as with a bundle, is no obstacle any more.
    /// - Returns: whether there were such.
    mutating func settle(_ logged: VersionVector) -> Bool {
        let count = all.count
        all = all.filter { logged[$0.key] < $0.value.first }
        return all.count != count
    }

    static func failure(_ refused: EntryTooLong, from peer: OriginID) -> LinkFailure {
        LinkFailure(.broken, "\(peer) sent \(reason(refused))", remedy: remedy(refused))
    }

    static func reason(_ refused: EntryTooLong) -> String {
        "an entry of \(refused.origin) from \(refused.first) on that is longer than this node takes (\(refused.bytesMax) bytes)"
    }

    static func remedy(_ refused: EntryTooLong) -> String {
        "Set entry.bytes_max of this node to what \(refused.origin.park) has, and restart it; until then the log of \(refused.origin) does not go on here."
    }
}
