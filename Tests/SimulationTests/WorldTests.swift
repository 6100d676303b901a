import ParkSyncReplication
import Synchronization
import Testing

@testable import ParkSyncSimulation

/// Histories of whole nodes. Each seed stands for one; `parksync-sim --seed N` runs it.
@Suite struct WorldTests {
    /// Of each profile, small ones, and those that found something once
    /// (docs/internals/simulation.md).
    @Test(arguments: Profile.allCases) func smallHistoriesKeepThePromises(_ profile: Profile) throws {
        // Histories in which all nodes understand each other: they have much to compare.
        let histories = (11...13 as ClosedRange<UInt64>).map {
            History(seed: $0, profile: profile, nodes: 3, stepsMax: 60)
        }
        let outcomes = try histories.map { try World.run($0) }
        for (history, outcome) in zip(histories, outcomes) {
            #expect(outcome.broken == nil, "\(profile) \(history.seed): \(outcome.broken.map { "\($0)" } ?? "")")
            #expect(outcome.comparisons > 3 && outcome.steps >= 30)
        }
        // One history is one trace, and each has its own.
        let (first, again) = (outcomes[0], try World.run(histories[0]))
        #expect(first.trace == again.trace && first.events == again.events && first.counters == again.counters)
        #expect(Set(outcomes.map(\.trace)).count == outcomes.count)
    }

    /// Seeds that broke a promise once, found among 20,000; the bugs are listed in
    /// docs/internals/simulation.md.
    @Test(arguments: [4_881, 6_538, 7_728, 9_955, 15_171] as [UInt64]) func whatFailedOnceHolds(_ seed: UInt64) throws {
        let outcome = try World.run(History(seed: seed, stepsMax: 60))
        #expect(outcome.broken == nil, "\(outcome.broken.map { "\($0)" } ?? "")")
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func aWrongMergeIsNoticed(_ seed: UInt64) throws {
        let history = History(seed: seed, profile: .calm, nodes: 4, stepsMax: 120)
        #expect(try World.run(history).broken == nil)
        #expect(try World.run(history, hasCanary: true).broken?.promise == 2)
    }

    @Test func aHistoryIsAText() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let history = History(seed: seed)
            #expect(try History(parsing: history.text) == history)
        }
        #expect(throws: History.Malformed.self) {
            try History(parsing: "parksync history 1\nseed 1\nprofile calm\nnodes 2\n@1 kill n2\n")
        }
        #expect(throws: History.Malformed.self) {
            try History(parsing: "parksync history 1\nseed 1\nprofile none\nnodes 2\n")
        }
        #expect(
            Step(parsing: "@5 write n1 #7") == Step(5, .write, [1], 7) && Step(parsing: "5 write") == nil
                && Step(parsing: "@5 write x") == nil)
    }

    @Test func aFailingHistoryIsShortened() {
        let history = History(seed: 1, profile: .calm, nodes: 2, steps: (0..<100).map { Step($0, .write, [0], $0) })
        var shrinker = Shrinker(isOver: { false }) { history in
            history.steps.contains { $0.number == 17 } && history.steps.contains { $0.number == 80 }
        }
        #expect(shrinker.shrink(history).steps.map(\.number) == [17, 80])
        var late = Shrinker(isOver: { true }) { _ in true }
        #expect(late.shrink(history) == history)
    }

    @Test func aClockMayBeFastSlowAndWrong() {
        for drift in [-50_000, -1, 0, 1, 50_000] as [Int64] {
            let now = Mutex<UInt64>(0)
            let clock = ParkClock { now.withLock { $0 } }
            clock.drift = drift
            for time in [1, 999, 1_000_003, 86_400_000] as [UInt64] {
                let moment = clock.moment(monotonic: time)
                now.withLock { $0 = moment }
                #expect(clock.monotonicMilliseconds() >= time)
                now.withLock { $0 = moment - 1 }
                #expect(clock.monotonicMilliseconds() < time)
            }
        }
    }
}
