import CSQLite
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let first = """
    -- parksync: schema 1
    -- parksync: constant
    CREATE TABLE move(
        machine TEXT NOT NULL, act TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY(machine, act));
    INSERT INTO move VALUES('booking', 'ask', 1, NULL), ('booking', 'end', 1, NULL), ('offer', 'sign', 1, NULL);
    -- parksync: constant
    CREATE TABLE state(state TEXT NOT NULL PRIMARY KEY, rank INTEGER, since INTEGER NOT NULL, until INTEGER);
    INSERT INTO state VALUES('open', 1, 1, NULL), ('shut', 2, 1, NULL), ('café', 3, 1, NULL);
    -- parksync: writer any
    -- parksync: append-only
    -- parksync: member (machine, act) of move(machine, act)
    CREATE TABLE step(id TEXT NOT NULL PRIMARY KEY, act TEXT, machine TEXT, note TEXT);
    -- parksync: writer any
    -- parksync: member (state) of state(state)
    -- parksync: member (rank) of state(rank)
    CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, state TEXT COLLATE NOCASE NOT NULL DEFAULT 'none', rank INTEGER, \
    note TEXT);
    -- parksync: writer any
    -- parksync: member (state) of state(state)
    CREATE TABLE keyed(state TEXT NOT NULL, id TEXT NOT NULL, v, PRIMARY KEY(state, id));
    -- parksync: writer any
    CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, v);
    """
private let second = """
    -- parksync: schema 2
    UPDATE move SET until = 2 WHERE act = 'end';
    INSERT INTO move VALUES('booking', 'stop', 2, NULL);
    UPDATE state SET until = 2 WHERE state = 'shut';
    """

/// Columns of shared tables whose values have to be those of a constant table's rows, for those who
/// write them.
@Suite struct AllowedValuesCaptureTests {
    fileprivate static func compiled(_ files: String...) throws -> CompiledSchema {
        try CompiledSchema(files.enumerated().map { SchemaFile(name: "00\($0 + 1)-test.sql", sql: $1) })
    }

    private static let good = [
        "INSERT INTO step VALUES('1', 'ask', 'booking', NULL)", "INSERT INTO step VALUES('2', NULL, 'booking', NULL)",
        "INSERT INTO step(id) VALUES('3')", "INSERT INTO item(id, state, rank) VALUES('a', 'open', 1)",
        "INSERT INTO item(id, state) VALUES('b', 'café')", "UPDATE item SET state = 'shut', rank = 2 WHERE id = 'a'",
        "UPDATE item SET rank = NULL WHERE id = 'a'", "INSERT OR REPLACE INTO item(id, state) VALUES('b', 'open')",
        "INSERT INTO item(id, state) VALUES('b', 'open') ON CONFLICT DO UPDATE SET state = 'shut'",
        "UPDATE item SET id = 'c' WHERE id = 'b'", "INSERT INTO keyed VALUES('open', 'x', 1)",
        "UPDATE keyed SET state = 'shut'",
    ]

    private static let bad = [
        ("INSERT INTO step VALUES('9', 'sign', 'booking', NULL)", "step: (machine, act) is no row of move"),
        ("INSERT OR IGNORE INTO step VALUES('9', 'fly', 'booking', NULL)", "step: (machine, act) is no row of move"),
        ("INSERT OR REPLACE INTO step VALUES('9', 'ask', 'lend', NULL)", "step: (machine, act) is no row of move"),
        ("INSERT INTO step VALUES('9', 'ASK', 'booking', NULL)", "step: (machine, act) is no row of move"),
        ("INSERT INTO step VALUES('9', CAST('ask' AS BLOB), 'booking', NULL)", "is no row of move"),
        ("INSERT INTO step VALUES('9', 'ask' || char(0), 'booking', NULL)", "is no row of move"),
        ("INSERT INTO item(id, state) VALUES('z', 'OPEN')", "item: (state) is no row of state"),
        ("INSERT INTO item(id) VALUES('z')", "item: (state) is no row of state"),
        ("INSERT OR REPLACE INTO item(id, state) VALUES('z', NULL)", "item: (state) is no row of state"),
        ("INSERT INTO item(id, state) VALUES('z', 'cafe' || char(769))", "item: (state) is no row of state"),
        ("INSERT INTO item(id, state, rank) VALUES('z', 'open', 4)", "item: (rank) is no row of state"),
        ("UPDATE item SET state = 'Open' WHERE id = 'a'", "item: (state) is no row of state"),
        ("UPDATE OR REPLACE item SET state = NULL WHERE id = 'a'", "item: (state) is no row of state"),
        ("UPDATE OR IGNORE item SET rank = 1.5 WHERE id = 'a'", "item: (rank) is no row of state"),
        (
            "INSERT INTO item(id, state) VALUES('a', 'open') ON CONFLICT DO UPDATE SET state = 'gone'",
            "item: (state) is no row of state"
        ),
        ("INSERT INTO keyed VALUES('gone', 'x', 1)", "keyed: (state) is no row of state"),
        ("UPDATE keyed SET state = 'gone'", "keyed: (state) is no row of state"),
    ]

