import Crypto
import Foundation
import CSQLite
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncFiles
@testable import ParkSyncStore

/// A snapshot takes nothing from a park that is the park's own.
@Suite struct LocalObjectsTests {
    private static let first = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, a);
        -- parksync: local
        CREATE TABLE private(id INTEGER PRIMARY KEY, secret TEXT);
        """

    /// What South's programs have made of their own.
    private static let own = """
        INSERT INTO private VALUES(1, 'kept'), (7, 'also');
        ALTER TABLE private ADD COLUMN later TEXT DEFAULT 'x';
        CREATE TABLE "a program's"(k TEXT, v BLOB, w AS (k || '!'), rowid_text TEXT);
        INSERT INTO "a program's"(rowid, k, v) VALUES(-5, 'k', x'00ff'), (40, 'l', 1.5);
        CREATE TABLE numbered(id INTEGER PRIMARY KEY AUTOINCREMENT, a UNIQUE);
        INSERT INTO numbered(a) VALUES('gone'), ('there');
        DELETE FROM numbered WHERE a = 'gone';
        INSERT INTO numbered(id, a) VALUES(90, 'high');
        DELETE FROM numbered WHERE id = 90;
        CREATE TABLE pair(a, b, PRIMARY KEY(a, b)) WITHOUT ROWID;
        INSERT INTO pair VALUES(1, 2);
        CREATE INDEX plain_by_a ON plain(a);
        CREATE INDEX "own index" ON "a program's"(k COLLATE NOCASE) WHERE v IS NOT NULL;
        CREATE VIEW seen AS SELECT id, a FROM plain WHERE a > 'a';
        CREATE TABLE audit(what);
        CREATE TRIGGER watch_plain AFTER INSERT ON plain BEGIN INSERT INTO audit VALUES(NEW.id); END;
        CREATE VIRTUAL TABLE words USING fts5(text);
        INSERT INTO words(rowid, text) VALUES(3, 'laser laboratory'), (9, 'telescope');
        CREATE VIRTUAL TABLE area USING rtree(id, x0, x1);
        INSERT INTO area VALUES(4, 1.0, 2.0);
        PRAGMA user_version = 42;
        PRAGMA application_id = 77;
        """

    private static let questions = [
        "SELECT * FROM private ORDER BY id", "SELECT rowid, * FROM \"a program's\" ORDER BY rowid",
        "SELECT * FROM numbered",
        "SELECT * FROM pair", "SELECT * FROM seen ORDER BY id", "SELECT * FROM audit",
        "SELECT rowid FROM words WHERE words MATCH 'laser'",
        "SELECT * FROM area WHERE x0 < 1.5",
        """
        SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE '\\_parksync%' ESCAPE '\\' \
        ORDER BY name, type
        """,
        "SELECT * FROM sqlite_sequence ORDER BY name", "PRAGMA user_version", "PRAGMA application_id",
        "PRAGMA integrity_check",
    ]

    private static func answers(_ path: String) throws -> [[[Value]]] {
        let connection = try Connection(path: path, role: .applier)
        return try questions.map { sql in
            let statement = try RawStatement(connection.handle, sql)
            let count = sqlite3_column_count(statement.handle)
            var rows: [[Value]] = []
            while try statement.step() { rows.append((0..<count).map { statement.view($0).copied }) }
            return rows
        }
    }

    /// South has its own things, and takes a snapshot of West, which has more entries.
    private static func zone(_ more: String = "") async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: first)
        try await federation.write("south", "INSERT INTO plain VALUES('s', 'south')")
        try await federation.converge()
        try federation.foreign("south", "sqlite3", [], input: own + more)
        // The rows that its trigger saw.
        try federation.foreign("south", "sqlite3", [], input: "INSERT INTO plain VALUES('f', 'foreign');")
        try await federation.converge()
        for number in 1...9 { try await federation.write("west", "INSERT INTO plain VALUES('w\(number)', \(number))") }
        return federation
    }

    private static func takeSnapshot(_ federation: Federation, schema: CompiledSchema? = nil) async throws -> ParkStore
    {
        let file = federation.folder.path + "/snapshot"
        let made = try await federation["west"].makeSnapshot(
            at: file, id: [UInt8](repeating: 7, count: SnapshotManifest.idBytes))
        let candidate = SnapshotCandidate(
            origin: try federation.origin("south"), members: federation.members, schema: schema ?? federation.schema)
        try candidate.build(federation.path("south"), from: file, made.manifest)
        federation.closeWithoutCheckpoint("south")
        return try federation.open("south", schema: schema)
    }

    @Test func everythingOfTheParksOwnIsKept() async throws {
        let federation = try await Self.zone()
        let before = try Self.answers(federation.path("south"))
        #expect(
            before[0] == [[.integer(1), .string("kept"), .string("x")], [.integer(7), .string("also"), .string("x")]])
        #expect(before[6] == [[.integer(3)]] && before[5] == [[.string("f")]])
        let store = try await Self.takeSnapshot(federation)
        guard case .installed? = store.snapshotOutcome else {
            Issue.record("\(String(describing: store.snapshotOutcome))")
            return
        }
        #expect(try await federation.rows("south", "SELECT count(*) FROM plain") == [[.integer(11)]])
        federation.closeWithoutCheckpoint("south")
        let after = try Self.answers(federation.path("south"))
        for (index, question) in Self.questions.enumerated() where question != "SELECT * FROM seen ORDER BY id" {
            #expect(after[index] == before[index], "\(question)")
        }
        // Its program goes on: the trigger fires, AUTOINCREMENT gives no number twice, and the
        // write is captured.
        try federation.foreign(
            "south", "sqlite3", [], input: "INSERT INTO plain VALUES('g', 'g'); INSERT INTO numbered(a) VALUES('next');"
        )
        let opened = try federation.open("south")
        #expect(try await federation.rows("south", "SELECT * FROM audit WHERE what = 'g'").count == 1)
        #expect(try await federation.rows("south", "SELECT max(id) FROM numbered") == [[.integer(91)]])
        try await federation.converge()
        #expect(try await federation.rows("west", "SELECT a FROM plain WHERE id = 'g'") == [[.string("g")]])
        #expect(try await opened.verify().findings.isEmpty)
    }

    @Test func tablesOfLaterSchemaFilesAreKeptToo() async throws {
        let second = """
            -- parksync: schema 2
            -- parksync: local
            CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT);
            CREATE INDEX notes_text ON notes(text);
            """
        let federation = try await Self.zone()
        let schema = try CompiledSchema([
            SchemaFile(name: "001-test.sql", sql: Self.first), SchemaFile(name: "002-test.sql", sql: second),
        ])
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", schema: schema)
        federation.closeWithoutCheckpoint("south")
        try federation.foreign("south", "sqlite3", [], input: "INSERT INTO notes VALUES(5, 'mine');")
        try federation.open("south", schema: schema)
        // West has the first schema file only.
        let store = try await Self.takeSnapshot(federation, schema: schema)
        guard case .installed? = store.snapshotOutcome else {
            Issue.record("\(String(describing: store.snapshotOutcome))")
            return
        }
        #expect(try await federation.rows("south", "SELECT * FROM notes") == [[.integer(5), .string("mine")]])
        #expect(
            try await federation.rows("south", "SELECT count(*) FROM sqlite_master WHERE name = 'notes_text'") == [
                [.integer(1)]
            ])
        #expect(try await federation.rows("south", "SELECT secret FROM private WHERE id = 7") == [[.string("also")]])
    }

    /// The index fits South's rows and not those that the snapshot brings.
    @Test func whatCannotBeMadeKeepsTheSnapshotOut() async throws {
        let federation = try await Self.zone("CREATE INDEX how_far ON plain(abs(a));")
        try await federation.write("west", "INSERT INTO plain VALUES('min', -9223372036854775808)")
        let before = try Self.answers(federation.path("south"))
        let store = try await Self.takeSnapshot(federation)
        guard case .refused(let error)? = store.snapshotOutcome else {
            Issue.record("\(String(describing: store.snapshotOutcome))")
            return
        }
        #expect(
            error.code == .schema && error.reason.contains("how_far") && error.remedy.contains("Nothing was replaced"),
            "\(error)")
        federation.closeWithoutCheckpoint("south")
        #expect(try Self.answers(federation.path("south")) == before)
    }

    @Test func aWriteBetweenTheLookAndTheExchangeIsNotLost() async throws {
        let federation = try await Self.zone()
        federation.closeWithoutCheckpoint("south")
        let path = federation.path("south")
        for sql in ["INSERT INTO private VALUES(8, 'late', 'x');", "INSERT INTO plain VALUES('late', 1);"] {
            let outgoing = try OutgoingDatabase(path, schema: federation.schema.schema)
            try outgoing.checkUnchanged()
            try federation.foreign("south", "sqlite3", [], input: sql)
            let error = #expect(throws: StoreError.self) { try outgoing.checkUnchanged() }
            #expect(error?.code == .busy)
        }
        // A captured row that nobody has sealed.
        let error = #expect(throws: StoreError.self) {
            _ = try OutgoingDatabase(path, schema: federation.schema.schema)
        }
        #expect(error?.code == .busy && error?.remedy.contains("Nothing was replaced") == true)
    }
}
