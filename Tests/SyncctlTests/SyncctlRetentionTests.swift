import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire
import Testing

@testable import syncctl

@Suite("syncctl compact and fence", .endsInTime)
struct SyncctlRetentionTests {
    @Test("compact says what went, and who holds the rest back")
    func compact() async throws {
        try await withServers { servers in
            let made = try await TestProcess.run(
                "syncctl", ["compact", "--archive", "--vacuum", "--socket", servers.socketPath])
            #expect(made.status == 0, "\(made.output)")
            #expect(
                made.output.contains("traces of 4 rows dropped by entry 9") && made.output.contains("held back by west")
            )
            #expect(
                made.output.contains("5 entries archived in 1 segments")
                    && made.output.contains("has 4000 bytes, it had 9000"))
            #expect(made.output.contains("growth unknown") && made.output.contains("when the disk is full is unknown"))
            let plain = try await TestProcess.run("syncctl", ["compact", "--json", "--socket", servers.socketPath])
            let report = try JSONDecoder().decode(CompactReport.self, from: Data(plain.output.utf8))
            #expect(report.seq == 9 && report.retention.heldBy.map(\.park) == ["west"])
            #expect(servers.node.calls == ["compact archive true vacuum true", "compact archive false vacuum false"])
        }
    }

    @Test("fence wants to be confirmed, and says what the node refuses")
    func fence() async throws {
        try await withServers { servers in
            let unsure = try await TestProcess.run("syncctl", ["fence", "west", "--socket", servers.socketPath])
            #expect(unsure.status == 64 && unsure.output.contains("--yes"))
            #expect(servers.node.calls == [])
            let sure = try await TestProcess.run("syncctl", ["fence", "west", "--yes", "--socket", servers.socketPath])
            #expect(sure.status == 0 && sure.output.contains("west is fenced by entry south:10"))
            let proposed = try await TestProcess.run(
                "syncctl", ["fence", "airport", "--yes", "--socket", servers.socketPath])
            #expect(
                proposed.status == 1 && proposed.output.contains("1 of 2 parks that it takes (south)"), "\(proposed)")
            let lifted = try await TestProcess.run("syncctl", ["unfence", "west", "--socket", servers.socketPath])
            #expect(lifted.status == 0 && lifted.output.contains("entry south:10 says so: west is in the zone"))
            let wished = try await TestProcess.run(
                "syncctl", ["unfence", "airport", "--json", "--socket", servers.socketPath])
            #expect(wished.status == 1 && wished.output.contains("\"is_decided\" : false"), "\(wished)")
            let wrong = try await TestProcess.run(
                "syncctl", ["fence", "east", "--yes", "--socket", servers.socketPath])
            #expect(wrong.status == 2 && wrong.output.contains("not another park"))
            #expect(
                servers.node.calls == ["fence west", "fence airport", "unfence west", "unfence airport", "fence east"])
        }
    }

    @Test("A long silence and a missing segment are remarks of the status")
    func reasons() {
        var retention = RetentionStatus(
            at: 0, frontier: "-", heldBy: [.init(park: "west", since: 1_000), .init(park: "airport", since: nil)],
            tombstoneRows: 1,
            tombstoneBytes: 1,
            droppableRows: 0, bytesPerDay: 10, diskFullAt: 86_400_000 * 20, fenced: [], fencing: [], archivedEntries: 0,
            archiveSegments: 0,
            archiveBytes: 0, archiveFaults: [])
        #expect(RetentionVerdict.reasons(retention, now: RetentionVerdict.silentMillisecondsMax).isEmpty)
        let late = RetentionVerdict.reasons(retention, now: RetentionVerdict.silentMillisecondsMax + 1_001)
        #expect(late.count == 1 && late[0].text.contains("syncctl fence west"))
        #expect(RetentionText.waiting(retention, now: 0).first?.contains("10 bytes a day") == true)
        retention.archiveFaults = ["south: entries 1 to 9 are in a file, which is missing"]
        #expect(RetentionVerdict.reasons(retention, now: 0).map(\.level) == [.degraded])
    }
}

@Suite("Retention in a zone of daemons", .endsInTime)
struct RetentionZoneTests {
    private func compact(_ zone: TestZone, _ park: String, _ body: String = "{}") async throws -> CompactReport {
        let answer = try await zone.send(park, HTTPText.post(LocalPath.compact, body))
        guard answer.status == 200 else { throw try answer.problem() }
        return try JSONDecoder().decode(CompactReport.self, from: answer.body)
    }

