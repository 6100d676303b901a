import Testing

@testable import ParkSyncSimulation

/// Rows are changed past capture while nodes write, exchange and die.
@Suite struct HandTests {
    /// Every kind of hand is laid on, and what it did is found and repaired both ways.
    @Test func whatHandsDoIsFoundAndRepaired() throws {
        var counters = Counters()
        for seed in 1...8 as ClosedRange<UInt64> {
            let outcome = try World.run(History(seed: seed, profile: .hands, stepsMax: 120))
            #expect(outcome.broken == nil, "\(seed): \(outcome.broken.map { "\($0)" } ?? "")")
            counters.add(outcome.counters)
        }
        for name in [
            "row changed past capture", "hand blobWrite", "hand writtenWithoutTrigger", "hand deletedWithoutTrigger",
            "hand garbageCaptured",
            "hand countedOn", "hand countForged", "changed counter counted on", "garbage set aside",
            "rows verified on demand",
            "difference found", "difference published", "difference repaired from the log",
        ] { #expect(counters[name] > 0, "\(name) never happened: \(counters.sorted)") }
    }

    @Test func aHistoryWithHandsIsTheSameTwice() throws {
        let history = History(seed: 3, profile: .hands, stepsMax: 60)
        let (first, second) = (try World.run(history), try World.run(history))
        #expect(first.trace == second.trace && first.counters == second.counters)
    }
}
