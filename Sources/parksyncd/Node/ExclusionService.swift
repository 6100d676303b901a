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
    /// What the operator has said about it.
    private enum Overruling: UInt8, AtomicRepresentable {
        case none
        /// The park writes if it comes out that nobody knows it; said while the log was still being compared.
        case ahead
        /// The park writes until somebody knows it again.
        case inForce
    }
    private let overruling = Atomic(Overruling.none)

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
        let isForgotten: Bool
        switch (overruling.load(ordering: .relaxed), refusing.isEmpty) {
        case (.inForce, true): isForgotten = true
        case (.ahead, true): isForgotten = store.standing().isReady && driver.isLinked()
        case (.ahead, false):
            overruling.store(.inForce, ordering: .relaxed)
            isForgotten = false
        default: isForgotten = false
        }
        if isForgotten { overruling.store(.none, ordering: .relaxed) }
        let parks = overruling.load(ordering: .relaxed) == .none ? refusing : []
        guard parks != store.counts.excludedBy else { return }
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
        overruling.store(isExcluded ? .inForce : .ahead, ordering: .relaxed)
        if isExcluded { journal.write(.overruled(reason: reason)) }
        return isExcluded
    }
}
