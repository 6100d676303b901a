import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Segments whose content is too long to be in memory as a whole are read entry by entry, to the
/// same end.
@Suite("Segments with long entries", .serialized) struct LongSegmentTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE item(id INTEGER NOT NULL PRIMARY KEY, a);
        """
    private static let longBytes = 9 << 20

    /// South has eight entries that both parks have acknowledged; 3, 4 and 6 are long.
    private func filled() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        for index in 1...7 {
            let value = [3, 4, 6].contains(index) ? "randomblob(\(Self.longBytes))" : "hex(randomblob(200))"
            try await federation.write("south", "INSERT INTO item VALUES(\(index), \(value))")
        }
        try await exchange(federation)
        for park in ["west", "south"] {
            try await federation.write(park, "INSERT INTO item VALUES(\(park == "west" ? 100 : 101), 'seen')")
        }
        try await exchange(federation)
        try await federation.write("south", "INSERT INTO item VALUES(102, 'last')")
        try await exchange(federation)
        try await federation.converge()
        federation.clock.advance(1)
        return federation
    }

    private func exchange(_ federation: Federation) async throws {
        for (from, to) in [("south", "west"), ("west", "south")] {
            try await federation.exchange(from: from, to: to, bytesMax: 1)
        }
    }

    private func slices(_ store: ParkStore, _ origin: OriginID) throws -> [LogSlice] {
        try (0..<7).map { try #require(try store.read(origin: origin, after: $0, bytesMax: 1)) }
    }

    @Test func allReadersFindWhatWasThere() async throws {
        let federation = try await filled()
        let (south, origin) = (try federation["south"], try federation.origin("south"))
        let before = try slices(south, origin)
        let entries = try await south.entries(origin: origin, after: nil, limit: 100, changesMax: 1)
        let hashes = try (1...9).map { try south.hash(of: origin, seq: $0) }
        let outcome = try await south.archive(ArchivePolicy(keepEntries: 2, keepMilliseconds: 0))
        #expect(outcome.entries >= 7 && outcome.segments >= 2, "\(outcome)")
        let files = ArchiveFolder(database: federation.path("south")).files()
        let contents = try files.map { try SegmentStream($0.file).header.contentBytes }
        #expect(contents.contains { $0 > ArchiveReader.wholeBytesMax }, "\(contents)")
        #expect(try slices(south, origin) == before)
        #expect(
            try await south.entries(origin: origin, after: nil, limit: 100, changesMax: 1).map(\.hash)
                == entries.map(\.hash))
        #expect(try (1...9).map { try south.hash(of: origin, seq: $0) } == hashes)
        #expect(try (1...7).map { try south.head(of: origin, upTo: $0)?.hash } == Array(hashes.prefix(7)))
        #expect(try await south.blame(table: "item", key: [JSONValue(.integer(4))]).columns.first?.seq == 4)
        #expect(try await south.verify().findings == [])
        // What is sent in parts.
        guard case .long(let long)? = try south.next(origin: origin, after: 3, through: 9, bytesMax: 1) else {
            Issue.record("a long entry is sent as a whole")
            return
        }
        let whole = before[3].body.suffix(long.bytes)
        #expect(long.head.last == 4 && long.bytes > Self.longBytes && long.head.signature == before[3].signature)
        for order in [[0, 1, 2, 3], [2, 1, 3, 0]] {
            for index in order {
                let part = try south.payload(of: origin, seq: 4, from: index * 100_000, count: 100_000)
                #expect(part.elementsEqual(whole.dropFirst(index * 100_000).prefix(100_000)), "part \(index)")
            }
        }
        #expect(throws: (any Error).self) { try south.payload(of: origin, seq: 4, from: long.bytes - 10, count: 11) }
        let output = federation.folder.path + "/replayed.sqlite"
        let report = try Replay(
            from: federation.path("south"), into: output, members: federation.members, schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [] && report.hasReadLiveRows && !report.isDifferent)
        // A snapshot has all of it in its log.
        let file = federation.folder.path + "/snapshot"
        let made = try await south.makeSnapshot(at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes))
        let manifest = try SnapshotManifest(reading: made.signed, from: "south", members: federation.members)
        try SnapshotCandidate(
            origin: try federation.origin("west"), members: federation.members, schema: federation.schema
        ).build(
            federation.path("west"), from: file, manifest)
    }

    @Test func aDamagedOneIsNeverServed() async throws {
        let federation = try await filled()
        let origin = try federation.origin("south")
        _ = try await federation["south"].archive(ArchivePolicy(keepEntries: 2, keepMilliseconds: 0))
        let found = try #require(
            try ArchiveFolder(database: federation.path("south")).files().first {
                try SegmentStream($0.file).header.contentBytes > ArchiveReader.wholeBytesMax
            })
        let range = try #require(found.range)
        let sound = try Data(contentsOf: URL(fileURLWithPath: found.file))
        for position in [9, 60, 300, sound.count / 2, sound.count - 40, sound.count - 1] {
            var damaged = sound
            damaged[position] ^= 0x10
            try damaged.write(to: URL(fileURLWithPath: found.file))
            federation.closeWithoutCheckpoint("south")
            let south = try federation.open("south")
            #expect(throws: LogGone(origin: origin, oldestKept: range.upperBound + 1), "byte \(position)") {
                try south.read(origin: origin, after: range.lowerBound - 1, bytesMax: 1)
            }
            #expect(try await south.verify().findings.contains { $0.contains(found.file) }, "byte \(position)")
        }
        // Something behind the content, and less of it.
        for other in [sound + Data([0]), sound.prefix(sound.count / 2)] {
            try other.write(to: URL(fileURLWithPath: found.file))
            federation.closeWithoutCheckpoint("south")
            let south = try federation.open("south")
            #expect(throws: LogGone.self) { try south.read(origin: origin, after: range.lowerBound - 1, bytesMax: 1) }
        }
    }
}
