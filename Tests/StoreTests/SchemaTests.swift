import ParkSyncCore
import Testing

@testable import ParkSyncStore

@Suite struct SchemaTests {
    private func error(_ sql: String) -> SchemaError? {
        do {
            _ = try CompiledSchema([SchemaFile(name: "t.sql", sql: sql)])
            return nil
        } catch { return error as? SchemaError }
    }

    @Test func whatCannotBeSharedIsRefusedWithLineAndRemedy() {
        let head = "-- parksync: schema 1\n-- parksync: writer any\n"
        let cases: [(String, Int, String)] = [
            (head + "CREATE TABLE t(a);", 3, "no primary key"),
            (head + "CREATE TABLE t(a TEXT PRIMARY KEY);", 3, "may be NULL"),
            (head + "CREATE TABLE t(a INTEGER PRIMARY KEY DESC);", 3, "may be NULL"),
            (head + "CREATE TABLE t(a INT PRIMARY KEY);", 3, "may be NULL"),
            (head + "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b UNIQUE);", 3, "UNIQUE"),
            (head + "CREATE TABLE t(a REAL NOT NULL PRIMARY KEY);", 3, "has the type"),
            (head + "CREATE TABLE t(a TEXT NOT NULL COLLATE NOCASE PRIMARY KEY);", 3, "NOCASE"),
            (head + "CREATE TABLE t(a TEXT NOT NULL COLLATE RTRIM, PRIMARY KEY(a COLLATE BINARY));", 3, "RTRIM"),
            (head + "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT);", 3, "AUTOINCREMENT"),
            (head + "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b AS (a || 'x'));", 3, "generated"),
            (head + "CREATE TABLE t(\n  a TEXT NOT NULL PRIMARY KEY,\n  n TEXT -- parksync: counter\n);", 5, "counter"),
            (head + "CREATE TABLE t(\n  a TEXT NOT NULL PRIMARY KEY -- parksync: sparkle\n);", 4, "sparkle"),
            ("-- parksync: schema 1\nCREATE TABLE t(a TEXT NOT NULL PRIMARY KEY);", 2, "who may write"),
            (
                """
                -- parksync: schema 1\n-- parksync: writer home(b)\nCREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, \
                b TEXT);
                """,
                2, "primary key"
            ),
            (
                "-- parksync: schema 1\n-- parksync: writer king\nCREATE TABLE t(a TEXT NOT NULL PRIMARY KEY);", 2,
                "king"
            ),
            ("-- parksync: schema 1\n-- parksync: local\nCREATE INDEX i ON t(a);", 3, "no such table"),
            ("CREATE TABLE t(a);", 1, "number"), ("-- parksync: schema 2\n", 1, "does not follow"),
            ("-- parksync: schema 1\n\n\nCREATE TABLE t(a TEXT,\n  b TEXT,,);", 5, "syntax error"),
            ("-- parksync: schema 1\nCREATE TABLE t(a", 2, "does not end"),
            (head + "CREATE TABLE _parksync_x(a TEXT NOT NULL PRIMARY KEY);", 3, "ParkSync's own"),
            (
                head + "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY);\n\nINSERT INTO t VALUES('x');", 5,
                "writes rows of t"
            ),
            (head + "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY);\nCREATE UNIQUE INDEX u ON t(a);", 4, "UNIQUE"),
        ]
        for (sql, line, reason) in cases {
            let found = error(sql)
            #expect(found?.reason.contains(reason) == true, "\(sql) gave \(String(describing: found))")
            #expect(found?.line == line, "\(sql) gave \(String(describing: found))")
            #expect(found?.remedy.isEmpty == false)
        }
    }

    @Test func aLaterFileOnlyAppendsColumns() throws {
        let first = SchemaFile(
            name: "1.sql",
            sql: "-- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b TEXT);")
        let cases: [(String, String?)] = [
            ("ALTER TABLE t ADD COLUMN c TEXT;", nil), ("-- parksync: local\nCREATE TABLE u(a);", nil),
            ("-- parksync: local\nCREATE TABLE u(a);\nINSERT INTO u VALUES(1);\nUPDATE u SET a = 2;", nil),
            ("CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET b = 'x' WHERE a = NEW.a; END;", nil),
            ("UPDATE t SET b = 'x';", "writes rows of t"), ("DELETE FROM t;", "writes rows of t"),
            ("ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'x';", "new column c"),
            ("ALTER TABLE t ADD COLUMN c INTEGER NOT NULL DEFAULT 0;", "new column c"),
            ("ALTER TABLE t DROP COLUMN b;", "column b"), ("ALTER TABLE t RENAME COLUMN b TO c;", "column b"),
            ("DROP TABLE t;", "drops or renames the shared table t"),
            (
                """
                DROP TABLE t;\n-- parksync: writer any\nCREATE TABLE t(a TEXT NOT NULL, b TEXT NOT NULL, \
                PRIMARY KEY(a, b));
                """,
                "drops or renames"
            ),
            (
                "DROP TABLE t;\n-- parksync: writer home(a)\nCREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b TEXT);",
                "drops or renames"
            ),
        ]
        for (sql, reason) in cases {
            let second = SchemaFile(name: "2.sql", sql: "-- parksync: schema 2\n" + sql)
            guard let reason else {
                _ = try CompiledSchema([first, second])
                continue
            }
            let error = #expect(throws: SchemaError.self) { try CompiledSchema([first, second]) }
            #expect(error?.reason.contains(reason) == true, "\(sql) gave \(String(describing: error))")
        }
    }

