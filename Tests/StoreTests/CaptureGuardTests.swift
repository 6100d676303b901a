import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// Triggers that somebody removed come back, and what was written meanwhile is found.
@Suite struct CaptureGuardTests {
    private func filled() async throws -> Federation {
        let federation = try Federation(["south", "west"], schema: shapes)
        for index in 0..<10 {
            try await federation.write("south", "INSERT INTO plain(id, a) VALUES('s\(index)', \(index))")
        }
        try await federation.converge()
        return federation
    }

    private func sqlite(_ federation: Federation, _ sql: String) throws {
        try federation.foreign("south", "sqlite3", ["-batch", "-bail"], input: sql + "\n")
    }

    private func triggers(_ federation: Federation) async throws -> [[Value]] {
        try await federation.rows(
            "south", "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    }

    /// What a program may do to the triggers, and what it writes then.
    static let hands: [(name: String, sql: String, rows: Int64)] = [
        ("dropped", "DROP TRIGGER _parksync_update_plain; UPDATE plain SET a = 'past' WHERE id = 's1';", 1),
        (
            "dropped and another one made",
            """
            DROP TRIGGER _parksync_update_plain; CREATE TRIGGER _parksync_update_plain AFTER UPDATE ON plain \
            BEGIN SELECT 1; END; UPDATE plain SET a = 'past' WHERE id IN ('s7', 's8');
            """,
            2
        ),
        (
            "rebuilt",
            """
            CREATE TABLE t2 AS SELECT * FROM plain; DROP TABLE plain; CREATE TABLE plain(id TEXT NOT NULL \
            PRIMARY KEY, a, b INTEGER, c REAL, d TEXT COLLATE NOCASE, e BLOB, f NUMERIC); INSERT INTO plain \
            SELECT * FROM t2; DROP TABLE t2; UPDATE plain SET a = 'past' WHERE id = 's2';
            """,
            1
        ),
        (
            "rebuilt as SQLite's manual says",
            """
            CREATE TABLE t2(id TEXT NOT NULL PRIMARY KEY, a, b INTEGER, c REAL, d TEXT COLLATE NOCASE, e BLOB, \
            f NUMERIC); INSERT INTO t2 SELECT * FROM plain; DROP TABLE plain; ALTER TABLE t2 RENAME TO plain; \
            DELETE FROM plain WHERE id IN ('s3', 's4');
            """,
            2
        ),
        (
            "dropped and made again",
            """
            DROP TABLE plain; CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, a, b INTEGER, c REAL, d TEXT \
            COLLATE NOCASE, e BLOB, f NUMERIC);
            """,
            10
        ),
        (
            "renamed and back",
            """
            ALTER TABLE plain RENAME TO other; DROP TRIGGER _parksync_delete_plain; DELETE FROM other WHERE id \
            = 's5'; ALTER TABLE other RENAME TO plain;
            """,
            1
        ),
        (
            "the pending table dropped",
            """
            DROP TRIGGER _parksync_update_plain; DROP TABLE _parksync_pending_plain; UPDATE plain SET a = \
            'past' WHERE id = 's6';
            """,
            1
        ),
    ]

    @Test(arguments: hands.indices, [true, false]) func triggersComeBackAndWhatWasWrittenIsFound(
        _ index: Int, whileRunning: Bool
    ) async throws {
        let hand = Self.hands[index]
        let federation = try await filled()
        let before = try await triggers(federation)
        if !whileRunning { federation.closeWithoutCheckpoint("south") }
        try sqlite(federation, hand.sql)
        if whileRunning { _ = try await federation["south"].sealForeign() } else { try federation.open("south") }
        let south = try federation["south"]
        #expect(try await triggers(federation) == before, "\(hand.name)")
        #expect(south.rowsStatus.suspected.map(\.table) == ["plain"], "\(hand.name)")
        // What is written from now on is captured.
        try sqlite(federation, "INSERT OR REPLACE INTO plain(id, a) VALUES('captured', 1);")
        #expect(try await south.sealForeign() == .sealed)
        let standing = try await south.verifyRows().rows
        #expect(standing.differing == hand.rows && standing.suspected == [], "\(hand.name): \(standing)")
        #expect(try await south.repair(table: "plain", keys: nil, .fromLog).repaired == Int(hand.rows))
        try await expectSame(federation, hand.name)
    }

    /// A write through the node is captured, whatever somebody did to the triggers a moment before.
    @Test func aTransactionPutsTheTriggersBackFirst() async throws {
        let federation = try await filled()
        try sqlite(federation, "DROP TRIGGER _parksync_insert_plain; DROP TRIGGER _parksync_written_plain;")
        #expect(try await federation.write("south", "INSERT INTO plain(id) VALUES('mine')").seq != nil)
        try await expectSame(federation)
    }

    @Test func otherPeoplesSchemaChangesAreLeftAlone() async throws {
        let federation = try await filled()
        try sqlite(
            federation,
            """
            CREATE TABLE mine(a); CREATE INDEX by_a ON plain(a); CREATE TRIGGER watch AFTER INSERT ON plain \
            BEGIN INSERT INTO mine VALUES(NEW.id); END;
            """
        )
        let south = try federation["south"]
        let changes = south.schemaChanges
        _ = try await south.sealForeign()
        #expect(south.schemaChanges == changes + 1 && south.rowsStatus.suspected == [])
        try sqlite(federation, "INSERT INTO plain(id) VALUES('seen');")
        try await expectSame(federation)
        #expect(try await federation.rows("south", "SELECT a FROM mine") == [[.string("seen")]])
        // Nothing is done again while nobody changes anything.
        for _ in 0..<3 { _ = try await south.sealForeign() }
        #expect(south.schemaChanges == changes + 1)
    }

    /// Nothing is guessed of a table that is gone; when it is back, so are its triggers.
    @Test func aTableThatIsGoneIsLeftAlone() async throws {
        let federation = try await filled()
        let before = try await triggers(federation)
        try sqlite(federation, "ALTER TABLE plain RENAME TO elsewhere;")
        let south = try federation["south"]
        _ = try await south.sealForeign()
        #expect(south.obstacles.map(\.table) == ["plain"])
        #expect(try await south.verifyRows().tables.first { $0.name == "plain" }?.rows == 0)
        try sqlite(federation, "ALTER TABLE elsewhere RENAME TO plain;")
        _ = try await south.sealForeign()
        #expect(south.obstacles == [])
        #expect(try await triggers(federation) == before)
        #expect(try await south.verifyRows().rows.differing == 0)
        try await federation.write("south", "UPDATE plain SET a = 'back'")
        try await expectSame(federation)
    }

    /// The tables of a node that may not be written stay shut.
    @Test func gatesComeBack() async throws {
        let federation = try await filled()
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", checks: true)
        try sqlite(federation, "DROP TRIGGER _parksync_gate_insert_plain;")
        try await federation.write("west", "INSERT INTO plain(id) VALUES('w')")
        try await federation.exchange(from: "west", to: "south")
        let error = #expect(throws: StoreError.self) {
            try sqlite(federation, "INSERT INTO plain(id) VALUES('too early');")
        }
        #expect(error?.reason.contains("compares its log") == true)
    }

    /// Each table may have been written while its triggers were another software's.
    @Test func aNewSchemaHidesNothing() async throws {
        let federation = try await filled()
        let next = "-- parksync: schema 2\nALTER TABLE plain ADD COLUMN g;\n"
        let upgraded = try CompiledSchema([
            SchemaFile(name: "001-test.sql", sql: shapes), SchemaFile(name: "002-test.sql", sql: next),
        ])
        federation.closeWithoutCheckpoint("south")
        try sqlite(federation, "DROP TRIGGER _parksync_update_plain; UPDATE plain SET a = 'past' WHERE id = 's1';")
        let store = try federation.open("south", schema: upgraded)
        #expect(store.rowsStatus.suspected.map(\.table) == ["plain"])
        #expect(try await store.verifyRows().rows.differences.map(\.key) == [[JSONValue(.string("s1"))]])
    }
}
