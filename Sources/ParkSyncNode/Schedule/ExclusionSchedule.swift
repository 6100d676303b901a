/// Stops the writing of a park that nobody takes for a member of the zone any more: what it wrote
/// would never leave it.
///
/// A park that was taken out by a fence gets the fence itself, as a signed entry. This is for one
/// that was left out of the others' configurations, and for one that never was in them.
package struct ExclusionSchedule: Sendable {
    package enum Event: Hashable, Sendable {
        case began
        case due
        /// The operator lets the park write until somebody knows it again.
        /// - Parameter isEarly: it may be that nobody knows the park, and has not come out yet.
        case overruled(isEarly: Bool)
        /// The store has taken, or could not take, what it was told.
        case set
    }

    package enum Action: Hashable, Sendable {
        case wake(at: UInt64)
        /// `ParkStore.setExcluded`; empty when somebody knows the park.
        case setExcluded(by: [String])
    }

    /// What is known at the moment of an event.
    package struct Look: Hashable, Sendable {
        /// Parks that refuse this one while nobody takes it for a member:
        /// `ReplicationDriver.excluding`.
        package var refusing: [String]
        /// What the store was told last.
        package var excludedBy: [String]
        /// The own log is known to be the newest.
        package var isReady: Bool
        /// Whether any peer is in reach.
        package var isLinked: Bool

        package init(refusing: [String], excludedBy: [String], isReady: Bool, isLinked: Bool) {
            (self.refusing, self.excludedBy, self.isReady, self.isLinked) = (refusing, excludedBy, isReady, isLinked)
        }
    }

    /// What the operator has said about it.
    private enum Overruling: Hashable, Sendable {
        case none
        /// The park writes if it comes out that nobody knows it; said while the log was still being
        /// compared.
        case ahead
        /// The park writes until somebody knows it again.
        case inForce
    }

    package static let lookMilliseconds: UInt64 = 500

    private var pacing = Pacing(interval: Self.lookMilliseconds, spacing: 0)
    private var overruling = Overruling.none

    package init() {}

    package mutating func handle(_ event: Event, _ look: Look, now: UInt64) -> [Action] {
        switch event {
        case .began, .due: break
        case .set: pacing.ended(now)
        case .overruled(let isEarly):
            if !look.excludedBy.isEmpty { overruling = .inForce } else if isEarly { overruling = .ahead }
            // What comes of it shows at the next look. Whoever says so need not carry anything out.
            return []
        }
        guard pacing.begin(now) else { return wake }
        switch (overruling, look.refusing.isEmpty) {
        case (.inForce, true): overruling = .none
        case (.ahead, true): if look.isReady, look.isLinked { overruling = .none }
        case (.ahead, false): overruling = .inForce
        case (.inForce, false), (.none, _): break
        }
        let parks = overruling == .none ? look.refusing : []
        if parks != look.excludedBy { return [.setExcluded(by: parks)] }
        pacing.ended(now)
        return wake
    }

    private var wake: [Action] { pacing.wakeAt.map { [.wake(at: $0)] } ?? [] }
}
