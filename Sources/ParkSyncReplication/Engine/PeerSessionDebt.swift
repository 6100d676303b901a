import ParkSyncCore

/// What a peer owes that has shown entries of this node's own park.
extension PeerSession {
    /// Whether it may still send what it has shown.
    var isAwaited: Bool {
        guard conduct.debt.isOwing, !conduct.debt.isLate else { return false }
        switch stage {
        case .streaming: return true
        case .waiting, .connecting: return !conduct.debt.isAwayTooLong
        case .paused, .out: return false
        }
    }

    /// Notes whether this node waits for entries of its own park that the peer has shown.
    ///
    /// - Parameter givesUp: the operator does not wait for them.
    mutating func noteDebt(_ isOwing: Bool, givesUp: Bool, own: OriginID, now: UInt64) {
        if givesUp { conduct.debt.giveUp() }
        if !isOwing, !conduct.debt.isOwing { return }
        let (isOpen, isAtRest) = (stage == .streaming, stage == .paused || stage == .out)
        conduct.debt.note(isOwing: isOwing, isBusy: isBusy || isAtRest, isOpen: isOpen, now: now)
        guard isOwing, isOpen, conduct.debt.isOverdue, !conduct.debt.isLate else { return }
        conduct.debt.giveUp()
        // Who keeps the entries no longer has said so, and cannot send them.
        guard newest.gone[own] == 0 else { return }
        let reason =
            """
            \(peer) has shown signed heads of entries of this park, up to \(own):\(conduct.shown[own]), and \
            does not send them
            """
        conduct.note(.withheldEntries, reason)
    }

    /// Entries of this node's own log that this node never signed.
    mutating func refuseForgery(_ refusal: SliceRefused, _ now: UInt64) -> [EngineAction] {
        let reason =
            "\(peer) sent as entries of \(refusal.origin) from \(refusal.first) what are none: \(refusal.reason)"
        conduct.note(.falseEntries, reason)
        conduct.debt.giveUp()
        return fail(.lying, reason, remedy: "Nothing of it was kept. Tell the operator of \(park).", now)
    }
}

extension SliceRefused {
    /// Whether nobody who has the entries of their author sends such a slice.
    package var isForgery: Bool { cause == .malformed || cause == .wrongChain || cause == .wrongSignature }
}
