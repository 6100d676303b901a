import Testing

@testable import ParkSyncSimulation

/// Histories beside a park that serves false snapshots and falsifies branches: each of its lies is
/// told, and comes to nothing.
@Suite struct LiarHistoryTests {
    /// Together they tell every lie, and come to everything that is wanted.
    static let seeds: [UInt64] = [1, 2, 3, 4, 67, 74, 90, 93, 102, 106, 110, 113, 114, 140, 165, 176]

    private static func counters(of seeds: some Sequence<UInt64>) throws -> Counters {
        var counters = Counters()
        for seed in seeds {
            let outcome = try World.run(History(seed: seed, profile: .liar, stepsMax: 100))
            #expect(outcome.broken == nil, "\(seed): \(outcome.broken.map { "\($0)" } ?? "")")
            counters.add(outcome.counters)
        }
        return counters
    }

    @Test func everySnapshotAndBranchLieIsToldAndFound() async throws {
        // Two halves at a time: it is the longest of all, and one processor would have nothing to
        // do at its end.
        let counters = try await withThrowingTaskGroup(of: Counters.self) { group in
            for half in 0..<2 as Range<UInt64> {
                group.addTask {
                    try Self.counters(
                        of: Self.seeds.enumerated().filter { UInt64($0.offset) % 2 == half }.map(\.element))
                }
            }
            return try await group.reduce(into: Counters()) { $0.add($1) }
        }
        for lie in SnapshotLie.allCases {
            #expect(counters["snapshot lie \(lie.rawValue)"] > 0, "\(lie) was never told")
        }
        for lie in BranchLie.allCases { #expect(counters["branch lie \(lie)"] > 0, "\(lie) was never told") }
        let wanted = [
            "snapshot of the liar as it is", "began with the liar's snapshot", "began with nothing beside the liar",
            "old backup restored",
            "head guard: fetched a branch beside the log", "head guard: set a branch aside",
            "branch taken from another park than the liar",
            "liar named: false-snapshot", "liar named: false-entries", "liar named: withheld-entries",
            "liar named: false-head",
        ]
        for name in wanted { #expect(counters[name] > 0, "\(name) never happened") }
    }
}
