import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ServerFixtures
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