    @Test("A deletion is acknowledged, a silent park is named, and its fence releases what waits")
    func silentPark() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        let environment = [
            "PARKSYNC_RETENTION_INTERVAL_SECONDS": "1", "PARKSYNC_ARCHIVE_KEEP_DAYS": "0",
            "PARKSYNC_ARCHIVE_KEEP_ENTRIES": "1",
        ]
        try await zone.start("south", "west", "airport", environment: environment)
        let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"
        for name in ["a", "b"] {
            try await zone.transact("south", insert, [JSONValue(.string("south:organisation:\(name)"))])
        }
        try await zone.agree()
        try await zone.transact(
            "south", "DELETE FROM organisation WHERE id = ?1", [JSONValue(.string("south:organisation:a"))])
        try await zone.agree()
        // All acknowledge by themselves.
        _ = try await zone.wait(
            "receipts of all", { try await zone.status("south").retention }, until: { $0?.droppableRows == 1 })
        let first = try await compact(zone, "south", #"{"archive": true, "vacuum": true}"#)
        #expect(first.droppedRows == 1)
        for park in ["west", "airport"] {
            _ = try await zone.wait(
                "no traces at \(park)", { try await zone.status(park).retention }, until: { $0?.tombstoneRows == 0 })
        }
        // West falls silent.
        await zone.stop("west", SIGKILL)
        try await zone.transact(
            "south", "DELETE FROM organisation WHERE id = ?1", [JSONValue(.string("south:organisation:b"))])
        let held = try await zone.wait(
            "west to be named", { try await zone.status("south").retention },
            until: { $0?.heldBy.map(\.park) == ["west"] })
        #expect(held?.heldBy.first?.since != nil && held?.droppableRows == 0)
        #expect(try await compact(zone, "south").seq == nil)
        try await zone.fence("west", by: ["south", "airport"])
        _ = try await zone.wait(
            "the fence to count", { try await zone.status("south").retention }, until: { $0?.fenced == ["west"] })
        _ = try await zone.wait(
            "all to be covered", { try await zone.status("south").retention }, until: { $0?.droppableRows == 1 })
        #expect(try await compact(zone, "south").droppedRows == 1)
        try await zone.agree(["south", "airport"])
        // West comes back, learns of it and accepts no more writes.
        try await zone.start("west", environment: environment)
        let status = try await zone.wait(
            "west to know", { try await zone.status("west") }, until: { $0.phase == .fenced })
        #expect(status.fence?.contains("taken out of the zone") == true && status.fence?.contains("snapshot") == true)
        let refusal = await #expect(throws: ProblemDetails.self) {
            try await zone.transact("west", insert, [JSONValue(.string("west:organisation:c"))])
        }
        #expect(refusal?.code == "fenced")
        #expect(try await zone.send("west", HTTPText.get(LocalPath.ready)).status == 503)
        for park in ["south", "airport"] { #expect(try await zone.verify(park).findings == []) }
        #expect(await zone.stopAll().allSatisfy { $0 == 0 })
    }

    @Test("What a node may not write yet, while it compares its log, keeps nothing else of its turn back")
    func checkingNode() async throws {
        let zone = try await TestZone(["south", "west"])
        var environment = ["PARKSYNC_RETENTION_INTERVAL_SECONDS": "1"]
        try await zone.start("south", "west", environment: environment)
        let key = [JSONValue(.string("south:organisation:a"))]
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')", key)
        try await zone.agree()
        try await zone.transact("south", "DELETE FROM organisation WHERE id = ?1", key)
        try await zone.agree()
        _ = try await zone.wait(
            "receipts of all", { try await zone.status("south").retention }, until: { $0?.droppableRows == 1 })
        for park in ["south", "west"] { #expect(await zone.stop(park) == 0) }
        // Alone, it waits for somebody to compare with.
        environment["PARKSYNC_RETENTION_AUTO_COMPACT"] = "true"
        try await zone.start("south", environment: environment)
        let alone = try await zone.wait(
            "a turn of south", { try await zone.status("south") }, until: { $0.retention != nil })
        #expect(alone.phase == .checking && alone.retention?.droppableRows == 1)
        try await zone.start("west", environment: environment)
        _ = try await zone.wait(
            "no traces at south", { try await zone.status("south").retention }, until: { $0?.tombstoneRows == 0 })
        #expect(!zone.log("south").contains("event=retention.failed"), "\(zone.log("south"))")
        try await zone.agree()
        #expect(await zone.stopAll() == [0, 0])
    }
}
