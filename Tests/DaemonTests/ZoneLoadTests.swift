import DaemonFixtures
import Foundation
import Testing

/// A hundredth of the load set in six nodes, as `make load PERCENT=1` has it: written by programs,
/// captured, replicated, counted, and asked for everything that people look at.
@Suite struct ZoneLoadTests {
    private struct Figures: Decodable {
        struct Figure: Decodable { var median: Double }
        var figures: [String: Figure]
    }

    @Test(.endsInTime) func aHundredthIsTheSameAtSixNodes() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("parksync-load-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try await TestProcess.run(
            "parksync-bench",
            [
                "--bin", TestProcess.binaries.path, "--only", "load", "--percent", "1", "--seed", "3", "--json",
                file.path,
            ])
        #expect(outcome.status == 0, "\(outcome.output.suffix(2_000))")
        let figures = try JSONDecoder().decode(Figures.self, from: Data(contentsOf: file)).figures
        #expect(figures["load_rows", default: .init(median: 0)].median > 20_000)
        for kind in ["list", "search", "calendar", "inbox", "balance", "indicator"] {
            #expect(figures["load_\(kind)_ms_p95_worst"] != nil, "\(kind)")
        }
    }
}
