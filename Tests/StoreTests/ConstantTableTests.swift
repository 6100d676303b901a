import CSQLite
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let first = """
    -- parksync: schema 1
    -- parksync: constant
    CREATE TABLE move(
        machine TEXT NOT NULL, act TEXT NOT NULL, zh TEXT, since INTEGER NOT NULL, until INTEGER,
        PRIMARY KEY(machine, act)) WITHOUT ROWID;
    INSERT INTO move VALUES('booking', 'ask', '申请', 1, NULL), ('booking', 'end', NULL, 1, NULL),
        ('offer', 'ask', NULL, 1, NULL);
    -- parksync: writer any
    CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, v);
    """
private let second = """
    -- parksync: schema 2
    UPDATE move SET until = 2 WHERE act = 'end';
    INSERT INTO move VALUES('booking', 'stop', '停止', 2, NULL);
    """

/// Local tables that the schema files fill, and nobody else.
@Suite struct ConstantTableTests {
    private static let all = "SELECT * FROM move ORDER BY machine, act"

    private static let writes = [
        "INSERT INTO move VALUES('booking', 'fly', NULL, 1, NULL)",
        "INSERT OR IGNORE INTO move VALUES('booking', 'fly', NULL, 1, NULL)",
        "INSERT OR IGNORE INTO move VALUES('booking', 'ask', NULL, 1, NULL)",
        "REPLACE INTO move VALUES('booking', 'ask', '申请', 1, NULL)",
        "INSERT INTO move VALUES('booking', 'ask', NULL, 1, NULL) ON CONFLICT DO UPDATE SET zh = 'x'",
        "INSERT INTO move VALUES('booking', 'ask', NULL, 1, NULL) ON CONFLICT DO NOTHING",
        "UPDATE move SET zh = 'x' WHERE act = 'end'", "UPDATE OR IGNORE move SET until = 1",
        "UPDATE OR REPLACE move SET machine = 'offer'", "DELETE FROM move WHERE act = 'end'", "DELETE FROM move",
    ]

    /// A hand in the file of a node that is down, with all triggers off.
    private func hand(_ federation: Federation, _ sql: String) throws {
        let connection = try Connection(path: federation.path("south"), role: .applier)
        try connection.execute(sql)
    }

    private func compiled(_ files: String...) throws -> CompiledSchema {
        try CompiledSchema(files.enumerated().map { SchemaFile(name: "00\($0 + 1)-test.sql", sql: $1) })
    }

