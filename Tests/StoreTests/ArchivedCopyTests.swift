import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Copies of a database whose log is partly in segments, which lie beside the database and not
/// beside the copy.
@Suite struct ArchivedCopyTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE item(id INTEGER NOT NULL PRIMARY KEY, a);
        """

    /// South has archived most of both logs, in two segments each.
    private func archived() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        for part in 0..<2 {
            for index in 0..<20 {
                for (number, park) in federation.parks.enumerated() {
                    try await federation.write(
                        park, "INSERT INTO item VALUES(\(part * 1_000 + index * 10 + number), 'a')")
                }
            }
            try await exchange(federation)
            for park in federation.parks {
                try await federation.write(park, "UPDATE item SET a = 'seen \(part)' WHERE id = 0")
            }
            try await exchange(federation)
            try await federation.converge()
            federation.clock.advance(1)
            let outcome = try await federation["south"].archive(ArchivePolicy(keepEntries: 5, keepMilliseconds: 0))
            #expect(outcome.segments == 2)
        }
        return federation
    }

    /// Entry by entry: a received slice keeps the signature of its last entry only.
    private func exchange(_ federation: Federation) async throws {
        for (from, to) in [("south", "west"), ("west", "south")] {
            try await federation.exchange(from: from, to: to, bytesMax: 1)
        }
    }

    @Test func aBackupIsVerifiedAndRestoredBesideTheSegments() async throws {
        let federation = try await archived()
        let before = try await federation.dump("south")
        let backup = federation.folder.path + "/backup"
        let copy = try await federation["south"].backup(to: backup)
        #expect(copy.heads.map(\.seq) == [42, 42])
        federation.closeWithoutCheckpoint("south")
        let restore = Restore(
            database: federation.path("south"), park: "south", members: federation.members, schema: federation.schema)
        _ = try restore.run(from: backup, label: "test")
        let south = try federation.open("south")
        try await south.finishRecovery()
        #expect(try await federation.dump("south") == before)
        let found = try await south.verify()
        #expect(found.findings == [] && found.origins.map(\.entries) == [42, 42])
        // What stands behind the segments is checked as before.
        try Connection(path: backup, role: .builder).execute(
            "UPDATE _parksync_log SET payload = zeroblob(length(payload)) WHERE id & 1023 = 40")
        #expect(throws: StoreError.self) { try VerifiedCopy.verify(backup, park: "south", members: federation.members) }
    }

    private func takeSnapshot(_ federation: Federation, _ confirmation: SnapshotCandidate.Confirmation = .missing)
        async throws -> ParkStore
    {
        let file = federation.folder.path + "/snapshot"
        let made = try await federation["south"].makeSnapshot(
            at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes))
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        let candidate = SnapshotCandidate(
            origin: try federation.origin("west"), members: federation.members, schema: federation.schema)
        try candidate.build(federation.path("west"), from: file, made.manifest, confirmation: confirmation)
        let west = try federation.open("west", recovers: true)
        try await west.finishRecovery()
        return west
    }

    @Test func aSnapshotBringsTheArchivedEntries() async throws {
        let federation = try await archived()
        let west = try await takeSnapshot(federation)
        #expect(try await federation.dump("west") == federation.dump("south"))
        let found = try await west.verify()
        #expect(found.findings == [] && found.origins.map(\.entries) == [42, 42])
        #expect(try await west.archiveReport() == ArchiveReport())
        let output = federation.folder.path + "/r.sqlite"
        let report = try Replay(
            from: federation.path("west"), into: output, members: federation.members, schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [] && report.hasReadLiveRows)
        // They may be archived again.
        #expect(try await west.archive(ArchivePolicy(keepEntries: 5, keepMilliseconds: 0)).entries > 0)
        #expect(try await west.verify().findings == [])
    }

    @Test(arguments: [0, 1]) func whatASegmentHadThatIsGoneStaysOutOfASnapshot(_ gone: Int) async throws {
        let federation = try await archived()
        let segments = ArchiveFolder(database: federation.path("south")).files().filter { $0.origin.name == "west" }
            .sorted { ($0.range?.lowerBound ?? 0) < ($1.range?.lowerBound ?? 0) }
        try #require(segments.count == 2)
        let last = try #require(segments[gone].range?.upperBound)
        try FileManager.default.removeItem(atPath: segments[gone].file)
        // There is no third park that could confirm it.
        let west = try await takeSnapshot(federation, .waived)
        #expect(try await federation.dump("west") == federation.dump("south"))
        #expect(
            throws: LogGone(
                origin: try federation.origin("west"), oldestKept: try #require(segments[0].range?.upperBound) + 1)
        ) {
            try west.read(origin: try federation.origin("west"), after: 0, bytesMax: 1 << 20)
        }
        #expect(try west.read(origin: try federation.origin("west"), after: last, bytesMax: 1 << 20)?.first == last + 1)
        let findings = try await west.verify().findings
        #expect(findings.count == gone + 1 && findings.allSatisfy { $0.contains("missing") }, "\(findings)")
        // It goes on, and archives behind what is gone.
        try await federation.write("west", "INSERT INTO item VALUES(-2, 'goes on')")
        try await exchange(federation)
        #expect(try await federation.dump("west") == federation.dump("south"))
    }
}