    @Test func whatIsAllowedIsWrittenAndComesEverywhere() async throws {
        let federation = try Federation(["south", "west"], schema: first)
        let program = try RawProgram(federation.path("south"))
        for (index, sql) in Self.good.enumerated() {
            if index % 2 == 0 { try program.execute(sql) } else { try await federation.write("south", sql) }
            try await federation["south"].sealForeign()
        }
        try await federation.converge()
        #expect(try federation["south"].refusedRows.count == 0 && federation["west"].stuck == [])
        #expect(try await federation.dump("south") == federation.dump("west"))
        #expect(
            try await federation.rows("west", "SELECT id, state FROM item ORDER BY id") == [
                [.string("a"), .string("shut")], [.string("c"), .string("shut")],
            ])
    }

    @Test func whatIsNotIsRefusedWithASentence() async throws {
        let federation = try Federation(["south", "west"], schema: first)
        try await federation.write("south", "INSERT INTO item(id, state, rank) VALUES('a', 'open', 1)")
        try await federation.write("south", "INSERT INTO keyed VALUES('open', 'x', 1)")
        let before = try await federation.dump("south")
        let program = try RawProgram(federation.path("south"))
        for (sql, reason) in Self.bad {
            let failure = #expect(throws: RawProgram.Failure.self, "\(sql)") { try program.execute(sql) }
            #expect(
                failure?.code == SQLITE_CONSTRAINT && failure?.message.contains("ParkSync: ") == true
                    && failure?.message.contains(reason) == true, "\(String(describing: failure))")
            let error = await #expect(throws: StoreError.self, "\(sql)") { try await federation.write("south", sql) }
            #expect(
                error?.code == .constraint && error?.reason.contains(reason) == true, "\(String(describing: error))")
        }
        #expect(try await federation.dump("south") == before)
        // Only the statement is undone, not what stands around it.
        for (sql, _) in Self.bad {
            try program.execute("BEGIN; INSERT OR REPLACE INTO plain VALUES('before', 1); SAVEPOINT s;")
            #expect(program.run(sql) == SQLITE_CONSTRAINT)
            try program.execute("ROLLBACK TO s; RELEASE s; INSERT OR REPLACE INTO plain VALUES('after', 1); COMMIT")
        }
        try await federation.converge()
        #expect(try await federation.rows("west", "SELECT count(*) FROM plain") == [[.integer(2)]])
        #expect(try federation["west"].stuck == [] && federation["south"].refusedRows.count == 0)
        #expect(try await federation.dump("south") == federation.dump("west"))
    }

    @Test func aRowWhoseValueHasEndedStaysAndIsWrittenOtherwise() async throws {
        let federation = try Federation(["south"], schema: first)
        try await federation.write("south", "INSERT INTO item(id, state) VALUES('a', 'shut'), ('b', 'shut')")
        try await federation.write("south", "INSERT INTO step VALUES('1', 'end', 'booking', NULL)")
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", schema: try Self.compiled(first, second))
        try await federation.write("south", "UPDATE item SET note = 'kept', state = state WHERE id = 'a'")
        try await federation.write("south", "INSERT INTO step VALUES('2', 'stop', 'booking', NULL)")
        for sql in [
            "UPDATE item SET state = 'SHUT' WHERE id = 'a'", "INSERT INTO item(id, state) VALUES('c', 'shut')",
            "UPDATE item SET id = 'c' WHERE id = 'a'", "INSERT INTO step VALUES('3', 'end', 'booking', NULL)",
        ] {
            await #expect(throws: StoreError.self, "\(sql)") { try await federation.write("south", sql) }
        }
        try await federation.write("south", "UPDATE item SET state = 'open' WHERE id = 'a'")
        #expect(
            try await federation.rows("south", "SELECT id, state, note FROM item ORDER BY id") == [
                [.string("a"), .string("open"), .string("kept")], [.string("b"), .string("shut"), .null],
            ])
        #expect(try federation["south"].refusedRows.count == 0)
        #expect(try await federation["south"].verify().findings == [])
    }

    /// A program that takes the trigger away writes what no park would apply.
    @Test func whatGetsRoundTheTriggerIsSetAside() async throws {
        let federation = try Federation(["south", "west"], schema: first)
        let south = try federation["south"]
        let program = try RawProgram(federation.path("south"))
        try program.execute(
            "DROP TRIGGER _parksync_member0insert_step; INSERT INTO step VALUES('bad', 'fly', 'booking', NULL), "
                + "('good', 'ask', 'booking', NULL)")
        try await south.sealForeign()
        #expect(south.refusedRows.count == 1)
        let row = try #require(south.refusedRows.newest.first)
        #expect(row.table == "step" && row.row == "insert of ('bad')")
        #expect(
            row.cause == "step ('bad'): (machine, act) = ('booking', 'fly') is no row of move in schema 1", "\(row)")
        try await federation.converge()
        #expect(try federation["west"].stuck == [])
        #expect(try await federation.rows("west", "SELECT id FROM step") == [[.string("good")]])
        #expect(program.run("INSERT INTO step VALUES('again', 'fly', 'booking', NULL)") == SQLITE_CONSTRAINT)
    }

    /// The table of constants in the file is what triggers look at; what is signed goes by the
    /// schema files.
    @Test func constantsInTheFileDecideNothing() async throws {
        let federation = try Federation(["south", "west"], schema: first)
        let program = try RawProgram(federation.path("south"))
        try program.execute(
            "DROP TRIGGER _parksync_constantinsert_move; INSERT INTO move VALUES('booking', 'fly', 1, NULL); "
                + "INSERT INTO step VALUES('bad', 'fly', 'booking', NULL)")
        try await federation["south"].sealForeign()
        #expect(try federation["south"].refusedRows.count == 1)
        try await federation.converge()
        #expect(try await federation.rows("west", "SELECT count(*) FROM step") == [[.integer(0)]])
        #expect(try federation["west"].stuck == [])
    }

    @Test func rowsThatWereThereBeforeAreLookedAt() async throws {
        let federation = try Federation(["south"], schema: first)
        let program = try RawProgram(federation.path("south"))
        try program.execute(
            "CREATE TABLE extra(id TEXT NOT NULL PRIMARY KEY, state TEXT); "
                + "INSERT INTO extra VALUES('x', 'open'), ('y', 'shut'), ('z', NULL)")
        program.close()
        federation.closeWithoutCheckpoint("south")
        let shared =
            "\n-- parksync: writer any\n-- parksync: member (state) of state(state)\n"
            + "CREATE TABLE IF NOT EXISTS extra(id TEXT NOT NULL PRIMARY KEY, state TEXT);"
        let schema = try Self.compiled(first, second + shared)
        let error = #expect(throws: SchemaError.self) { try federation.open("south", schema: schema) }
        #expect(
            error?.reason.contains("the row ('y') (state) = ('shut') is no row of state in schema 2") == true,
            "\(String(describing: error))")
        let again = try RawProgram(federation.path("south"))
        try again.execute("DELETE FROM extra WHERE id = 'y'")
        again.close()
        let south = try federation.open("south", schema: schema)
        #expect(try await south.sealForeign() == .sealed)
        #expect(south.refusedRows.count == 0)
    }
}

