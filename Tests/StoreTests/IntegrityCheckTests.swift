import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// What SQLite's own check says by mistake, and what it rightly says.
@Suite(.serialized) struct IntegrityCheckTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func file(_ sql: String...) throws -> Connection {
        let connection = try Connection(path: folder.path + "/one.sqlite", role: .builder)
        for statement in sql { try connection.execute(statement) }
        return connection
    }

    /// Each of them is called damaged by SQLite 3.40.1.
    @Test(arguments: [
        "CREATE TABLE t(v TEXT NOT NULL, w TEXT NOT NULL, id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE t(v INT NOT NULL, w ANY NOT NULL, id TEXT NOT NULL, PRIMARY KEY(id, w)) WITHOUT ROWID",
        """
        CREATE TABLE t(\"v.w\" TEXT NOT NULL, \"a'b\" TEXT NOT NULL, id TEXT NOT NULL PRIMARY KEY) WITHOUT \
        ROWID, STRICT
        """,
    ]) func healthyTablesAreSound(table: String) throws {
        let connection = try file(table, "INSERT INTO t VALUES('1', '2', '3'), ('4', '5', '6')")
        #expect(try IntegrityCheck.findings(connection, max: 5) == [])
    }

    /// A file whose declaration was changed by hand has a NULL where none may be, behind more
    /// mistaken lines than are shown.
    @Test func aNullThatIsThereIsFound() throws {
        let connection = try file(
            "CREATE TABLE a(v TEXT NOT NULL, id INTEGER NOT NULL PRIMARY KEY) WITHOUT ROWID",
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO a SELECT \
            'x', i FROM n
            """,
            "CREATE TABLE b(id INTEGER NOT NULL PRIMARY KEY, v TEXT) WITHOUT ROWID",
            "INSERT INTO b VALUES(1, NULL), (2, 'x')",
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = replace(sql, 'v TEXT)', 'v TEXT NOT NULL)') WHERE name = 'b'",
            "PRAGMA writable_schema = RESET")
        #expect(try IntegrityCheck.findings(connection, max: 5) == ["NULL value in b.v"])
    }

    private static let lastKey = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE bare(id TEXT NOT NULL PRIMARY KEY);
        -- parksync: writer any
        CREATE TABLE last(v TEXT NOT NULL DEFAULT '', w TEXT NOT NULL DEFAULT '', id TEXT NOT NULL PRIMARY KEY) \
        WITHOUT ROWID;
        -- parksync: local
        CREATE TABLE mine(v TEXT NOT NULL, w TEXT NOT NULL, id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
        """

    private func expectCopies(_ federation: Federation, _ park: String, _ comment: Comment) async throws {
        let file = federation.folder.path + "/\(UUID().uuidString)"
        _ = try await federation[park].backup(to: file + ".backup")
        _ = try VerifiedCopy.verify(file + ".backup", park: park, members: federation.members)
        let made = try await federation[park].makeSnapshot(
            at: file, id: [UInt8](repeating: 5, count: SnapshotManifest.idBytes))
        let read = try SnapshotManifest(reading: made.signed, from: park, members: federation.members)
        let other = try #require(federation.parks.first { $0 != park })
        let candidate = SnapshotCandidate(
            origin: try federation.origin(other), members: federation.members, schema: federation.schema)
        try candidate.build(federation.folder.path + "/\(UUID().uuidString).candidate", from: file, read)
        #expect(try await federation[park].verify().findings == [], comment)
    }

    /// Backups and snapshots of tables whose keys come last, before and after a node has applied
    /// that entries were taken back.
    @Test func copiesAreMade() async throws {
        let federation = try Federation(["south", "west"], schema: Self.lastKey)
        try await federation.write(
            "west", "INSERT INTO last VALUES('a', 'b', 'c')", "INSERT INTO mine VALUES('a', 'b', 'c')")
        try await federation.converge()
        for park in federation.parks { try await expectCopies(federation, park, "at first") }
        let now = federation.clock.wallMilliseconds()
        federation.clock.set(now + 86_400_000)
        try await federation.write("west", "INSERT INTO bare(id) VALUES('future')")
        federation.clock.set(now)
        _ = try await federation["west"].reissueFuture(reason: "NTP")
        try await federation.converge()
        for park in federation.parks { try await expectCopies(federation, park, "afterwards") }
    }
}
