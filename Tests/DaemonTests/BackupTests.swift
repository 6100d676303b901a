import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReports
import ParkSyncStore
import Synchronization
import Testing

/// `syncctl backup` and `syncctl restore` with real daemons.
@Suite(.serialized, .endsInTime) struct BackupTests {
    static func syncctl(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await TestProcess.run("syncctl", arguments)
    }

    private static func config(_ zone: TestZone, _ park: String) -> String { zone.file(park, "parksyncd.yaml").path }

    private static func insert(_ zone: TestZone, _ park: String, _ name: String) async throws {
        try await zone.transact(
            park, "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
            [JSONValue(.string("\(park):organisation:\(name)"))]
        )
    }

    /// Backup while programs write, more writes, the old backup is put back: the node has lost
    /// nothing when it accepts writes.
    @Test func anOldBackupGivesNothingAway() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        for number in 1...5 { try await Self.insert(zone, "south", "a\(number)") }
        let backup = zone.folder.path + "/south.backup"
        let isMade = Mutex(false)
        async let written: Void = {
            var number = 0
            while !isMade.withLock({ $0 }), !Task.isCancelled {
                number += 1
                try await Self.insert(zone, "south", "during\(number)")
                try await zone.foreign(
                    "south",
                    """
                    INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:foreign\(number)', \
                    'enterprise', 'x');
                    """
                )
            }
        }()
        let made = try await Self.syncctl("backup", backup, "--socket", zone.socket("south"), "--json")
        isMade.withLock { $0 = true }
        try await written
        #expect(made.status == 0, "\(made)")
        let noted = try #require(try await zone.status("south").machine?.lastBackupAt)
        #expect(Date().timeIntervalSince1970 * 1_000 - Double(noted) < 180_000)
        let report = try JSONDecoder().decode(BackupReport.self, from: Data(made.output.utf8))
        #expect(report.park == "south" && report.vector.hasPrefix("south:"))
        let again = try await Self.syncctl("backup", backup, "--socket", zone.socket("south"))
        #expect(again.status == 64 && again.output.contains("exists"), "\(again)")
        // A copy that did not arrive is no backup, and neither is a bundle.
        let lost = try await zone.send("south", HTTPText.request("POST", LocalPath.backups, type: nil))
        let id = try JSONDecoder().decode(BackupReport.self, from: lost.body).id ?? ""
        #expect(
            try await zone.send("south", HTTPText.request("DELETE", "\(LocalPath.copies)/\(id)", type: nil)).status
                == 204)
        let bundle = try await Self.syncctl(
            "log", "export", backup + ".bundle", "--to", "west", "--socket", zone.socket("south"))
        #expect(bundle.status == 0, "\(bundle)")
        #expect(try await zone.status("south").machine?.lastBackupAt == noted)
        for number in 1...5 { try await Self.insert(zone, "south", "lost\(number)") }
        let newest = try await zone.agree()
        let running = try await Self.syncctl("restore", backup, "--config", Self.config(zone, "south"))
        #expect(running.status == 2 && running.output.contains("is running"), "\(running)")
        await zone.stop("south")
        let restored = try await Self.syncctl("restore", backup, "--config", Self.config(zone, "south"))
        #expect(restored.status == 0 && restored.output.contains("is kept in"), "\(restored)")
        let kept = try FileManager.default.contentsOfDirectory(atPath: zone.file("south", "state").path)
        #expect(kept.contains { $0.hasPrefix("parksync.sqlite.replaced-") }, "\(kept)")
        // Without its peers it accepts nothing, not even from another program.
        await zone.stop("west")
        try await zone.start("south")
        let alone = try await zone.status("south")
        #expect(alone.phase == .recovering && alone.applied == report.vector)
        await #expect(throws: (any Error).self) { try await Self.insert(zone, "south", "too-early") }
        await #expect(throws: (any Error).self) { try await zone.foreign("south", "DELETE FROM organisation;") }
        try await zone.start("west")
        _ = try await zone.wait("the recovery") {
            try await zone.status("south")
        } until: {
            $0.phase == .ready
        }
        #expect(try await zone.agree() == newest)
        #expect(
            try await zone.rows("south", "SELECT count(*) FROM organisation WHERE id LIKE '%:lost%'") == [
                [JSONValue(.integer(5))]
            ])
        try await Self.insert(zone, "south", "after")
        try await zone.agree()
        #expect(try await zone.verify("south").findings.isEmpty)
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func whatIsNoGoodBackupIsRefused() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        try await Self.insert(zone, "south", "a")
        await zone.stop("south")
        let backup = zone.folder.path + "/south.backup"
        // The node is down: the same, on its files.
        let made = try await Self.syncctl(
            "backup", backup, "--config", Self.config(zone, "south"), "--offline", "--json")
        #expect(made.status == 0, "\(made)")
        #expect(BackupMemory(statePath: zone.file("south", "state").path).lastAt != nil)
        let before = try Data(contentsOf: URL(fileURLWithPath: zone.database("south")))
        let foreign = try await Self.syncctl("restore", backup, "--config", Self.config(zone, "west"))
        #expect(
            foreign.status == 2 && foreign.output.contains("is a copy of the database of south, not of west"),
            "\(foreign)")
        let cases: [(String, String, String)] = [
            (
                "UPDATE _parksync_meta SET value = 99 WHERE name = 'format';", "newer than this program's",
                "Upgrade this node"
            ),
            ("UPDATE _parksync_meta SET value = 0 WHERE name = 'format';", "has format 0", "ParkSync did not write it"),
            (
                "DROP TRIGGER _parksync_update_organisation; UPDATE organisation SET name_zh = 'x';",
                "the rows' digest is not", "Use another copy"
            ),
            (
                "UPDATE _parksync_log SET payload = zeroblob(length(payload));", "does not have the hash",
                "Use another copy"
            ),
            (
                "UPDATE _parksync_log SET signature = zeroblob(64);", "has a signature that is not its park's",
                "Use another copy"
            ),
            ("UPDATE organisation SET name_zh = 'y';", "writes that are not in its log", "syncctl backup"),
        ]
        for (sql, reason, remedy) in cases {
            let bad = zone.folder.path + "/bad"
            try? FileManager.default.removeItem(atPath: bad)
            try FileManager.default.copyItem(atPath: backup, toPath: bad)
            try await TestZone.foreign(path: bad, sql)
            let refused = try await Self.syncctl("restore", bad, "--config", Self.config(zone, "south"))
            #expect(
                refused.status == 2 && refused.output.contains(reason) && refused.output.contains(remedy),
                "\(sql): \(refused)")
        }
        for length in [0, 100, 5_000] {
            let cut = zone.folder.path + "/cut-\(length)"
            try Data(try Data(contentsOf: URL(fileURLWithPath: backup)).prefix(length)).write(
                to: URL(fileURLWithPath: cut))
            let refused = try await Self.syncctl("restore", cut, "--config", Self.config(zone, "south"))
            #expect(refused.status == 2, "\(length): \(refused)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: zone.database("south"))) == before)
        let kept = try FileManager.default.contentsOfDirectory(atPath: zone.file("south", "state").path)
        #expect(
            !kept.contains { $0.contains("replaced") || $0.contains("restored") || $0.contains("ready") }, "\(kept)")
    }
}
