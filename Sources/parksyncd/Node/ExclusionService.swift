import ParkSyncReplication
import ParkSyncStore
import ServiceLifecycle
import Synchronization

/// Stops the writing of a park that nobody takes for a member of the zone any more: what it wrote would never leave it.
///
/// A park that was taken out by a fence gets the fence itself, as a signed entry. This is for one that was left out of the others'
/// configurations, and for one that never was in them.
final class ExclusionService: Service {
    private let store: ParkStore
    private let driver: ReplicationDriver
    private let clock: any NodeClock
    private let journal: Journal
    /// The operator has said that the park writes all the same.
    private let isOverruled = Atomic(false)

    static let lookMilliseconds: UInt64 = 500

    init(store: ParkStore, driver: ReplicationDriver, clock: any NodeClock, journal: Journal) {
        (self.store, self.driver, self.clock, self.journal) = (store, driver, clock, journal)
    }

    func run() async throws {
        try await untilShutdown { [self] in
            while !Task.isCancelled {
                try await look()
                try await clock.sleep(until: clock.monotonicMilliseconds() + Self.lookMilliseconds)
            }
        }
    }

    private func look() async throws {
        let refusing = driver.excluding()
        if refusing.isEmpty { isOverruled.store(false, ordering: .relaxed) }
        let parks = isOverruled.load(ordering: .relaxed) ? [] : refusing
        guard parks != store.counts.excludedBy else { return }
        do {
            try await store.setExcluded(by: parks)
            journal.works("exclusion", .mendedWork("exclusion"))
        } catch { return journal.fails("exclusion", .exclusionFailed(error)) }
        journal.write(parks.isEmpty ? .admitted : .excluded(by: parks))
    }

    /// The operator lets the park write until somebody knows it again.
    ///
    /// - Returns: false if nothing kept it from writing.
    func overrule(reason: String) -> Bool {
        guard !store.counts.excludedBy.isEmpty else { return false }
        isOverruled.store(true, ordering: .relaxed)
        journal.write(.overruled(reason: reason))
        return true
    }
}