/// The same for those who apply what others have written.
@Suite struct AllowedValuesApplyTests {
    typealias Change = ForgedLog.Change
    typealias Block = ForgedLog.Block

    private static func step(_ id: String, _ act: Value, _ machine: Value = .string("booking")) -> Block {
        Block(table: "step", columns: 3, changes: [Change(key: [.string(id)], values: [act, machine, .null])])
    }

    private static func item(_ state: Value, rank: Value = .null) -> Block {
        Block(table: "item", columns: 3, changes: [Change(key: [.string("i")], values: [state, rank, .null])])
    }

    private static func update(_ column: Int, _ value: Value) -> Block {
        let kind = IncomingChange.Kind.update(ColumnMask(rawValue: 1 << UInt64(column)))
        return Block(table: "item", columns: 3, changes: [Change(key: [.string("i")], kind: kind, values: [value])])
    }

    private static func keyed(_ state: String) -> Block {
        Block(table: "keyed", columns: 1, changes: [Change(key: [.string(state), .string("k")], values: [.null])])
    }

    private static let forgeries: [([Block], String)] = [
        ([step("f", .string("fly"))], "step ('f'): (machine, act) = ('booking', 'fly') is no row of move in schema 1"),
        ([step("f", .string("sign"))], "(machine, act) = ('booking', 'sign')"),
        ([step("f", .string("Ask"))], "= ('booking', 'Ask')"), ([step("f", .string(""))], "= ('booking', '')"),
        ([step("f", .blob(Array("ask".utf8)))], "a blob of 3 bytes"),
        ([step("f", .text(Array("ask".utf8) + [0]))], "(machine, act)"),
        ([item(.string("gone"))], "item ('i'): (state) = ('gone') is no row of state in schema 1"),
        ([item(.string("cafe\u{301}"))], "(state)"), ([item(.string("open"), rank: .integer(4))], "(rank) = (4)"),
        ([item(.string("open"), rank: .double(1.5))], "(rank) = (1.5)"),
        ([update(0, .string("OPEN"))], "(state) = ('OPEN')"), ([update(1, .integer(9))], "(rank) = (9)"),
        ([keyed("gone")], "keyed ('gone', 'k'): (state) = ('gone')"),
        // A good change beside a bad one: an entry is one transaction.
        ([item(.string("open")), step("f", .string("fly"))], "(machine, act)"),
    ]

