import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncStore
import Testing

@testable import parksyncd

/// Real daemons whose own tables somebody has altered.
@Suite("A damaged database", .endsInTime)
struct DamagedNodeTests {
    @Test("A log that is deleted while the node runs is BROKEN, and nothing is written")
    func whileRunning() async throws {
        let zone = try await TestZone.pair(writing: "south")
        try await zone.foreign("south", "DELETE FROM _parksync_log")
        let seen = try await zone.wait("the damage") {
            try await zone.status("south")
        } until: {
            $0.damage != nil
        }
        #expect(seen.phase == .damaged)
        let verdict = Verdict.judge(seen)
        let reason = try #require(verdict.reasons.first { $0.cause == .damaged })
        #expect(verdict.level == .broken && reason.text.contains("move the database"), "\(reason.text)")
        await #expect(throws: (any Error).self) { try await zone.transact("south", "DELETE FROM organisation") }
        #expect(
            try await zone.rows("south", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(1))]],
            "reading goes on")
        #expect(
            try await zone.send("south", "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status
                == 503)
        _ = try await zone.wait("the journal") {
            zone.log("south")
        } until: {
            $0.contains("database.damaged")
        }
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test(
        "At the start it is told, and the node neither crashes nor starts again and again",
        arguments: [
            "DELETE FROM _parksync_log", "UPDATE _parksync_origin SET folded = 9223372036854775807",
            "UPDATE _parksync_origin SET ordinal = 9223372036854775807 WHERE name = 'south'",
            "INSERT INTO _parksync_fence VALUES('west', -9223372036854775808, -1, '-', '')",
        ])
    func atTheStart(_ sql: String) async throws {
        let zone = try await TestZone.pair(writing: "south")
        #expect(await zone.stop("south") == 0)
        try await zone.foreign("south", sql)
        try await zone.start("south")
        let seen = try await zone.status("south")
        #expect(seen.phase == .damaged && seen.damage?.remedy.contains("move the database") == true)
        let (status, output) = try await TestProcess.run("syncctl", ["status", "--socket", zone.socket("south")])
        #expect(status == 2 && output.contains("BROKEN") && output.contains("damaged"), "\(output)")
        await #expect(throws: (any Error).self) { try await zone.transact("south", "DELETE FROM organisation") }
        #expect(await zone.stop("south") == 0)

        // The remedy: the file goes, and the node fetches its state and its own log back.
        try zone.removeDatabase("south")
        try await zone.start("south")
        _ = try await zone.wait("south to be itself again") {
            try await zone.status("south")
        } until: {
            $0.phase == .ready
        }
        try await zone.agree()
        #expect(try await zone.rows("south", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(1))]])
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("While its database is damaged a node exchanges nothing, and goes on when it is mended")
    func linksOfADamagedNode() async throws {
        let zone = try await TestZone.pair(writing: "south")
        func sqlite(_ sql: String) async throws {
            let done = try await TestProcess.sqlite(zone.database("south"), sql)
            #expect(done.status == 0, "\(done.output)")
        }
        func link(_ park: String, _ fits: @escaping (NodeStatus.Peer) -> Bool) async throws {
            _ = try await zone.wait("the link of \(park)") {
                try await zone.status(park)
            } until: {
                $0.peers.first.map(fits) ?? false
            }
        }
        try await sqlite(
            "UPDATE _parksync_log SET stamp = stamp, id = id + 1000 WHERE id = (SELECT max(id) FROM _parksync_log)")
        let status = try await zone.wait("south finding it") {
            try await zone.status("south")
        } until: {
            $0.phase == .damaged && $0.peers.first?.lastError?.contains("database is damaged") == true
        }
        #expect(status.peers.first?.link == .waiting, "\(status.peers)")
        try await link("west") { $0.link != .following && $0.lastError?.contains("damaged") == true }
        try await sqlite("UPDATE _parksync_log SET id = id - 1000 WHERE id = (SELECT max(id) FROM _parksync_log)")
        for park in zone.parks { try await link(park) { $0.link == .following } }
        try await zone.agree()
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("A part of a bundle may begin anywhere")
    func importOffsets() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "parksync-imports-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shelf = ImportShelf(statePath: folder.path, clock: RealClock())
        let name = String(repeating: "a", count: ImportShelf.nameBytes)
        try await shelf.append(name, offset: 0, [1, 2, 3])
        let offsets: [UInt64] = [.max, .max - 1, .max - 2, 1 << 63, 4]
        for offset in offsets {
            await #expect(throws: StoreError.self) { try await shelf.append(name, offset: offset, [1, 2, 3]) }
        }
        try await shelf.append(name, offset: 1, [2, 3])
        try await shelf.append(name, offset: 3, [4])
        #expect(try Data(contentsOf: URL(fileURLWithPath: try await shelf.file(name))) == Data([1, 2, 3, 4]))
    }

    @Test("Whatever the mask of whoever starts it, the node's files are not everybody's, and no core dump is made")
    func filesAndMemory() async throws {
        let zone = try await TestZone(["south"])
        let state = zone.file("south", "state").path
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        #expect(chmod(state, 0o777) == 0)
        let notify = try NotifySocket(path: zone.file("south", "notify").path)
        let daemon = try TestProcess(
            "/bin/sh",
            [
                "-c", "umask 0; ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\"",
                TestProcess.binaries.appendingPathComponent("parksyncd").path,
                "run",
                "--config", zone.file("south", "parksyncd.yaml").path,
            ],
            environment: ["NOTIFY_SOCKET": notify.path], output: zone.file("south", "log"))
        while try await notify.message() != "READY=1" {}
        try await zone.transact(
            "south",
            """
            INSERT INTO organisation(id, name_zh, name_en, kind) VALUES('south:organisation:1', '光学所', \
            'Optics', 'enterprise')
            """
        )
        let copy = zone.file("south", "copy.sqlite").path
        let (status, output) = try await TestProcess.run("syncctl", ["backup", copy, "--socket", zone.socket("south")])
        #expect(status == 0, "\(output)")
        for name in ["parksync.sqlite", "parksync.sqlite-wal", "parksync.sqlite-shm"] {
            #expect(FileManager.default.fileExists(atPath: "\(state)/\(name)"))
        }
        let files =
            FileManager.default.enumerator(atPath: zone.file("south", "").path)?.allObjects.compactMap { $0 as? String }
            ?? []
        let open = files.map { zone.file("south", $0).path }.filter { path in
            guard path.hasPrefix(state + "/") || path == copy, let found = FileOwnership(of: path) else { return false }
            return found.mode & 0o007 != 0
        }
        #expect(open == [], "others may open these")
        let limits = try String(contentsOfFile: "/proc/\(daemon.identifier)/limits", encoding: .utf8)
        let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(core ?? "")")
        daemon.signal(SIGTERM)
        #expect(await daemon.status() == 0)
    }

    @Test("The unit lets no part of the memory out, and counts nobody's restarts")
    func unit() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let unit = try String(
            contentsOf: root.appendingPathComponent("deploy/systemd/parksyncd@.service"), encoding: .utf8)
        let lines = unit.split(separator: "\n").map(String.init)
        for line in ["LimitCORE=0", "UMask=0007", "Environment=SWIFT_BACKTRACE=enable=no"] {
            #expect(lines.contains(line))
        }
        // systemd takes it in this section only.
        let service = try #require(lines.firstIndex(of: "[Service]"))
        #expect(lines[..<service].contains("StartLimitIntervalSec=0"))
    }
}
