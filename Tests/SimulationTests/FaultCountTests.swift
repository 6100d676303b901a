import Testing

@testable import ParkSyncSimulation

/// A fault that never happens tests nothing.
@Suite struct FaultCountTests {
    /// Histories that were chosen because together they meet every fault.
    static let histories: [(profile: Profile, seed: UInt64)] = [
        (.mixed, 16), (.mixed, 19), (.mixed, 24), (.mixed, 34), (.liar, 4), (.liar, 8), (.liar, 11), (.liar, 31),
        (.fence, 9), (.fence, 11),
        (.clock, 12), (.disk, 7), (.people, 14), (.frames, 1), (.frames, 3), (.frames, 5), (.frames, 6), (.frames, 8),
        (.frames, 10), (.frames, 11),
        (.frames, 15), (.frames, 16), (.frames, 17), (.frames, 18), (.frames, 19), (.frames, 20),
        (.frames, 102),
        (.retention, 1), (.retention, 2), (.people, 1), (.network, 4),
    ]

    static let wanted = [
        "acknowledged", "archived entries", "bundle taken", "bundle taken twice", "clone took over",
        "died in a disk write", "disk bitFlip",
        "disk full", "disk lostSync", "disk powerLoss", "disk readError", "disk syncError", "disk syncForgets",
        "disk writeError", "dropped traces",
        "entries in bundles", "entries written anew", "fence", "fence heard", "file lost",
        "fork noticed by other tables", "frame lie boast",
        "frame lie falseHead", "frame lie falseThird", "frame lie gone",
        "frame lie withheldHead", "liar acknowledged", "liar named: false-head", "liar named: unknown-origin",
        "other tables of the liar noticed", "request lie digest", "request lie own-logs", "request lie schema",
        "request lie stranger",
        "liar wrote to rows that are compacted",
        "head guard: fetched own entries",
        "incarnation opened", "link dripped",
        "link duplicated", "link garbled", "link lostAnswer", "link refused", "link reset", "link silent", "link tail",
        "newer software noticed",
        "old backup restored", "older software noticed",
        "other programs' transactions", "power loss dropped a write", "power loss kept a write",
        "power loss on a lying disk",
        "power loss tore a write", "recovered", "schema installed", "seal while a program writes", "snapshot taken",
        "step ahead", "step behind",
        "step delay", "step drift", "step pause", "step resume", "step split", "transaction failed: fenced",
        "transactions",
        "writes accepted without peers",
    ]

    @Test func everyFaultHappens() async throws {
        // Side by side: one after the other they take as long as all other tests of the simulator
        // together.
        let counters = try await withThrowingTaskGroup(of: Counters.self) { group in
            for (profile, seed) in Self.histories {
                group.addTask {
                    let outcome = try World.run(History(seed: seed, profile: profile, stepsMax: 100))
                    #expect(outcome.broken == nil, "\(profile) \(seed): \(outcome.broken.map { "\($0)" } ?? "")")
                    return outcome.counters
                }
            }
            return try await group.reduce(into: Counters()) { $0.add($1) }
        }
        for lie in Lie.allCases { #expect(counters["lie \(lie)"] > 0, "\(lie) was never told") }
        for lie in StreamLie.allCases {
            #expect(counters["stream lie \(lie.rawValue)"] > 0, "\(lie) was heard by nobody")
        }
        for name in Self.wanted { #expect(counters[name] > 0, "\(name) never happened") }
    }
}