    private func expectSound(_ federation: Federation) async throws {
        for (from, to) in [("south", "airport"), ("airport", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        for park in ["south", "airport"] { try await federation[park].housekeep() }
        let (south, airport) = (try federation["south"].state(), try federation["airport"].state())
        #expect(south.applied == airport.applied && south.digest == airport.digest && south.digest != nil)
        #expect(try await federation.dump("south") == federation.dump("airport"))
        for park in ["south", "airport"] { #expect(try await federation[park].verify().findings == []) }
    }

    @Test func anIllegalMoveOfAPatchedParkIsQuarantinedEverywhereAlike() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: first)
        var forged = ForgedLog(federation, park: "west")
        for (index, (blocks, expected)) in Self.forgeries.enumerated() {
            let slice = try forged.entry(blocks)
            for park in ["south", "airport"] {
                try await federation[park].receive(slice)
                let stuck = try federation[park].stuck
                #expect(stuck.count == index + 1, "\(expected)")
                let found = try #require(stuck.last)
                #expect(found.state == .quarantined && found.seq == forged.seq && found.kind == StuckCause(.refused))
                #expect(found.cause.contains(expected) && found.remedy.contains("Nothing to do here"), "\(found)")
            }
        }
        #expect(try federation["airport"].stuck == federation["south"].stuck)
        #expect(try federation["south"].stuck.first?.remedy.contains("the row ('f') of step") == true)
        // The log goes on with what is allowed; NULL, and columns that an update leaves alone, are
        // not looked at.
        let good = [
            [Self.item(.string("café"), rank: .integer(3)), Self.step("1", .string("ask"))],
            [Self.step("2", .null)], [Self.step("3", .string("sign"), .string("offer"))],
            [Self.update(2, .string("note"))], [Self.update(0, .string("shut"))], [Self.keyed("open")],
        ]
        for blocks in good {
            let slice = try forged.entry(blocks)
            for park in ["south", "airport"] { try await federation[park].receive(slice) }
        }
        try await federation.write("south", "UPDATE item SET rank = 1")
        try await expectSound(federation)
        #expect(try federation["south"].stuck.count == Self.forgeries.count)
        #expect(
            try await federation.rows("airport", "SELECT state, rank, note FROM item") == [
                [.string("shut"), .integer(1), .string("note")]
            ])
        #expect(try await federation.rows("airport", "SELECT count(*) FROM step") == [[.integer(3)]])
        // They stay named after a restart, and a replay judges alike.
        let stuck = try federation["south"].stuck
        federation.closeWithoutCheckpoint("south")
        #expect(try federation.open("south").stuck == stuck)
        let report = try Replay(
            from: federation.path("airport"), into: federation.folder.path + "/replayed.sqlite",
            members: federation.members, schema: federation.schema
        ).run(until: nil)
        #expect(report.findings == [])
    }

