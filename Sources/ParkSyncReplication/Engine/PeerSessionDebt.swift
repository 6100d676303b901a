import ParkSyncCore

/// What a peer owes that has shown entries of this node's own park.
extension PeerSession {
    /// Whether it may still send what it has shown.
    var isAwaited: Bool { debt.isOwing && !debt.isLate && phase != .paused && phase != .out && (phase == .streaming || !debt.isAwayTooLong) }

    /// Notes whether this node waits for entries of its own park that the peer has shown.
    ///
    /// - Parameter givesUp: the operator does not wait for them.
    mutating func noteDebt(_ isOwing: Bool, givesUp: Bool, own: OriginID, now: UInt64) {
        if givesUp { debt.giveUp() }
        if !isOwing, !debt.isOwing { return }
        let isOpen = phase == .streaming
        debt.note(isOwing: isOwing, isBusy: isBusy || phase == .paused || phase == .out, isOpen: isOpen, now: now)
        guard isOwing, isOpen, debt.isOverdue, !debt.isLate else { return }
        debt.giveUp()
        // Who keeps the entries no longer has said so, and cannot send them.
        guard gone[own] == 0 else { return }
        note(.withheldEntries, "\(peer) has shown signed heads of entries of this park, up to \(own):\(shown[own]), and does not send them")
    }

    /// What came of this node's own park buys the peer time, each entry once.
    mutating func pay(_ slice: LogSlice) {
        guard slice.last > paid[slice.origin] else { return }
        paid[slice.origin] = slice.last
        debt.pay(slice.body.count)
    }

    /// Entries of this node's own log that this node never signed.
    mutating func refuseForgery(_ refusal: SliceRefused, _ now: UInt64) -> [EngineAction] {
        let reason = "\(peer) sent as entries of \(refusal.origin) from \(refusal.first) what are none: \(refusal.reason)"
        note(.falseEntries, reason)
        debt.giveUp()
        return fail(.lying, reason, remedy: "Nothing of it was kept. Tell the operator of \(park).", now)
    }
}

extension SliceRefused {
    /// Whether nobody who has the entries of their author sends such a slice.
    package var isForgery: Bool { cause == .malformed || cause == .wrongChain || cause == .wrongSignature }
}
