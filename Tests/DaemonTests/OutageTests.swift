import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Synchronization
import Testing

/// Real daemons, real files, mutual TLS.
@Suite(.serialized, .endsInTime) struct OutageTests {
    private static let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"

    @Test func parksShareWritesThroughOutagesAndLosses() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport")
        for park in zone.parks {
            try await zone.transact(park, Self.insert, [JSONValue(.string("\(park):organisation:1"))])
        }
        try await zone.agree(covering: "south:1")
        // The nodes may agree through the third one. What south knows of airport, it hears on its
        // own link to it.
        _ = try await zone.wait("south's link to airport") {
            try await zone.status("south")
        } until: { status in
            status.peers.contains { $0.park == "airport" && $0.link == .following && $0.theyNeed == 0 }
        }

        #expect(await zone.stop("airport", SIGKILL) == -SIGKILL)
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:2"))])
        try await zone.agree(["south", "west"], covering: "south:2")
        let away = try await zone.wait("the failure of the link") {
            try await zone.status("south")
        } until: { status in
            status.peers.contains { $0.park == "airport" && $0.link == .waiting && $0.lastError != nil }
        }
        let airport = try #require(away.peers.first { $0.park == "airport" })
        // Of the last contact.
        #expect(airport.version == SoftwareVersion.current && airport.sqliteVersion == away.machine?.sqliteVersion)
        #expect(airport.sqliteVersion?.hasPrefix("3.") == true)
        #expect(airport.nextTryAt != nil && (airport.theyNeed ?? 0) >= 1 && airport.theyNeedSince != nil)

        try await zone.start("airport")
        try await zone.agree(covering: "south:2")

        await zone.stop("airport", SIGKILL)
        try zone.removeDatabase("airport")
        try await zone.start("airport")
        _ = try await zone.wait("the end of the recovery") {
            try await zone.status("airport")
        } until: {
            $0.phase == .ready
        }
        let result = try await zone.transact("airport", Self.insert, [JSONValue(.string("airport:organisation:2"))])
        #expect(result.seq == 2)
        try await zone.agree(covering: "airport:2")
        for park in zone.parks { #expect(try await zone.verify(park).findings.isEmpty) }
        #expect(await zone.stopAll() == [0, 0, 0])
        // Whoever closes the file last removes its write-ahead log.
        for wal in zone.parks.map({ zone.database($0) + "-wal" }) where FileManager.default.fileExists(atPath: wal) {
            let size = try FileManager.default.attributesOfItem(atPath: wal)[.size] as? NSNumber
            #expect(size == 0, "\(wal) was not written back")
        }
    }

