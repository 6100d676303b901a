import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Real daemons and a real hand on the file: the status is BROKEN and names what differs, and
/// syncctl mends it either way.
@Suite("Rows that are changed past capture", .endsInTime)
struct RowRepairDaemonTests {
    private static let change =
        """
        DROP TRIGGER _parksync_update_organisation; UPDATE organisation SET name_en = 'Forged' WHERE id = \
        'south:organisation:1';
        """

    private func syncctl(_ zone: TestZone, _ words: String...) async throws -> (status: Int32, output: String) {
        try await TestProcess.run("syncctl", words + ["--socket", zone.socket("south")])
    }

    @Test("A difference is BROKEN, and goes away by a repair from the log")
    func fromLog() async throws {
        let zone = try await TestZone.pair(writing: "south")
        try await zone.foreign("south", Self.change)
        let seen = try await zone.wait("the difference") {
            try await zone.status("south")
        } until: {
            $0.rows?.differing == 1
        }
        let verdict = Verdict.judge(seen)
        let reason = try #require(verdict.reasons.first { $0.cause == .rowsDiffer })
        #expect(
            verdict.level == .broken && reason.text.contains("name_en is Forged here, the log says Optics"),
            "\(reason.text)")
        #expect(!reason.text.contains("test"), "nobody is blamed")
        _ = try await zone.wait(
            "south's journal", { zone.log("south") },
            until: { $0.contains("event=row.differs table=organisation kind=changed\n") })
        let verify = try await syncctl(zone, "verify", "--rows")
        #expect(
            verify.status == 1 && verify.output.contains("name_en: here Forged, in the log Optics"), "\(verify.output)")
        let repair = try await syncctl(zone, "repair", "organisation", "south:organisation:1", "--from-log")
        #expect(repair.status == 0 && repair.output.contains("1 rows repaired from the log"), "\(repair.output)")
        let again = try await syncctl(zone, "verify", "--rows")
        #expect(again.status == 0 && again.output.hasPrefix("SOUND"), "\(again.output)")
        #expect(try await zone.rows("south", "SELECT name_en FROM organisation") == [[JSONValue(.string("Optics"))]])
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("What is here can be published, and is known again after a restart")
    func publish() async throws {
        let zone = try await TestZone.pair(writing: "south")
        await zone.stop("south")
        try await zone.foreign("south", Self.change)
        try await zone.start("south")
        _ = try await zone.wait("the difference") {
            try await zone.status("south")
        } until: {
            $0.rows?.differing == 1
        }
        let repair = try await syncctl(
            zone, "repair", "organisation", "--all", "--publish", "--author", "li", "--note", "the new name")
        #expect(repair.status == 0 && repair.output.contains("published as entry"), "\(repair.output)")
        try await zone.agree()
        #expect(try await zone.rows("west", "SELECT name_en FROM organisation") == [[JSONValue(.string("Forged"))]])
        let usage = try await syncctl(zone, "repair", "organisation", "--all")
        #expect(usage.status == 64, "\(usage.output)")
        #expect(await zone.stopAll() == [0, 0])
    }
}