    /// What is allowed is decided by the schema that an entry says its author had.
    @Test func entriesAreMeasuredByTheConstantsOfTheirAuthor() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: first)
        let upgraded = try AllowedValuesCaptureTests.compiled(first, second)
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", schema: upgraded)
        var forged = ForgedLog(federation, park: "west")
        let entries: [(Block, UInt64)] = [
            (Self.step("1", .string("end")), 1), (Self.step("2", .string("stop")), 1),
            (Self.item(.string("shut")), 1), (Self.step("3", .string("stop")), 2),
            (Self.step("4", .string("end")), 2), (Self.update(0, .string("shut")), 2),
            (Self.step("5", .string("ask")), 2),
        ]
        for (block, number) in entries {
            let slice = try forged.entry([block], schemaNumber: number)
            for park in ["south", "airport"] { try await federation[park].receive(slice) }
        }
        #expect(try federation["south"].stuck.map(\.seq) == [2, 5, 6])
        // The older node has no words of its own on what it cannot know yet.
        let held = try federation["airport"].stuck
        #expect(held.filter { $0.state == .quarantined }.map(\.seq) == [2], "\(held)")
        #expect(held.contains { $0.state == .held && $0.seq == 4 && $0.kind.code == .newerSchema }, "\(held)")
        #expect(try await federation.rows("airport", "SELECT id FROM step") == [[.string("1")]])
        federation.closeWithoutCheckpoint("airport")
        try federation.open("airport", schema: upgraded)
        try await federation["airport"].housekeep()
        #expect(try federation["airport"].stuck == federation["south"].stuck)
        #expect(
            try await federation.rows("airport", "SELECT id FROM step ORDER BY id") == [
                [.string("1")], [.string("3")], [.string("5")],
            ])
        try await expectSound(federation)
    }

    /// The winner of a conflict may be a value that nobody may write any more.
    @Test func aValueThatHasEndedIsNotConfirmed() async throws {
        let federation = try Federation(["south", "west"], schema: first)
        try await federation.write("south", "INSERT INTO item(id, state) VALUES('i', 'open')")
        try await federation.converge()
        try await federation.write("west", "UPDATE item SET state = 'café'")
        federation.clock.advance(5)
        try await federation.write("south", "UPDATE item SET state = 'shut'")
        try await federation.converge()
        let open = try await federation["south"].conflicts(limit: 10, includesEqual: true).map(\.id)
        #expect(open.count == 1)
        federation.closeWithoutCheckpoint("south")
        let south = try federation.open("south", schema: try AllowedValuesCaptureTests.compiled(first, second))
        let error = await #expect(throws: StoreError.self) { try await south.confirm(open, author: "li", note: "") }
        #expect(
            error?.code == .constraint && error?.reason.contains("(state) = ('shut') is no row of state") == true,
            "\(String(describing: error))")
        try await federation.write("south", "UPDATE item SET state = 'open'")
        try await south.housekeep()
        #expect(try await south.conflicts(limit: 10, includesEqual: true).isEmpty)
    }
}
