import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Real daemons whose own tables and files another program meddles with.
@Suite("Own tables and files in a program's hands", .endsInTime)
struct OwnTableDaemonTests {
    @Test(
        """
        A trigger that takes entries out of the log is dropped and told, and what is acknowledged reaches the \
        other park
        """
    )
    func foreignTrigger() async throws {
        let zone = try await TestZone.pair(writing: "south")
        let sql =
            "CREATE TRIGGER evil AFTER INSERT ON _parksync_log BEGIN DELETE FROM _parksync_log WHERE id = new.id; END"
        try await zone.foreign("south", sql)
        try await zone.transact(
            "south", "INSERT INTO organisation(id, name_zh, kind) VALUES('south:organisation:2', '乙', 'agency')")
        try await zone.agree()
        #expect(try await zone.rows("west", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(2))]])
        _ = try await zone.wait("the journal") {
            zone.log("south")
        } until: {
            $0.contains("foreign.dropped") && $0.contains("trigger evil on _parksync_log")
        }
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test(
        "Own tables that are dropped, renamed or replaced are BROKEN with the name, and nothing ends the node",
        arguments: [
            ("DROP TABLE _parksync_meta", "_parksync_meta"),
            ("DROP TABLE _parksync_clock_organisation", "_parksync_clock_organisation"),
            ("ALTER TABLE _parksync_log RENAME TO zz", "RENAME TO"),
            ("DROP TABLE _parksync_origin", "_parksync_origin"),
            (
                "DROP TABLE _parksync_meta; CREATE VIEW _parksync_meta AS SELECT 'format' AS name, 3 AS value",
                "_parksync_meta"
            ),
        ])
    func ownTables(_ sql: String, _ names: String) async throws {
        let zone = try await TestZone.pair(writing: "south")
        try await zone.foreign("south", sql)
        for round in 0..<2 {
            let seen = try await zone.wait("the damage") {
                try await zone.status("south")
            } until: {
                $0.damage != nil
            }
            let reason = try #require(Verdict.judge(seen).reasons.first { $0.cause == .damaged })
            #expect(seen.phase == .damaged && reason.level == .broken && reason.text.contains(names), "\(reason.text)")
            #expect(!reason.text.contains("SELECT") && !reason.text.contains("Correct the SQL"), "\(reason.text)")
            await #expect(throws: (any Error).self) { try await zone.transact("south", "DELETE FROM organisation") }
            #expect(await zone.stop("south") == 0)
            if round == 0 { try await zone.start("south") }
        }
        #expect(await zone.stopAll() == [0])
    }

    @Test("A database file that is moved away is BROKEN, takes no writes, and goes on when it is back")
    func movedFile() async throws {
        let zone = try await TestZone.pair(writing: "south")
        let path = zone.database("south")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        await #expect(throws: (any Error).self) { try await zone.transact("south", "DELETE FROM organisation") }
        let seen = try await zone.wait("the damage") {
            try await zone.status("south")
        } until: {
            $0.damage != nil
        }
        #expect(seen.damage?.cause.contains(path) == true, "\(String(describing: seen.damage))")
        #expect(
            try await zone.send("south", "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status
                == 503)
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        _ = try await zone.wait("south to go on") {
            try await zone.status("south")
        } until: {
            $0.damage == nil && $0.phase == .ready
        }
        #expect(try await zone.rows("south", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(1))]])
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("A -shm that is cut short ends the node with one line and no backtrace, and the next start is sound")
    func truncatedIndex() async throws {
        let zone = try await TestZone.pair(writing: "south")
        #expect(truncate(zone.database("south") + "-shm", 0) == 0)
        await #expect(throws: (any Error).self) { try await zone.transact("south", "DELETE FROM organisation") }
        #expect(await zone.stop("south", 0) == 70)
        let log = zone.log("south")
        #expect(log.contains("was cut short while it was in use"), "\(log.suffix(2_000))")
        #expect(!log.contains("crashed") && !log.contains("Thread 0"), "\(log.suffix(2_000))")
        try await zone.start("south")
        try await zone.agree()
        #expect(try await zone.rows("south", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(1))]])
        #expect(await zone.stopAll() == [0, 0])
    }
}
