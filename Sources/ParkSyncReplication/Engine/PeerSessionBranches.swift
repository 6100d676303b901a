import ParkSyncCore

/// What a peer has of the logs of this node's park.
extension PeerSession {
    /// What the peer named was compared.
    ///
    /// - Parameter own: this node's origin.
    mutating func compared(_ origin: OriginID, _ finding: BranchFinding, own: OriginID, now: UInt64) -> [EngineAction] {
        if let fault = finding.fault {
            let reason = "\(peer) names an entry \(fault) that \(origin.park) has never signed"
            conduct.note(.falseHead, reason)
            return fail(
                .lying, reason, remedy: "Nothing that it said of \(origin) counts. Tell the operator of \(park).", now)
        }
        guard origin.park == own.park else { return [] }
        if finding.proven > 0 {
            newest.proven[origin] = finding.proven
            conduct.shown[origin] = max(conduct.shown[origin], finding.proven)
        }
        if origin == own { newest.fit = finding.proven > 0 ? finding.fit : nil }
        if let fit = newest.fit { conduct.lastFit = fit }
        noteUnshown(own, now)
        return []
    }

    /// The peer has not shown what it says to have of this node's park, and has still time to.
    var isUnshown: Bool { phase.stream?.unshownSince != nil && !conduct.isLate }
    /// The time is over.
    var withholds: Bool { phase.stream?.unshownSince != nil && conduct.isLate }

    /// Whether the peer has shown what it says to have of this node's park.
    private func isShown(_ own: OriginID) -> Bool {
        contact.remote?.logged.elements.allSatisfy { $0.origin.park != own.park || newest.proven[$0.origin] > 0 }
            ?? true
    }

    /// Notes since when the peer has not shown what it says to have of this node's park, or that it
    /// has.
    mutating func noteUnshown(_ own: OriginID, _ now: UInt64) {
        let hasShown = isShown(own)
        change { $0.unshownSince = hasShown ? nil : $0.unshownSince ?? now }
        if hasShown { (conduct.unshownMilliseconds, conduct.isLate, conduct.hasGoneOn) = (0, false, false) }
    }

    /// Notes that the peer says something that shows nothing of this node's park.
    mutating func noteGoingOn() {
        guard phase.stream?.unshownSince != nil, !conduct.hasGoneOn else { return }
        conduct.hasGoneOn = true
        if conduct.isLate { noteWithheldHead() }
    }

    mutating func noteWithheldHead() {
        conduct.note(
            .withheldHead, "\(peer) says that it has entries of this park, and does not show their signed heads")
    }

    /// Compares again, after this node's own log or its origin has changed.
    ///
    /// - Parameter isOther: it is another log than before, and not only a longer one.
    mutating func compareAgain(_ origin: OriginID, isOther: Bool) -> [EngineAction] {
        newest.fit = nil
        if isOther { conduct.lastFit = nil }
        guard isOpen, let branch = newest.branches[origin] else { return [] }
        return [.compare(key, branch)]
    }
}
