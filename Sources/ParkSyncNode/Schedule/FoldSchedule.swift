import ParkSyncCore

/// When own entries are folded into clocks and digests (in a quiet moment), when held entries are
/// tried again, and when the next piece of the log is looked at.
package struct FoldSchedule: Sendable {
    package enum Event: Hashable, Sendable {
        case began
        /// The store has told its observers of something.
        case changed
        case due
        case tidied
        case walked
    }

    package enum Action: Hashable, Sendable {
        case wake(at: UInt64)
        /// `ParkStore.housekeep`: fold the tail, and apply what waits and can be applied.
        case tidy
        /// `ParkStore.walkLog`.
        case walk
    }

    /// What the store says of itself at the moment of an event.
    package struct Look: Hashable, Sendable {
        package var applied: VersionVector
        /// Changes of own entries that are not folded yet.
        package var unfoldedChanges: Int
        /// Whether the digest is of another vector than what is applied.
        package var isDigestBehind: Bool
        /// Whether something is to be folded, or waits to be applied:
        /// `ParkStore.needsHousekeeping`.
        package var needsHousekeeping: Bool

        package init(applied: VersionVector, unfoldedChanges: Int, isDigestBehind: Bool, needsHousekeeping: Bool) {
            (self.applied, self.unfoldedChanges) = (applied, unfoldedChanges)
            (self.isDigestBehind, self.needsHousekeeping) = (isDigestBehind, needsHousekeeping)
        }

        var hasTail: Bool { unfoldedChanges > 0 || isDigestBehind }
    }

    /// How long no write must have come before the tail is folded.
    package static let quietMilliseconds: UInt64 = 40
    /// A tail of so many changes is folded without waiting.
    package static let tailChangesMax = 20_000
    /// Held entries are tried again this often; a stamp in the future becomes due without any
    /// event. So is a fold that failed.
    package static let retryMilliseconds: UInt64 = 5_000

    private struct Waiting {
        var until: UInt64
        /// What was applied when the waiting began: the moment is quiet if that is still so at its
        /// end.
        var seen: VersionVector
    }

    private var waiting: Waiting?
    private var isTidying = false
    /// Something has come while a fold was under way.
    private var hasNews = false
    private var isWalking = false
    private var nextRetry: UInt64 = 0

    package init() {}

    package mutating func handle(_ event: Event, _ look: Look, now: UInt64) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .began: nextRetry = now
        case .changed: if isTidying { hasNews = true } else { actions += awaitQuiet(look, now) }
        case .due: actions += quieten(look, now)
        case .tidied:
            isTidying = false
            // What failed comes again with the next retry; what came meanwhile waits for a quiet
            // moment of its own.
            if hasNews { actions += awaitQuiet(look, now) }
            hasNews = false
        case .walked:
            isWalking = false
            nextRetry = now &+ Self.retryMilliseconds
        }
        if !isWalking, now >= nextRetry {
            if look.needsHousekeeping { actions += tidy() }
            isWalking = true
            actions.append(.walk)
        }
        return actions + (wakeAt.map { [.wake(at: $0)] } ?? [])
    }

    private mutating func awaitQuiet(_ look: Look, _ now: UInt64) -> [Action] {
        guard waiting == nil, look.hasTail else { return [] }
        if look.unfoldedChanges >= Self.tailChangesMax { return tidy() }
        waiting = Waiting(until: now &+ Self.quietMilliseconds, seen: look.applied)
        return []
    }

    /// The end of a wait. While writes keep coming, folding waits for a pause, but not beyond the
    /// limit of the tail.
    private mutating func quieten(_ look: Look, _ now: UInt64) -> [Action] {
        guard let waited = waiting, now >= waited.until else { return [] }
        guard look.applied == waited.seen || look.unfoldedChanges >= Self.tailChangesMax else {
            waiting = Waiting(until: now &+ Self.quietMilliseconds, seen: look.applied)
            return []
        }
        waiting = nil
        return tidy()
    }

    private mutating func tidy() -> [Action] {
        if isTidying { return [] }
        (isTidying, waiting) = (true, nil)
        return [.tidy]
    }

    private var wakeAt: UInt64? {
        let times = [waiting?.until, isWalking ? nil : nextRetry].compactMap { $0 }
        return times.min()
    }
}
