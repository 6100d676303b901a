import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What ParkSync's own tables keep for one park alone stays when a snapshot takes the place of its
/// database.
@Suite struct OwnRecordsTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, a);
        """

    /// South has something of its own in its tables; West has more entries.
    private func zone(_ sql: String) async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO plain VALUES('s', 'south')")
        try await federation.converge()
        try federation.foreign("south", "sqlite3", [], input: sql)
        try await federation.converge()
        for number in 1...3 { try await federation.write("west", "INSERT INTO plain VALUES('w\(number)', \(number))") }
        return federation
    }

    private func takeSnapshot(_ federation: Federation) async throws -> ParkStore {
        let file = federation.folder.path + "/snapshot"
        let made = try await federation["west"].makeSnapshot(
            at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes))
        let candidate = SnapshotCandidate(
            origin: try federation.origin("south"), members: federation.members, schema: federation.schema)
        try candidate.build(federation.path("south"), from: file, made.manifest)
        federation.closeWithoutCheckpoint("south")
        return try federation.open("south")
    }

    private func isInstalled(_ store: ParkStore) -> Bool {
        if case .installed? = store.snapshotOutcome { return true }
        return false
    }

    @Test func refusedWritesAreKept() async throws {
        let federation = try await zone(
            """
            INSERT INTO _parksync_pending_plain(op, k0) VALUES(77, 'no such operation');
            INSERT INTO _parksync_meta VALUES('\(RefusalTable.uncounted)', 4);
            """)
        let before = try await federation["south"].refused(limit: 10)
        #expect(before.count == 1)
        let store = try await takeSnapshot(federation)
        #expect(isInstalled(store), "\(String(describing: store.snapshotOutcome))")
        #expect(try await store.refused(limit: 10) == before)
        #expect(store.refusedRows.count == 5)
        // The next one gets a number of its own.
        try federation.foreign(
            "south", "sqlite3", [], input: "INSERT INTO _parksync_pending_plain(op, k0) VALUES(78, 'another')")
        try await store.sealForeign()
        #expect(try await store.refused(limit: 10).count == 2)
        try await federation.converge()
        #expect(try await federation.rows("west", "SELECT count(*) FROM _parksync_refused") == [[.integer(0)]])
    }

    @Test func proofsOfForksAreKept() async throws {
        // Nobody has written as `east`, and West's file numbers its origins otherwise.
        let federation = try await zone(
            """
            INSERT INTO _parksync_origin(ordinal, name, folded, dependencies) VALUES(40, 'east', 0, '-');
            INSERT INTO _parksync_fork SELECT ordinal, 1, zeroblob(32), zeroblob(64), x'01', 5, 0 FROM \
            _parksync_origin WHERE name = 'east';
            """)
        let before = try await federation["south"].forks(limit: 10)
        #expect(before.map(\.origin) == ["east"])
        let store = try await takeSnapshot(federation)
        #expect(isInstalled(store), "\(String(describing: store.snapshotOutcome))")
        let after = try await store.forks(limit: 10)
        #expect(after.map(\.origin) == before.map(\.origin) && after.map(\.otherHash) == before.map(\.otherHash))
        #expect(after.map(\.seq) == [1] && after.map(\.firstSeen) == [5])
    }

    /// What waits to be written anew proves nothing, and of several forks the first is told.
    @Test func theStatusTellsTheFirstForkOfEachOrigin() async throws {
        let federation = try await zone(
            """
            INSERT INTO _parksync_origin(ordinal, name, folded, dependencies) VALUES(40, 'east', 0, '-');
            INSERT INTO _parksync_fork SELECT ordinal, 4, zeroblob(32), zeroblob(64), x'01', 5, 0 FROM \
            _parksync_origin WHERE name = 'east';
            INSERT INTO _parksync_fork SELECT ordinal, 2, zeroblob(32), zeroblob(64), x'01', 6, 0 FROM \
            _parksync_origin WHERE name IN ('east', 'south');
            INSERT INTO _parksync_fork SELECT ordinal, 1, zeroblob(32), NULL, x'01', 7, 1 FROM _parksync_origin \
            WHERE name = 'south';
            """)
        let forks = try await federation["south"].firstForks()
        #expect(forks.map(\.origin) == ["east", "south"] && forks.map(\.seq) == [2, 2])
        #expect(forks.map(\.firstSeen) == [6, 6])
        #expect(forks[0].remedy.contains("operator of east") && forks[1].remedy.contains("runs as south"))
    }

    @Test func entriesThatWaitToBeWrittenAnewAreNotGivenUp() async throws {
        let federation = try await zone(
            """
            INSERT INTO _parksync_fork SELECT ordinal, 9, zeroblob(32), NULL, x'01', 5, 1 FROM _parksync_origin \
            WHERE name = 'south'
            """
        )
        let store = try await takeSnapshot(federation)
        guard case .refused(let error)? = store.snapshotOutcome else {
            Issue.record("\(String(describing: store.snapshotOutcome))")
            return
        }
        #expect(error.code == .notReady && error.reason.contains("wait to be written anew"), "\(error)")
        #expect(
            try await federation.rows("south", "SELECT count(*) FROM _parksync_fork WHERE waits = 1") == [[.integer(1)]]
        )
        #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(1)]])
    }
}
