import ParkSyncCore

/// What a peer has said of itself, on whichever stream.
struct PeerContact: Sendable {
    /// The newest.
    private(set) var remote: NodeState?
    /// Of the vector of the remote's digest; nil without one.
    private(set) var remoteFingerprint: UInt64?
    /// Unix milliseconds of this node's clock.
    var lastContactAt: UInt64?
    private(set) var clockOffsetMilliseconds: Int64?
    var agreement: Agreement?
    /// What it has and this node lacks.
    var lack = Lack()

    /// - Parameters:
    ///   - peerWall: Unix milliseconds of the peer's clock when it said so.
    ///   - wall: of this node's when it was heard.
    mutating func hear(_ state: NodeState, _ peerWall: UInt64, _ wall: UInt64) {
        if state.digest != remote?.digest { remoteFingerprint = state.digest?.vector.fingerprint }
        remote = state
        lastContactAt = wall
        clockOffsetMilliseconds = Int64(clamping: peerWall) - Int64(clamping: wall)
    }
}

/// What a peer has shown, owes and did, over all its streams since the node was started.
struct PeerConduct: Sendable {
    /// For each log of this node's park the newest entry that it has shown to exist.
    var shown = VersionVector()
    /// How its copy of this node's own log compared last.
    var lastFit: BranchFit?
    /// How long it has been waited for to send what it has shown.
    var debt = PeerDebt()
    /// How long it had not shown, on streams that are over, what it said to have: who hangs up in
    /// time and calls again has no more time than who stays.
    var unshownMilliseconds: UInt64 = 0
    /// Whether it was told that the time for that is over. Stays until it shows them.
    var isLate = false
    /// Whether it has gone on to something else instead of showing them. An honest feed says
    /// nothing else before; on a link that died behind a greeting nothing else is heard.
    var hasGoneOn = false
    /// What it did that no honest node does, the newest, and how often it did something like that.
    private(set) var lie: PeerLie?
    private(set) var lies: UInt64 = 0

    mutating func note(_ kind: PeerLie.Kind, _ reason: String) {
        lie = PeerLie(kind, reason)
        lies &+= 1
    }
}
