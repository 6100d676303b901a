import DaemonFixtures
import Foundation
import ParkSyncReports
import Testing

/// What an operator is told, and can do, at a park that is out, and about one.
@Suite(.serialized, .endsInTime) struct ExcludedParkTests {
    private static let quick = ["PARKSYNC_RETENTION_INTERVAL_SECONDS": "1"]

    private func control(_ zone: TestZone, _ park: String, _ arguments: String...) async throws -> (
        status: Int32, output: String
    ) {
        try await TestProcess.run("syncctl", arguments + ["--socket", zone.socket(park)])
    }

    @Test func aFencedParksOperatorIsToldOfTheFenceAndAPauseOfItsLinkCanBeEnded() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport", environment: Self.quick)
        for park in zone.parks {
            try await zone.transact(
                park,
                "INSERT INTO organisation (id, kind, name_zh) VALUES ('\(park):organisation:1', 'enterprise', '光')")
        }
        _ = try await zone.agree()
        #expect(try await control(zone, "south", "link", "pause", "west").status == 0)
        try await zone.fence("west", by: ["south", "airport"])
        _ = try await zone.wait(
            "west to be no peer", { try await zone.status("south") }, until: { $0.peers.map(\.park) == ["airport"] })
        #expect(try await control(zone, "south", "link", "resume", "west").status == 0, "the pause is over")
        let again = try await control(zone, "south", "link", "resume", "west")
        #expect(
            again.status != 0 && again.output.contains("taken out of the zone")
                && !again.output.contains("Did you mean"), "\(again)")
        _ = try await zone.wait("west to know", { try await zone.status("west") }, until: { $0.phase == .fenced })
        let accepted = try await control(zone, "west", "accept-writes", "--reason", "why not")
        #expect(
            accepted.status != 0 && accepted.output.contains("taken out") && !accepted.output.contains("already"),
            "\(accepted)")
        #expect(await zone.stopAll() == [0, 0, 0])
    }
}
