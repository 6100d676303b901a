import ParkSyncCore

/// Whether a node may write, as its log says.
package enum LogStanding: Hashable, Sendable {
    case ready
    /// After a start: the log may be an old copy.
    case checking
    /// Own entries are being fetched from peers. `isLost`: the file was lost as a whole, so any peer may hold what nobody else has.
    /// `hasBranch`: a branch of this node was given up for a peer's; its entries are written anew when the fetching ends.
    case fetching(isLost: Bool, hasBranch: Bool)

    package var isReady: Bool { self == .ready }
    /// Whether others may have all of the node's own entries from it. After a lost file all of them have come from peers, and two nodes that have
    /// both lost theirs may need one another's.
    package var servesOwn: Bool {
        switch self {
        case .ready, .fetching(isLost: true, _): true
        case .checking, .fetching: false
        }
    }
    package var isFetching: Bool { if case .fetching = self { true } else { false } }
}

/// What the head guard wants of the log.
package enum LogDemand: Hashable, Sendable {
    /// Accept no more writes, and take own entries from peers.
    case fetchOwn(cause: String)
    /// The same, and set aside the own entries after this number: a peer has another one at `forkedAt`, which lies after it.
    case rewind(after: UInt64, forkedAt: UInt64, cause: String)
    /// The check is over: write the entries anew that were set aside, and accept writes.
    case acceptWrites(withoutParks: [String])
    /// By the operator's word: give up own entries that peers have shown to exist and do not send, and go on under a new incarnation. The numbers of the old
    /// one are taken.
    case writeAnew(withoutParks: [String])
}
