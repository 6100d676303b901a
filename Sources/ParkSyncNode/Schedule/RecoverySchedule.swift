import ParkSyncReplication

/// What the operator and the configuration allow where peers stay away while the own log is being
/// compared or fetched, and when.
///
/// The check itself is the replication engine's (see `HeadGuard`).
package struct RecoverySchedule: Sendable {
    package enum Event: Hashable, Sendable {
        case began
        case changed
        case due
        /// The operator answers for it, with a reason for the journal.
        case accepted(reason: String)
    }

    package enum Action: Hashable, Sendable {
        case wake(at: UInt64)
        /// `ReplicationDriver.setPolicy`.
        case setPolicy(HeadGuard.Policy)
        /// The standing is another one than before; for the journal. `accepted`: why the operator
        /// let the node write.
        case tell(LogStanding, wasKnown: Bool, accepted: String?)
    }

    /// How often it is looked while writes are not accepted.
    package static let lookMilliseconds: UInt64 = 100

    /// What the configuration allows after a while: `recovery.wait_seconds`, `.accept_loss`,
    /// `.accept_without_peers`.
    package struct Rules: Hashable, Sendable {
        package var waitMilliseconds: UInt64
        package var acceptsLoss: Bool
        package var acceptsWithoutPeers: Bool
        package init(waitMilliseconds: UInt64, acceptsLoss: Bool, acceptsWithoutPeers: Bool) {
            self.waitMilliseconds = waitMilliseconds
            (self.acceptsLoss, self.acceptsWithoutPeers) = (acceptsLoss, acceptsWithoutPeers)
        }
    }

    private let rules: Rules
    private var standing: LogStanding?
    /// Since when writes have been accepted, or have not; monotonic, and Unix milliseconds for the
    /// status.
    private var since: UInt64 = 0
    package private(set) var sinceWall: UInt64 = 0
    /// Why the operator lets the node write without the peers that are out of reach.
    private var accepted: String?

    package init(_ rules: Rules) { self.rules = rules }

    /// - Parameter found: how the own log stands now.
    package mutating func handle(_ event: Event, standing found: LogStanding, now: UInt64, wall: UInt64) -> [Action] {
        var actions = note(found, now, wall)
        if case .accepted(let reason) = event, !found.isReady { accepted = reason }
        if found.isReady { return actions }
        let hasWaited = now >= since &+ rules.waitMilliseconds
        let isAccepted = accepted != nil
        actions.append(
            .setPolicy(
                HeadGuard.Policy(
                    acceptsLoss: isAccepted || (hasWaited && rules.acceptsLoss),
                    acceptsWithoutPeers: isAccepted || (hasWaited && rules.acceptsWithoutPeers),
                    abandonsEntries: isAccepted)))
        return actions + [.wake(at: now &+ Self.lookMilliseconds)]
    }

    private mutating func note(_ found: LogStanding, _ now: UInt64, _ wall: UInt64) -> [Action] {
        guard standing != found else { return [] }
        let tale = Action.tell(found, wasKnown: standing != nil, accepted: accepted)
        if standing?.isReady != found.isReady { (since, sinceWall) = (now, wall) }
        standing = found
        if found.isReady { accepted = nil }
        return [tale]
    }
}
