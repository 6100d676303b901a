import ParkSyncCore

/// What an entry may take of a node's memory while it is decoded and applied: its bytes, its keys,
/// which travel as what differs from the one before, and its changes. The author's triggers keep to
/// the same.
package struct EntryRoom: Hashable, Sendable {
    struct Excess: Error {
        var seq: UInt64
        /// As in `has 70000000 bytes`.
        var reason: String
    }

    var bytesMax: Int
    var changesMax: Int { bytesMax / CoreLimits.payloadBytesPerChange }

    /// For entries that were taken, perhaps by a node with other limits.
    static let ofFormat = EntryRoom(bytesMax: .max)

    func check(bytes: Int, _ seq: UInt64) throws {
        guard bytes <= bytesMax else { throw Excess(seq: seq, reason: "has \(bytes) bytes") }
    }

    func check(changes: Int, keyBytes: Int, _ seq: UInt64) throws {
        guard changes <= changesMax else { throw Excess(seq: seq, reason: "has more than \(changesMax) changes") }
        guard keyBytes <= bytesMax else { throw Excess(seq: seq, reason: "has keys of more than \(bytesMax) bytes") }
    }
}