    @Test(arguments: writes) func programsWriteNoConstants(_ sql: String) async throws {
        let federation = try Federation(["south"], schema: first)
        let before = try await federation.rows("south", Self.all)
        #expect(before.count == 3)
        let program = try RawProgram(federation.path("south"))
        let failure = #expect(throws: RawProgram.Failure.self) { try program.execute(sql) }
        #expect(
            failure?.code == SQLITE_CONSTRAINT && failure?.message.contains("ParkSync: move is constant") == true,
            "\(String(describing: failure))")
        let error = await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
        #expect(error?.code == .constraint && error?.reason.contains("move is constant") == true)
        // Nothing else of a transaction is lost with it.
        try program.execute("BEGIN; INSERT INTO item VALUES('a', 1); SAVEPOINT s;")
        #expect(program.run(sql) != SQLITE_OK)
        try program.execute("ROLLBACK TO s; RELEASE s; INSERT INTO item VALUES('b', 2); COMMIT")
        try await federation["south"].sealForeign()
        #expect(
            try await federation.rows("south", "SELECT id FROM item ORDER BY id") == [[.string("a")], [.string("b")]])
        #expect(try await federation.rows("south", Self.all) == before)
    }

    @Test(arguments: [
        "UPDATE move SET zh = 'x' WHERE act = 'end'", "UPDATE move SET until = 1", "DELETE FROM move",
        "DELETE FROM move WHERE machine = 'offer'", "INSERT INTO move VALUES('booking', 'fly', NULL, 1, NULL)",
        "UPDATE move SET zh = CAST(zh AS BLOB) WHERE act = 'ask'", "UPDATE move SET machine = machine || char(0)",
    ]) func whatWasChangedIsPutBackAtTheStart(_ sql: String) async throws {
        let federation = try Federation(["south"], schema: first)
        let before = try await federation.rows("south", Self.all)
        #expect(try federation["south"].restoredConstants == [])
        federation.closeWithoutCheckpoint("south")
        try hand(federation, sql)
        let south = try federation.open("south")
        #expect(try await federation.rows("south", Self.all) == before)
        let told = south.restoredConstants
        #expect(told.map(\.table) == ["move"] && told.first?.difference.contains("the row (") == true, "\(told)")
        federation.closeWithoutCheckpoint("south")
        #expect(try federation.open("south").restoredConstants == [])
    }

    @Test func triggersComeBackAndBlameNoSharedTable() async throws {
        let federation = try Federation(["south"], schema: first)
        let program = try RawProgram(federation.path("south"))
        let south = try federation["south"]
        try program.execute("DROP TRIGGER _parksync_constantinsert_move")
        try await south.sealForeign()
        try await south.housekeep()
        #expect(program.run(Self.writes[0]) == SQLITE_CONSTRAINT)
        #expect(south.rowsStatus.suspected == [])
        program.close()
        federation.closeWithoutCheckpoint("south")
        try hand(federation, "DROP TRIGGER _parksync_constantinsert_move; \(Self.writes[0])")
        let again = try federation.open("south")
        #expect(again.restoredConstants.map(\.table) == ["move"] && again.rowsStatus.suspected == [])
        #expect(try RawProgram(federation.path("south")).run(Self.writes[0]) == SQLITE_CONSTRAINT)
        #expect(try await federation.rows("south", "SELECT count(*) FROM move") == [[.integer(3)]])
    }

    @Test func aLaterFileFindsTheRowsOfTheEarlier() async throws {
        let federation = try Federation(["south"], schema: first)
        federation.closeWithoutCheckpoint("south")
        // What the second file ends is gone, and what it adds is there.
        try hand(
            federation, "DELETE FROM move WHERE act = 'end'; INSERT INTO move VALUES('booking', 'stop', NULL, 1, NULL)")
        let south = try federation.open("south", schema: try compiled(first, second))
        #expect(south.restoredConstants.map(\.table) == ["move"])
        #expect(
            try await federation.rows(
                "south", "SELECT act, since, until FROM move WHERE machine = 'booking' ORDER BY act")
                == [
                    [.string("ask"), .integer(1), .null], [.string("end"), .integer(1), .integer(2)],
                    [.string("stop"), .integer(2), .null],
                ])
        federation.closeWithoutCheckpoint("south")
        #expect(try federation.open("south", schema: try compiled(first, second)).restoredConstants == [])
    }

    @Test(arguments: [
        ("DROP TABLE move", "is missing"),
        ("DROP TABLE move; CREATE VIEW move AS SELECT 1 AS machine", "is missing"),
        ("ALTER TABLE move ADD COLUMN mine", "has the columns machine, act, zh, since, until, mine"),
        ("ALTER TABLE move RENAME COLUMN zh TO cn", "has the columns machine, act, cn, since, until"),
        (
            "DELETE FROM move WHERE act = 'end'; CREATE UNIQUE INDEX mine ON move(machine)",
            "('booking', 'end') is missing"
        ),
    ]) func aTableThatCannotBePutBackIsRefused(_ sql: String, _ reason: String) async throws {
        let federation = try Federation(["south"], schema: first)
        federation.closeWithoutCheckpoint("south")
        try hand(federation, sql)
        let error = #expect(throws: StoreError.self) { try federation.open("south") }
        #expect(
            error?.code == .schema && error?.reason.contains(reason) == true && error?.remedy.isEmpty == false,
            "\(String(describing: error))")
    }

    @Test func aTableThatWasMadeAnewHasItsRowsAgain() async throws {
        let federation = try Federation(["south"], schema: first)
        let before = try await federation.rows("south", Self.all)
        federation.closeWithoutCheckpoint("south")
        try hand(
            federation,
            "DROP TABLE move; CREATE TABLE move(machine TEXT NOT NULL, act TEXT NOT NULL, zh TEXT, since INTEGER NOT "
                + "NULL, until INTEGER, PRIMARY KEY(machine, act)) WITHOUT ROWID")
        try federation.open("south")
        #expect(try await federation.rows("south", Self.all) == before)
        #expect(try RawProgram(federation.path("south")).run(Self.writes[0]) == SQLITE_CONSTRAINT)
    }

    @Test func parksWithOtherConstantsHaveOtherSchemas() throws {
        let federation = try Federation(["south"], schema: first)
        let other = try Federation(["south"], schema: first.replacing("'申请'", with: "'请求'"))
        let same = try Federation(["south"], schema: first)
        #expect(try federation["south"].schemaHash == same["south"].schemaHash)
        #expect(try federation["south"].schemaHash != other["south"].schemaHash)
    }
}
