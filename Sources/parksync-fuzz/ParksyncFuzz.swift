import ArgumentParser
import Foundation
import ParkSyncFuzz

@main
struct ParksyncFuzz: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parksync-fuzz", abstract: "Hands damaged bytes to the code that reads what comes from outside.",
        discussion: """
            The inputs follow from the seed. If the process ends by a trap, the input in hand is in the file that is \
            named at the start; \
            --input runs it again. The exit status is 1 if something was accepted that must not be.
            """)

    @Option(help: "The target; all in turn without one.") var target: String?
    @Option(help: "How long, in all.") var minutes = 1.0
    @Option(help: "What the inputs follow from.") var seed: UInt64 = 1
    @Option(help: "Run this file alone, once.") var input: String?
    @Option(help: "Files beside the targets' own inputs: FOLDER/TARGET/*.") var corpus: String?
    @Flag(help: "Name the targets.") var list = false

    private static let secondsPerMinute = 60.0

    func validate() throws {
        guard minutes > 0, minutes <= 1_000_000 else {
            throw ValidationError("--minutes is not between 0 and 1,000,000")
        }
        guard input == nil || target != nil else {
            throw ValidationError("--input needs --target: which code the file is for")
        }
    }

    func run() async throws {
        if list { return FuzzTarget.all.forEach { print($0.name) } }
        let chosen = FuzzTarget.all.filter { target == nil || $0.name == target }
        guard let first = chosen.first else {
            throw ValidationError(
                "there is no target \(target ?? ""); known: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
        }
        if let input { return try await once(first, input) }
        var broken = false
        for target in chosen {
            let seconds = minutes * Self.secondsPerMinute / Double(chosen.count)
            if try await campaign(target, seconds: seconds) { broken = true }
        }
        if broken { throw ExitCode(1) }
    }

    private func once(_ target: FuzzTarget, _ path: String) async throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        do {
            try await target.run(bytes)
            print("\(target.name): accepted")
        } catch let breach as FuzzBreach {
            print("\(target.name): \(breach)")
            throw ExitCode(1)
        } catch { print("\(target.name): refused: \(error)") }
    }

    /// - Returns: whether a promise was broken.
    private func campaign(_ target: FuzzTarget, seconds: Double) async throws -> Bool {
        let record = FileManager.default.temporaryDirectory.appendingPathComponent(
            "parksync-fuzz-\(target.name)-\(getpid())"
        ).path
        print("\(target.name): if this process ends here, its input is in \(record) behind the 8 bytes of its length")
        fflush(nil)
        var campaign = try Campaign(target, seed: seed, corpus: files(of: target), recordPath: record)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        let outcome = try await campaign.run { clock.now < end }
        try FileManager.default.removeItem(atPath: record)
        guard let breach = outcome.breach else {
            print("\(target.name): \(outcome.inputs) inputs, \(outcome.accepted) accepted, none wrongly")
            return false
        }
        let kept = FileManager.default.temporaryDirectory.appendingPathComponent("parksync-fuzz-\(target.name)-breach")
        try Data(breach.input).write(to: kept)
        print("\(target.name): \(breach.reason); parksync-fuzz --target \(target.name) --input \(kept.path)")
        return true
    }

    private func files(of target: FuzzTarget) throws -> [[UInt8]] {
        guard let corpus else { return [] }
        let folder = URL(fileURLWithPath: corpus).appendingPathComponent(target.name)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.map { Array(try Data(contentsOf: folder.appendingPathComponent($0))) }
    }
}
