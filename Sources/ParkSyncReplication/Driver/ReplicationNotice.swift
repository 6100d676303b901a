import ParkSyncCore

/// What happens on the links, for the node's journal.
package enum ReplicationNotice: Hashable, Sendable {
    /// The peer has answered.
    case linked(OriginID)
    /// There is no link any more, or a call failed for another reason, by its code, than the one
    /// before.
    case lost(OriginID, LinkFailure)
    /// The peer did what no honest node does.
    case lied(OriginID, PeerLie)
    /// What the peer sent is not what its origin signed; nothing of it was kept.
    case refused(OriginID, SliceRefused)
    /// The log could not keep what the peer sent, for a reason of its own.
    case notStored(OriginID, String)
}

/// Whether a peer is followed. A link that is being opened, or that the operator has paused, is
/// neither.
package enum LinkStanding: Hashable, Sendable {
    case linked
    case lost(LinkFailure)

    func isLike(_ other: LinkStanding) -> Bool {
        switch (self, other) {
        case (.linked, .linked): true
        case (.lost(let a), .lost(let b)): a.code == b.code
        default: false
        }
    }
}
