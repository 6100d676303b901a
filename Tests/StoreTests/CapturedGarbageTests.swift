import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let forms = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, a TEXT NOT NULL, i INTEGER, m NUMERIC NOT NULL DEFAULT 0);
    -- parksync: writer any
    -- parksync: append-only
    CREATE TABLE ledger(id TEXT NOT NULL PRIMARY KEY, v);
    -- parksync: writer any
    CREATE TABLE numbered(id INTEGER PRIMARY KEY, v);
    -- parksync: writer home(id)
    CREATE TABLE owned(id TEXT NOT NULL PRIMARY KEY, v);
    -- parksync: writer any
    CREATE TABLE pair(id BLOB NOT NULL, n INTEGER NOT NULL, v, PRIMARY KEY(id, n)) WITHOUT ROWID;
    -- parksync: writer any
    CREATE TABLE tally(
      id TEXT NOT NULL PRIMARY KEY,
      n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
    );
    """

/// What a program with the file can write where only ParkSync's triggers should: nothing of it is
/// signed, nothing else waits for it.
@Suite struct CapturedGarbageTests {
    struct Garbage: Sendable, CustomTestStringConvertible {
        var sql: String
        /// Whether it is named; some of it says nothing, and nothing is lost with it.
        var isNamed = true
        /// Whether it replaces a table that has captured writes in it: they are lost to capture,
        /// and found by the verification of rows.
        var replaces = false
        var testDescription: String { String(sql.prefix(150)) }
        init(_ sql: String, isNamed: Bool = true, replaces: Bool = false) {
            (self.sql, self.isNamed, self.replaces) = (sql, isNamed, replaces)
        }
    }

    private static let max = Int64.max
    static let garbage: [Garbage] = [
        // No such operation, or of no such type.
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(77, 'a')"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(-1, 'a')"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(\(max), 'a')"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(NULL, 'a')"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES('1', 'a')"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(0.5, 'a')"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(zeroblob(100000), zeroblob(100000))"),
        Garbage("INSERT INTO _parksync_pending_item DEFAULT VALUES"),
        Garbage("INSERT INTO _parksync_pending_item(id, op) VALUES(-9223372036854775808, 99)"),
        Garbage("INSERT INTO _parksync_pending_item(id, op) VALUES(\(max), 99)"),
        // Masks, rowids and keys that no row has.
        Garbage("INSERT INTO _parksync_pending_item(op, mask, k0) VALUES(1, 'x', 'mine')"),
        Garbage("INSERT INTO _parksync_pending_item(op, mask, k0) VALUES(1, NULL, 'mine')"),
        Garbage("INSERT INTO _parksync_pending_item(op, mask, k0) VALUES(1, -1, 'mine')"),
        Garbage("INSERT INTO _parksync_pending_item(op, mask, k0) VALUES(1, 8, 'mine')"),
        Garbage("INSERT INTO _parksync_pending_item(op, mask, rid, k0) VALUES(1, 1, 'x', 'mine')"),
        Garbage("INSERT INTO _parksync_pending_item(op, mask, rid, k0) VALUES(1, 1, -5, 'mine')", isNamed: false),
        Garbage("INSERT INTO _parksync_pending_item(op, mask, k0) VALUES(1, 1, NULL)"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(2, NULL)"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(2, zeroblob(5000))"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(2, 17)"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(2, 1.5)"),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(0, 'nobody')", isNamed: false),
        Garbage("INSERT INTO _parksync_pending_item(op, k0) VALUES(5, 'x')"),
        Garbage("INSERT INTO _parksync_pending_pair(op, k0, k1) VALUES(2, x'00', 'text')"),
        Garbage("INSERT INTO _parksync_pending_pair(op, k0) VALUES(2, x'00')"),
        Garbage("INSERT INTO _parksync_pending_pair(op, k0, k1) VALUES(5, 1, 1)"),
        Garbage("INSERT INTO _parksync_pending_numbered(op, k0) VALUES(5, NULL)"),
        Garbage("INSERT INTO _parksync_pending_numbered(op, k0) VALUES(5, 1e300)"),
        Garbage("INSERT INTO _parksync_pending_numbered(op, k0) VALUES(5, \(max))", isNamed: false),
        Garbage("INSERT INTO _parksync_pending_numbered(op, k0) VALUES(2, 'seven')"),
        // What is not this park's to write.
        Garbage("INSERT INTO _parksync_pending_owned(op, mask, k0) VALUES(1, 1, 'west:1')"),
        Garbage("INSERT INTO _parksync_pending_owned(op, k0) VALUES(0, 'west:1')"),
        Garbage("INSERT INTO _parksync_pending_owned(op, k0) VALUES(2, 'west:9')"),
        Garbage("INSERT INTO _parksync_pending_owned(op, k0) VALUES(4, 'west:1')"),
        Garbage("INSERT INTO _parksync_pending_ledger(op, k0) VALUES(2, 'gone')"),
        Garbage("INSERT INTO _parksync_pending_ledger(op, mask, k0) VALUES(1, 1, 'kept')"),
        // Counters.
        Garbage("INSERT INTO _parksync_pending_tally(op, k0) VALUES(0, 'sum')"),
        Garbage("INSERT INTO _parksync_pending_tally(op, k0) VALUES(4, 'sum')"),
        Garbage("INSERT INTO _parksync_pending_tally(op, mask, k0, o0) VALUES(1, 1, 'sum', -1000000)"),
        Garbage("INSERT INTO _parksync_pending_tally(op, mask, k0, o0) VALUES(1, 1, 'sum', NULL)"),
        Garbage(
            "INSERT INTO _parksync_pending_tally(op, mask, k0, o0) VALUES(1, 1, 'sum', 1e300), (1, 1, 'sum', x'00')"),
        Garbage("INSERT INTO _parksync_pending_tally(op, k0, o0) VALUES(3, 'sum', \(max)), (4, 'sum', NULL)"),
        Garbage("INSERT INTO _parksync_pending_tally(op, mask, k0, o0) VALUES(1, 1, 'sum', 5)", isNamed: false),
        // The same many times, and more than a transaction can have written.
        Garbage(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000) "
                + "INSERT INTO _parksync_pending_owned(op, k0) SELECT 2, 'west:9' FROM c"),
        Garbage(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000) "
                + "INSERT INTO _parksync_pending_item(op, k0) SELECT 9, n FROM c"),
        // The tables of the capture themselves.
        Garbage(
            """
            DROP TABLE _parksync_pending_item; CREATE TABLE _parksync_pending_item(x); INSERT INTO \
            _parksync_pending_item VALUES(1)
            """,
            replaces: true),
        Garbage("ALTER TABLE _parksync_pending_item RENAME COLUMN op TO po", replaces: true),
        Garbage(
            """
            DROP TABLE _parksync_pending_tally; CREATE TABLE _parksync_pending_tally(id INTEGER PRIMARY KEY, \
            op, rid, mask, k0)
            """
        ),
        Garbage(
            "DROP TABLE _parksync_pending_item; CREATE TABLE _parksync_pending_item(id, op, rid, mask, k0)",
            replaces: true),
        Garbage(
            "DROP TABLE _parksync_pending_item; CREATE VIEW _parksync_pending_item AS SELECT 1 AS op", replaces: true),
        Garbage("CREATE UNIQUE INDEX one ON _parksync_pending_item(op, k0)", isNamed: false),
        Garbage(
            "CREATE TRIGGER no BEFORE DELETE ON _parksync_pending_item BEGIN SELECT RAISE(ABORT, 'no'); END",
            isNamed: false),
        Garbage("DROP TABLE _parksync_refused", isNamed: false),
        Garbage("DROP TABLE _parksync_meter", isNamed: false),
        Garbage("DELETE FROM _parksync_meter", isNamed: false),
        Garbage("INSERT INTO _parksync_meter VALUES('x')", isNamed: false),
        Garbage("UPDATE _parksync_meter SET bytes = -9223372036854775808", isNamed: false),
        // Rows that are not what their tables say of them, and the lives of rows.
        Garbage(
            "INSERT INTO _parksync_life VALUES(1, x'206D696E65', -1); DELETE FROM item WHERE id = 'mine'",
            isNamed: false),
    ]

    /// South has a row of each kind, and west has them too.
    private func zone() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: forms)
        try await federation.write("west", "INSERT INTO owned VALUES('west:1', 'w')")
        try await federation.write(
            "south", "INSERT INTO item(id, a) VALUES('mine', 'x')", "INSERT INTO ledger VALUES('kept', 1)",
            "INSERT INTO numbered VALUES(1, 1)",
            "INSERT INTO tally VALUES('sum', 5)", "INSERT INTO pair VALUES(x'01', 1, 1)")
        try await federation.converge()
        return federation
    }

    /// What a program of the park writes beside the garbage comes to the other park, what the other
    /// park writes comes here, and nobody quarantines anything.
    private func check(_ federation: Federation, _ garbage: Garbage) async throws {
        let (south, west) = (try federation["south"], try federation["west"])
        try await south.sealForeign()
        if garbage.isNamed {
            #expect(south.refusedRows.count > 0, "it is named")
            let row = try #require(south.refusedRows.newest.first)
            #expect(!row.cause.isEmpty && !row.row.isEmpty && row.foundAt > 0)
            #expect(try await south.refused(limit: 10_000).count <= VerificationLimits.refusedRowsMax)
        }
        try await federation.write("west", "INSERT INTO owned VALUES('west:2', 'w')")
        try await federation.converge()
        #expect(south.stuck == [] && west.stuck == [], "nobody sets an entry aside")
        #expect(try await federation.rows("west", "SELECT id FROM item WHERE id = 'beside'") == [[.string("beside")]])
        #expect(try await federation.rows("west", "SELECT id FROM item WHERE id = 'later'") == [[.string("later")]])
        #expect(
            try await federation.rows("south", "SELECT id FROM owned ORDER BY id") == [
                [.string("west:1")], [.string("west:2")],
            ])
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(5)]])
        #expect(try await south.unsealedRows() == 0)
    }

    @Test(arguments: garbage) func isSetAsideWhileTheNodeRuns(_ garbage: Garbage) async throws {
        let federation = try await zone()
        let program = try RawProgram(federation.path("south"))
        try program.execute("INSERT INTO item(id, a) VALUES('beside', 'x')")
        if garbage.replaces { try await federation["south"].sealForeign() }
        try program.execute(garbage.sql)
        try await federation["south"].sealForeign()
        // A trigger that does not compile with the schema that a connection remembers does not make
        // it look at the file anew; this does.
        _ = program.text("SELECT count(*) FROM sqlite_master")
        try program.execute("INSERT INTO item(id, a) VALUES('later', 'x')")
        try await check(federation, garbage)
    }

    @Test(arguments: garbage) func isSetAsideAtTheStart(_ garbage: Garbage) async throws {
        let federation = try await zone()
        let program = try RawProgram(federation.path("south"))
        try program.execute("INSERT INTO item(id, a) VALUES('beside', 'x'), ('later', 'x')")
        if garbage.replaces { try await federation["south"].sealForeign() }
        try program.execute(garbage.sql)
        federation.closeWithoutCheckpoint("south")
        try federation.open("south")
        try await check(federation, garbage)
    }

    @Test func whatWasRefusedCanBeReadAndDropped() async throws {
        let federation = try await zone()
        let south = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        for number in 1...3 {
            try program.execute("INSERT INTO _parksync_pending_item(op, k0) VALUES(7\(number), 'a')")
        }
        try await south.sealForeign()
        let rows = try await south.refused(limit: 10)
        #expect(rows.map(\.row) == ["op 73, k0 'a'", "op 72, k0 'a'", "op 71, k0 'a'"])
        #expect(rows.allSatisfy { $0.table == "item" && $0.cause == "there is no such operation" })
        #expect(try await south.dropRefused([rows[0].id, 4_711]) == 1)
        #expect(south.refusedRows.count == 2)
        federation.closeWithoutCheckpoint("south")
        let again = try federation.open("south")
        #expect(again.refusedRows.count == 2)
        #expect(try await again.dropRefused(nil) == 2)
        #expect(again.refusedRows == RefusedRowsStatus())
    }

    @Test func garbageDoesNotFillTheDisk() async throws {
        let federation = try await zone()
        let south = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        try program.execute(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2500) "
                + "INSERT INTO _parksync_pending_item(op, k0) SELECT 9, zeroblob(1000) FROM c")
        try await south.sealForeign()
        #expect(south.refusedRows.count == 2_500)
        #expect(try await south.refused(limit: 10_000).count == 1_000)
        #expect(try await south.dropRefused(nil) == 2_500)
    }

    /// A program's trigger that writes the pending table is found before the transaction is
    /// acknowledged.
    @Test func aTransactionOfTheNodeThatNoParkWouldApplyFails() async throws {
        let federation = try await zone()
        let program = try RawProgram(federation.path("south"))
        try program.execute(
            """
            CREATE TRIGGER odd AFTER INSERT ON item BEGIN INSERT INTO _parksync_pending_owned(op, k0) VALUES(2, \
            'west:9'); END
            """
        )
        await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO item(id, a) VALUES('odd', 'x')")
        }
        try program.execute("DROP TRIGGER odd")
        try await federation.write("south", "INSERT INTO item(id, a) VALUES('plain', 'x')")
        try await federation.converge()
        #expect(
            try await federation.rows("west", "SELECT id FROM item ORDER BY id") == [
                [.string("mine")], [.string("plain")],
            ])
        #expect(try federation["west"].stuck == [])
    }
}
