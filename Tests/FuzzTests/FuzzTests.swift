import Foundation
import ParkSyncFuzz
import Testing

/// Damaged bytes for each place where bytes from outside come in: a trap ends this process, and the
/// file that its target names in the folder for temporary files has the input.
@Suite struct FuzzTests {
    /// The same in every run. `make fuzz` takes as long as it is given, and other seeds.
    private static let seed: UInt64 = 20_261_129
    private static let inputs = 20_000
    /// Inputs whose target executes SQL cost a hundred times as much.
    private static let slowInputs: [String: Int] = [
        "schema-file": 1_000, "snapshot-manifest": 5_000, "segment": 5_000, "configuration": 5_000,
        "request-body": 4_000, "request-url": 4_000,
    ]
    /// Inputs that once did harm, and others that are worth keeping: TARGET/NAME.
    private static let corpus = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("Corpus")

    static let names = FuzzTarget.all.map(\.name)

    @Test(arguments: names) func damagedInputIsRefusedOrReadAsItIs(_ name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let record = FileManager.default.temporaryDirectory.appendingPathComponent("parksync-fuzz-\(name)-\(getpid())")
            .path
        var campaign = try Campaign(target, seed: Self.seed, corpus: try files(name), recordPath: record)
        var left = (Self.slowInputs[name] ?? Self.inputs) / Campaign.inputsBetweenLooks
        let outcome = try await campaign.run {
            left -= 1
            return left >= 0
        }
        try FileManager.default.removeItem(atPath: record)
        let shown = outcome.breach.map { "\($0.reason): \(Data($0.input).base64EncodedString())" }
        #expect(shown == nil)
        // Damage that is always refused early tests little.
        #expect(outcome.accepted > outcome.inputs / 200, "\(outcome.accepted) of \(outcome.inputs) accepted")
    }

    @Test(arguments: names) func theTargetsOwnInputsAreAccepted(_ name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        for input in try target.seeds() { try await target.run(input) }
    }

    /// What would not be noticed if the check of a target did nothing.
    @Test func anInputThatIsReadOtherwiseIsABreach() async throws {
        let target = FuzzTarget("lenient", seeds: { [[1]] }) { if $0 != [1] { throw FuzzBreach("taken for another") } }
        var campaign = try Campaign(target, seed: Self.seed)
        #expect(try await campaign.run { true }.breach != nil)
    }

    private func files(_ name: String) throws -> [[UInt8]] {
        let folder = Self.corpus.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
            Array(try Data(contentsOf: folder.appendingPathComponent($0)))
        }
    }
}
