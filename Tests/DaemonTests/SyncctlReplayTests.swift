import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// What `syncctl replay` says of a real node's file, and how it ends.
@Suite(.endsInTime) struct SyncctlReplayTests {
    private struct Report: Decodable {
        var verdict: String
        var proven: Bool
        var findings: [String]
    }

    private static func replay(_ zone: TestZone, _ name: String, _ options: String...) async throws -> (
        status: Int32, text: String, report: Report
    ) {
        let arguments = ["replay", "--database", zone.database("south")] + options
        let text = try await TestProcess.run("syncctl", arguments + ["--into", zone.folder.path + "/\(name).sqlite"])
        let json = try await TestProcess.run(
            "syncctl", arguments + ["--json", "--into", zone.folder.path + "/\(name)-json.sqlite"])
        #expect(text.status == json.status)
        let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
        #expect(report.proven == (report.verdict == "proven"))
        return (text.status, text.output, report)
    }

    @Test func eachVerdictHasItsStatus() async throws {
        let zone = try await TestZone(["south", "west"], schema: .catalogue)
        try await zone.start("south")
        for number in 1...2 {
            try await zone.transact(
                "south", "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
                [JSONValue(.string("south:organisation:\(number)"))])
        }
        let config = zone.file("south", "parksyncd.yaml").path
        _ = try await zone.wait("the folded rows") {
            try await zone.status("south")
        } until: {
            $0.digestVector == "south:2"
        }
        let proven = try await Self.replay(zone, "proven", "--members", config)
        #expect(
            proven.status == 0 && proven.text.hasPrefix("PROVEN: 2 entries") && proven.report.verdict == "proven",
            "\(proven)")
        let unchecked = try await Self.replay(zone, "unchecked")
        #expect(
            unchecked.status == 3 && unchecked.text.hasPrefix("SAME TABLES, signatures not checked"), "\(unchecked)")
        #expect(unchecked.report.verdict == "signatures-not-checked" && unchecked.report.findings.isEmpty)
        let future = zone.folder.path + "/future.sqlite"
        for time in ["4102444800000", "2100-01-01T00:00:00Z", "18446744073709551615"] {
            let refused = try await TestProcess.run(
                "syncctl", ["replay", "--database", zone.database("south"), "--until", time, "--into", future])
            #expect(refused.status == 64 && refused.output.contains("is in the future"), "\(refused)")
            #expect(!FileManager.default.fileExists(atPath: future))
        }
        let now = "\(UInt64(Date().timeIntervalSince1970 * 1_000))"
        let partial = try await Self.replay(zone, "partial", "--members", config, "--until", now)
        #expect(partial.text.contains("as far as this log has it"), "\(partial)")
        #expect(
            partial.status == 0 && partial.text.hasPrefix("REBUILT: ") && partial.report.verdict == "rebuilt",
            "\(partial)")
        await zone.stop("south")

        try await zone.foreign("south", "UPDATE _parksync_log SET signature = NULL WHERE id & 1023 = 2;")
        let unsigned = try await Self.replay(zone, "unsigned", "--members", config)
        #expect(unsigned.status == 1 && unsigned.text.hasPrefix("NOT PROVEN: "), "\(unsigned)")
        #expect(
            unsigned.report.findings == ["south: entries after 1 are not signed"]
                && unsigned.report.verdict == "unsound")
        try await zone.foreign(
            "south", "DROP TRIGGER _parksync_update_organisation; UPDATE organisation SET name_en = 'x';")
        let different = try await Self.replay(zone, "different", "--members", config)
        #expect(
            different.status == 1 && different.text.hasPrefix("DIFFERENT: ") && different.report.verdict == "different",
            "\(different)")
    }
}
