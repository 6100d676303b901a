/// When a home park's arbiter answers what was asked of it: as soon as it is visible and the node
/// may write.
package struct ArbitrationSchedule: Sendable {
    package enum Event: Hashable, Sendable {
        case began
        case changed
        case due
        /// What could be answered was.
        case decided(Again)
        /// - Parameter hasRead: whether it is known what is open.
        case failed(hasRead: Bool)
    }

    /// When the arbiter is to look once more without a change of the store.
    package enum Again: Hashable, Sendable {
        case never
        /// There is more than is answered in one go.
        case now
        /// Answers were set aside until this monotonic time.
        case at(UInt64)
    }

    package enum Action: Hashable, Sendable {
        case wake(at: UInt64)
        /// Answer what the newest entries ask. `anew`: look at all that is open, since entries may
        /// have taken the place of others that had their numbers, or nothing was looked at before.
        case decide(anew: Bool)
    }

    /// After a failure, since no other change need come.
    package static let retryMilliseconds: UInt64 = 5_000

    private var pacing = Pacing(interval: nil, spacing: 0)
    /// The next look is at all that is open.
    private var isAnew = true
    private var wasAnew = false
    private var retryAt: UInt64?

    package init() {}

    /// - Parameter mayDecide: the own log is known to be the newest. While own entries are fetched,
    ///   decisions of this node may still be on their way.
    package mutating func handle(_ event: Event, mayDecide: Bool, now: UInt64) -> [Action] {
        switch event {
        case .began, .changed: pacing.want()
        case .due: break
        case .decided(let again):
            pacing.ended(now)
            retryAt = nil
            switch again {
            case .never: break
            case .now: pacing.want()
            case .at(let time): retryAt = time
            }
        case .failed(let hasRead):
            pacing.ended(now)
            // What was not read to its end is read from the beginning.
            if wasAnew, !hasRead { isAnew = true }
            retryAt = now &+ Self.retryMilliseconds
        }
        guard mayDecide else {
            isAnew = true
            // The store tells when that is over.
            return []
        }
        if let time = retryAt, now >= time {
            retryAt = nil
            pacing.want()
        }
        if pacing.begin(now) {
            (wasAnew, isAnew) = (isAnew, false)
            return [.decide(anew: wasAnew)]
        }
        return retryAt.map { [.wake(at: $0)] } ?? []
    }
}
