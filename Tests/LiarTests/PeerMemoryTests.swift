import DaemonFixtures
import Foundation
import NIOCore
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire
import Testing
import parksync_liar

@testable import ParkSyncServer

/// What peers, and strangers at the peers' port, can make a node keep in memory.
@Suite(.serialized, .endsInTime) struct PeerMemoryTests {
    /// `MemoryMax` of the unit is larger: what else the node does has to fit as well.
    private static let memoryBytesMax = 256 << 20
    private static let airport = origin("airport")

    private func expectWithin(
        _ zone: TestZone, _ park: String, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let peak = try zone.peakBytes(park)
        print("peak memory of \(park), \(what): \(peak >> 20) MiB")
        #expect(peak < Self.memoryBytesMax, "\(what): \(peak >> 20) MiB", sourceLocation: sourceLocation)
    }

    private func write(_ zone: TestZone, _ park: String, _ name: String) async throws {
        try await zone.transact(
            park, "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '光')",
            [JSONValue(.string("\(park):organisation:\(name)"))])
    }

    // MARK: bytes

    /// What a few kilobytes of zstd come to.
    enum Bomb: CaseIterable, CustomTestStringConvertible {
        /// One frame of the longest entry that South takes, and of zeros.
        case longestFrame
        /// One frame of the longest entry that any park may take.
        case longerFrame
        /// Frames of a mebibyte, without end.
        case manyFrames
        /// No frame at all: what is not read either.
        case noFrame
        /// A frame that wants as much memory as the format lets a decompressor be asked for.
        case wideWindow
        var testDescription: String { "\(self)" }

        private static func header(_ length: Int, first: UInt64) -> [UInt8] {
            // An entry that is as long as the frame, signed by nobody.
            SliceCoding.frame(
                LogSlice(
                    origin: airport, first: first, count: 1, body: [], signature: [UInt8](repeating: 1, count: 64)),
                followedBy: length)
        }

        var pieces: [[UInt8]] {
            let zeros = [UInt8](repeating: 0, count: 1 << 20)
            switch self {
            case .longestFrame:
                return [Self.header(CoreLimits.payloadBytesDefault, first: 1)]
                    + [[UInt8]](repeating: zeros, count: CoreLimits.payloadBytesDefault >> 20)
            case .longerFrame:
                return [Self.header(CoreLimits.payloadBytesMax, first: 1)] + [[UInt8]](repeating: zeros, count: 448)
            case .manyFrames: return (1...448).map { Self.header(zeros.count, first: $0) + zeros }
            case .noFrame: return [[9, 255, 255, 255, 255]] + [[UInt8]](repeating: zeros, count: 448)
            case .wideWindow:
                return [Self.header(CoreLimits.payloadBytesDefault, first: 1)] + [[UInt8]](repeating: zeros, count: 64)
            }
        }

        /// What South says about it.
        var cause: String {
            switch self {
            case .longestFrame, .manyFrames: "are damaged"
            case .longerFrame: "longer than this node takes"
            case .noFrame: "no frame has the type 9"
            case .wideWindow: "zstd: "
            }
        }

        var level: Int32 { self == .wideWindow ? 22 : 1 }
    }

