/// Which nodes reach which, on a network where nothing is broken.
package enum Topology: Hashable, Sendable {
    /// Everybody reaches everybody.
    case mesh
    /// Node 0 and each other reach one another; the others do not.
    case hub
    /// Groups of `members` nodes. The first of each group reaches its group and the first of each
    /// other group; the rest is relayed.
    case hubs(members: Int)
    /// A ring with chords: each node reaches the next and the one `chord` places further, both ways
    /// round. Everything else is relayed.
    case relay(chord: Int)

    package func joins(_ a: Int, _ b: Int, of count: Int) -> Bool {
        switch self {
        case .mesh: return a != b
        case .hub: return a != b && (a == 0 || b == 0)
        case .hubs(let members):
            guard a != b, members > 0 else { return false }
            let (first, second) = (a % members == 0, b % members == 0)
            return a / members == b / members ? first || second : first && second
        case .relay(let chord):
            let apart = abs(a - b)
            let steps = min(apart, count - apart)
            return steps == 1 || (steps == chord && steps > 0)
        }
    }
}

/// How bytes travel. Delays are drawn from the federation's seed.
package struct VirtualNetwork: Sendable {
    package var topology = Topology.mesh
    /// A message is under way for 1 to this many milliseconds.
    package var delayMillisecondsMax: UInt64 = 8
    /// A message arrives in 1 to this many pieces, each with a delay of its own.
    package var piecesMax: UInt64 = 3
    /// What a node can send in a millisecond, to all others together; nil if that is no bound.
    /// 12,500 is 100 Mbit/s.
    package var uplinkBytesPerMillisecond: UInt64?

    package init(
        topology: Topology = .mesh, delayMillisecondsMax: UInt64 = 8, piecesMax: UInt64 = 3,
        uplinkBytesPerMillisecond: UInt64? = nil
    ) {
        self.topology = topology
        self.delayMillisecondsMax = delayMillisecondsMax
        self.piecesMax = piecesMax
        self.uplinkBytesPerMillisecond = uplinkBytesPerMillisecond
    }
}

/// One node's way out: what is sent at one moment leaves one after the other.
struct Uplink: Sendable {
    /// The bytes that could have left since time 0, at the moment when everything handed in has
    /// left.
    private var sentBytes: UInt64 = 0

    /// - Returns: the moment at which the last of the bytes has left.
    mutating func send(_ bytes: Int, now: UInt64, bytesPerMillisecond: UInt64?) -> UInt64 {
        guard let rate = bytesPerMillisecond, rate > 0 else { return now }
        sentBytes = max(sentBytes, now &* rate) &+ UInt64(bytes)
        return max(now, (sentBytes &+ rate &- 1) / rate)
    }
}