    @Test func aKilledNodeKeepsEveryAcknowledgedWrite() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        let acknowledged = Acknowledged()
        for round in 0..<3 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<4 {
                    group.addTask {
                        for number in 0..<100_000 {
                            let id = "south:organisation:\(round)-\(client)-\(number)"
                            do { try await zone.transact("south", Self.insert, [JSONValue(.string(id))]) } catch {
                                return
                            }
                            let count = acknowledged.add(id)
                            // In the midst of the load, while the other clients' writes are under
                            // way.
                            if count % 150 == 0 { return zone.signal("south", SIGKILL) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(await zone.stop("south", SIGKILL) == -SIGKILL)
            try await zone.start("south")
            try await zone.ready("south")
            let held = Set(try await zone.rows("south", "SELECT id FROM organisation").compactMap { $0.first?.value })
            let missing = acknowledged.ids.filter { !held.contains(.string($0)) }
            #expect(missing.isEmpty)
            let report = try await zone.verify("south")
            #expect(report.findings.isEmpty)
            let own = try #require(report.origins.first { $0.origin == "south" })
            #expect(own.entries == own.headSeq, "the log has a gap")
        }
        #expect(acknowledged.ids.count >= 450)
        try await zone.agree()
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func otherProgramsWriteWhileTheDaemonRunsAndWhileItIsDown() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        try await zone.foreign(
            "south",
            """
            INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:shell', 'enterprise', '外部' \
            || char(0) || '程序');
            """
        )
        try await zone.agree(covering: "south:1")
        await zone.stop("south")
        try await zone.foreign(
            "south",
            "UPDATE organisation SET name_en = 'written while it was down' WHERE id = 'south:organisation:shell';")
        try await zone.start("south")
        try await zone.agree(covering: "south:2")
        let rows = try await zone.rows(
            "west", "SELECT hex(name_zh), name_en FROM organisation WHERE id = 'south:organisation:shell'")
        #expect(
            rows == [
                [JSONValue(.string("E5A496E983A800E7A88BE5BA8F")), JSONValue(.string("written while it was down"))]
            ])
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func whatCannotStartSaysWhy() async throws {
        let zone = try await TestZone(["south", "west"])
        let config = zone.file("south", "parksyncd.yaml").path
        let cases: [([String: String], [String], Int32, String)] = [
            ([:], ["--sparkle", "1"], 64, "there is no such option"),
            (["PARKSYNC_LOG_LEVEL": "loud"], [], 64, "log.level"),
            ([:], ["--peer-listen", "nowhere"], 64, "peer.listen"),
            (["PARKSYNC_IDENTITY": zone.file("west", "identity.key").path], [], 64, "not that of the member south"),
            (["PARKSYNC_LOCAL_HTTP": "0.0.0.0:7000"], [], 64, "must not listen"),
            (["PARKSYNC_TLS_KEY": "/nowhere"], [], 64, "tls.key"),
            (["PARKSYNC_SCHEMA": "/nowhere"], [], 64, "schema"),
            (["PARKSYNC_RECOVERY_WAIT_SECONDS": "soon"], [], 64, "recovery.wait_seconds"),
        ]
        for (environment, arguments, status, text) in cases {
            let ended = try await TestProcess.run(
                "parksyncd", ["run", "--config", config] + arguments, environment: environment)
            #expect(ended.status == status && ended.output.contains(text), "\(environment) \(arguments): \(ended)")
        }
        let missing = try await TestProcess.run("parksyncd", ["run", "--config", "/nowhere.yaml"])
        #expect(missing.status == 64 && missing.output.contains("syncctl init"))
        try await zone.start("south")
        let second = try await TestProcess.run("parksyncd", ["run", "--config", config])
        #expect(second.status == 75 && second.output.contains("another parksyncd"))
        #expect(await zone.stopAll() == [0])
    }

    @Test func aStrangerWithoutTheZonesCertificateIsRefused() async throws {
        let zone = try await TestZone(["south", "west"])
        let other = try await TestZone(["south", "west"])
        // The same park and the same keys for the log, but a certificate of another authority.
        for name in ["node.crt", "node.key", "zone-ca.crt"] {
            try FileManager.default.removeItem(at: zone.file("west", name))
            try FileManager.default.copyItem(at: other.file("west", name), to: zone.file("west", name))
        }
        try await zone.start("south", "west")
        let status = try await zone.wait("the refusal") {
            try await zone.status("west")
        } until: {
            $0.peers.first?.lastError != nil
        }
        let error = try #require(status.peers.first?.lastError)
        #expect(error.contains("certificate"), "\(error)")
        #expect(status.peers.first?.lastContactAt == nil)
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func aPausedLinkIsShutInBothDirections() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        try await zone.transact("west", Self.insert, [JSONValue(.string("west:organisation:1"))])
        try await zone.agree(covering: "west:1")
        let paused = try await zone.send(
            "south", HTTPText.request("PUT", LocalPath.links + "/west", body: "{\"paused\":true}"))
        #expect(paused.status == 204)
        _ = try await zone.wait("the end of west's stream") {
            try await zone.status("west")
        } until: {
            $0.peers.first?.link == .waiting
        }
        try await zone.transact("west", Self.insert, [JSONValue(.string("west:organisation:2"))])
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:1"))])
        let south = try await zone.status("south")
        #expect(south.peers.first?.link == .paused && !south.hasApplied("west:2"))
        #expect(try await !zone.status("west").applied.contains("south"))
        let resumed = try await zone.send(
            "south", HTTPText.request("PUT", LocalPath.links + "/west", body: "{\"paused\":false}"))
        #expect(resumed.status == 204)
        try await zone.agree(covering: "west:2")
        #expect(await zone.stopAll() == [0, 0])
    }
}

/// What a node has said that it holds.
private final class Acknowledged: Sendable {
    private let state = Mutex<[String]>([])
    var ids: [String] { state.withLock { $0 } }
    func add(_ id: String) -> Int {
        state.withLock {
            $0.append(id)
            return $0.count
        }
    }
}