    @Test(arguments: Bomb.allCases) func aFewKilobytesComeToNoMore(_ bomb: Bomb) async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west")
        let encoder = try ZstdStream(level: bomb.level)
        var sent = try bomb.pieces.reduce(into: [UInt8]()) { sent, piece in
            sent += Array(try encoder.compress(ByteBuffer(bytes: piece), ending: .flush).readableBytesView)
        }
        sent += Array(try encoder.compress(ByteBuffer(), ending: .end).readableBytesView)
        #expect(sent.count < 64 << 10, "\(sent.count) bytes")
        let answer = sent
        let liar = try LyingMember(
            "airport", in: zone,
            answering: { _, request in
                // The greeting is a frame of its own: decompressors go on behind the end of one.
                let hello = LyingMember.hello("airport", to: request, logged: [(Self.airport, 500)]).encode()
                let greeting = try ZstdStream().compress(ByteBuffer(bytes: hello), ending: .end)
                var lie = LyingAnswer([])
                lie.contentEncoding = "zstd"
                lie.pieces = [Array(greeting.readableBytesView) + answer]
                return lie
            })
        try await liar.run {
            // The journal, and not the status: what came first is the next link's to say otherwise.
            _ = try await zone.wait("south's journal") {
                zone.log("south").split(separator: "\n")
            } until: {
                $0.contains { $0.contains("event=peer.lost peer=airport kind=") && $0.contains(bomb.cause) }
            }
            try await zone.figured(.noLink, of: "airport", at: "south")
            try await write(zone, "south", "1")
            for park in ["south", "west"] {
                _ = try await zone.wait("\(park) going on") {
                    try await zone.status(park)
                } until: {
                    $0.phase == .ready && $0.hasApplied("south:1")
                }
            }
        }
        try expectWithin(zone, "south", "zstd bomb \(bomb), \(answer.count) bytes")
        #expect(await zone.stopAll() == [0, 0])
    }

    /// Logs that nobody has: a thousand in each report, others each time.
    @Test func logsOfNoMemberEndTheLink() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west")
        let liar = try LyingMember(
            "airport", in: zone,
            answering: { _, request in
                var lie = LyingAnswer([LyingMember.hello("airport", to: request, logged: [])])
                // Some hundred reports: they are all there before the first one is judged.
                for round in 0..<400 {
                    var state = request.state
                    state.origin = Self.airport
                    state.logged = VersionVector(
                        (0..<1_000).compactMap { number in OriginID("x\(round)-\(number)").map { ($0, 1) } })
                    state.applied = state.logged
                    lie.pieces.append(LogFrame.state(state, wallMilliseconds: request.wallMilliseconds).encode())
                }
                lie.refrain = lie.pieces.last ?? []
                return lie
            })
        try await liar.run {
            let status = try await zone.wait("south naming the liar") {
                try await zone.status("south")
            } until: {
                $0.peers.first { $0.park == "airport" }?.lie?.kind == "unknown-origin"
            }
            #expect(Verdict.judge(status).reasons.contains { $0.cause == .lying && $0.park == "airport" })
            let log = try await zone.wait("south's journal") {
                zone.log("south")
            } until: {
                $0.contains("event=peer.lied peer=airport kind=unknown-origin")
            }
            #expect(!log.isEmpty)
            try await write(zone, "south", "1")
            try await zone.agree(["south", "west"], covering: "south:1")
        }
        try expectWithin(zone, "south", "logs of no member")
        #expect(await zone.stopAll() == [0, 0])
    }

    // MARK: entries

    /// Nearly as much as an entry may have, in many rows and in one value, written by another
    /// program.
    @Test(arguments: [30, 1]) func theLongestEntryComesThrough(rows: Int) async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport", environment: ["PARKSYNC_RETENTION_INTERVAL_SECONDS": "600"])
        let bytes = (25 << 20) / rows
        let made = try await TestProcess.sqlite(
            zone.database("west"),
            """
            INSERT INTO organisation (id, kind, name_zh, website)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
            SELECT 'west:organisation:' || i, 'enterprise', '光', substr(hex(zeroblob(\(bytes / 2 + 1))), 1, \(bytes)) \
            FROM n
            """)
        #expect(made.status == 0, "\(made.output)")
        try await zone.agree(covering: "west:1")
        for park in zone.parks {
            try expectWithin(zone, park, "an entry of \((bytes * rows) >> 20) MiB in \(rows) rows")
        }
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    /// Archived long entries are served to a park that is new, verified and carried in a bundle.
    @Test func archivedLongEntriesAreReadOneByOne() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        let environment = [
            "PARKSYNC_RETENTION_INTERVAL_SECONDS": "1", "PARKSYNC_ARCHIVE_KEEP_DAYS": "0",
            "PARKSYNC_ARCHIVE_KEEP_ENTRIES": "1",
        ]
        try await zone.start("south", "west", "airport", environment: environment)
        for number in 1...5 {
            // Of random bytes, so that the file is as long as the entry.
            let made = try await TestProcess.sqlite(
                zone.database("south"),
                "INSERT INTO organisation (id, kind, name_zh, website) "
                    + "VALUES('south:organisation:\(number)', 'enterprise', '光', hex(randomblob(\(12 << 20))))")
            #expect(made.status == 0, "\(made.output)")
            try await zone.agree(covering: "south:\(number)")
        }
        try await write(zone, "south", "last")
        try await zone.agree(covering: "south:6")
        // Who writes has seen them.
        for park in ["west", "airport"] { try await write(zone, park, "seen") }
        try await zone.agree()
        _ = try await zone.wait("five segments") {
            try await zone.send("south", HTTPText.post(LocalPath.compact, #"{"archive": true}"#))
        } until: { _ in
            (try? FileManager.default.contentsOfDirectory(
                atPath: zone.database("south").replacing(".sqlite", with: ".archive") + "/south"))?.count
                == 5
        }
        // A new process, so that the peak is of what follows.
        for park in zone.parks { #expect(await zone.stop(park) == 0) }
        try zone.removeDatabase("airport")
        // A park that has lost its file hears all others before it writes.
        try await zone.start("south", "west", environment: environment)
        try await zone.start(
            "airport", environment: environment.merging(["PARKSYNC_SNAPSHOT_FROM": "never"]) { _, new in new })
        try await zone.agree(covering: "south:6")
        for park in ["south", "airport"] { try expectWithin(zone, park, "five archived entries of 24 MiB, served") }
        #expect(try await zone.verify("south").findings == [])
        try expectWithin(zone, "south", "the same, verified")
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    /// More than an entry may have is refused while it is written, whoever writes.
    @Test func aLongerEntryIsNotMade() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", environment: ["PARKSYNC_ENTRY_BYTES_MAX": "\(4 << 20)"])
        let sql =
            """
            INSERT INTO organisation (id, kind, name_zh, website) SELECT 'south:organisation:' || value, \
            'enterprise', '光', hex(zeroblob(600000)) FROM json_each('[1,2,3,4]')
            """
        let made = try await TestProcess.sqlite(zone.database("south"), sql)
        #expect(
            made.status != 0 && made.output.contains("may come to at most") && made.output.contains("entry.bytes_max"),
            "\(made)")
        let problem = await #expect(throws: ProblemDetails.self) { try await zone.transact("south", sql) }
        #expect(problem?.detail.contains("may come to at most") == true, "\(String(describing: problem))")
        #expect(await zone.stopAll() == [0])
    }

    /// Parks with other limits: what is too long for one stops there, is named, and comes when the
    /// limit is raised; the zone goes on.
    @Test func aParkThatTakesLessHoldsWhatIsTooLongForIt() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        let low = ["PARKSYNC_ENTRY_BYTES_MAX": "\(4 << 20)"]
        try await zone.start("west", "airport")
        try await zone.start("south", environment: low)
        try await write(zone, "west", "first")
        try await zone.agree(covering: "west:1")
        try await zone.transact(
            "west",
            """
            INSERT INTO organisation (id, kind, name_zh, website)
            SELECT 'west:organisation:long' || value, 'enterprise', '光', hex(zeroblob(1000000)) FROM \
            json_each('[1,2,3,4]')
            """)
        try await write(zone, "west", "after")
        let status = try await zone.wait("south holding the long entry") {
            try await zone.status("south")
        } until: {
            $0.stuck.contains {
                $0.origin == "west" && $0.seq == 2 && $0.state == .held && $0.remedy.contains("entry.bytes_max")
            }
        }
        #expect(status.phase == .ready, "\(status)")
        _ = try await zone.wait("south's journal") {
            zone.log("south")
        } until: {
            $0.contains("event=entry.held origin=west seq=2")
        }
        // What does not depend on it goes both ways, and round about.
        try await write(zone, "south", "1")
        for park in ["west", "airport"] {
            _ = try await zone.wait("south's entry at \(park)") {
                try await zone.status(park)
            } until: {
                $0.hasApplied("south:1 west:3")
            }
        }
        #expect(await zone.stop("south") == 0)
        try await zone.start("south")
        try await zone.agree(covering: "west:3")
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    // MARK: connections

    @Test func silentStrangersCostNoMemory() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        let silent = try (0..<256).map { _ in try RawHTTPConnection(port: zone.port("south")) }
        try await zone.start("west")
        try await write(zone, "west", "1")
        try await zone.agree(covering: "west:1")
        try expectWithin(zone, "south", "256 silent connections")
        for connection in silent { connection.close() }
        #expect(await zone.stopAll() == [0, 0])
    }

    /// A program with a member's certificate that opens connections, asks for the log on some of
    /// them, and reads nothing.
    private static let idler = """
        import socket, ssl, sys
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=sys.argv[3])
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        kept = []
        for number in range(200):
            try:
                raw = socket.create_connection(('127.0.0.1', int(sys.argv[4])), timeout=300)
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                stream = context.wrap_socket(raw, server_hostname='south.parksync')
                kept.append(stream)
            except OSError: pass
        print(len(kept), flush=True)
        sys.stdin.read()
        """

    @Test func idleConnectionsOfAMemberCostNoMemory() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south")
        try Data(Self.idler.utf8).write(to: zone.folder.appendingPathComponent("idler.py"))
        let arguments = [
            "python3", "idler.py", zone.file("airport", "node.crt").path, zone.file("airport", "node.key").path,
            zone.file("airport", "zone-ca.crt").path, "\(zone.port("south"))",
        ]
        let pipes = TestPipes()
        let idler = try TestProcess("/usr/bin/env", arguments, folder: zone.folder, prepare: pipes.attach)
        // This process may ignore SIGTERM, and then its children do.
        defer { idler.signal(SIGKILL) }
        let said = try await pipes.line()
        #expect(Int(said) ?? 0 > 100, "\(said)")
        try await zone.start("west")
        try await write(zone, "west", "1")
        try await zone.agree(["south", "west"], covering: "west:1")
        try expectWithin(zone, "south", "200 idle connections of a member")
        #expect(await zone.stopAll() == [0, 0])
    }
}
