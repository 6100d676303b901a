import Testing

@testable import ParkSyncSimulation

/// A fault that never happens tests nothing.
@Suite struct FaultCountTests {
    /// Most histories that it may take until each fault has happened.
    static let seedsMax: UInt64 = 60

    static let wanted = [
        "died in a disk write", "disk bitFlip", "disk full", "disk powerLoss", "disk readError", "disk syncError", "disk syncForgets",
        "disk writeError", "file lost", "link dripped", "link duplicated", "link garbled", "link lostAnswer", "link refused", "link reset",
        "link silent", "link tail", "other programs' transactions", "power loss dropped a write", "power loss kept a write",
        "power loss tore a write", "recovered", "schema installed", "seal while a program writes", "step ahead", "step behind", "step delay",
        "step drift", "step pause", "step resume", "step split", "transactions",
    ]

    @Test func everyFaultHappens() throws {
        var counters = Counters()
        for seed in 1...Self.seedsMax where Self.wanted.contains(where: { counters[$0] == 0 }) {
            let outcome = try World.run(History(seed: seed, stepsMax: 120))
            #expect(outcome.broken == nil, "\(seed): \(outcome.broken.map { "\($0)" } ?? "")")
            counters.add(outcome.counters)
        }
        for name in Self.wanted { #expect(counters[name] > 0, "\(name) never happened") }
    }
}
