import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// The path of the local socket: nothing but a dead socket of the node's own is ever taken away for
/// it.
@Suite(.serialized, .endsInTime) struct SocketTests {
    private static func run(_ zone: TestZone, _ environment: [String: String]) async throws -> (
        status: Int32, output: String
    ) {
        try await TestProcess.run(
            "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path],
            environment: environment.merging(["PARKSYNC_LOCAL_HTTP": ""]) { first, _ in first })
    }

    private static func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

    private static func inode(_ path: String) -> UInt64? {
        ((try? FileManager.default.attributesOfItem(atPath: path))?[.systemFileNumber] as? NSNumber)?.uint64Value
    }

    // MARK: paths that collide

    @Test func aSocketOnAFileOfTheNodeIsRefusedAndTheFileStays() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:a', 'enterprise', '成都')")
        #expect(await zone.stopAll() == [0])
        let (state, home) = (zone.file("south", "state").path, zone.file("south", "").path)
        let link = zone.file("south", "link").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: zone.database("south"))
        try FileManager.default.createSymbolicLink(atPath: zone.file("south", "way").path, withDestinationPath: state)
        let before = Self.bytes(zone.database("south"))
        let paths =
            [
                "", "-wal", "-shm", ".lock", ".ready", ".candidate", ".download", ".anything",
            ].map { zone.database("south") + $0 } + [
                state + "/parksync.archive", state + "/parksync.archive/south/1-2.segment", state + "/copies/x",
                state + "/imports",
                state + "/first-start",
                state + "/local-socket", state, home, link, home + "/way/parksync.sqlite",
                home + "/./way/../way/parksync.sqlite-wal",
                home + "/identity.key", home + "/node.key", home + "/node.crt", home + "/parksyncd.yaml",
            ]
        for path in paths {
            let ended = try await Self.run(zone, ["PARKSYNC_LOCAL_SOCKET": path])
            #expect(ended.status == 64 && ended.output.contains("local.socket: "), "\(path): \(ended)")
        }
        for (key, name) in [
            ("IDENTITY", "parksync.sqlite-wal"), ("TLS_KEY", "parksync.archive/key"), ("SCHEMA", "imports"),
        ] {
            try FileManager.default.createDirectory(
                atPath: state + "/parksync.archive", withIntermediateDirectories: true)
            if !FileManager.default.fileExists(atPath: state + "/" + name) {
                try FileManager.default.copyItem(
                    atPath: home + (key == "TLS_KEY" ? "/node.key" : "/identity.key"), toPath: state + "/" + name)
            }
            let ended = try await Self.run(zone, ["PARKSYNC_" + key: state + "/" + name])
            #expect(ended.status == 64 && ended.output.contains("keeps for itself"), "\(key): \(ended)")
            try FileManager.default.removeItem(atPath: state + "/" + name)
        }
        #expect(Self.bytes(zone.database("south")) == before, "the database is as it was")
        try await zone.start("south")
        #expect(
            try await zone.rows("south", "SELECT count(*) FROM organisation").first?.first == JSONValue(.integer(1)))
        #expect(await zone.stopAll() == [0])
    }

    @Test func whateverIsNoSocketStays() async throws {
        let zone = try await TestZone(["south"])
        let path = zone.file("south", "there").path
        func refused(_ what: String) async throws {
            let ended = try await Self.run(zone, ["PARKSYNC_LOCAL_SOCKET": path])
            #expect(
                ended.status == 64 && ended.output.contains("there is \(what) of that name, which is left as it is"),
                "\(ended)")
        }
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        try await refused("a file")
        #expect(Self.bytes(path) == Data("precious".utf8))
        try FileManager.default.removeItem(atPath: path)

        try Data("precious".utf8).write(to: zone.file("south", "target"))
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: zone.file("south", "target").path)
        try await refused("a symbolic link")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == zone.file("south", "target").path)
        try FileManager.default.removeItem(atPath: path)

        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try await refused("a folder")
        try FileManager.default.removeItem(atPath: path)

        #expect(mkfifo(path, 0o600) == 0)
        try await refused("a device or pipe")
        #expect(FileManager.default.fileExists(atPath: path))
    }

    // MARK: sockets of others

    private static func cause(_ port: Int, _ token: String) async throws -> String {
        let connection = try RawHTTPConnection(port: port)
        try connection.send(HTTPText.authorized(HTTPText.get(LocalPath.status), token))
        let status = try JSONDecoder().decode(NodeStatus.self, from: try await connection.readAnswer().body)
        return status.listeners.first { $0.interface == "local-socket" }?.cause ?? "listens"
    }

    @Test func anotherNodesSocketIsNeitherStolenNorRemoved() async throws {
        let (zone, port) = (try await TestZone(["south", "west"]), try ReservedPort())
        try await zone.start("west")
        let path = zone.socket("west")
        let theirs = Self.inode(path)
        try await zone.start(
            "south", environment: ["PARKSYNC_LOCAL_SOCKET": path, "PARKSYNC_LOCAL_HTTP": "127.0.0.1:\(port.number)"])
        func wait(_ words: String) async throws {
            _ = try await zone.wait(words) {
                try await Self.cause(port.number, try zone.token("south"))
            } until: {
                $0.contains(words)
            }
        }
        try await wait("another program listens")
        #expect(try await zone.status("west").park == "west" && Self.inode(path) == theirs)

        // Dead, and not this node's: it waits for the one that has made it.
        #expect(await zone.stop("west", SIGKILL) == -SIGKILL)
        try await wait("has not made")
        #expect(Self.inode(path) == theirs)
        try await zone.start("west")
        #expect(try await zone.status("west").park == "west")

        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func ownSocketOfAKilledNodeIsMadeAnew() async throws {
        let zone = try await TestZone(["south"])
        for _ in 0..<3 {
            try await zone.start("south")
            #expect(await zone.stop("south", SIGKILL) == -SIGKILL)
            #expect(Self.inode(zone.socket("south")) != nil)
        }
        try await zone.start("south")
        #expect(try await zone.status("south").park == "south")
        #expect(await zone.stopAll() == [0])
        #expect(
            Self.inode(zone.socket("south")) == nil && Self.bytes(zone.file("south", "state/local-socket").path) == nil)
    }
}
