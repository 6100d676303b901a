import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// What the log says is what the tables hold, whatever else happens to a row between its write and
/// the end of the transaction.
@Suite struct CapturedTruthTests {
    @Test(arguments: ["", "TEMP"]) func triggersOfAProgramChangeTheRowAsWell(kind: String) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let later =
            """
            CREATE \(kind) TRIGGER later AFTER INSERT ON plain BEGIN UPDATE plain SET a = 'later', b = b + 1 \
            WHERE id = NEW.id; END
            """
        try await runProgram(federation, "\(later); INSERT INTO plain(id, a, b) VALUES('x', 'first', 1)")
        #expect(try await federation.rows("west", "SELECT a, b FROM plain") == [[.string("later"), .integer(2)]])
        let counting =
            """
            CREATE \(kind) TRIGGER counting AFTER UPDATE OF v ON tally BEGIN UPDATE tally SET n = n + 10 WHERE \
            id = NEW.id; END
            """
        let counted =
            """
            CREATE \(kind) TRIGGER counted AFTER INSERT ON tally BEGIN UPDATE tally SET n = n + 100 WHERE id = \
            NEW.id; END
            """
        try await runProgram(federation, "\(counting); \(counted); INSERT INTO tally(id, n) VALUES('t', 1)")
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(101)]])
        let again = kind.isEmpty ? "" : "\(counting); \(counted); "
        try await runProgram(federation, "\(again)UPDATE tally SET v = 'x', n = n + 1")
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(112)]])
        try await runProgram(federation, "\(again)REPLACE INTO tally(id, n) VALUES('t', 5)")
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(105)]])
        // Through the node as well, where the trigger is in the file.
        if kind.isEmpty {
            try await federation.write("south", "INSERT INTO plain(id, b) VALUES('y', 1)", "UPDATE tally SET v = 'y'")
            try await expectSame(federation)
            #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(115)]])
        }
        let back =
            """
            CREATE \(kind) TRIGGER back AFTER DELETE ON plain BEGIN INSERT INTO plain(id, a) VALUES(OLD.id, \
            'back'); END
            """
        try await runProgram(federation, "\(back); DELETE FROM plain WHERE id = 'x'")
        #expect(try await federation.rows("west", "SELECT a FROM plain WHERE id = 'x'").count == 1)
        let before =
            """
            CREATE \(kind) TRIGGER before BEFORE INSERT ON bare BEGIN INSERT OR IGNORE INTO bare VALUES(NEW.id \
            || '+'); END
            """
        try await runProgram(federation, "\(before); INSERT INTO bare VALUES('b')")
        #expect(try await federation.rows("west", "SELECT count(*) FROM bare") == [[.integer(2)]])
    }

    @Test(arguments: ["", "TEMP"], ["plain", "numbered", "tally", "bare", "pair"])
    func aTriggerThatEndsTheStatementHidesNothing(kind: String, table: String) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let values = [
            "plain": "(id, a) VALUES('x', 1), ('y', 2)", "numbered": "(v) VALUES(1), (2)",
            "tally": "(id, n) VALUES('x', 1), ('y', 2)",
            "bare": " VALUES('x'), ('y')", "pair": " VALUES('x', 1, x'00', 1), ('y', 2, x'', 2)",
        ]
        let column = ["plain": "a", "numbered": "v", "tally": "n", "pair": "v"][table]
        func ignore(_ event: String) -> String {
            "CREATE \(kind) TRIGGER ig AFTER \(event) ON \(table) BEGIN SELECT RAISE(IGNORE); END"
        }
        let insert = "INSERT INTO \(table)\(values[table] ?? "")"
        let end = kind.isEmpty ? "; DROP TRIGGER ig" : ""
        try await runProgram(federation, "\(ignore("INSERT")); \(insert)\(end)")
        #expect(try await federation.rows("west", "SELECT count(*) FROM \(table)") == [[.integer(2)]])
        if let column {
            try await runProgram(federation, "\(ignore("UPDATE")); UPDATE \(table) SET \(column) = \(column) + 7\(end)")
            #expect(
                try await federation.rows("west", "SELECT \(column) FROM \(table) ORDER BY 1") == [
                    [.integer(8)], [.integer(9)],
                ])
        }
        let key = table == "pair" ? "x" : "id"
        let other = table == "numbered" ? "id + 100" : "\(key) || '2'"
        try await runProgram(federation, "\(ignore("UPDATE")); UPDATE \(table) SET \(key) = \(other)\(end)")
        try await runProgram(federation, "\(ignore("DELETE")); DELETE FROM \(table)\(end)")
        #expect(try await federation.rows("west", "SELECT count(*) FROM \(table)") == [[.integer(0)]])
    }

    /// A write that does not happen leaves nothing, also where it was announced.
    @Test(arguments: ["", "TEMP"]) func aWriteThatDoesNotHappenIsNone(kind: String) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await runProgram(
            federation, "INSERT INTO plain(id, a) VALUES('x', 1); INSERT INTO tally(id, n) VALUES('t', 5), ('u', 6)")
        let before = try federation["south"].state().logged
        for event in ["INSERT", "UPDATE", "DELETE"] {
            for table in ["plain", "tally"] {
                let ignore =
                    "CREATE \(kind) TRIGGER ig_\(event) BEFORE \(event) ON \(table) BEGIN SELECT RAISE(IGNORE); END"
                let end = kind.isEmpty ? "; DROP TRIGGER ig_\(event)" : ""
                let write =
                    event == "INSERT"
                    ? "INSERT INTO \(table)(id) VALUES('new')"
                    : event == "UPDATE" ? "UPDATE \(table) SET id = id || 1" : "DELETE FROM \(table)"
                try await runProgram(federation, "\(ignore); \(write)\(end)")
            }
        }
        try await runProgram(federation, "INSERT OR IGNORE INTO plain(id, a) VALUES('x', 2)")
        try await runProgram(federation, "INSERT INTO tally(id, n) VALUES('t', 2) ON CONFLICT DO NOTHING")
        try await runProgram(federation, "UPDATE OR IGNORE tally SET id = 't', n = n + 1 WHERE id = 'u'")
        try await runProgram(federation, "INSERT INTO plain(id) VALUES('gone'); DELETE FROM plain WHERE id = 'gone'")
        try await runProgram(
            federation,
            """
            BEGIN; INSERT INTO numbered(v) VALUES(1); DELETE FROM numbered; INSERT INTO plain(id) VALUES('g'); \
            DELETE FROM plain WHERE id = 'g'; COMMIT
            """
        )
        #expect(
            try await federation.rows("west", "SELECT id, n FROM tally ORDER BY id") == [
                [.string("t"), .integer(5)], [.string("u"), .integer(6)],
            ])
        // Writes of one transaction that undo one another may be an entry; the others are none.
        let own = try federation.origin("south")
        #expect(try federation["south"].state().logged[own] - before[own] <= 3)
    }

    private static let family = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE cascading(id TEXT NOT NULL PRIMARY KEY, parent TEXT REFERENCES cascading(id) ON UPDATE CASCADE \
        ON DELETE CASCADE);
        -- parksync: writer any
        CREATE TABLE emptied(id TEXT NOT NULL PRIMARY KEY, parent TEXT REFERENCES emptied(id) ON UPDATE SET NULL ON \
        DELETE SET NULL);
        -- parksync: writer any
        CREATE TABLE reset(id TEXT NOT NULL PRIMARY KEY, parent TEXT DEFAULT 'root' REFERENCES reset(id) ON UPDATE \
        SET DEFAULT ON DELETE SET DEFAULT);
        -- parksync: writer any
        CREATE TABLE numbers(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES numbers(id) ON UPDATE CASCADE ON \
        DELETE CASCADE);
        """

    @Test(arguments: ["cascading", "emptied", "reset"], [true, false])
    func foreignKeyActionsOfARowOnItself(table: String, throughTheNode: Bool) async throws {
        let federation = try Federation(["south", "west"], schema: Self.family)
        let steps = [
            "INSERT INTO \(table) VALUES('root', NULL), ('self', 'self'), ('child', 'self')",
            "UPDATE \(table) SET id = 'renamed' WHERE id = 'self'",
            "UPDATE \(table) SET id = 'self', parent = 'self' WHERE id = 'renamed'",
            "DELETE FROM \(table) WHERE id = 'self'",
        ]
        for step in steps {
            if throughTheNode {
                try await federation.write("south", step)
                try await expectSame(federation, step)
            } else {
                try await runProgram(federation, "PRAGMA foreign_keys = ON; \(step)")
            }
        }
        try await runProgram(
            federation,
            """
            PRAGMA foreign_keys = ON; INSERT INTO numbers VALUES(1, 1), (2, 1); UPDATE numbers SET rowid = 7 \
            WHERE id = 1; DELETE FROM numbers WHERE id = 7
            """
        )
        #expect(try await federation.rows("west", "SELECT count(*) FROM numbers") == [[.integer(0)]])
    }

    @Test(arguments: ["rowid", "_rowid_", "oid", "id"]) func aKeyThatIsTheRowidCanBeSetByAnyOfItsNames(name: String)
        async throws
    {
        let federation = try Federation(["south", "west"], schema: shapes)
        let steps = [
            "INSERT INTO numbered(v) VALUES('one'), ('two'), ('three')",
            "UPDATE numbered SET \(name) = 50 WHERE v = 'one'",
            "UPDATE numbered SET \(name) = \(name) + 100, v = v || '!'",
            "INSERT INTO numbered(id, v) VALUES(150, 'x') ON CONFLICT DO UPDATE SET \(name) = 7",
            "UPDATE OR REPLACE numbered SET \(name) = 7 WHERE v = 'two!'",
            "REPLACE INTO numbered(\(name), v) VALUES(7, 'replaced'), (NULL, 'numbered'), (-2, 'negative')",
            "INSERT INTO numbered(v) VALUES('after -2')",
            "DELETE FROM numbered WHERE \(name) = 7; INSERT INTO numbered(v) VALUES('again')",
            """
            BEGIN; INSERT INTO numbered(v) VALUES('a'); DELETE FROM numbered WHERE v = 'a'; INSERT INTO \
            numbered(v) VALUES('b'), ('c'); COMMIT
            """,
            "DELETE FROM numbered; INSERT INTO numbered(id, v) VALUES(-5, 'v'); INSERT INTO numbered(v) VALUES('w')",
            "INSERT INTO numbered(id, v) VALUES(9223372036854775807, 'last')",
        ]
        for step in steps { try await runProgram(federation, step) }
        for script in [
            "INSERT INTO numbered(v) VALUES('chosen at random')",
            "INSERT INTO numbered(\(name), v) VALUES(-1, 'not chosen')",
            "UPDATE numbered SET \(name) = -1 WHERE \(name) = -5",
        ] {
            try await expectProgramRefused(federation, script)
        }
        #expect(try await federation.rows("west", "SELECT count(*) FROM numbered") == [[.integer(3)]])
    }

    /// A rowid of a program's choice could evict a row of another key, and no trigger would tell.
    @Test(arguments: ["rowid", "_rowid_", "oid"]) func aRowidIsNotAProgramsToChoose(name: String) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("west", "INSERT INTO owned VALUES('west:1', 1)")
        try await expectSame(federation)
        try await runProgram(
            federation,
            """
            INSERT INTO plain(id) VALUES('a'), ('b'); INSERT INTO ledger VALUES('l', 1); INSERT INTO bare \
            VALUES('a'), ('b'); INSERT INTO tally(id) VALUES('t'), ('u')
            """
        )
        for script in [
            "INSERT OR REPLACE INTO plain(\(name), id) VALUES(1, 'other')",
            "UPDATE OR REPLACE plain SET \(name) = 2 WHERE id = 'a'",
            "UPDATE plain SET \(name) = 77 WHERE id = 'a'",
            "UPDATE OR REPLACE plain SET \(name) = 2, id = 'c' WHERE id = 'a'",
            "INSERT OR REPLACE INTO ledger(\(name), id, v) VALUES(1, 'm', 2)",
            "INSERT OR REPLACE INTO owned(\(name), id) VALUES(1, 'south:1')",
            "REPLACE INTO bare(\(name), id) VALUES(2, 'a')", "INSERT INTO bare(\(name), id) VALUES(-1, 'c')",
            "INSERT INTO bare(\(name), id) VALUES(-2, 'c')",
            "REPLACE INTO tally(\(name), id) VALUES(2, 't')",
            "INSERT INTO tally(id) VALUES('t') ON CONFLICT DO UPDATE SET \(name) = 9",
        ] {
            try await expectProgramRefused(federation, script)
        }
        // A rowid that is free harms nobody: a program may copy rows with theirs.
        try await runProgram(
            federation,
            """
            INSERT INTO plain(\(name), id) VALUES(40, 'with'); REPLACE INTO plain(\(name), id, a) VALUES(40, \
            'with', 'same')
            """
        )
        #expect(try await federation.rows("west", "SELECT count(*) FROM owned") == [[.integer(1)]])
    }

    @Test func anAppendOnlyRowMayBeGivenTwice() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await runProgram(federation, "INSERT INTO ledger VALUES('l', 1), ('m', NULL)")
        let before = try federation["south"].state().logged
        try await runProgram(federation, "INSERT OR IGNORE INTO ledger VALUES('l', 1), ('m', NULL)")
        try await runProgram(federation, "INSERT INTO ledger VALUES('l', 1) ON CONFLICT DO NOTHING")
        #expect(try federation["south"].state().logged == before)
        for conflict in [
            "INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE", "INSERT OR ABORT", "INSERT OR FAIL",
            "INSERT OR ROLLBACK",
        ] {
            for value in ["2", "1.0", "'1'", "NULL"] {
                try await expectProgramRefused(federation, "\(conflict) INTO ledger VALUES('l', \(value))")
            }
        }
        try await expectProgramRefused(federation, "INSERT INTO ledger VALUES('l', 2) ON CONFLICT DO NOTHING")
        try await expectProgramRefused(federation, "INSERT INTO ledger VALUES('l', 1) ON CONFLICT DO UPDATE SET v = 2")
        try await expectProgramRefused(federation, "UPDATE OR REPLACE ledger SET id = 'l' WHERE id = 'm'")
        #expect(try await federation.rows("west", "SELECT v FROM ledger ORDER BY id") == [[.integer(1)], [.null]])
    }

    /// A trigger that comes with a later schema file is newer than the node's, and fires before
    /// them until those are made anew.
    @Test func triggersOfALaterSchemaFileChangeTheRowAsWell() async throws {
        let later = """
            -- parksync: schema 2
            CREATE TRIGGER stamp AFTER INSERT ON plain BEGIN UPDATE plain SET c = 2.5, d = 'stamped' WHERE id = \
            NEW.id; END;
            CREATE TRIGGER tallied AFTER UPDATE OF v ON tally BEGIN UPDATE tally SET n = n + 1 WHERE id = NEW.id; END;
            """
        let schema = try CompiledSchema([
            SchemaFile(name: "001-test.sql", sql: shapes), SchemaFile(name: "002-test.sql", sql: later),
        ])
        let federation = try Federation(["south", "west"], schema: shapes)
        for park in federation.parks {
            federation.closeWithoutCheckpoint(park)
            try federation.open(park, schema: schema)
        }
        try await federation.write(
            "south", "INSERT INTO plain(id, c, d) VALUES('x', 0, 'first')", "INSERT INTO tally(id, n) VALUES('t', 1)")
        try await federation.write("south", "UPDATE tally SET v = 'x'")
        try await expectSame(federation)
        #expect(try await federation.rows("west", "SELECT c, d FROM plain") == [[.double(2.5), .string("stamped")]])
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(2)]])
        try await runProgram(
            federation,
            "INSERT INTO plain(id) VALUES('y'); UPDATE tally SET v = 'y'; REPLACE INTO plain(id) VALUES('x')")
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(3)]])
    }
}
