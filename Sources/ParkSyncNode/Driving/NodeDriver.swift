import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import Synchronization

/// Does what a node's schedules decide. Ends of works are told on any thread, also before the call
/// returns.
///
/// The daemon's hands start a task for each, write the journal, and have a timer; the simulator's
/// put it on a lane of virtual time. Neither decides when.
package protocol NodeHands: AnyObject, Sendable {
    /// Rings at this monotonic time or earlier. The earliest of those that were asked for counts;
    /// the others are forgotten.
    func wake(at time: UInt64, then ring: @escaping @Sendable () -> Void)
    /// `ParkStore.sealForeign`. A failure is `done`.
    func seal(then finish: @escaping @Sendable (SealSchedule.Outcome) -> Void)
    /// `ParkStore.housekeep`.
    func tidy(then finish: @escaping @Sendable () -> Void)
    /// `ParkStore.walkLog`.
    func walk(then finish: @escaping @Sendable () -> Void)
    /// What fails is kept until `endRetention`.
    func retain(_ work: RetentionSchedule.Work, then finish: @escaping @Sendable () -> Void)
    /// Says what came of the works of a turn.
    func endRetention()
    func decide(anew: Bool, then finish: @escaping @Sendable (Decided) -> Void)
    /// Looks at the node's own status, and tells what has changed.
    func watch(then finish: @escaping @Sendable () -> Void)
}

/// What came of a look at what is asked.
package enum Decided: Hashable, Sendable {
    case done(ArbitrationSchedule.Again)
    /// - Parameter hasRead: whether it is known what is open.
    case failed(hasRead: Bool)
}

/// Drives a node's schedules: tells them what has happened, and has done what they say.
package final class NodeDriver: Sendable {
    private let store: ParkStore
    private let clock: any NodeClock
    private let hands: any NodeHands
    private let schedule: Mutex<NodeSchedule>

    package init(_ store: ParkStore, clock: any NodeClock, schedule: NodeSchedule, hands: any NodeHands) {
        (self.store, self.clock, self.hands) = (store, clock, hands)
        self.schedule = Mutex(schedule)
    }

    /// - Returns: a token with which the driver hears of what the store publishes; it ends with the
    ///   token.
    package func begin() -> ObservationToken {
        let token = store.observe { [weak self] in self?.handle(.storeChanged) }
        handle(.began)
        return token
    }

    package func handle(_ event: NodeSchedule.Event) {
        // Read under the lock, so that no schedule hears of a moment after a later one. The store
        // calls nobody with a lock of its own in hand.
        let actions = schedule.withLock { $0.handle(event, at: moment) }
        // Not under the lock: what ends at once is told at once. Each work is asked for once until
        // it has ended, so that no order is lost.
        for action in actions { perform(action) }
    }

    private var moment: NodeSchedule.Moment {
        let (state, counts) = (store.state(), store.counts)
        let tail = FoldSchedule.Look(
            applied: state.applied, unfoldedChanges: counts.unfoldedChanges,
            isDigestBehind: state.digest?.vector != state.applied,
            needsHousekeeping: store.needsHousekeeping)
        return NodeSchedule.Moment(
            now: clock.monotonicMilliseconds(), standing: store.standing(), isFenced: counts.fenced != nil,
            zone: store.zoneNews(), tail: tail)
    }

    private func perform(_ action: NodeSchedule.Action) {
        switch action {
        case .wake(let time): hands.wake(at: time) { [weak self] in self?.handle(.due) }
        case .seal: hands.seal { [weak self] in self?.handle(.sealed($0)) }
        case .tidy: hands.tidy { [weak self] in self?.handle(.tidied) }
        case .walk: hands.walk { [weak self] in self?.handle(.walked) }
        case .retain(let work): hands.retain(work) { [weak self] in self?.handle(.retained(work)) }
        case .endRetention: hands.endRetention()
        case .decide(let isAnew):
            hands.decide(anew: isAnew) { [weak self] end in
                switch end {
                case .done(let again): self?.handle(.decided(again))
                case .failed(let hasRead): self?.handle(.notDecided(hasRead: hasRead))
                }
            }
        case .watch: hands.watch { [weak self] in self?.handle(.watched) }
        }
    }
}
