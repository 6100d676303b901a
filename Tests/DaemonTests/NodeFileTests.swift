import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncStore
import Synchronization
import Testing

@testable import parksyncd

/// The node's files with real daemons: whose they are, where links lead, and addresses of the other
/// family.
@Suite(.serialized, .endsInTime) struct NodeFileTests {
    private static let isRoot = geteuid() == 0
    private static let nobody: (user: UInt32, group: UInt32) = (65_534, 65_534)

    private static func insert(_ zone: TestZone, _ name: String) async throws {
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
            [JSONValue(.string("south:organisation:\(name)"))])
    }

    @Test(.enabled(if: isRoot, "only root can give files away"), arguments: [true, false])
    func aRestoreAsRootLeavesTheDatabaseToTheNode(isLost: Bool) async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        try await Self.insert(zone, "1")
        let backup = zone.folder.path + "/south.backup"
        #expect(try await BackupTests.syncctl("backup", backup, "--socket", zone.socket("south")).status == 0)
        await zone.stop("south")
        let state = zone.file("south", "state").path
        #expect(chown(state, Self.nobody.user, Self.nobody.group) == 0 && chmod(state, 0o2770) == 0)
        #expect(
            chown(zone.database("south"), Self.nobody.user, 4_002) == 0 && chmod(zone.database("south"), 0o660) == 0)
        if isLost { try zone.removeDatabase("south") }
        try FileManager.default.removeItem(atPath: zone.database("south") + ".lock")
        let restored = try await BackupTests.syncctl(
            "restore", backup, "--config", zone.file("south", "parksyncd.yaml").path)
        #expect(restored.status == 0, "\(restored)")
        let database = FileOwnership(of: zone.database("south"))
        #expect(
            database == FileOwnership(user: Self.nobody.user, group: isLost ? Self.nobody.group : 4_002, mode: 0o660))
        for name in try FileManager.default.contentsOfDirectory(atPath: state) where name.hasPrefix("parksync.sqlite") {
            #expect(FileOwnership(of: state + "/" + name)?.user == Self.nobody.user, "\(name)")
        }
    }

    /// A copy of a program where every user can execute it: the tree may lie in a folder of root's.
    private static func program(_ name: String, in zone: TestZone) throws -> String {
        let copy = zone.folder.appendingPathComponent(name)
        try FileManager.default.copyItem(at: TestProcess.binaries.appendingPathComponent(name), to: copy)
        #expect(chmod(copy.path, 0o755) == 0)
        return copy.path
    }

    @Test(.enabled(if: isRoot, "only root can run a node as another user"))
    func aLockFileOfAnotherUserIsToldAsThat() async throws {
        let zone = try await TestZone(["south", "west"])
        let home = zone.file("south", "").path
        for path in [zone.folder.path, home] { #expect(chmod(path, 0o755) == 0) }
        for name in ["identity.key", "node.key", "state"] {
            #expect(chown(zone.file("south", name).path, Self.nobody.user, Self.nobody.group) == 0)
        }
        let lock = zone.database("south") + ".lock"
        try Data().write(to: URL(fileURLWithPath: lock))
        #expect(chmod(lock, 0o600) == 0 && chown(lock, 0, 0) == 0)
        let config = zone.file("south", "parksyncd.yaml").path
        let (daemon, control) = (try Self.program("parksyncd", in: zone), try Self.program("syncctl", in: zone))
        func start() async throws -> (status: Int32, output: String) {
            try await TestProcess.run(
                "/usr/bin/setpriv",
                [
                    "--reuid=65534", "--regid=65534", "--clear-groups", daemon, "run", "--config", config,
                ])
        }
        let ended = try await start()
        #expect(ended.status == 77, "\(ended)")
        #expect(
            ended.output.contains(lock) && ended.output.contains("belongs to the user 0")
                && !ended.output.contains("another parksyncd"), "\(ended)")
        // A folder that may not be written is told as that, too.
        try FileManager.default.removeItem(atPath: lock)
        #expect(
            chown(zone.file("south", "state").path, 0, 0) == 0 && chmod(zone.file("south", "state").path, 0o755) == 0)
        let shut = try await start()
        #expect(shut.status == 77 && shut.output.contains("write the state folder"), "\(shut)")
        let restore = try await TestProcess.run(
            "/usr/bin/setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups", control, "restore", "/nowhere", "--config", config,
            ])
        #expect(
            restore.status == 2 && !restore.output.contains("is running") && restore.output.contains("lock file"),
            "\(restore)")
    }

    @Test func aNewDatabaseIsTheGroupsWhereTheServicesMaskLetsIt() async throws {
        let zone = try await TestZone(["south"])
        #expect(chmod(zone.file("south", "state").path, 0o2770) == 0)
        let notify = try NotifySocket(path: zone.file("south", "notify").path)
        let program = TestProcess.binaries.appendingPathComponent("parksyncd").path
        let node = try TestProcess(
            "/bin/sh",
            ["-c", "umask 007; exec '\(program)' run --config '\(zone.file("south", "parksyncd.yaml").path)'"],
            environment: ["NOTIFY_SOCKET": notify.path, "PARKSYNC_PEER_LISTEN": ""], output: zone.file("south", "log"))
        defer { node.signal(SIGKILL) }
        while try await notify.message() != "READY=1" {}
        for suffix in ["", "-wal", "-shm"] {
            #expect(FileOwnership(of: zone.database("south") + suffix)?.mode == 0o660, "\(suffix)")
        }
    }

    // MARK: the disk

    /// So that a shell may have a small file system of its own.
    private static let ownMounts = isRoot ? ["--mount"] : ["--mount", "--map-root-user"]
    private static func hasOwnMounts() async -> Bool {
        let mount = try? await TestProcess.run(
            "/usr/bin/unshare", ownMounts + ["sh", "-c", "mount -t tmpfs full /mnt"])
        return mount?.status == 0
    }

    @Test(.enabled("needs root, or namespaces of users") { await NodeFileTests.hasOwnMounts() })
    func aFullDiskAtTheStartIsToldAsThat() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        try await Self.insert(zone, "1")
        await zone.stop("south")
        let (state, kept) = (zone.file("south", "state").path, zone.file("south", "kept").path)
        let (daemon, config) = (
            TestProcess.binaries.appendingPathComponent("parksyncd").path, zone.file("south", "parksyncd.yaml").path
        )
        func start(_ prepare: String) async throws -> (status: Int32, output: String) {
            let script =
                "set -e; cp -a '\(state)' '\(kept)'; mount -t tmpfs -o size=8m,mode=700 full '\(state)'; cp -a "
                + "'\(kept)/.' '\(state)'; rm -r '\(kept)'; "
                + "\(prepare); set +e; head -c 16m /dev/zero > '\(state)/fill' 2>/dev/null; set -e; exec '\(daemon)' "
                + "run --config '\(config)'"
            return try await TestProcess.run("/usr/bin/unshare", Self.ownMounts + ["sh", "-c", script])
        }
        // A node that has a whole database and nothing to write does what can be done: it is one
        // without a file that needs room.
        let ended = try await start("rm '\(state)'/*")
        #expect(ended.status == 74, "\(ended)")
        #expect(
            ended.output.contains("the disk of \(state) is full, 0 bytes are free")
                && ended.output.contains("Free disk space"), "\(ended)")
        // Nothing was lost, and nothing else is wrong.
        try await zone.start("south")
        #expect(try await zone.rows("south", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(1))]])
        #expect(await zone.stopAll() == [0])
    }

    @Test func whateverSaysThatADiskIsFullEndsTheNodeWithOneStatus() throws {
        let full: [any Error] = [
            StoreError(.diskFull, "no room", remedy: "Free some."), CocoaError(.fileWriteOutOfSpace),
            POSIXError(.ENOSPC),
            FileSystem.notWritten("x", POSIXError(.EDQUOT)),
        ]
        for error in full { #expect(DaemonExit.code(for: error) == DaemonExit.full, "\(error)") }
        #expect(DaemonExit.code(for: POSIXError(.EACCES)) == DaemonExit.failure)
    }

    // MARK: links

    @Test func aWriteToWhatALinkLeadsToIsNoticed() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pl-\(UUID().uuidString.prefix(8))")
            .path
        try FileManager.default.createDirectory(atPath: folder + "/disk", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/disk/real.sqlite"
        #expect(
            FileManager.default.createFile(atPath: file + "-wal", contents: nil)
                && symlink("disk/real.sqlite", folder + "/db") == 0)
        let (events, wake) = AsyncStream.makeStream(of: Void.self)
        let watcher = try FileWatcher(database: folder + "/db") { wake.yield() }
        let handle = try #require(FileHandle(forWritingAtPath: file + "-wal"))
        try handle.write(contentsOf: Data([1]))
        for await _ in events { break }
        withExtendedLifetime(watcher) {}
    }

    @Test func aDatabaseBehindALinkWorksWholly() async throws {
        let zone = try await TestZone(["south", "west"])
        let disk = zone.folder.appendingPathComponent("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        // The link is there before the database is.
        #expect(symlink(disk.path + "/south.sqlite", zone.database("south")) == 0)
        try await zone.start("south", "west")
        try await Self.insert(zone, "1")
        try await zone.foreign(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:2', 'enterprise', 'x');")
        try await zone.agree(covering: "south:2")
        let backup = zone.folder.path + "/south.backup"
        #expect(try await BackupTests.syncctl("backup", backup, "--socket", zone.socket("south")).status == 0)
        let second = try await TestProcess.run(
            "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path])
        #expect(second.status == 75, "the lock is the file's: \(second)")
        await zone.stop("south")
        #expect(
            try await BackupTests.syncctl("restore", backup, "--config", zone.file("south", "parksyncd.yaml").path)
                .status == 0)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: zone.database("south")) == disk.path
                + "/south.sqlite", "the link stays")
        try await zone.start("south")
        try await zone.agree(covering: "south:2")
        #expect(try await zone.verify("south").findings.isEmpty)
        #expect(await zone.stopAll() == [0, 0])
    }

    // MARK: the other family of addresses

    @Test func parksThatAreCalledByIPv6ListenThere() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("p6-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let ports = try ["south": ReservedPort(), "west": ReservedPort()]
        let addresses = ports.sorted { $0.key < $1.key }.flatMap {
            ["--address", "\($0.key)=[::1]:\($0.value.number)"]
        }
        let made = try await TestProcess.run("syncctl", ["init", folder.path] + addresses)
        #expect(made.status == 0, "\(made.output)")
        var nodes: [TestProcess] = []
        defer { for node in nodes { node.signal(SIGKILL) } }
        for park in ["south", "west"] {
            let home = folder.appendingPathComponent(park)
            let notify = try NotifySocket(path: home.appendingPathComponent("notify").path)
            nodes.append(
                try TestProcess(
                    "parksyncd", ["run", "--config", home.appendingPathComponent("parksyncd.yaml").path],
                    environment: ["NOTIFY_SOCKET": notify.path],
                    output: home.appendingPathComponent("log")))
            while try await notify.message() != "READY=1" {}
        }
        let waited = try await TestProcess.run(
            "syncctl",
            ["wait", "--good", "--timeout", "\(Int(TestZone.agreementSeconds))"]
                + ["south", "west"].flatMap { ["--socket", folder.path + "/\($0)/control.sock"] })
        #expect(waited.status == 0, "\(waited.output)")
        let log = try String(contentsOf: folder.appendingPathComponent("south/log"), encoding: .utf8)
        #expect(
            log.contains("event=node.listening interface=peer address=[::1]:") || log.contains("address=::1:"), "\(log)"
        )
    }
}
