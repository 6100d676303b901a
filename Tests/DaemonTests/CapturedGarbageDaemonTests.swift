import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Real daemons and a program that writes what only ParkSync's triggers should.
@Suite("Garbage in the tables that capture writes", .endsInTime)
struct CapturedGarbageDaemonTests {
    private func syncctl(_ zone: TestZone, _ words: String...) async throws -> (status: Int32, output: String) {
        try await TestProcess.run("syncctl", words + ["--socket", zone.socket("south")])
    }

    @Test("It is named and set aside, and everything else goes on, also after a restart")
    func goesOn() async throws {
        let zone = try await TestZone.pair(writing: "west")
        try await zone.foreign(
            "south",
            """
            INSERT INTO _parksync_pending_organisation(op, k0) VALUES(77, 'a');
            INSERT INTO _parksync_pending_organisation(op, mask, k0) VALUES(1, 1, 'west:organisation:1');
            INSERT INTO organisation(id, name_zh, name_en, kind) VALUES('south:organisation:1', '所', 'Beside', \
            'enterprise');
            """)
        let seen = try await zone.wait("the refusals") {
            try await zone.status("south")
        } until: {
            $0.refusedRows?.count == 2
        }
        let verdict = Verdict.judge(seen)
        let reason = try #require(verdict.reasons.first { $0.cause == .rowsRefused })
        #expect(reason.level == .degraded && reason.text.contains("syncctl refused"), "\(reason.text)")
        try await zone.agree()
        #expect(try await zone.rows("west", "SELECT name_en FROM organisation ORDER BY id").count == 2)
        #expect(try await zone.status("west").stuck == [], "nobody quarantines what south has signed")

        await zone.stop("south")
        try await zone.foreign(
            "south", "INSERT INTO _parksync_pending_organisation(op, k0) VALUES(zeroblob(9), zeroblob(9))")
        try await zone.start("south")
        _ = try await zone.wait("the third") {
            try await zone.status("south")
        } until: {
            $0.refusedRows?.count == 3
        }
        let list = try await syncctl(zone, "refused")
        #expect(list.status == 0 && list.output.contains("op 77, k0 'a'"), "\(list.output)")
        #expect(list.output.contains("update of ('west:organisation:1')"), "\(list.output)")
        let one = try await syncctl(zone, "refused", "drop", "1")
        #expect(one.status == 0 && one.output.contains("1 dropped"), "\(one.output)")
        let all = try await syncctl(zone, "refused", "drop", "--all", "--json")
        #expect(all.status == 0 && all.output.contains("2"), "\(all.output)")
        #expect(try await zone.status("south").refusedRows == nil)
        #expect(zone.log("south").contains("row.refused"))
        #expect(await zone.stopAll() == [0, 0])
    }
}
