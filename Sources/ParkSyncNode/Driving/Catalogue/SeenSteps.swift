import ParkSyncCatalog
import ParkSyncCore
import ParkSyncStore

/// Which steps the parks that they wait for have seen, and since when this node knows it: deadlines
/// that wait for others run from then.
///
/// That a park has seen a step, its entries tell: the step's entry is among their dependencies.
/// Since when the node has known that, no table says. After a start all that is known then is known
/// since then, so that a deadline can fire later than it had to, and never too early.
struct SeenSteps {
    private var moments: [ExactText: [ExactText: Instant]] = [:]

    /// Tells the steps of a subject when they were seen.
    mutating func mark(_ subject: inout CatalogueSubject, home: String, now: Instant, store: ParkStore) async throws {
        let parks = subject.waitingParks(home: home)
        // No later than now: the clock may have been set back since.
        var known = (moments[subject.id] ?? [:]).mapValues { min($0, now) }
        let unknown = subject.steps.filter { parks[$0.request] != nil && known[$0.id] == nil }
        if !unknown.isEmpty {
            let logs = try await store.seenByAuthors()
            let births = try await births(of: unknown, at: subject.id, logs, store)
            for (step, birth) in zip(unknown, births) {
                guard let birth, let parks = parks[step.request] else { continue }
                let isSeen = parks.allSatisfy { park in
                    logs.contains { ExactText($0.key.park) == park && $0.value.seen[birth.origin] >= birth.seq }
                }
                if isSeen { known[step.id] = now }
            }
        }
        for place in subject.steps.indices { subject.steps[place].seenAt = known[subject.steps[place].id] }
        let there = Set(subject.steps.map(\.id))
        known = known.filter { there.contains($0.key) }
        moments[subject.id] = known.isEmpty ? nil : known
    }

    /// The writes of the steps. Own entries are folded first if anybody may have seen more of them:
    /// otherwise nobody has seen a step that is not folded.
    private func births(
        of steps: [Arbiter.Step], at subject: ExactText,
        _ logs: [OriginID: (folded: UInt64, seen: VersionVector)], _ store: ParkStore
    ) async throws -> [WriteID?] {
        let keys = steps.map { step -> [Value] in
            [.string(subject.text), .string(step.request.text), .integer(step.n), .string(step.id.text)]
        }
        let births = try await store.births(table: "step", keys: keys)
        let own = store.state().origin
        let folded = logs[own]?.folded ?? 0
        guard births.contains(nil), logs.values.contains(where: { $0.seen[own] > folded }) else { return births }
        try await store.housekeep()
        return try await store.births(table: "step", keys: keys)
    }
}
