/// When what other programs wrote is sealed: as soon as the kernel reports a write to the file.
package struct SealSchedule: Sendable {
    package enum Event: Hashable, Sendable {
        case began
        /// The kernel has reported a write.
        case wrote
        /// The time of a `wake` has come.
        case due
        case ended(Outcome)
    }

    package enum Outcome: Hashable, Sendable {
        /// All that is visible is sealed, or there was nothing; also when it failed: the next write
        /// or look tries again.
        case done
        /// A program is writing at this moment. What it writes becomes visible a moment after the
        /// kernel has reported it.
        case writerActive
    }

    package enum Action: Hashable, Sendable {
        case wake(at: UInt64)
        case seal
    }

    /// Writers that the kernel does not report (a file system without inotify) are found by looking
    /// this often.
    package static let lookMilliseconds: UInt64 = 5_000
    /// While a program holds the write lock, it is looked at again this often.
    package static let activeMilliseconds: UInt64 = 5
    /// Least time between two seals: each takes the page cache away from the program that writes,
    /// so that one which writes without a pause is sealed in larger pieces. A single write is
    /// sealed at once.
    package static let spacingMilliseconds: UInt64 = 10

    private var pacing = Pacing(interval: Self.lookMilliseconds, spacing: Self.spacingMilliseconds)

    package init() {}

    package mutating func handle(_ event: Event, now: UInt64) -> [Action] {
        switch event {
        case .began, .due: break
        case .wrote: pacing.want()
        case .ended(.done): pacing.ended(now)
        case .ended(.writerActive):
            pacing.ended(now, pause: Self.activeMilliseconds)
            pacing.want()
        }
        if pacing.begin(now) { return [.seal] }
        return pacing.wakeAt.map { [.wake(at: $0)] } ?? []
    }
}
