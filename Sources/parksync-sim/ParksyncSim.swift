import ArgumentParser
import Foundation
import ParkSyncSimulation

@main
struct ParksyncSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parksync-sim",
        abstract: "Runs histories of whole nodes on virtual time, disks and links, and checks what is promised.",
        discussion: """
            The shipped store, replication and merge run in one thread; a seed decides what is written, what fails, \
            and when. A history that \
            breaks a promise is named with one command that runs it again, and is shortened. The exit status is 1 then.
            """)

    @Option(help: ArgumentHelp("Run the history of one seed.", valueName: "n")) var seed: UInt64?
    @Option(help: ArgumentHelp("Run the histories of these seeds, for example 1..200.", valueName: "a..b")) var seeds:
        SeedRange?
    @Option(help: ArgumentHelp("Run seeds, from 1 or the first of --seeds on, for so long.", valueName: "minutes"))
    var minutes: Double?
    @Option(help: ArgumentHelp("Run the history in a file, as it is printed for a seed that fails.", valueName: "file"))
    var history: String?
    @Option(help: "One profile instead of all in turn: \(Profile.allCases.map(\.rawValue).joined(separator: ", ")).")
    var profile: Profile?
    @Option(help: ArgumentHelp("Most steps of a history.", valueName: "n")) var steps = 240
    @Option(help: ArgumentHelp("Write the figures to a file.", valueName: "file")) var json: String?
    @Option(help: ArgumentHelp("Processes that share the seeds.", valueName: "n")) var jobs = 1
    @Option(help: ArgumentHelp("Longest time for shortening a history.", valueName: "seconds")) var shrinkSeconds = 60
    @Flag(help: "Merge wrongly on purpose: every run must fail then.") var canary = false
    @Flag(help: "Print the history of the seed instead of running it.") var printHistory = false
    @Flag(help: "Tell what happens, step by step.") var verbose = false

    func validate() throws {
        guard [seed != nil, seeds != nil || minutes != nil, history != nil].filter({ $0 }).count <= 1 else {
            throw ValidationError("--seed, --seeds (or --minutes) and --history exclude one another.")
        }
        guard (1...64).contains(jobs), (1...100_000).contains(steps) else {
            throw ValidationError("--jobs is from 1 to 64, --steps from 1 to 100,000.")
        }
        if let minutes, !(minutes > 0 && minutes <= 100_000) { throw ValidationError("--minutes is more than 0.") }
    }

    func run() throws {
        if printHistory { return say(History(seed: seed ?? 1, profile: profile, stepsMax: steps).text, end: "") }
        var summary: Summary
        if let history {
            summary = Summary()
            let given = try History(
                parsing: String(decoding: Data(contentsOf: URL(fileURLWithPath: history)), as: UTF8.self))
            runOne(given, command: "parksync-sim --history \(history)", shrinks: false, into: &summary)
        } else if jobs > 1 {
            summary = try Jobs(count: jobs).run(
                range, minutes: minutes, arguments: passedOn + ["--shrink-seconds", "\(shrinkSeconds)"])
        } else {
            summary = runRange()
        }
        say(summary.text)
        if let json { try summary.encoded().write(to: URL(fileURLWithPath: json)) }
        if !summary.failures.isEmpty { throw ExitCode(1) }
    }

    private var range: ClosedRange<UInt64> {
        if let seed { return seed...seed }
        if let seeds { return minutes == nil ? seeds.seeds : seeds.seeds.lowerBound...UInt64.max }
        return minutes == nil ? 1...1 : 1...UInt64.max
    }

    /// What a process that shares the work needs to know besides its seeds.
    private var passedOn: [String] {
        (canary ? ["--canary"] : []) + (steps == 240 ? [] : ["--steps", "\(steps)"])
            + (profile.map { ["--profile", $0.rawValue] } ?? [])
    }

    private func runRange() -> Summary {
        var summary = Summary()
        let clock = ContinuousClock()
        let start = clock.now
        let end = minutes.map { start + .milliseconds(Int64($0 * 60_000)) }
        for seed in range {
            if let end, clock.now >= end { break }
            let command = "parksync-sim --seed \(seed)" + passedOn.map { " " + $0 }.joined()
            runOne(
                History(seed: seed, profile: profile, stepsMax: steps), command: command, shrinks: true, into: &summary)
        }
        summary.seconds = (clock.now - start) / .seconds(1)
        return summary
    }

    private func runOne(_ history: History, command: String, shrinks: Bool, into summary: inout Summary) {
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let outcome = try World.run(history, hasCanary: canary, tell: verbose ? { say($0) } : nil)
            summary.add(outcome, seconds: (clock.now - start) / .seconds(1))
            guard let broken = outcome.broken else { return }
            say("\(command): \(broken)")
            summary.failures.append(Summary.Failure(command: command, promise: broken.promise, what: broken.what))
            if shrinks, shrinkSeconds > 0 { shrink(history, broken) }
        } catch {
            say("\(command): the world cannot be made: \(error)")
            summary.failures.append(Summary.Failure(command: command, promise: -1, what: "\(error)"))
        }
    }

    private func shrink(_ history: History, _ broken: Broken) {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(shrinkSeconds)
        var shrinker = Shrinker(isOver: { clock.now >= end }) {
            (try? World.run($0, hasCanary: canary))?.broken?.promise == broken.promise
        }
        let small = shrinker.shrink(history)
        say(
            """
            ; \(small.steps.count) of \(history.steps.count) steps break it still (\(shrinker.runs) runs); run \
            it with --history FILE
            """
        )
        say(small.text, end: "")
    }
}

extension Profile: ExpressibleByArgument {}

/// `1..200`
struct SeedRange: ExpressibleByArgument {
    var seeds: ClosedRange<UInt64>
    init?(argument: String) {
        let ends = argument.split(separator: ".", omittingEmptySubsequences: false)
        guard ends.count == 3, ends[1].isEmpty, let first = UInt64(ends[0]), let last = UInt64(ends[2]), first <= last
        else { return nil }
        seeds = first...last
    }
}
