import Testing

@testable import ParkSyncSimulation

/// A fault that never happens tests nothing.
@Suite struct FaultCountTests {
    /// Histories that were chosen because together they meet every fault.
    static let seeds: [UInt64] = [2, 4, 5, 6, 9, 12, 13, 16, 20, 27]

    static let wanted = [
        "died in a disk write", "disk bitFlip", "disk full", "disk powerLoss", "disk readError", "disk syncError", "disk syncForgets",
        "disk writeError", "file lost", "link dripped", "link duplicated", "link garbled", "link lostAnswer", "link refused", "link reset",
        "link silent", "link tail", "other programs' transactions", "power loss dropped a write", "power loss kept a write",
        "power loss tore a write", "recovered", "schema installed", "seal while a program writes", "step ahead", "step behind", "step delay",
        "step drift", "step pause", "step resume", "step split", "transactions",
    ]

    @Test func everyFaultHappens() throws {
        var counters = Counters()
        for seed in Self.seeds {
            let outcome = try World.run(History(seed: seed, stepsMax: 120))
            #expect(outcome.broken == nil, "\(seed): \(outcome.broken.map { "\($0)" } ?? "")")
            counters.add(outcome.counters)
        }
        for name in Self.wanted { #expect(counters[name] > 0, "\(name) never happened") }
    }
}
