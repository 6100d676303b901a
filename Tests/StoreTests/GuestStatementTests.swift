import Crypto
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What SQL from outside may use, and that it still may not change what is ParkSync's own.
@Suite struct GuestStatementTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE note(id TEXT NOT NULL PRIMARY KEY, body TEXT);
        -- parksync: local
        CREATE VIRTUAL TABLE words USING fts5(body);
        -- parksync: local
        CREATE VIRTUAL TABLE old_words USING fts4(body);
        -- parksync: local
        CREATE VIRTUAL TABLE box USING rtree(id, low, high);
        CREATE TRIGGER note_words AFTER INSERT ON note BEGIN
            INSERT INTO words(body) VALUES(NEW.body);
            INSERT INTO old_words(body) VALUES(NEW.body);
            INSERT INTO box VALUES(NULL, length(NEW.body), length(NEW.body) + 1);
        END;
        """

    @Test func tableValuedFunctionsAndVirtualTablesWork() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO note SELECT value, value FROM json_each('[\"one\", \"two\"]')")
        try await federation.write("south", "INSERT INTO note VALUES('three', 'the third')")
        try await federation.write(
            "south", "INSERT INTO words(words) VALUES('optimize')", "DELETE FROM box WHERE low = 3")
        let queries: [(String, [[Value]])] = [
            ("SELECT value FROM json_each('[1, 2]')", [[.integer(1)], [.integer(2)]]),
            ("SELECT fullkey FROM json_tree('{\"a\": [5]}') WHERE atom = 5", [[.string("$.a[0]")]]),
            ("SELECT name FROM pragma_table_info('note')", [[.string("id")], [.string("body")]]),
            (
                "SELECT n.name FROM pragma_table_list AS l, pragma_index_list(l.name) AS n WHERE l.name = 'note'",
                [[.string("sqlite_autoindex_note_1")]]
            ),
            ("PRAGMA index_info(sqlite_autoindex_note_1)", [[.integer(0), .integer(0), .string("id")]]),
            ("SELECT rowid FROM words('third')", [[.integer(3)]]),
            (
                "SELECT highlight(words, 0, '<', '>') FROM words WHERE words MATCH 'two' ORDER BY rank",
                [[.string("<two>")]]
            ),
            ("SELECT body FROM old_words WHERE old_words MATCH 'one'", [[.string("one")]]),
            ("SELECT low FROM box WHERE high > 4", [[.double(9)]]),
            ("PRAGMA encoding", [[.string("UTF-8")]]),
        ]
        for (sql, rows) in queries { #expect(try await federation.rows("south", sql) == rows, "\(sql)") }
        // Each on a connection that has not seen the tables before.
        for (sql, rows) in queries {
            federation.closeWithoutCheckpoint("south")
            try federation.open("south")
            #expect(try await federation.rows("south", sql) == rows, "\(sql)")
        }
        try await federation.converge()
        #expect(try await federation["south"].verify().findings.isEmpty)
    }

    @Test func nothingElseIsAllowedByThat() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        let statements = [
            "UPDATE sqlite_master SET sql = ''", "DELETE FROM sqlite_schema",
            "INSERT INTO sqlite_master VALUES('table', 'x', 'x', 0, '')",
            "CREATE TABLE x(a)", "CREATE TABLE x AS SELECT 1", "CREATE TEMP TABLE x(a)",
            "CREATE VIRTUAL TABLE x USING fts5(a)", "DROP TABLE words",
            "ALTER TABLE note ADD COLUMN x", "CREATE INDEX i ON note(body)",
            "CREATE TRIGGER x AFTER INSERT ON note BEGIN SELECT 1; END",
            "PRAGMA writable_schema = 1", "PRAGMA user_version = 5", "PRAGMA journal_mode = DELETE",
            "PRAGMA page_size = 512",
            "PRAGMA encoding = 'UTF-16'",
            "PRAGMA query_only = 0", "PRAGMA wal_checkpoint", "ATTACH ':memory:' AS x", "VACUUM", "REINDEX", "ANALYZE",
            "BEGIN", "COMMIT",
            "DELETE FROM words_data", "UPDATE box_node SET data = x'00'", "DELETE FROM _parksync_log",
            "INSERT INTO _parksync_meta VALUES('a', 1)",
            "DELETE FROM \"_PARKSYNC_LOG\"", "SELECT load_extension('x')",
        ]
        for sql in statements {
            await #expect(throws: StoreError.self, "\(sql)") { try await federation.write("south", sql) }
            await #expect(throws: StoreError.self, "\(sql)") { try await federation.rows("south", sql) }
        }
        for sql in [
            "INSERT INTO note VALUES('q', 'q')", "DELETE FROM words", "WITH x AS (SELECT 1) UPDATE note SET body = 'x'",
            "REPLACE INTO box VALUES(1, 2, 3)",
        ] {
            let error = await #expect(throws: StoreError.self) { try await federation.rows("south", sql) }
            #expect(error?.code == .forbidden, "\(sql) gave \(String(describing: error))")
        }
        #expect(try await federation.rows("south", "SELECT count(*) FROM note") == [[.integer(0)]])
    }

    /// A pending table of ParkSync's own stays closed whatever its table's name begins with: a
    /// combining mark joins the underscore before it to one `Character`.
    @Test func namesAreComparedByTheirBytes() async throws {
        let mark = "\u{301}"
        let schema = """
            -- parksync: schema 1
            -- parksync: writer any
            CREATE TABLE "\(mark)x"(id TEXT NOT NULL PRIMARY KEY, "it's\(mark)'\(mark)" TEXT, "a""\(mark)b" TEXT);
            """
        let federation = try Federation(["south", "west"], schema: schema)
        for sql in ["DELETE FROM \"_parksync_pending_\(mark)x\"", "DELETE FROM \"_parksync_clock_\(mark)x\""] {
            await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
        }
        try await federation.write("south", "INSERT INTO \"\(mark)x\" VALUES('1', 'a', 'b')")
        try await federation.converge()
        #expect(
            try await federation.rows("west", "SELECT * FROM \"\(mark)x\"") == [
                [.string("1"), .string("a"), .string("b")]
            ])
        #expect(try await federation["west"].verify().findings.isEmpty)
    }
}
