import ParkSyncCore

/// What a peer has of the logs of this node's park.
extension PeerSession {
    /// A newer head is added to those that were named before; a log that became shorter is another one.
    mutating func note(_ branch: LogBranch) -> LogBranch {
        var result = branch
        if let newest = branch.heads.first, branch.heads.count == 1, let known = branches[branch.origin], let last = known.heads.first,
            newest.seq > last.seq
        {
            result.heads += known.heads.prefix(LogBranch.headsMax - 1)
        }
        branches[branch.origin] = result
        return result
    }

    /// What the peer named was compared.
    ///
    /// - Parameter own: this node's origin.
    mutating func compared(_ origin: OriginID, _ finding: BranchFinding, own: OriginID, now: UInt64) -> [EngineAction] {
        if let fault = finding.fault {
            let reason = "\(peer) names an entry \(fault) that \(origin.park) has never signed"
            note(.falseHead, reason)
            return fail(.lying, reason, remedy: "Nothing that it said of \(origin) counts. Tell the operator of \(park).", now)
        }
        guard origin.park == own.park else { return [] }
        if finding.proven > 0 { (proven[origin], shown[origin]) = (finding.proven, max(shown[origin], finding.proven)) }
        if origin == own { fit = finding.proven > 0 ? finding.fit : nil }
        if let fit { lastFit = fit }
        noteUnshown(own, now)
        return []
    }

    mutating func note(_ kind: PeerLie.Kind, _ reason: String) {
        lie = PeerLie(kind, reason)
        lies &+= 1
    }

    /// Notes whether the peer has shown what it says to have of this node's park.
    mutating func noteUnshown(_ own: OriginID, _ now: UInt64) {
        let isShown = remote?.logged.elements.allSatisfy { $0.origin.park != own.park || proven[$0.origin] > 0 } ?? true
        if isShown { (unshownSince, unshownMilliseconds, isLate) = (nil, 0, false) } else if unshownSince == nil { unshownSince = now }
    }

    /// The stream is over on which the peer could have shown it.
    mutating func stopWaiting(now: UInt64) {
        if let unshownSince { unshownMilliseconds &+= now &- unshownSince }
        unshownSince = nil
    }

    /// Compares again, after this node's own log or its origin has changed.
    ///
    /// - Parameter isOther: it is another log than before, and not only a longer one.
    mutating func compareAgain(_ origin: OriginID, isOther: Bool) -> [EngineAction] {
        fit = nil
        if isOther { lastFit = nil }
        guard isOpen, let branch = branches[origin] else { return [] }
        return [.compare(key, branch)]
    }
}