    /// Rows, triggers and what is kept beside them would be gone, and no log would say so.
    @Test func whatTakesSharedTablesAwayIsRefusedWithItsLine() throws {
        let first = SchemaFile(
            name: "1.sql",
            sql:
                """
                -- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b \
                TEXT);\n-- parksync: local\nCREATE TABLE l(a);
                """
        )
        let copy =
            """
            -- parksync: local\nCREATE TABLE t2(a TEXT NOT NULL PRIMARY KEY, b TEXT);\nINSERT INTO t2 SELECT * \
            FROM t;\n
            """
        let made = "-- parksync: writer any\nCREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b TEXT);\n"
        let cases: [(sql: String, line: Int?, reason: String)] = [
            ("DROP TABLE t;\n" + made, 2, "drops or renames the shared table t"),
            ("DROP TABLE IF EXISTS t;\n" + made, 2, "drops or renames the shared table t"),
            ("\nALTER TABLE t RENAME TO u;\nALTER TABLE u RENAME TO t;", 3, "drops or renames the shared table t"),
            (copy + "DROP TABLE t;\nALTER TABLE t2 RENAME TO t;", 5, "drops or renames the shared table t"),
            (copy + "\n/* as the manual says */ DROP TABLE \"t\";\n" + made, 6, "drops or renames the shared table t"),
            ("ALTER TABLE t DROP COLUMN b;\nALTER TABLE t ADD COLUMN b TEXT;", 2, "drops or renames column b of t"),
            ("ALTER TABLE t RENAME b TO c;\nALTER TABLE t RENAME c TO b;", 2, "drops or renames column b of t"),
            ("DROP TRIGGER IF EXISTS _parksync_update_t;", 2, "ParkSync's own"),
            ("DROP TRIGGER IF EXISTS [_PARKSYNC_update_t];", 2, "ParkSync's own"),
            ("\n\nDROP TABLE IF EXISTS /* old */ \"_parksync_pending_t\";", 4, "ParkSync's own"),
            ("CREATE TRIGGER x AFTER INSERT ON l BEGIN DELETE FROM _parksync_pending_t; END;", 2, "ParkSync's own"),
            ("PRAGMA writable_schema = ON;\nDELETE FROM sqlite_master WHERE type = 'trigger';", 2, "writable"),
            ("CREATE VIEW v AS SELECT a FROM t; -- not _parksync_update_t\nDROP TABLE l;", nil, ""),
            ("/* _parksync_ */ CREATE INDEX i ON t(b);\nDROP INDEX i;", nil, ""),
        ]
        for (sql, line, reason) in cases {
            let second = SchemaFile(name: "2.sql", sql: "-- parksync: schema 2\n" + sql)
            guard let line else {
                _ = try CompiledSchema([first, second])
                continue
            }
            let error = #expect(throws: SchemaError.self) { try CompiledSchema([first, second]) }
            #expect(
                error?.reason.contains(reason) == true && error?.line == line && error?.file == "2.sql",
                "\(sql) gave \(String(describing: error))")
        }
    }

    @Test func directivesAreReadWhereTheyStand() throws {
        let compiled = try CompiledSchema([SchemaFile(name: "s.sql", sql: shapes)])
        let tally = try #require(compiled.schema.index(ofTable: "tally").map { compiled.schema.tables[$0] })
        #expect(tally.columns.map(\.isCounter) == [true, false])
        let owned = try #require(compiled.schema.index(ofTable: "owned").map { compiled.schema.tables[$0] })
        #expect(owned.writeRule == .homePark(keyColumn: 0))
        #expect(compiled.schema.index(ofTable: "ledger").map { compiled.schema.tables[$0].isAppendOnly } == true)
        let again = try CompiledSchema([SchemaFile(name: "s.sql", sql: shapes)])
        #expect(again.schema.canonicalBytes == compiled.schema.canonicalBytes)
    }

    @Test func keysOfTheRowidAreTakenForSuch() throws {
        for declaration in [
            "a INTEGER PRIMARY KEY", "a INTEGER, PRIMARY KEY(a DESC)", "a INTEGER NOT NULL PRIMARY KEY DESC",
            "a INT NOT NULL PRIMARY KEY",
        ] {
            #expect(
                error("-- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE t(\(declaration));") == nil,
                "\(declaration)")
        }
    }

    @Test func aMarkerInATextIsNoDirective() throws {
        let sql =
            """
            -- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b \
            DEFAULT '-- parksync: counter');
            """
        #expect(
            try CompiledSchema([SchemaFile(name: "s.sql", sql: sql)]).schema.tables[0].columns[0].isCounter == false)
    }

    @Test func aTableThatWasAlteredByHandIsRefused() throws {
        let federation = try Federation(["south"], schema: shapes)
        federation.closeWithoutCheckpoint("south")
        try federation.foreign("south", "sqlite3", ["-batch"], input: "ALTER TABLE plain ADD COLUMN extra TEXT;\n")
        #expect(throws: StoreError.self) { try federation.open("south") }
    }
}
