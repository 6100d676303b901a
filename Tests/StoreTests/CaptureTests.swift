import Foundation
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Tables of every shape that may be shared.
let shapes = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, a, b INTEGER, c REAL, d TEXT COLLATE NOCASE, e BLOB, f NUMERIC);
    -- parksync: writer any
    CREATE TABLE pair(x TEXT NOT NULL, y INTEGER NOT NULL, z BLOB NOT NULL, v, PRIMARY KEY(x, y, z)) WITHOUT ROWID;
    -- parksync: writer any
    CREATE TABLE numbered(id INTEGER PRIMARY KEY, v);
    -- parksync: writer any
    CREATE TABLE tally(
      id TEXT NOT NULL PRIMARY KEY,
      n INTEGER NOT NULL DEFAULT 0, -- parksync: counter
      v TEXT
    );
    -- parksync: writer any
    CREATE TABLE bare(id TEXT NOT NULL PRIMARY KEY);
    -- parksync: writer home(id)
    CREATE TABLE owned(id TEXT NOT NULL PRIMARY KEY, v);
    -- parksync: writer any
    -- parksync: append-only
    CREATE TABLE ledger(id TEXT NOT NULL PRIMARY KEY, v);
    """

@Suite struct CaptureTests {
    static let values: [Value] = [
        .null, .integer(0), .integer(1), .integer(-1), .integer(.max), .integer(.min), .integer(1 << 60),
        .integer(-(1 << 60) - 1),
        .double(0.1), .double(-0.0), .double(1.0), .double(.infinity), .double(-.infinity),
        .double(.leastNonzeroMagnitude),
        .double(.greatestFiniteMagnitude),
        .text([]), .string("Ärger 国际生物城 🧪"), .text([0x61, 0, 0x62]), .text([0xFF, 0xFE]), .blob([]),
        .blob([0, 1, 0xFF]),
        .string("9223372036854775807"),
    ]

    @Test func everyValueArrivesExactly() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        for (index, value) in Self.values.enumerated() {
            try await federation.write(
                "south",
                "INSERT INTO plain VALUES(?1, ?2, ?2, ?2, ?2, ?2, ?2)".replacingOccurrences(
                    of: "?1", with: "'r\(index)'"
                ).replacingOccurrences(
                    of: "?2", with: "?1"), parameters: [value])
            try await federation.write("south", "UPDATE plain SET a = ?1 WHERE id = 'r0'", parameters: [value])
        }
        try await expectSame(federation)
        for (index, value) in Self.values.enumerated() {
            let stored = try await federation.rows("west", "SELECT a FROM plain WHERE id = ?1", [.string("r\(index)")])
            #expect(stored == [[index == 0 ? Self.values.last ?? .null : value]])
        }
    }

    @Test func changesOfTypeOrSignAreChanges() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id, a, d) VALUES('k', 1, 'case')")
        for value: Value in [.double(1.0), .integer(1), .double(0.0), .double(-0.0), .string("1"), .blob([0x31])] {
            try await federation.write("south", "UPDATE plain SET a = ?1", parameters: [value])
            try await expectSame(federation)
        }
        try await federation.write("south", "UPDATE plain SET d = 'CASE'")
        try await expectSame(federation)
        #expect(try await federation.rows("west", "SELECT d FROM plain") == [[.string("CASE")]])
    }

    @Test func everyKindOfWriteArrives() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let steps = [
            "INSERT INTO plain(id, a) VALUES('a', 1), ('b', 2), ('c', 3)",
            "INSERT INTO plain(id, a) VALUES('a', 9) ON CONFLICT DO UPDATE SET a = excluded.a + 1",
            "INSERT OR REPLACE INTO plain(id, b) VALUES('b', 7)",
            "INSERT OR IGNORE INTO plain(id, b) VALUES('b', 8)",
            "UPDATE plain SET id = 'd' WHERE id = 'c'",
            "UPDATE OR REPLACE plain SET id = 'a' WHERE id = 'b'",
            "DELETE FROM plain WHERE id = 'd'",
            "INSERT INTO plain(id, a) VALUES('d', 'again')",
            """
            INSERT INTO pair VALUES('x', 1, x'00', 'v'), ('x' || char(0) || 'y', -1, x'00ff00', 2), ('', 0, \
            x'', NULL)
            """,
            "UPDATE pair SET y = y + 10, v = 'moved' WHERE x = 'x'",
            "DELETE FROM pair WHERE x = ''",
            "REPLACE INTO pair VALUES('x', 11, x'00', 'replaced')",
            "INSERT INTO numbered(v) VALUES('one'), ('two'), ('three')",
            "UPDATE numbered SET id = -id WHERE v = 'two'",
            "DELETE FROM numbered WHERE v = 'three'",
            "INSERT INTO tally(id, n) VALUES('t', 5), ('u', 1)",
            "UPDATE tally SET n = n + 10",
            "REPLACE INTO tally(id, n, v) VALUES('t', 100, 'reset')",
            "UPDATE tally SET n = n - 1 WHERE id = 't'",
            "UPDATE OR REPLACE tally SET id = 't' WHERE id = 'u'",
            "DELETE FROM tally WHERE id = 't'",
            "INSERT INTO tally(id, n) VALUES('t', 3)",
            "INSERT INTO bare VALUES('only a key')",
            "INSERT OR REPLACE INTO bare VALUES('only a key')",
            "INSERT INTO ledger VALUES('l1', 'paid')",
            "INSERT INTO owned VALUES('south:x', 1)",
            "DELETE FROM plain",
        ]
        for step in steps {
            try await federation.write("south", step)
            try await expectSame(federation, step)
        }
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(3)]])
    }

    /// With `recursive_triggers` a REPLACE also fires the delete trigger of the row that it evicts.
    @Test(arguments: ["ON", "OFF"]) func everyKindOfReplaceArrives(recursiveTriggers: String) async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let steps = [
            "INSERT INTO plain(id, a) VALUES('a', 1), ('b', 2), ('c', 3)",
            "REPLACE INTO plain(id, b) VALUES('b', 7)",
            "BEGIN; REPLACE INTO plain(id, b) VALUES('b', 8); REPLACE INTO plain(id, b) VALUES('b', 9); COMMIT",
            "UPDATE OR REPLACE plain SET id = 'a' WHERE id = 'b'",
            "BEGIN; REPLACE INTO plain(id) VALUES('new'); DELETE FROM plain WHERE id = 'new'; COMMIT",
            "INSERT INTO tally(id, n) VALUES('t', 5), ('u', 1), ('v', 2)",
            "REPLACE INTO tally(id, n, v) VALUES('t', 100, 'reset')",
            """
            BEGIN; UPDATE tally SET n = n + 1; REPLACE INTO tally(id, n) VALUES('t', 7); UPDATE tally SET n = n \
            + 1; COMMIT
            """,
            "UPDATE OR REPLACE tally SET id = 't' WHERE id = 'u'",
            """
            BEGIN; DELETE FROM tally WHERE id = 't'; REPLACE INTO tally(id, n) VALUES('t', 4); REPLACE INTO \
            tally(id, n) VALUES('t', 6); COMMIT
            """,
            "INSERT OR IGNORE INTO tally(id, n) VALUES('t', 1000)",
            "REPLACE INTO pair VALUES('x', 1, x'00', 'v'), ('x', 1, x'00', 'w'), ('y', 1, x'00', 'v')",
            "UPDATE OR REPLACE pair SET x = 'x' WHERE x = 'y'",
            "REPLACE INTO numbered VALUES(1, 'one'), (2, 'two')",
            "UPDATE OR REPLACE numbered SET id = 1 WHERE id = 2",
            "INSERT OR REPLACE INTO bare VALUES('k'), ('k')",
            "INSERT INTO owned VALUES('south:x', 1)",
            "REPLACE INTO owned VALUES('south:x', 2)",
        ]
        for (index, step) in steps.enumerated() {
            federation.clock.advance(1)
            try federation.foreign(
                "south", "sqlite3", ["-batch", "-bail"],
                input: "PRAGMA recursive_triggers = \(recursiveTriggers); \(step);\n")
            try await expectSame(federation, step)
            // Writes of the other park to the same rows meet those of the next step.
            if index % 3 == 0 {
                try await federation.write("west", "UPDATE tally SET n = n + 1", "UPDATE plain SET c = \(index)")
            }
        }
        #expect(try await federation.rows("west", "SELECT id, v FROM numbered") == [[.integer(1), .string("two")]])
        #expect(try await federation.rows("west", "SELECT x, v FROM pair") == [[.string("x"), .string("v")]])
    }

    /// A counter that is replaced in one park goes on counting what another adds meanwhile, unless
    /// the row began a new life.
    @Test(arguments: [("ON", 100), ("OFF", 103)]) func aReplacedCounterMeetsAConcurrentIncrement(
        recursiveTriggers: String, expected: Int64
    )
        async throws
    {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO tally(id, n) VALUES('t', 5)")
        try await expectSame(federation)
        try await federation.write("west", "UPDATE tally SET n = n + 3")
        try federation.foreign(
            "south", "sqlite3", ["-batch", "-bail"],
            input: "PRAGMA recursive_triggers = \(recursiveTriggers); REPLACE INTO tally(id, n) VALUES('t', 100);\n")
        try await expectSame(federation)
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(expected)]])
    }

    @Test func severalWritesToOneRowBecomeOneChange() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write(
            "south", "INSERT INTO plain(id, a) VALUES('r', 0)", "INSERT INTO tally(id, n) VALUES('t', 1)")
        try await expectSame(federation)
        let result = try await federation.write(
            "south", "UPDATE plain SET a = 1", "UPDATE plain SET b = 2", "DELETE FROM plain",
            "INSERT INTO plain(id, c) VALUES('r', 3)",
            "UPDATE plain SET a = 4",
            "UPDATE tally SET n = n + 5", "REPLACE INTO tally(id, n) VALUES('t', 50)", "UPDATE tally SET n = n + 2",
            "UPDATE plain SET a = a",
            "INSERT INTO plain(id) VALUES('gone')", "DELETE FROM plain WHERE id = 'gone'")
        try await expectSame(federation)
        let entries = try await federation["south"].entries(
            origin: try federation.origin("south"), after: (result.seq ?? 1) - 1, limit: 1, changesMax: 100)
        // A row that came and went within the transaction is none.
        #expect(entries.first?.changeCount == 2)
        #expect(try await federation.rows("west", "SELECT n FROM tally") == [[.integer(52)]])
        let none = try await federation.write("south", "UPDATE plain SET a = a")
        #expect(none.seq == nil)
    }

    @Test func refusalsAreReadable() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write(
            "south", "INSERT INTO ledger VALUES('l', 1)", "INSERT INTO tally(id, n) VALUES('t', 9223372036854775807)")
        try await federation.write("west", "INSERT INTO owned VALUES('west:1', 1)")
        try await federation.converge()
        let cases = [
            ("INSERT INTO owned VALUES('west:x', 1)", "only the park named in front of owned.id"),
            ("INSERT INTO owned VALUES('southern:x', 1)", "this node is south"),
            ("UPDATE owned SET v = 2 WHERE id = 'west:1'", "only the park named in front of owned.id"),
            ("UPDATE owned SET id = 'south:1' WHERE id = 'west:1'", "only the park named in front of owned.id"),
            ("DELETE FROM owned WHERE id = 'west:1'", "only the park named in front of owned.id"),
            ("REPLACE INTO owned VALUES('west:1', 2)", "only the park named in front of owned.id"),
            ("UPDATE ledger SET v = 2", "append-only"), ("DELETE FROM ledger", "append-only"),
            ("REPLACE INTO ledger VALUES('l', 2)", "append-only"),
            ("UPDATE tally SET n = -9223372036854775807", "counter"), ("CREATE TABLE x(y)", "not authorized"),
            ("DROP TABLE plain", "not authorized"),
            ("DELETE FROM _parksync_log", "not authorized"), ("PRAGMA writable_schema = 1", "not authorized"),
            ("COMMIT", "not authorized"),
            ("ATTACH 'x' AS y", "not authorized"), ("SELECT load_extension('x')", "load_extension is not allowed here"),
            ("INSERT INTO nowhere VALUES(1)", "no such table"),
            ("SELEC 1", "syntax error"), ("SELECT 1; SELECT 2", "text follows"), ("", "empty"),
        ]
        for (sql, expected) in cases {
            await #expect(throws: StoreError.self, "\(sql)") { try await federation.write("south", sql) }
            do { try await federation.write("south", sql) } catch {
                #expect("\(error)".contains(expected), "\(sql): \(error)")
            }
        }
        try await expectSame(federation)
        #expect(try await federation["south"].verify().findings == [])
    }

    @Test func aTooLargeTransactionIsRefusedWhileItIsWritten() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let many =
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= \
            \(CoreLimits.changesPerTableMax)) INSERT INTO numbered(v) SELECT i FROM n
            """
        await #expect(throws: StoreError.self) { try await federation.write("south", many) }
        let large =
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) INSERT INTO numbered(v) \
            SELECT zeroblob(\(CoreLimits.payloadBytesDefault / 4)) FROM n
            """
        await #expect(throws: StoreError.self) { try await federation.write("south", large) }
        #expect(try await federation.rows("south", "SELECT count(*) FROM numbered") == [[.integer(0)]])
        #expect(try await federation.write("south", "INSERT INTO numbered(v) VALUES(zeroblob(1000000))").seq == 1)
    }

    @Test(.timeLimit(.minutes(15))) func aSlowStatementIsStoppedAndTheOthersAreNot() async throws {
        let federation = try Federation(["south"], schema: shapes)
        let store = try federation["south"]
        let slow = Task {
            try await store.transact(
                StoreTransaction(
                    statements: [
                        StoreStatement(
                            sql:
                                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
                        )
                    ],
                    timeoutMilliseconds: 5))
        }
        let other = Task {
            try await store.transact(
                StoreTransaction(
                    statements: [StoreStatement(sql: "INSERT INTO numbered(v) VALUES(1)")], timeoutMilliseconds: 1 << 40
                ))
        }
        // The clock stands still for the store, until the slow statement is being executed.
        try await federation.until { store.board.liveness.running?.sql.hasPrefix("WITH") == true }
        federation.clock.advance(6)
        await #expect(throws: StoreError.self) { try await slow.value }
        #expect(try await other.value.seq == 1)
        #expect(try await federation.rows("south", "SELECT count(*) FROM numbered") == [[.integer(1)]])
    }
}

/// Settles the federation and compares tables, digests and vectors.
func expectSame(_ federation: Federation, _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation)
    async throws
{
    try await federation.converge()
    let first = try await federation.dump(federation.parks[0])
    let state = try federation[federation.parks[0]].state()
    for park in federation.parks.dropFirst() {
        let other = try await federation.dump(park)
        #expect(other == first, "\(comment)", sourceLocation: sourceLocation)
        let theirs = try federation[park].state()
        #expect(theirs.applied == state.applied, sourceLocation: sourceLocation)
        #expect(theirs.digest == state.digest, "\(comment)", sourceLocation: sourceLocation)
    }
    for park in federation.parks {
        #expect(
            try await federation[park].verify().findings == [], "\(park) \(comment)", sourceLocation: sourceLocation)
    }
}
