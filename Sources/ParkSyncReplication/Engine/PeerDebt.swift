import ParkSyncCore
import ParkSyncWire

/// How long a peer has been waited for that has shown entries of this node's log which are not
/// here.
///
/// What it takes is added up over all links of the peer, and never forgotten: a peer that shows,
/// goes away and comes back gains nothing. Each byte that comes buys time. Owns no clock.
struct PeerDebt: Sendable {
    /// Whether something is waited for now.
    private(set) var isOwing = false
    /// The peer has had its time while it was linked. It is not waited for any more; what it sends
    /// is taken nevertheless.
    private(set) var isLate = false
    private var openMilliseconds: UInt64 = 0
    private var awayMilliseconds: UInt64 = 0
    /// Since when time runs, monotonic; nil while it stands still.
    private var since: UInt64?
    /// Whether the peer has been linked since then.
    private var isOpen = false
    private var bytes: UInt64 = 0
    /// What of each log has bought time already.
    private var paid = VersionVector()

    /// - Parameters:
    ///   - isBusy: this node has still to store what came, so the peer need not hurry.
    ///   - isOpen: the peer is linked.
    mutating func note(isOwing: Bool, isBusy: Bool, isOpen: Bool, now: UInt64) {
        if let since {
            let spent = now > since ? now - since : 0
            if self.isOpen {
                openMilliseconds = openMilliseconds &+ spent
            } else {
                awayMilliseconds = awayMilliseconds &+ spent
            }
        }
        (self.isOwing, self.isOpen) = (isOwing, isOpen)
        since = isOwing && !isBusy ? now : nil
    }

    /// What came of this node's own park buys the peer time, each entry once.
    mutating func pay(_ slice: LogSlice) {
        guard slice.last > paid[slice.origin] else { return }
        paid[slice.origin] = slice.last
        bytes = bytes &+ UInt64(max(0, slice.body.count))
    }

    mutating func giveUp() { isLate = true }

    private var openMax: UInt64 { WireLimits.branchMillisecondsMax &+ bytes / WireLimits.branchBytesPerMillisecondMin }
    var isOverdue: Bool { openMilliseconds >= openMax }
    /// The peer is not waited for while it is away.
    var isAwayTooLong: Bool { awayMilliseconds >= WireLimits.branchMillisecondsMax }

    /// When one of the two comes about, if nothing happens; monotonic.
    var due: UInt64? {
        guard let since, !isLate else { return nil }
        let (spent, limit) = isOpen ? (openMilliseconds, openMax) : (awayMilliseconds, WireLimits.branchMillisecondsMax)
        return spent < limit ? since &+ (limit - spent) : nil
    }
}
