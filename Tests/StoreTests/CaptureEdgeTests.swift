import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What SQLite does between a trigger before the write and the row: defaults for NULL, numbers it
/// chooses, rows evicted with all that hangs on them.
@Suite struct CaptureEdgeTests {
    private static let edges = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, a, CHECK (a IS NOT 'never'));
        -- parksync: writer any
        CREATE TABLE tally(
          id TEXT NOT NULL PRIMARY KEY,
          n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        -- parksync: writer any
        CREATE TABLE counted(
          id INTEGER PRIMARY KEY,
          n INTEGER NOT NULL DEFAULT 0, -- parksync: counter
          v
        );
        -- parksync: writer any
        CREATE TABLE defaulted(
          id TEXT NOT NULL DEFAULT 'it''s', part INTEGER NOT NULL DEFAULT -9223372036854775808,
          n INTEGER NOT NULL DEFAULT 7, -- parksync: counter
          PRIMARY KEY(id, part)
        );
        -- parksync: writer any
        -- parksync: append-only
        CREATE TABLE ledger(id TEXT NOT NULL DEFAULT 'k' PRIMARY KEY, v);
        -- parksync: writer any
        -- parksync: append-only
        CREATE TABLE lines(id INTEGER PRIMARY KEY, v);
        -- parksync: writer any
        CREATE TABLE family(id TEXT NOT NULL PRIMARY KEY, parent TEXT REFERENCES family(id) ON DELETE CASCADE ON \
        UPDATE CASCADE);
        -- parksync: writer any
        CREATE TABLE bytes(k BLOB NOT NULL PRIMARY KEY, v);
        -- parksync: writer any
        CREATE TABLE x(
          id TEXT NOT NULL PRIMARY KEY,
          n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        -- parksync: writer any
        CREATE TABLE rename_x(
          id TEXT NOT NULL PRIMARY KEY,
          n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
        );
        """

    /// What was announced and never written has no key, or one that no entry can hold: it keeps
    /// nothing else from being sealed.
    @Test func anAnnouncedRowThatCannotBeIsNone() async throws {
        let federation = try Federation(["south", "west"], schema: Self.edges)
        try await runProgram(federation, "INSERT INTO plain(id) VALUES('x')")
        let long = "printf('%.*c', 5000, 'x')"
        for script in [
            "INSERT OR IGNORE INTO plain(id) VALUES(NULL)", "UPDATE OR IGNORE plain SET id = NULL",
            "INSERT OR IGNORE INTO tally(id, n) VALUES(NULL, 1)",
            "INSERT OR IGNORE INTO plain(id, a) VALUES('y', 'never')",
            "INSERT OR IGNORE INTO tally(id, n) VALUES('t', NULL)",
        ] {
            try await runProgram(federation, script + "; INSERT INTO tally(id) VALUES(hex(randomblob(8)))")
        }
        for script in [
            "INSERT OR IGNORE INTO plain(id, a) VALUES(\(long), 'never')",
            """
            CREATE TEMP TRIGGER ig AFTER INSERT ON plain BEGIN SELECT RAISE(IGNORE); END; INSERT INTO plain(id) \
            VALUES(\(long))
            """,
            "INSERT OR FAIL INTO plain(id) VALUES(NULL)",
        ] {
            try await expectProgramRefused(federation, script)
        }
        // A pending row that lies in the file, from wherever it came.
        try await runProgram(
            federation,
            """
            INSERT INTO _parksync_pending_plain(op) VALUES(0); INSERT INTO _parksync_pending_plain(op, k0) \
            VALUES(0, \(long))
            """
        )
        #expect(try await federation.write("south", "INSERT INTO plain(id) VALUES('z')").seq != nil)
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT id FROM plain ORDER BY id") == [[.string("x")], [.string("z")]])
    }

    @Test func aDefaultTakesThePlaceOfNull() async throws {
        let federation = try Federation(["south", "west"], schema: Self.edges)
        try await runProgram(federation, "INSERT INTO defaulted DEFAULT VALUES")
        try await runProgram(federation, "INSERT OR REPLACE INTO defaulted(id, part, n) VALUES(NULL, NULL, 100)")
        try await runProgram(federation, "INSERT OR REPLACE INTO defaulted(id, part, n) VALUES('other', NULL, NULL)")
        try await runProgram(federation, "UPDATE OR REPLACE defaulted SET id = NULL, n = NULL WHERE id = 'other'")
        try await runProgram(
            federation, "INSERT OR REPLACE INTO tally(id, n) VALUES('u', NULL); UPDATE OR REPLACE tally SET n = NULL")
        #expect(try await federation.rows("west", "SELECT n FROM defaulted") == [[.integer(7)]])
        try await runProgram(federation, "INSERT INTO ledger VALUES('k', 'old')")
        for script in [
            "INSERT OR REPLACE INTO ledger(id, v) VALUES(NULL, 'new')",
            "INSERT OR REPLACE INTO ledger VALUES('k', 'old')",
            "INSERT OR IGNORE INTO ledger VALUES('k', 'new')",
        ] {
            try await expectProgramRefused(federation, script)
        }
        #expect(try await federation.rows("west", "SELECT v FROM ledger") == [[.string("old")]])
    }

    @Test func numbersThatSQLiteChoosesAgain() async throws {
        let federation = try Federation(["south", "west"], schema: Self.edges)
        try await runProgram(federation, "INSERT INTO counted(id, n) VALUES(9, 5), (10, 5)")
        try await runProgram(
            federation,
            """
            BEGIN; INSERT INTO counted(n) VALUES(1); DELETE FROM counted WHERE id >= 10; INSERT INTO counted(n) \
            VALUES(7); COMMIT
            """
        )
        #expect(
            try await federation.rows("west", "SELECT n FROM counted ORDER BY id") == [[.integer(5)], [.integer(7)]])
        let touch =
            """
            CREATE TEMP TRIGGER f AFTER INSERT ON counted BEGIN UPDATE counted SET v = 'seen', n = n + 1 WHERE \
            id = NEW.id; END
            """
        try await runProgram(
            federation,
            """
            \(touch); INSERT INTO counted(n) VALUES(100); DELETE FROM counted WHERE id = 11; INSERT INTO \
            counted(n) VALUES(50)
            """
        )
        #expect(try await federation.rows("west", "SELECT n FROM counted WHERE id = 11") == [[.integer(51)]])
        try await expectProgramRefused(federation, "\(touch); INSERT INTO counted(id, n) VALUES(-1, 100)")
        try await runProgram(federation, "INSERT INTO counted(id, n) VALUES(9223372036854775807, 1)")
        try await expectProgramRefused(federation, "\(touch); INSERT INTO counted(n) VALUES(100)")
        try await runProgram(
            federation,
            """
            INSERT INTO lines(v) VALUES(0.0), (1); INSERT OR IGNORE INTO lines VALUES(1, 0.0); INSERT INTO \
            lines(v) VALUES(3)
            """
        )
        #expect(try await federation.rows("west", "SELECT count(*) FROM lines") == [[.integer(3)]])
        try await expectProgramRefused(federation, "INSERT OR REPLACE INTO lines VALUES(2, 5)")
    }

    /// OR REPLACE evicts a row, and foreign-key actions of that take the row that was to have its
    /// key.
    @Test func evictedRowsAreGoneEverywhere() async throws {
        let federation = try Federation(["south", "west"], schema: Self.edges)
        try await runProgram(federation, "INSERT INTO family VALUES('b', NULL), ('c', 'b'), ('d', 'c')")
        try await runProgram(
            federation, "PRAGMA foreign_keys = ON; UPDATE OR REPLACE family SET id = 'b' WHERE id = 'c'")
        #expect(try await federation.rows("west", "SELECT count(*) FROM family") == [[.integer(0)]])
        try await federation.write(
            "south", "INSERT INTO family VALUES('b', NULL), ('c', 'b')",
            "UPDATE OR REPLACE family SET id = 'b' WHERE id = 'c'")
        try await expectSame(federation)
        for trigger in ["BEFORE DELETE", "BEFORE UPDATE OF a"] {
            try await runProgram(federation, "DELETE FROM plain; INSERT INTO plain(id) VALUES('x'), ('y')")
            let outer =
                trigger == "BEFORE DELETE"
                ? "DELETE FROM plain WHERE id = 'x'" : "UPDATE plain SET a = 1 WHERE id = 'x'"
            try await runProgram(
                federation,
                """
                CREATE TEMP TRIGGER t \(trigger) ON plain WHEN OLD.id = 'x' BEGIN UPDATE OR REPLACE plain SET \
                id = 'y' WHERE id = 'x'; END; \(outer)
                """
            )
        }
    }

    @Test func aKeyThatWouldBecomeARealIsRefusedBeforeTheWrite() async throws {
        let federation = try Federation(["south", "west"], schema: Self.edges)
        try await runProgram(federation, "INSERT INTO bytes VALUES(1, 'one')")
        try await expectProgramRefused(
            federation,
            """
            CREATE TEMP TRIGGER ig AFTER UPDATE ON bytes BEGIN SELECT RAISE(IGNORE); END; UPDATE bytes SET k = \
            1.0 WHERE k = 1
            """
        )
    }
}
