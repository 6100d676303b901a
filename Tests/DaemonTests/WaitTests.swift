import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// `syncctl wait` waits for what time may bring, and for nothing else.
@Suite(.serialized, .endsInTime) struct WaitTests {
    /// Longer than any test may take: what ends, ends by itself.
    private static let never = "86400"

    @Test func aWatchBehindWhatCanNeverComeEndsAtOnce() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:1', 'enterprise', '成都')")
        let cases = [
            ("ghost:5", "ghost is the log of no park of this zone"),
            ("south:1 ghost~2:1", "ghost~2 is the log of no park"),
            ("south:2", "south has written 1 entries"), ("south:1099511627775", "south has written 1 entries"),
        ]
        for (after, says) in cases {
            let ended = try await TestProcess.run(
                "syncctl", ["watch", "--socket", zone.socket("south"), "--after", after])
            #expect(
                ended.status == 2 && ended.output.contains(says) && ended.output.hasPrefix("syncctl watch: "),
                "\(after) gave \(ended)")
        }
        // A park of the zone may write later, and a further log of it may come.
        let output = zone.file("south", "watch.log")
        let watch = try TestProcess(
            "syncctl", ["watch", "--socket", zone.socket("south"), "--after", "west:5 west~2:1"], output: output)
        defer { watch.signal(SIGKILL) }
        _ = try await zone.wait("the entry of South behind the place of West") {
            try String(contentsOf: output, encoding: .utf8)
        } until: {
            $0.contains("\"origin\":\"south\"")
        }
        #expect(await zone.stopAll() == [0])
    }

    @Test func whatWaitingCannotCureEndsAtOnce() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        let cases: [(String, Int32, String)] = [
            ("SELEC 1", 2, "syntax error"), ("SELECT count(*) FROM thign", 2, "FROM sqlite_schema WHERE name = 'NAME'"),
            ("SELECT nmae_zh FROM organisation", 2, "no such column"),
            ("DELETE FROM organisation", 2, "the statement writes"),
            ("SELECT 0, 1", 64, "2 columns"),
            ("SELECT 1; SELECT 2", 2, "text follows the statement"),
        ]
        for (query, status, says) in cases {
            let ended = try await TestProcess.run(
                "syncctl", ["wait", "--socket", zone.socket("south"), "--timeout", Self.never, "--query", query])
            #expect(
                ended.status == status && ended.output.contains(says) && ended.output.hasPrefix("syncctl wait: "),
                "\(query) gave \(ended)")
        }
        // A node that is not there may still be started.
        let gone = try await TestProcess.run(
            "syncctl", ["wait", "--socket", zone.socket("south") + "x", "--timeout", "0.2", "--query", "SELECT 1"])
        #expect(gone.status == 1, "\(gone)")
        let unmet = try await TestProcess.run(
            "syncctl", ["wait", "--socket", zone.socket("south"), "--timeout", "0.2", "--query", "SELECT 0"])
        #expect(unmet.status == 1 && unmet.output.contains("does not hold"), "\(unmet)")
        async let waiting = TestProcess.run(
            "syncctl",
            [
                "wait", "--socket", zone.socket("west"), "--timeout", Self.never, "--query",
                "SELECT count(*) FROM organisation",
            ])
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:1', 'enterprise', '成都')")
        #expect(try await waiting.status == 0)
        #expect(await zone.stopAll() == [0, 0])
    }
}
