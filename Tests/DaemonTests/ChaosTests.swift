import DaemonFixtures
import Foundation
import Testing

/// The pinned, short form of `make chaos`: each kind of fault once, on six real daemons under load.
@Suite(.serialized, .endsInTime) struct ChaosTests {
    private static let script = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("chaos/chaos.py")

    /// Kinds that need rights or programs which not every machine gives; all others must have
    /// happened.
    private static let kinds = [
        "cut", "half-open", "slow", "truncate", "damage", "kill", "stop", "lost-file", "old-backup", "odd-program",
        "held-lock",
        "hostile-client",
    ]
    private static let privileged = ["clock-ahead", "clock-behind", "future-stamp", "disk-full"]
    /// What the lying member says, each to all six nodes.
    private static let lies = [
        "false-head", "gone", "wrong-digest", "damaged-frame", "oversize-frame", "unasked-entries", "endless-json",
        "zstd-bomb", "withheld-head",
        "lone-fence", "equivocation",
    ]
    private static let parks = 6
    private static let promises = 12

    @Test func everyPromiseHoldsUnderEachKindOfFault() async throws {
        let (status, output) = try await run(["--seconds", "1", "--seed", "7"])
        #expect(status == 0, "\(output)")
        let lines = output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 2).map(String.init) }
        let fired = Dictionary(
            lines.filter { $0.first == "fault" && $0.count == 3 }.map { ($0[1], $0[2].drop { $0 == " " }) }
        ) { first, _ in first }
        for kind in Self.kinds { #expect(fired[kind]?.hasSuffix("1 fired") == true, "\(kind): \(output)") }
        for kind in Self.privileged {
            #expect(
                fired[kind].map { $0.hasSuffix("1 fired") || $0.hasPrefix("skipped: needs ") } == true,
                "\(kind): \(output)")
        }
        let told = Dictionary(lines.filter { $0.first == "lie" && $0.count == 3 }.map { ($0[1], $0[2]) }) { first, _ in
            first
        }
        for lie in Self.lies {
            let count = told[lie]?.split(separator: " ").first.flatMap { Int($0) } ?? 0
            #expect(count >= Self.parks, "\(lie): \(output)")
        }
        #expect(lines.count { $0.first == "holds" } == Self.promises, "\(output)")
    }

    /// The checks can fail: rows are written past the triggers, and a write is noted that never
    /// was.
    @Test func brokenPromisesAreFound() async throws {
        let (status, output) = try await run(["--sabotage"])
        #expect(status == 1, "\(output)")
        for promise in [
            "all parks agree", "nothing acknowledged is lost", "counters are the exact sum",
            "the tables are the same to the byte",
            "every log is sound", "the log alone gives the tables", "no reader saw half a transaction",
        ] {
            #expect(output.contains("BROKEN     \(promise)"), "\(promise): \(output)")
        }
    }

    private func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await TestProcess.run(
            "/usr/bin/env", ["python3", Self.script.path, "--programs", TestProcess.binaries.path] + arguments)
    }
}
