import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Real daemons whose database is replaced by an old copy.
@Suite(.serialized, .endsInTime) struct AmnesiaDaemonTests {
    private static let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"

    private func write(_ zone: TestZone, _ park: String, _ name: String) async throws {
        try await zone.transact(park, Self.insert, [JSONValue(.string("\(park):organisation:\(name)"))])
    }

    private func names(_ zone: TestZone, _ park: String) async throws -> Set<String> {
        Set(
            try await zone.rows(park, "SELECT id FROM organisation").compactMap(\.first).compactMap {
                value -> String? in
                guard case .text(let bytes) = value.value else { return nil }
                return String(decoding: bytes, as: UTF8.self)
            })
    }

    private func stopAt(_ zone: TestZone, _ park: String, copy name: String) async throws {
        #expect(await zone.stop(park) == 0)
        try zone.copyDatabase(park, to: name)
    }

    @Test func anOldCopyFetchesItsLogBack() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport")
        try await write(zone, "south", "1")
        try await zone.agree(covering: "south:1")
        try await stopAt(zone, "south", copy: "old")
        try await zone.start("south")
        try await zone.ready("south")
        for name in ["2", "3"] { try await write(zone, "south", name) }
        try await zone.agree(covering: "south:3")
        #expect(await zone.stop("south", SIGKILL) == -SIGKILL)
        try zone.putBack("old", "south")
        try await zone.foreign(
            "south",
            "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:foreign', 'enterprise', '外部');")
        try await zone.start("south")
        let status = try await zone.ready("south")
        #expect(status.origin == "south" && status.forks.isEmpty && status.check == nil)
        try await write(zone, "south", "5")
        try await zone.agree(covering: "south:5")
        for park in zone.parks {
            #expect(
                try await names(zone, park) == Set(["1", "2", "3", "foreign", "5"].map { "south:organisation:\($0)" }))
            #expect(try await zone.verify(park).findings.isEmpty)
        }
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    @Test func whatAnOldCopyAcknowledgedAloneIsKeptBesideWhatItForgot() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport")
        try await write(zone, "south", "1")
        try await zone.agree(covering: "south:1")
        try await stopAt(zone, "south", copy: "old")
        try await zone.start("south")
        try await zone.ready("south")
        for name in ["2", "3"] { try await write(zone, "south", name) }
        try await zone.agree(covering: "south:3")
        #expect(await zone.stopAll() == [0, 0, 0])

        // Nobody is in reach: the node says so, and writes only when the operator answers for it.
        try zone.putBack("old", "south")
        try await zone.start("south")
        let alone = try await zone.wait("the failure of the links") {
            try await zone.status("south")
        } until: { status in
            status.check.map { $0.unreachable == ["airport", "west"] && $0.cause.contains("none is in reach") } ?? false
        }
        #expect(alone.phase == .checking && alone.check?.remedy.contains("accept-writes") == true)
        await #expect(throws: ProblemDetails.self) { try await write(zone, "south", "too early") }
        await #expect(throws: (any Error).self) {
            try await zone.foreign(
                "south",
                "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:x', 'enterprise', 'x');")
        }
        let shown = try await TestProcess.run("syncctl", ["status", "--socket", zone.socket("south")])
        #expect(shown.status == 2 && shown.output.contains("accepts no writes"), "\(shown)")
        let accepted = try await zone.acceptWrites("south", "the zone's links are down")
        #expect(accepted.status == 0 && accepted.output.contains("south accepts writes"), "\(accepted)")
        let again = try await TestProcess.run(
            "syncctl", ["accept-writes", "--reason", "again", "--socket", zone.socket("south")])
        #expect(again.status == 2 && again.output.contains("accepted already"), "\(again)")
        _ = try await zone.wait("the reason in the journal") {
            zone.log("south")
        } until: {
            $0.contains("the zone's links are down")
        }
        for name in ["a", "b", "c"] { try await write(zone, "south", name) }

        try await zone.start("west", "airport")
        _ = try await zone.wait("the new incarnation") {
            try await zone.status("south")
        } until: {
            $0.origin == "south~2" && $0.phase == .ready
        }
        try await write(zone, "south", "after")
        try await zone.agree(covering: "south~2:5")
        for park in zone.parks {
            #expect(
                try await names(zone, park)
                    == Set(["1", "2", "3", "a", "b", "c", "after"].map { "south:organisation:\($0)" }))
            #expect(try await zone.verify(park).findings.isEmpty)
        }
        let status = try await zone.status("south")
        #expect(status.forks.map(\.origin) == ["south"] && status.forks.map(\.seq) == [2])
        let forks = try await TestProcess.run("syncctl", ["log", "forks", "--socket", zone.socket("south")])
        #expect(forks.status == 1 && forks.output.contains("south:2 "), "\(forks)")
        #expect(await zone.stop("south") == 0)
        try await zone.start("south")
        #expect(try await zone.ready("south").origin == "south~2")
        #expect(await zone.stopAll() == [0, 0, 0])

        // All acknowledge by themselves: the fork is history then, and no remark.
        try await zone.start("south", "west", "airport", environment: ["PARKSYNC_RETENTION_INTERVAL_SECONDS": "1"])
        _ = try await zone.wait(
            "the end of the fork", { try await zone.status("south") },
            until: { status in
                status.forks.first?.isHealed == true && !Verdict.judge(status).reasons.contains { $0.cause == .fork }
            })
        let history = try await TestProcess.run("syncctl", ["status", "--socket", zone.socket("south")])
        #expect(history.output.contains("healed    south forked at 2"), "\(history)")
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    /// A second node with the same identity: the one that notices becomes the next incarnation, and
    /// both go on.
    @Test func aCloneBecomesAnIncarnationOfItsOwn() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        try await write(zone, "south", "1")
        try await zone.agree(covering: "south:1")
        #expect(await zone.stop("south") == 0)
        let state = zone.file("clone", "state")
        try FileManager.default.createDirectory(
            at: state.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: zone.file("south", "state"), to: state)
        let port = try ReservedPort()
        try await zone.start("south")
        try await zone.start(
            "south", as: "clone",
            environment: [
                "PARKSYNC_STATE": state.path, "PARKSYNC_LOCAL_SOCKET": zone.socket("clone"),
                "PARKSYNC_PEER_LISTEN": "127.0.0.1:\(port.number)",
            ])
        try await zone.ready("south")
        try await zone.ready("clone")
        try await zone.transact("clone", Self.insert, [JSONValue(.string("south:organisation:clone"))])
        try await write(zone, "south", "2")
        try await zone.agree(["south", "west"], covering: "south:2")
        let status = try await zone.wait("the clone's incarnation") {
            try await zone.status("clone")
        } until: {
            $0.origin == "south~2" && $0.phase == .ready && $0.hasApplied("south:2")
        }
        #expect(status.forks.map(\.origin) == ["south"])
        for name in ["3", "4"] {
            try await write(zone, "south", name)
            try await zone.transact("clone", Self.insert, [JSONValue(.string("south:organisation:clone\(name)"))])
        }
        _ = try await zone.wait("the first node's entries at the clone") {
            try await zone.status("clone")
        } until: {
            $0.hasApplied("south:4")
        }
        #expect(try await zone.status("clone").origin == "south~2")
        #expect(try await zone.status("south").origin == "south")
        #expect(
            try await names(zone, "clone")
                == Set(["1", "2", "3", "4", "clone", "clone3", "clone4"].map { "south:organisation:\($0)" }))
        #expect(try await zone.verify("clone").findings.isEmpty)
        #expect(await zone.stopAll() == [0, 0, 0])
    }
}
