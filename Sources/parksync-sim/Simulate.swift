import ArgumentParser
import ParkSyncSimulation

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parksync-sim", abstract: "Runs histories of whole nodes on virtual time, disks and links, and checks what is promised.")

    @Option(help: "Run the history of this seed.") var seed: UInt64?
    @Option(help: "Run the histories of these seeds, as in 1..200.") var seeds: String?

    func run() throws {
        var range: ClosedRange<UInt64> = 1...1
        if let seed { range = seed...seed }
        if let seeds {
            let ends = seeds.split(separator: ".", omittingEmptySubsequences: true).compactMap { UInt64($0) }
            if ends.count == 2, ends[0] <= ends[1] { range = ends[0]...ends[1] }
        }
        let clock = ContinuousClock()
        let start = clock.now
        var counters = Counters()
        var (steps, events) = (0, 0)
        for seed in range {
            let outcome = try World.run(History(seed: seed))
            (steps, events) = (steps + outcome.steps, events + outcome.events)
            counters.add(outcome.counters)
            if let broken = outcome.broken { print("seed \(seed) \(Profile.of(seed: seed)): \(broken)") }
            if self.seed != nil { print("trace \(String(outcome.trace, radix: 16)) virtual \(outcome.virtualMilliseconds) ms, \(outcome.comparisons) comparisons") }
        }
        let took = clock.now - start
        print("\(steps) steps, \(events) events in \(took)")
        for (name, count) in counters.sorted { print("  \(name): \(count)") }
    }
}
