import ParkSyncNode
import ParkSyncReplication
import ParkSyncStore
import ServiceLifecycle
import Synchronization

/// Stops the writing of a park that nobody takes for a member of the zone any more: what it wrote
/// would never leave it.
///
/// A park that was taken out by a fence gets the fence itself, as a signed entry. This is for one
/// that was left out of the others' configurations, and for one that never was in them.
final class ExclusionService: Service {
    private let store: ParkStore
    private let driver: ReplicationDriver
    private let clock: any NodeClock
    private let journal: Journal
    private let schedule = Mutex(ExclusionSchedule())

    init(store: ParkStore, driver: ReplicationDriver, clock: any NodeClock, journal: Journal) {
        (self.store, self.driver, self.clock, self.journal) = (store, driver, clock, journal)
    }

    func run() async throws {
        try await untilShutdown { [self] in
            var event = ExclusionSchedule.Event.began
            while true {
                switch handle(event).first {
                case .wake(let time)?:
                    try await clock.sleep(until: time)
                    event = .due
                case .setExcluded(let parks)?:
                    try await set(parks)
                    event = .set
                case nil:
                    try await clock.sleep(until: clock.monotonicMilliseconds() &+ ExclusionSchedule.lookMilliseconds)
                    event = .due
                }
            }
        }
    }

    private func handle(_ event: ExclusionSchedule.Event) -> [ExclusionSchedule.Action] {
        let look = ExclusionSchedule.Look(
            refusing: driver.excluding(), excludedBy: store.counts.excludedBy, isReady: store.standing().isReady,
            isLinked: driver.isLinked())
        return schedule.withLock { $0.handle(event, look, now: clock.monotonicMilliseconds()) }
    }

    private func set(_ parks: [String]) async throws {
        do {
            try await store.setExcluded(by: parks)
            journal.works("exclusion", .mendedWork("exclusion"))
        } catch { return journal.fails("exclusion", .exclusionFailed(error)) }
        journal.write(parks.isEmpty ? .admitted : .excluded(by: parks))
    }

    /// The operator lets the park write until somebody knows it again.
    ///
    /// - Parameter isEarly: it may be that nobody knows the park, and has not come out yet.
    /// - Returns: false if nothing is known that keeps it from writing.
    func overrule(reason: String, isEarly: Bool) -> Bool {
        let isExcluded = !store.counts.excludedBy.isEmpty
        guard isExcluded || isEarly else { return false }
        _ = handle(.overruled(isEarly: isEarly))
        if isExcluded { journal.write(.overruled(reason: reason)) }
        return isExcluded
    }
}
