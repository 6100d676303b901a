import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

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
