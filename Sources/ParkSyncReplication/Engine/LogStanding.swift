import ParkSyncCore

/// Whether a node may write, as its log says.
package enum LogStanding: Hashable, Sendable {
    case ready
    /// After a start: the log may be an old copy.
    case checking
    /// Own entries are being fetched from peers. `isLost`: the file was lost as a whole, so any
    /// peer may hold what nobody else has. `hasBranch`: a branch of this node was given up for a
    /// peer's; its entries are written anew when the fetching ends. `isBeside`: entries that nobody
    /// has signed stand where those of the peers belong, so that what comes waits beside the log
    /// until it is whole.
    case fetching(isLost: Bool, hasBranch: Bool, isBeside: Bool = false)

    package var isReady: Bool { self == .ready }
    /// Whether others may have all of the node's own entries from it. After a lost file all of them
    /// have come from peers, and two nodes that have both lost theirs may need one another's.
    package var servesOwn: Bool {
        switch self {
        case .ready, .fetching(isLost: true, _, _): true
        case .checking, .fetching: false
        }
    }
    package var isFetching: Bool { if case .fetching = self { true } else { false } }
}

/// What the head guard wants of the log.
package enum LogDemand: Hashable, Sendable {
    /// Accept no more writes, and take own entries from peers. What is here stays as it is.
    case fetchOwn(cause: String)
    /// Fetch another branch of the own log, and change nothing until it is whole.
    case stage(BranchOrder)
    /// The branch that was fetched is whole: set aside the own entries that it does not share, and
    /// make the tables anew with it.
    case takeBranch(cause: String)
    /// The check is over: write the entries anew that were set aside, and accept writes.
    case acceptWrites(withoutParks: [String])
    /// The same under a new incarnation: peers have shown own entries and do not send them. Their
    /// numbers are taken; `known` names the newest of them.
    case writeAnew(withoutParks: [String], known: VersionVector)
}
