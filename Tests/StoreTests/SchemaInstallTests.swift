import Crypto
import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Schema files on files that hold something already.
@Suite struct SchemaInstallTests {
    private static let first = """
        -- parksync: schema 1
        -- The table of things.
        -- parksync: writer any
        CREATE TABLE IF NOT EXISTS thing(
            id TEXT NOT NULL PRIMARY KEY,
            n INTEGER NOT NULL DEFAULT 0, -- parksync: counter
            body TEXT
        );
        """

    /// A park's file, as a program made it before the node ran first.
    private final class Site {
        let folder: ScratchFolder
        let clock = TestClock()
        let key = Curve25519.Signing.PrivateKey()
        var path: String { folder.path + "/south.sqlite" }
        init() throws { folder = try ScratchFolder() }

        func program(_ sql: String) throws {
            let connection = try Connection(
                path: path, role: FileManager.default.fileExists(atPath: path) ? .applier : .builder)
            try connection.execute(sql)
        }

        func open(_ files: String..., recovers: Bool = false) throws -> ParkStore {
            let origin = try #require(OriginID("south"))
            let compiled = try CompiledSchema(files.enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) })
            return try ParkStore(
                StoreOptions(
                    path: path, origin: origin, identity: key,
                    members: ["south": Array(key.publicKey.rawRepresentation)], schema: compiled,
                    clock: clock, recoversWhenNew: recovers))
        }

        func expectRefusal(_ files: String..., recovers: Bool = false, line: Int, _ reason: String) throws {
            let compiled = try CompiledSchema(files.enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) })
            let error = #expect(throws: SchemaError.self) {
                let origin = try #require(OriginID("south"))
                return try ParkStore(
                    StoreOptions(
                        path: path, origin: origin, identity: key,
                        members: ["south": Array(key.publicKey.rawRepresentation)], schema: compiled,
                        clock: clock, recoversWhenNew: recovers))
            }
            #expect(error?.reason.contains(reason) == true && error?.line == line, "\(String(describing: error))")
            #expect(error?.file == "\(files.count).sql" && error?.remedy.isEmpty == false)
            // Whoever finds something there of that name is told what to do with it, whatever
            // SQLite says.
            if reason.contains("already") { #expect(error?.remedy.contains("IF NOT EXISTS") == true) }
        }
    }

    // MARK: an executed file that was edited

    @Test func anEditedFileIsRefusedWithTheDifference() throws {
        let edits: [(String, String, Int, String)] = [
            ("    body TEXT\n", "    body TEXT,\n    more TEXT\n", 7, "here it had `);`, now it has `body TEXT,`"),
            ("writer any", "writer home(id)", 3, "now it has `-- parksync: writer home(id)`"),
            (" -- parksync: counter", "", 7, "`n INTEGER NOT NULL DEFAULT 0, -- parksync: counter`"),
            (");", ");\nCREATE INDEX i ON thing(body);", 9, "its end"),
            ("DEFAULT 0", "DEFAULT 1", 6, "DEFAULT 1"), ("body TEXT", "body BLOB", 7, "body BLOB"),
        ]
        for (old, new, line, reason) in edits {
            let site = try Site()
            try site.open(Self.first).abandon()
            var edited = Self.first.replacingOccurrences(of: old, with: new)
            if new.isEmpty { edited = edited.replacingOccurrences(of: "DEFAULT 0, ", with: "DEFAULT 0,") }
            try site.expectRefusal(edited, line: line, reason)
            try site.open(Self.first).abandon()
        }
    }

    @Test func commentsAndWhiteSpaceMayChange() throws {
        let site = try Site()
        try site.open(Self.first).abandon()
        let plain = Self.first.replacingOccurrences(of: " -- parksync: counter", with: "")
        let onlyDirective = try Site()
        try onlyDirective.open(plain).abandon()
        let added = plain.replacingOccurrences(of: "any\n", with: "any\n-- parksync: append-only\n")
        try onlyDirective.expectRefusal(added, line: 4, "now it has `-- parksync: append-only`")
        let other = Self.first.replacingOccurrences(
            of: "-- The table of things.", with: "/* Things,\n   as they're. */"
        )
        .replacingOccurrences(of: "\n", with: "\r\n").replacingOccurrences(of: "    body", with: "\tbody")
        try site.open(other).abandon()
        try site.open(other, "-- parksync: schema 2\nALTER TABLE thing ADD COLUMN later TEXT;").abandon()
        try site.open(Self.first, "-- parksync: schema 2\nALTER TABLE thing ADD COLUMN later TEXT;").abandon()
    }

    // MARK: work without end

    /// On an empty database it ends at once.
    @Test func aStatementWithoutEndOverRowsThatAreThereIsRefusedAndNothingIsKept() throws {
        let site = try Site()
        let first = Self.first + "\n-- parksync: local\nCREATE TABLE many(a);"
        try site.open(first).abandon()
        try site.program(
            "INSERT INTO many WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 500"
        )
        for (statement, reason) in [
            ("INSERT INTO mine SELECT 1 FROM many a, many b, many c, many d, many e", "does not come to its end"),
            (
                "CREATE INDEX made ON mine((a || 'x')); INSERT INTO mine SELECT zeroblob(480000000) FROM many",
                "more than 470810624 bytes"
            ),
        ] {
            try site.expectRefusal(
                first, "-- parksync: schema 2\n-- parksync: local\nCREATE TABLE mine(a);\n\(statement);", line: 4,
                reason)
            let file = try Connection(path: site.path, role: .reader)
            #expect(try file.int64("SELECT count(*) FROM sqlite_schema WHERE name IN ('mine', 'made')") == 0)
            #expect(try file.int64("SELECT max(number) FROM _parksync_schema") == 1)
        }
        // An index over all rows is no such work.
        try site.open(first, "-- parksync: schema 2\nCREATE INDEX made ON many(a);\nDELETE FROM many WHERE a > 100;")
            .abandon()
    }

    // MARK: what is there already

    @Test func whatIsThereAlreadyIsRefusedWithFileAndLine() throws {
        let plain = Self.first.replacingOccurrences(of: "IF NOT EXISTS ", with: "")
        let cases: [(String, String, Int, String)] = [
            (
                "CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, body TEXT)", plain, 4,
                "already exists"
            ),
            ("CREATE VIEW thing AS SELECT 1 AS id", plain, 4, "already exists"),
            ("CREATE VIEW thing AS SELECT 1 AS id", Self.first, 4, "is a view"),
            ("CREATE TABLE u(a)", Self.first + "\n\n-- parksync: local\nCREATE TABLE u(a);", 11, "already exists"),
            (
                "CREATE TABLE u(b); CREATE INDEX i ON u(b)", Self.first + "\nCREATE INDEX i ON thing(body);", 9,
                "already exists"
            ),
            (
                "CREATE TABLE u(b)",
                Self.first + "\n-- parksync: local\nCREATE TABLE IF NOT EXISTS u(a);\nCREATE INDEX\n i ON u(a);", 12,
                "no such column: a"
            ),
            ("CREATE TABLE u(a); CREATE INDEX Thing ON u(a)", plain, 4, "there is already an index named thing"),
            (
                "CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0)", Self.first, 4,
                "it lacks column body"
            ),
            (
                "CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, body TEXT, more)",
                Self.first, 4,
                "it has column more"
            ),
            (
                "CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 5, body TEXT)", Self.first,
                4, "DEFAULT 5"
            ),
            ("CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER, body TEXT)", Self.first, 4, "column n"),
            (
                "CREATE TABLE thing(id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, body TEXT)", Self.first, 4,
                "may be NULL"
            ),
            (
                "CREATE TABLE Thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, body TEXT)", Self.first,
                4, "is named Thing"
            ),
            (
                "CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, body TEXT UNIQUE)",
                Self.first, 4, "is UNIQUE"
            ),
        ]
        for (program, file, line, reason) in cases {
            let site = try Site()
            try site.program(program)
            try site.expectRefusal(file, line: line, reason)
            // Nothing of ParkSync is left in the file.
            let reader = try Connection(path: site.path, role: .reader)
            #expect(
                try reader.int64("SELECT count(*) FROM sqlite_schema WHERE name LIKE '\\_parksync%' ESCAPE '\\'") == 0,
                "\(program)")
        }
    }

    @Test func aLaterFileIsRefusedLikewise() throws {
        let site = try Site()
        try site.open(Self.first).abandon()
        try site.program("CREATE TABLE extra(id TEXT NOT NULL PRIMARY KEY)")
        let second =
            "-- parksync: schema 2\n\n-- parksync: writer any\nCREATE TABLE extra(id TEXT NOT NULL PRIMARY KEY);"
        try site.expectRefusal(Self.first, second, line: 4, "already exists")
        for own in ["DROP TABLE IF EXISTS _parksync_log;", "DROP TRIGGER IF EXISTS _parksync_insert_thing;"] {
            let files = [Self.first, "-- parksync: schema 2\n\n" + own].enumerated().map {
                SchemaFile(name: "\($0 + 1).sql", sql: $1)
            }
            let error = #expect(throws: SchemaError.self) { try CompiledSchema(files) }
            #expect(
                error?.file == "2.sql" && error?.line == 3 && error?.reason.contains("ParkSync's own") == true, "\(own)"
            )
        }
        try site.open(Self.first).abandon()
    }

    // MARK: rows that were there before

    private static let made =
        "CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, body TEXT);"

    @Test func rowsThatWereThereAreTheFirstEntry() async throws {
        let site = try Site()
        try site.program(
            Self.made
                + "CREATE TABLE log(x); CREATE TRIGGER t AFTER INSERT ON thing BEGIN INSERT INTO log VALUES(1); END;"
                + "INSERT INTO thing VALUES('a', 5, 'x'), ('b', 0, NULL), ('c', -1, '国际生物城')")
        let store = try site.open(Self.first)
        #expect(try await store.sealForeign() == .sealed)
        try await store.housekeep()
        let entry = try #require(try await store.entries(origin: nil, after: nil, limit: 9, changesMax: 9).first)
        #expect(entry.header.seq == 1 && entry.changes.map(\.key) == [[.string("a")], [.string("b")], [.string("c")]])
        #expect(entry.changes.first?.values.map(\.value) == [.integer(5), .string("x")])
        #expect(try await store.sealForeign() == .nothing)
        #expect(store.counts.tables.map(\.rows) == [3])
        #expect(try await store.verify().findings.isEmpty)
        // Another park gets them like any other entry.
        let other = try Federation(
            ["west"], schema: Self.first, keys: ["south": site.key, "west": Curve25519.Signing.PrivateKey()])
        let slice = try #require(try store.read(origin: store.state().origin, after: 0, bytesMax: 1 << 20))
        try await other["west"].receive(slice)
        #expect(try await other.rows("west", "SELECT * FROM thing ORDER BY id").count == 3)
        #expect(try other["west"].state().digest?.hash == store.state().digest?.hash)
        store.abandon()
        try site.open(Self.first).abandon()
    }

    @Test func rowsThatDoNotFitAreRefused() throws {
        let owned = Self.first.replacingOccurrences(of: "writer any", with: "writer home(id)")
        let cases: [(String, String, String)] = [
            ("INSERT INTO thing VALUES('south:1', 0, NULL), ('west:1', 0, NULL)", owned, "only the park west"),
            ("INSERT INTO thing VALUES('south:1', 0, NULL), ('nobody', 0, NULL)", owned, "only the park nobody"),
            ("INSERT INTO thing VALUES('a', 'many', NULL)", Self.first, "the row ('a') has a value in n"),
            ("INSERT INTO thing(rowid, id) VALUES(-1, 'a')", Self.first, "has a row with the rowid -1"),
            ("INSERT INTO thing VALUES('a', 1.5, NULL)", Self.first, "the row ('a') has a value in n"),
            ("INSERT INTO thing VALUES(hex(zeroblob(3000)), 1, NULL)", Self.first, "has a key of more than"),
            (
                """
                WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 250000) INSERT INTO \
                thing SELECT 'k' || n, 0, NULL FROM i
                """,
                Self.first, "has 250000 rows"
            ),
            (
                """
                WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 70) INSERT INTO thing \
                SELECT n, 0, zeroblob(1000000) FROM i
                """,
                Self.first, "more or larger rows than fit"
            ),
        ]
        for (program, file, reason) in cases {
            let site = try Site()
            try site.program(Self.made + program)
            try site.expectRefusal(file, line: 4, reason)
        }
    }

    /// A lost file's own entries are still with the peers, and may be about the very rows that a
    /// program put there meanwhile.
    @Test func rowsInAFileThatIsToBeFetchedAreRefused() throws {
        let site = try Site()
        try site.program(Self.made + "INSERT INTO thing VALUES('a', 1, NULL)")
        try site.expectRefusal(Self.first, recovers: true, line: 4, "fetch its own log")
        try site.program("DELETE FROM thing")
        #expect(try site.open(Self.first, recovers: true).counts.isRecovering)
    }

    @Test func aLaterFileTakesATableWithItsRows() async throws {
        let site = try Site()
        var store = try site.open(Self.first)
        _ = try await store.transact(
            StoreTransaction(statements: [StoreStatement(sql: "INSERT INTO thing(id) VALUES('z')")]))
        try await store.close()
        try site.program("CREATE TABLE extra(id INTEGER PRIMARY KEY, v); INSERT INTO extra VALUES(7, 1.5), (8, x'00')")
        let second =
            """
            -- parksync: schema 2\n-- parksync: writer any\nCREATE TABLE IF NOT EXISTS extra(id INTEGER PRIMARY \
            KEY, v);
            """
        store = try site.open(Self.first, second)
        _ = try await store.transact(
            StoreTransaction(statements: [StoreStatement(sql: "INSERT INTO extra VALUES(9, 'n')")]))
        try await store.housekeep()
        let entries = try await store.entries(origin: store.state().origin, after: 1, limit: 9, changesMax: 9)
        #expect(entries.map { $0.changes.map(\.key) } == [[[.integer(7)], [.integer(8)]], [[.integer(9)]]])
        #expect(try await store.verify().findings.isEmpty)
        store.abandon()
    }

    // MARK: another encoding

    @Test(arguments: ["UTF-16", "UTF-16le", "UTF-16be"]) func aDatabaseInUTF16IsRefusedAsOne(encoding: String) throws {
        let site = try Site()
        try site.program("PRAGMA encoding = '\(encoding)'; CREATE TABLE program(a)")
        let error = #expect(throws: StoreError.self) { try site.open(Self.first) }
        #expect(
            error?.code == .format && error?.reason.contains("UTF-16") == true
                && error?.remedy.contains("UTF-8") == true)
    }
}
