import ParkSyncCore

/// What a peer did that no honest node does.
package struct PeerLie: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// It named an entry of a log that the log's author has never signed.
        case falseHead = "false-head"
        /// It says to have entries of the asker's log and does not show their signed heads.
        case withheldHead = "withheld-head"
        /// It signed a snapshot that is not what the log says.
        case falseSnapshot = "false-snapshot"
        /// It has shown signed heads of another branch of the asker's log, or of more of it, and
        /// has not sent the entries in time.
        case withheldEntries = "withheld-entries"
        /// It sent as entries of the asker's log what the asker never signed, or others than the
        /// head that it has shown stands for.
        case falseEntries = "false-entries"
        /// It names a log of a park that is not in the zone, and never was.
        case unknownOrigin = "unknown-origin"
    }
    package var kind: Kind
    package var reason: String
    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}

/// What is known of one peer, for the operator.
package struct PeerReport: Hashable, Sendable {
    package enum Link: Hashable, Sendable {
        /// Called, not answered yet.
        case connecting
        /// The stream is open and the peer has entries that are not applied here.
        case catchingUp
        case following
        /// No stream; the next try is at this monotonic time.
        case waiting(until: UInt64)
        /// By the operator.
        case paused
    }

    package var peer: OriginID
    package var link: Link
    /// Why the last stream ended. Stays until a stream works again.
    package var failure: LinkFailure?
    /// What the peer said of itself last; nil before the first contact.
    package var remote: NodeState?
    /// Unix milliseconds, of this node's clock.
    package var lastContactAt: UInt64?
    /// Since when this node has known of the oldest entries that the peer has and that are not
    /// applied here, in Unix milliseconds of its own clock; nil if there are none.
    package var lackingSince: UInt64?
    /// The peer's wall clock minus this node's when it was last heard, the way of the message
    /// included.
    package var clockOffsetMilliseconds: Int64?
    package var agreement: Agreement?
    /// Origins of parks that cannot be reached and that this peer is asked for.
    package var relays: [OriginID]
    /// Origins of parks that cannot be reached, of which this peer said to have entries and gave
    /// none in time.
    package var withheld: [OriginID] = []
    /// Origins whose next entries this peer no longer keeps, and the oldest that it does.
    package var gone: [VersionVector.Element]
    /// How the peer's copy of this node's own log compared last; nil if it was not compared, or has
    /// no entries.
    package var fit: BranchFit?
    /// For each log of this node's park the newest entry that the peer has shown to exist.
    package var proven = VersionVector()
    /// The peer says to have entries of this node's park, and has not shown them in time.
    package var withholds = false
    /// The same, and has still time to.
    package var isUnshown = false
    /// The same of all its links since this node was started.
    package var shown = VersionVector()
    /// How its copy compared when it was compared last, on whichever link.
    package var lastFit: BranchFit?
    /// What it said of its copy of this node's own log, the newest first; empty if nothing.
    package var heads: [LogBranch.Head] = []
    /// It has shown own entries that are not here, and has still time to send them.
    package var owes = false
    /// The time for that is over, or the operator does not wait for it.
    package var isLate = false
    /// What it did last that no honest node does, and how often it did something like that.
    package var lie: PeerLie?
    package var lies: UInt64 = 0

    package init(
        peer: OriginID, link: Link, failure: LinkFailure? = nil, remote: NodeState? = nil, lastContactAt: UInt64? = nil,
        lackingSince: UInt64? = nil, clockOffsetMilliseconds: Int64? = nil, agreement: Agreement? = nil,
        relays: [OriginID],
        gone: [VersionVector.Element], fit: BranchFit? = nil
    ) {
        self.peer = peer
        self.link = link
        self.failure = failure
        self.remote = remote
        self.lastContactAt = lastContactAt
        self.lackingSince = lackingSince
        self.clockOffsetMilliseconds = clockOffsetMilliseconds
        self.agreement = agreement
        self.relays = relays
        self.gone = gone
        self.fit = fit
    }
}
