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
        var known = moments[subject.id] ?? [:]
        let unknown = subject.steps.filter { parks[$0.request] != nil && known[$0.id] == nil }
        if !unknown.isEmpty {
            let seen = try await store.seenByAuthors()
            let births = try await store.births(
                table: "step",
                keys: unknown.map {
                    [.string(subject.id.text), .string($0.request.text), .integer($0.n), .string($0.id.text)]
                })
            for (step, birth) in zip(unknown, births) {
                guard let birth, let parks = parks[step.request] else { continue }
                let isSeen = parks.allSatisfy { park in
                    seen.contains { ExactText($0.key.park) == park && $0.value[birth.origin] >= birth.seq }
                }
                if isSeen { known[step.id] = now }
            }
        }
        for place in subject.steps.indices { subject.steps[place].seenAt = known[subject.steps[place].id] }
        let there = Set(subject.steps.map(\.id))
        known = known.filter { there.contains($0.key) }
        moments[subject.id] = known.isEmpty ? nil : known
    }
}
