import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// Snapshots between stores in one process.
@Suite struct SnapshotStoreTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE plain(
          id TEXT NOT NULL PRIMARY KEY, a,
          n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        CREATE INDEX plain_a ON plain(a);
        -- parksync: local
        CREATE TABLE private(id INTEGER PRIMARY KEY, secret TEXT);
        """
    private static let id = [UInt8](repeating: 7, count: SnapshotManifest.idBytes)

    private func zone() async throws -> Federation {
        let federation = try Federation(["south", "west", "airport"], schema: Self.schema)
        for number in 1...20 {
            try await federation.write("south", "INSERT INTO plain(id, a, n) VALUES('s\(number)', x'00ff', \(number))")
        }
        try await federation.write("west", "INSERT INTO plain(id, a) VALUES('w', 'west')")
        try await federation.converge()
        try await federation.write(
            "west", "DELETE FROM plain WHERE id = 's3'", "UPDATE plain SET n = n + 5 WHERE id = 's4'")
        try await federation.write(
            "south", "UPDATE plain SET a = 'one' WHERE id = 's5'", "INSERT INTO private VALUES(1, 'of south alone')")
        try await federation.write("west", "UPDATE plain SET a = 'two' WHERE id = 's5'")
        try await federation.converge()
        return federation
    }

    private func candidate(_ federation: Federation, _ park: String) throws -> SnapshotCandidate {
        SnapshotCandidate(origin: try federation.origin(park), members: federation.members, schema: federation.schema)
    }

    @Test func aSnapshotBecomesAnotherParksDatabase() async throws {
        let federation = try await zone()
        let file = federation.folder.path + "/snapshot"
        let made = try await federation["south"].makeSnapshot(at: file, id: Self.id)
        let read = try SnapshotManifest(reading: made.signed, from: "south", members: federation.members)
        #expect(read == made.manifest)
        let applied = try federation["south"].state().applied
        #expect(read.vector == applied)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(bytes.range(of: Data("of south alone".utf8)) == nil, "what is local leaves the park")
        let before = try await federation.dump("west")
        try candidate(federation, "west").build(federation.path("west"), from: file, read)
        federation.closeWithoutCheckpoint("west")
        let store = try federation.open("west")
        guard case .installed(let vector, let aside?)? = store.snapshotOutcome else {
            Issue.record("\(String(describing: store.snapshotOutcome))")
            return
        }
        #expect(vector == read.vector && FileManager.default.fileExists(atPath: aside) && !store.counts.isRecovering)
        #expect(try await federation.dump("west") == before)
        #expect(try await store.verify().findings.isEmpty)
        // The log goes on in both directions, and rows keep their clocks, deletions and counters.
        try await federation.write(
            "west", "UPDATE plain SET n = n + 1 WHERE id = 's4'", "INSERT INTO plain(id) VALUES('s3')")
        try await federation.converge()
        #expect(try federation["west"].state().digest == federation["south"].state().digest)
        #expect(try await federation.rows("airport", "SELECT n FROM plain WHERE id = 's4'") == [[.integer(10)]])
    }

    @Test func aParkThatLiesInItsSnapshotIsFoundOut() async throws {
        let federation = try await zone()
        try await expectRefused(SnapshotLies.seenInTheFile, federation)
    }

    /// Each of these keeps the digests that peers compare, the chain and every signature as they
    /// are.
    @Test func whatALogDoesNotSayIsFoundOut() async throws {
        let federation = try await zone()
        try await expectRefused(SnapshotLies.ofControls + SnapshotLies.ofHistory + SnapshotLies.ofRows, federation)
    }

    private func expectRefused(_ cases: [(sql: String, reason: String)], _ federation: Federation) async throws {
        for (sql, reason) in cases {
            let file = federation.folder.path + "/snapshot"
            var manifest = try await federation["south"].makeSnapshot(at: file, id: Self.id).manifest
            do {
                let connection = try Connection(path: file, role: .builder)
                try connection.execute(sql)
            }
            // It signs what it sends.
            (manifest.bytes, manifest.hash) = (FileSystem.bytes(file), try FileSystem.hash(file))
            let signed = try SnapshotManifest(
                reading: try manifest.signed(by: federation.key("south")), from: "south", members: federation.members)
            let lie = #expect(throws: (any Error).self, "\(sql)") {
                try candidate(federation, "airport").build(federation.path("airport"), from: file, signed)
            }
            // A newer format is no lie.
            let error = (lie as? FalseSnapshot)?.error ?? (lie as? StoreError)
            #expect(
                (lie as? FalseSnapshot)?.park == "south" || error?.code != .damaged,
                "\(sql): \(String(describing: lie))")
            #expect(error?.reason.contains(reason) == true, "\(sql): \(String(describing: error))")
            let left = try FileManager.default.contentsOfDirectory(atPath: federation.folder.path).filter {
                $0.contains("candidate")
            }
            #expect(left.isEmpty, "\(sql): \(left)")
        }
    }

    @Test func aSnapshotThatLacksAnEntryOfThisNodeIsNotTaken() async throws {
        let federation = try await zone()
        let file = federation.folder.path + "/snapshot"
        let manifest = try await federation["south"].makeSnapshot(at: file, id: Self.id).manifest
        try candidate(federation, "west").build(federation.path("west"), from: file, manifest)
        // Captured by another program while the daemon is down: it counts as well.
        federation.closeWithoutCheckpoint("west")
        try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO plain(id) VALUES('only-here');\n")
        let store = try federation.open("west")
        guard case .refused(let error)? = store.snapshotOutcome else {
            Issue.record("\(String(describing: store.snapshotOutcome))")
            return
        }
        #expect(error.reason.contains("of west up to 3, this node has 4"), "\(error)")
        #expect(
            try await federation.rows("west", "SELECT count(*) FROM plain WHERE id = 'only-here'") == [[.integer(1)]])
        try await federation.converge()
        #expect(try federation["west"].state().digest == federation["south"].state().digest)
    }

    @Test func aNodeThatFindsItsOwnEntriesInASnapshotRecovers() async throws {
        let federation = try await zone()
        let file = federation.folder.path + "/snapshot"
        let manifest = try await federation["south"].makeSnapshot(at: file, id: Self.id).manifest
        try await federation.write("west", "INSERT INTO plain(id) VALUES('later')")
        try await federation.exchange(from: "west", to: "airport")
        federation.closeWithoutCheckpoint("west")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: federation.path("west") + suffix)
        }
        try candidate(federation, "west").build(federation.path("west"), from: file, manifest)
        let store = try federation.open("west")
        #expect(store.counts.isRecovering)
        #expect(throws: StoreError.self) {
            try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO plain(id) VALUES('too early');\n")
        }
        try await federation.exchange(from: "airport", to: "west")
        try await store.finishRecovery()
        #expect(try await federation.write("west", "INSERT INTO plain(id) VALUES('next')").seq == 5)
        try await federation.converge()
        #expect(try federation["west"].state().digest == federation["south"].state().digest)
    }

    /// What programs wrote meanwhile is in an entry that nobody may see yet.
    @Test func aNodeWhoseLogIsBeingComparedMakesNone() async throws {
        let federation = try await zone()
        federation.closeWithoutCheckpoint("west")
        try federation.foreign("west", "sqlite3", ["-batch"], input: "INSERT INTO plain(id) VALUES('while down');\n")
        let west = try federation.open("west", checks: true)
        let file = federation.folder.path + "/snapshot"
        let refusal = await #expect(throws: StoreError.self) { _ = try await west.makeSnapshot(at: file, id: Self.id) }
        #expect(refusal?.code == .notReady && !FileManager.default.fileExists(atPath: file))
        try await west.finishRecovery()
        _ = try await west.makeSnapshot(at: file, id: Self.id)
    }

    /// As after a fork that was resolved.
    private func writeAs(_ origin: OriginID, _ path: String) throws {
        let connection = try Connection(path: path, role: .applier)
        try connection.transaction { try OwnLogRecord.change(connection, park: origin.park) { $0.origin = origin } }
    }

    @Test func aNodeStaysWhatItIsWithASnapshot() async throws {
        let federation = try await zone()
        federation.closeWithoutCheckpoint("west")
        try writeAs(try #require(OriginID("west~2")), federation.path("west"))
        try federation.open("west")
        try await federation.write("west", "INSERT INTO plain(id) VALUES('second log')")
        try await federation.converge()
        let file = federation.folder.path + "/snapshot"
        let manifest = try await federation["south"].makeSnapshot(at: file, id: Self.id).manifest
        try candidate(federation, "west").build(federation.path("west"), from: file, manifest)
        federation.closeWithoutCheckpoint("west")
        let store = try federation.open("west")
        guard case .installed? = store.snapshotOutcome else {
            Issue.record("\(String(describing: store.snapshotOutcome))")
            return
        }
        #expect(store.state().origin.name == "west~2" && !store.counts.isRecovering)
        #expect(try await federation.write("west", "INSERT INTO plain(id) VALUES('goes on')").seq == 2)
    }

    @Test func aManifestOfAnotherFormatOrAnotherParkIsRefused() async throws {
        let federation = try await zone()
        let made = try await federation["south"].makeSnapshot(at: federation.folder.path + "/snapshot", id: Self.id)
        let version = SnapshotManifest.magic.utf8.count
        let cases: [(index: Int, byte: UInt8, reason: String, remedy: String)] = [
            (version, 2, "newer than this program's", "Upgrade this node"),
            (version, 0, "has format 0", "ParkSync did not write it"),
            (0, 0, "is damaged", "Ask again"),
            (
                made.signed.count - 1, made.signed[made.signed.count - 1] ^ 1, "is not signed by south",
                "Ask another park"
            ),
        ]
        for (index, byte, reason, remedy) in cases {
            var bytes = made.signed
            bytes[index] = byte
            let error = #expect(throws: StoreError.self) {
                _ = try SnapshotManifest(reading: bytes, from: "south", members: federation.members)
            }
            #expect(
                error?.reason.contains(reason) == true && error?.remedy.contains(remedy) == true,
                "\(String(describing: error))")
        }
        #expect(throws: StoreError.self) {
            _ = try SnapshotManifest(reading: made.signed, from: "west", members: federation.members)
        }
    }

    /// A table that comes to the file has to be decided on here: does it belong to what is shared?
    @Test func everyTableIsCarriedOrMadeAnew() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        let names = try await federation.rows(
            "south", "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '\\_parksync\\_%' ESCAPE '\\'")
        let known = Set(SnapshotTables.carried + SnapshotTables.own)
        for case .text(let bytes)? in names.map(\.first) {
            let name = String(decoding: bytes, as: UTF8.self)
            #expect(
                known.contains(name) || ["_parksync_clock_plain", "_parksync_pending_plain"].contains(name), "\(name)")
        }
    }

    @Test func whatAKilledRestoreHasLeftIsTakenAway() async throws {
        let federation = try await zone()
        federation.closeWithoutCheckpoint("south")
        let left = ["", "-journal", "-wal", "-shm"].map { federation.path("south") + ".restored" + $0 }
        for path in left { #expect(FileManager.default.createFile(atPath: path, contents: Data("half".utf8))) }
        try federation.open("south")
        for path in left { #expect(!FileManager.default.fileExists(atPath: path), "\(path)") }
    }

    @Test func anExchangeThatWasCutOffIsFinished() async throws {
        let federation = try await zone()
        let backup = federation.folder.path + "/backup"
        _ = try await federation["south"].backup(to: backup)
        try await federation.write("south", "INSERT INTO plain(id) VALUES('later')")
        federation.closeWithoutCheckpoint("south")
        // As after a power cut behind the decision, before any file was moved, and after the old
        // one was.
        for isMoved in [false, true] {
            try FileManager.default.copyItem(atPath: backup, toPath: FileSwap.readyPath(federation.path("south")))
            if isMoved {
                try FileManager.default.moveItem(
                    atPath: federation.path("south"), toPath: federation.folder.path + "/moved-\(isMoved)")
            }
            try federation.open("south")
            #expect(
                try await federation.rows("south", "SELECT count(*) FROM plain WHERE id = 'later'") == [[.integer(0)]])
            federation.closeWithoutCheckpoint("south")
        }
        let kept = try FileManager.default.contentsOfDirectory(atPath: federation.folder.path).filter {
            $0.hasPrefix("south.sqlite.replaced-")
        }
        #expect(kept.count >= 1, "\(kept)")
    }
}
