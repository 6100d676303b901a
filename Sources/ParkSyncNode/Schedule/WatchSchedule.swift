/// When a node looks at its own status, so as to tell what has changed: when something was applied
/// or sealed, and now and then.
package struct WatchSchedule: Sendable {
    package enum Event: Hashable, Sendable {
        case began
        /// The store has told its observers of something.
        case changed
        case due
        case looked
    }

    package enum Action: Hashable, Sendable {
        case wake(at: UInt64)
        case look
    }

    /// Clocks, certificates and comparisons change without the store's doing.
    package static let lookMilliseconds: UInt64 = 5_000
    /// Under load the status is looked at this often at most.
    package static let spacingMilliseconds: UInt64 = 1_000

    private var pacing = Pacing(interval: Self.lookMilliseconds, spacing: Self.spacingMilliseconds)

    package init() {}

    package mutating func handle(_ event: Event, now: UInt64) -> [Action] {
        switch event {
        case .began, .due: break
        case .changed: pacing.want()
        case .looked: pacing.ended(now)
        }
        if pacing.begin(now) { return [.look] }
        return pacing.wakeAt.map { [.wake(at: $0)] } ?? []
    }
}
