import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import ParkSyncStore

private let forms = """
    -- parksync: schema 1
    -- parksync: writer any
    CREATE TABLE item(id TEXT NOT NULL PRIMARY KEY, a TEXT NOT NULL, i INTEGER, r REAL, x, m NUMERIC NOT NULL DEFAULT \
    0);
    -- parksync: writer any
    CREATE TABLE ledger(id TEXT NOT NULL PRIMARY KEY, v);
    -- parksync: writer any
    CREATE TABLE numbered(id INTEGER PRIMARY KEY, v);
    -- parksync: writer home(id)
    CREATE TABLE owned(id TEXT NOT NULL PRIMARY KEY, v);
    -- parksync: writer any
    CREATE TABLE raw(id BLOB NOT NULL, n INTEGER NOT NULL, v, PRIMARY KEY(id, n)) WITHOUT ROWID;
    -- parksync: writer any
    CREATE TABLE strict(id TEXT NOT NULL PRIMARY KEY, i INTEGER, any ANY, r REAL, t TEXT, b BLOB) STRICT;
    -- parksync: writer any
    -- parksync: append-only
    CREATE TABLE t_append(id TEXT NOT NULL PRIMARY KEY, v);
    -- parksync: writer any
    CREATE TABLE tally(
      id TEXT NOT NULL PRIMARY KEY,
      n INTEGER NOT NULL DEFAULT 0 -- parksync: counter
    );
    """

/// Entries that no honest node seals, from a park that signs them properly.
@Suite struct QuarantineTests {
    typealias Change = ForgedLog.Change
    typealias Block = ForgedLog.Block

    private static let good: [Value] = [.string("a"), .integer(1), .double(0.5), .null, .integer(0)]

    private static func item(_ column: Int, _ value: Value) -> Block {
        var values = good
        values[column] = value
        return Block(table: "item", columns: 5, changes: [Change(key: [.string("forged")], values: values)])
    }

    private static let strictValues: [Value] = [.integer(1), .string("12"), .double(0.5), .string("12"), .blob([1])]

    private static func strict(_ column: Int, _ value: Value) -> Block {
        var values = strictValues
        values[column] = value
        return one("strict", [.string("forged")], values)
    }

    private static func update(_ column: Int, _ value: Value) -> Block {
        Block(
            table: "item", columns: 5,
            changes: [
                Change(
                    key: [.string("south")], kind: .update(ColumnMask(rawValue: 1 << UInt64(column))), values: [value])
            ])
    }

    private static func one(_ table: String, _ key: [Value], _ values: [Value], kind: IncomingChange.Kind = .insert)
        -> Block
    {
        Block(table: table, columns: values.count, changes: [Change(key: key, kind: kind, values: values)])
    }

    /// What is forged, and what the cause says.
    private static let forgeries: [([Block], String)] = [
        ([one("_parksync_control", [.string("compaction")], [.string("south:01")])], "control record"),
        ([one("_parksync_control", [.string("compaction")], [.integer(1)])], "control record"),
        ([one("_parksync_control", [.string("nothing known")], [.string("-")])], "control record"),
        ([one("nowhere", [.string("k")], [.null])], "no shared table is named nowhere"),
        (
            [
                Block(
                    table: "ledger", columns: 9,
                    changes: [Change(key: [.string("k")], values: Array(repeating: .null, count: 9))])
            ], "9 columns"
        ),
        ([one("owned", [.string("south:1")], [.null])], "only the park south may write"),
        ([one("owned", [.string("nobody")], [.null])], "only the park"),
        ([one("owned", [.blob(Array("west:1".utf8))], [.null])], "names no home park"),
        ([Block(table: "t_append", columns: 1, changes: [Change(key: [.string("k")], kind: .delete)])], "append-only"),
        ([item(0, .null)], "item.a"), ([update(0, .null)], "item.a"), ([item(4, .null)], "item.m"),
        ([item(0, .integer(1))], "item.a"),
        ([item(0, .double(1))], "item.a"), ([item(1, .string("12"))], "item.i"),
        ([item(1, .string(" -1.5e3 "))], "item.i"),
        ([item(1, .double(4))], "item.i"), ([item(1, .double(-0.0))], "item.i"), ([item(2, .integer(1))], "item.r"),
        ([item(2, .double(-0.0))], "item.r"),
        ([item(2, .string(".5"))], "item.r"), ([item(2, .double(.nan))], "item.r"),
        ([item(3, .double(.nan))], "item.x"),
        ([update(4, .string("7"))], "item.m"),
        ([one("tally", [.string("k")], [.string("many")])], "tally.n"),
        ([one("tally", [.string("k")], [.double(1.5)])], "tally.n"),
        ([one("tally", [.string("k")], [.null])], "tally.n"), ([one("tally", [.string("k")], [.blob([1])])], "tally.n"),
        ([one("item", [.integer(7)], good)], "item cannot have a key"),
        ([one("item", [.double(7)], good)], "item cannot have a key"),
        ([one("numbered", [.string("7")], [.null])], "numbered cannot have a key"),
        ([one("numbered", [.string("x")], [.null])], "numbered cannot"),
        ([one("numbered", [.double(1)], [.null])], "numbered cannot"),
        ([one("raw", [.double(1), .integer(1)], [.null])], "raw cannot"),
        ([one("raw", [.blob([1]), .string("1")], [.null])], "raw cannot"),
        ([one("raw", [.blob([1])], [.null])], "raw cannot"),
        ([strict(0, .string("word"))], "strict.i"), ([strict(0, .double(1.5))], "strict.i"),
        ([strict(0, .blob([1]))], "strict.i"),
        ([strict(2, .integer(1))], "strict.r"), ([strict(2, .blob([1]))], "strict.r"),
        ([strict(3, .blob([1]))], "strict.t"),
        ([strict(4, .integer(1))], "strict.b"), ([strict(4, .string("x"))], "strict.b"),
        ([strict(1, .double(.nan))], "strict.any"),
        ([one("strict", [.blob([1])], strictValues)], "strict cannot have a key"),
        // A good change beside a bad one: an entry is one transaction.
        ([item(0, .string("fine")), one("nowhere", [.string("k")], [.null])], "no shared table"),
    ]

    private func receive(_ federation: Federation, _ slice: LogSlice, at parks: [String] = ["south", "airport"])
        async throws
    {
        for park in parks { try await federation[park].receive(slice) }
    }

    private func expectSound(_ federation: Federation, _ comment: String) async throws {
        for (from, to) in [("south", "airport"), ("airport", "south")] {
            try await federation.exchange(from: from, to: to)
        }
        for park in ["south", "airport"] { try await federation[park].housekeep() }
        let (south, airport) = (try federation["south"].state(), try federation["airport"].state())
        #expect(south.applied == airport.applied && south.applied == south.logged, "\(comment)")
        #expect(south.digest == airport.digest && south.digest != nil, "\(comment)")
        #expect(try await federation.dump("south") == federation.dump("airport"), "\(comment)")
        for park in ["south", "airport"] {
            #expect(try await federation[park].verify().findings == [], "\(park) \(comment)")
        }
    }

    @Test func whatMayNotBeAppliedIsNamedAndHoldsUpNobody() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: forms)
        try await federation.write("south", "INSERT INTO item(id, a) VALUES('south', 'untouched')")
        try await expectSound(federation, "before")
        let before = try await federation.dump("south")
        var forged = ForgedLog(federation, park: "west")
        for (index, (blocks, expected)) in Self.forgeries.enumerated() {
            try await receive(federation, try forged.entry(blocks))
            for park in ["south", "airport"] {
                let stuck = try federation[park].stuck
                #expect(stuck.count == index + 1, "\(expected)")
                let found = try #require(stuck.last)
                #expect(found.state == .quarantined && found.origin.name == "west" && found.seq == forged.seq)
                #expect(found.cause.contains(expected) && !found.remedy.isEmpty, "\(expected) gave \(found)")
            }
        }
        #expect(try await federation.dump("south") == before)
        try await expectSound(federation, "after the forgeries")
        // The same log goes on with what may be applied, and the others never stopped.
        try await receive(
            federation,
            try forged.entry([Self.item(0, .string("honest")), Self.one("strict", [.string("k")], Self.strictValues)]))
        try await federation.write("airport", "UPDATE item SET a = 'seen' WHERE id = 'forged'")
        try await expectSound(federation, "at the end")
        #expect(try await federation.rows("south", "SELECT a FROM item WHERE id = 'forged'") == [[.string("seen")]])
        // They stay named after a restart, in the same words on each node.
        let stuck = try federation["south"].stuck
        federation.closeWithoutCheckpoint("south")
        #expect(try federation.open("south").stuck == stuck)
        #expect(try federation["airport"].stuck == stuck)
        // A replay judges alike.
        let output = federation.folder.path + "/replayed.sqlite"
        let report = try Replay(
            from: federation.path("airport"), into: output, members: federation.members, schema: federation.schema
        ).run(
            until: nil)
        #expect(report.findings == [] && report.hasReadLiveRows)
    }

    /// What an entry may name is decided by the schema that it says its author had, also on a node
    /// that has a later one.
    @Test func entriesAreJudgedByTheSchemaOfTheirAuthor() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: forms)
        let next = """
            -- parksync: schema 2
            ALTER TABLE ledger ADD COLUMN later TEXT;
            -- parksync: writer any
            CREATE TABLE newer(id TEXT NOT NULL PRIMARY KEY, v);
            """
        let upgraded = try CompiledSchema([
            SchemaFile(name: "001-test.sql", sql: forms), SchemaFile(name: "002-test.sql", sql: next),
        ])
        federation.closeWithoutCheckpoint("airport")
        try federation.open("airport", schema: upgraded)
        var forged = ForgedLog(federation, park: "west")
        let good = Self.one("ledger", [.string("good")], [.null])
        try await receive(federation, try forged.entry([good]))
        try await receive(federation, try forged.entry([Self.one("ledger", [.string("k")], [.null, .null])]))
        try await receive(federation, try forged.entry([Self.one("newer", [.string("k")], [.null])]))
        try await receive(federation, try forged.entry([good], schemaNumber: 0))
        #expect(try federation["south"].stuck.map(\.seq) == [2, 3, 4])
        #expect(try federation["airport"].stuck == federation["south"].stuck)
        for park in ["south", "airport"] {
            #expect(try await federation.rows(park, "SELECT id FROM ledger") == [[.string("good")]])
        }
    }

    @Test func anEntryWithForeignBytesIsQuarantined() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: forms)
        var forged = ForgedLog(federation, park: "west")
        try await receive(federation, try forged.entry([Self.item(0, .string("x"))], trailing: [0]))
        #expect(try federation["south"].stuck.first?.cause.contains("not canonical") == true)
        try await receive(federation, try forged.entry([Self.item(0, .string("y"))]))
        try await expectSound(federation, "")
        #expect(try await federation.rows("airport", "SELECT a FROM item") == [[.string("y")]])
    }

    /// Honest values of every kind pass the same checks.
    @Test func whatSQLiteStoresIsNeverTakenForDefective() async throws {
        let federation = try Federation(["south", "airport"], schema: forms)
        let texts = [
            "", ".", "1e", "+", "12a", "1 2", "0x10", "1e5x", "e5", "--1", "1_000", "九", " ", "12", " 12 ", "1.", ".5",
            "-1e-3", "1E+2",
            "9223372036854775808",
        ]
        let values =
            CaptureTests.values + texts.map { Value.string($0) } + [
                .text([0x31, 0]), .double(1e18), .double(-9.223372036854775808e18), .double(4),
            ]
        for (index, value) in values.enumerated() {
            try await federation.write(
                "south",
                "INSERT INTO item(id, a, i, r, x, m) VALUES('\(index)', ifnull(?1, ''), ?1, ?1, ?1, ifnull(?1, 0))",
                parameters: [value])
            try await federation.write(
                "south", "INSERT INTO strict(id, any) VALUES('\(index)', ?)", parameters: [value])
        }
        try await expectSound(federation, "")
        #expect(try federation["airport"].stuck == [])
        #expect(try await federation.rows("airport", "SELECT count(*) FROM item") == [[.integer(Int64(values.count))]])
        #expect(
            try await federation.rows("airport", "SELECT any FROM strict WHERE id = '21'") == [
                [CaptureTests.values[21]]
            ])
    }

    /// A row that somebody put past capture stands in the way of an entry that is good everywhere
    /// else: that entry waits, and comes when the row is gone.
    @Test func aRowThatTheLogHasNotHoldsOnlyWhatItIsInTheWayOf() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: forms)
        try federation.foreign(
            "airport", "sqlite3", ["-batch"],
            input:
                """
                DROP TRIGGER _parksync_insert_ledger; DROP TRIGGER _parksync_written_ledger; INSERT INTO ledger \
                VALUES('k5', 'by hand');\n
                """
        )
        for index in 0..<10 { try await federation.write("south", "INSERT INTO ledger VALUES('k\(index)', \(index))") }
        for index in 0..<10 { try await federation.write("west", "INSERT INTO numbered VALUES(\(index), \(index))") }
        try await federation.exchange(from: "west", to: "south")
        // All in one batch.
        for origin in ["south", "west"] {
            let slice = try #require(
                try federation["south"].read(origin: federation.origin(origin), after: 0, bytesMax: 1 << 20))
            #expect(slice.count == 10)
            try await federation["airport"].receive(slice)
        }
        let stuck = try federation["airport"].stuck
        #expect(stuck.map(\.seq) == [6] && stuck.map(\.state) == [.held], "\(stuck)")
        #expect(
            stuck.first?.cause.contains("UNIQUE") == true && stuck.first?.remedy.contains("--from-log") == true,
            "\(stuck)")
        #expect(
            try await federation.rows("airport", "SELECT count(*) FROM numbered") == [[.integer(10)]],
            "the other origin goes on")
        try await federation["airport"].housekeep()
        #expect(try federation["airport"].stuck.map(\.state) == [.held])
        #expect(try await federation["airport"].repair(table: "ledger", keys: nil, .fromLog).repaired == 1)
        try await federation["airport"].housekeep()
        #expect(
            try federation["airport"].stuck == []
                && federation["airport"].state().applied == federation["south"].state().applied)
        #expect(try await federation.rows("airport", "SELECT v FROM ledger WHERE id = 'k5'") == [[.integer(5)]])
        #expect(try await federation["airport"].verify().findings == [])
    }

    /// A park that floods its fellows with what nobody can apply is told by a number, and keeps
    /// nobody.
    @Test func manyDefectiveEntriesKeepNobody() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: forms)
        var forged = ForgedLog(federation, park: "west")
        let count = 20_000
        for _ in 0..<4 { try await federation["airport"].receive(try forged.emptyEntries(count / 4, trailing: [0])) }
        let west = try federation.origin("west")
        for turn in 0..<2 {
            let airport = try federation["airport"]
            #expect(airport.state().applied[west] == UInt64(count) && airport.quarantined == [west: UInt64(count)])
            #expect(airport.stuck.count <= 256 && airport.stuck.last?.seq == UInt64(count))
            try await federation.write("airport", "INSERT INTO ledger VALUES('\(turn)', 1)")
            federation.closeWithoutCheckpoint("airport")
            try federation.open("airport")
        }
    }
}

/// Entries that wait, with cause and remedy, and are applied when they can be.
@Suite struct HeldEntryTests {
    @Test func anEntryOfANewerSchemaWaitsForTheUpgrade() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: forms)
        let next = "-- parksync: schema 2\nALTER TABLE ledger ADD COLUMN later TEXT;"
        let upgraded = try CompiledSchema([
            SchemaFile(name: "001-test.sql", sql: forms), SchemaFile(name: "002-test.sql", sql: next),
        ])
        federation.closeWithoutCheckpoint("south")
        try federation.open("south", schema: upgraded)
        try await federation.write("south", "INSERT INTO ledger VALUES('k', 1, 'new')")
        try await federation.exchange(from: "south", to: "airport")
        let held = try federation["airport"].stuck
        #expect(held.map(\.state) == [.held] && held.first?.cause == "it has schema 2, this node has 1", "\(held)")
        #expect(held.first?.remedy.contains("newer schema files") == true)
        // Other origins go on.
        try await federation.write("west", "INSERT INTO ledger VALUES('w', 2)")
        try await federation.exchange(from: "west", to: "airport")
        #expect(try await federation.rows("airport", "SELECT id FROM ledger") == [[.string("w")]])
        #expect(try federation["airport"].stuck == held)
        federation.closeWithoutCheckpoint("airport")
        try federation.open("airport", schema: upgraded)
        try await federation["airport"].housekeep()
        #expect(try federation["airport"].stuck == [])
        #expect(
            try await federation.rows("airport", "SELECT id, later FROM ledger ORDER BY id") == [
                [.string("k"), .string("new")], [.string("w"), .null],
            ])
        try await federation.exchange(from: "west", to: "south")
        for park in ["south", "airport"] { try await federation[park].housekeep() }
        #expect(try federation["airport"].state().digest == federation["south"].state().digest)
    }

    @Test func anEntryWaitsForWhatItDependsOn() async throws {
        let federation = try Federation(["south", "airport", "west"], schema: forms)
        var forged = ForgedLog(federation, park: "west")
        let south = try federation.origin("south")
        let block = ForgedLog.Block(
            table: "ledger", columns: 1, changes: [ForgedLog.Change(key: [.string("w")], values: [.null])])
        try await federation["airport"].receive(
            try forged.entry([block], dependencies: [VersionVector.Element(origin: south, seq: 2)]))
        for have in 0..<2 {
            let held = try federation["airport"].stuck
            #expect(
                held.map(\.state) == [.held] && held.first?.cause == "it depends on south:2, this node has \(have)",
                "\(held)")
            #expect(
                held.first?.remedy.contains("Wait") == true && held.first?.origin.name == "west" && held.first?.seq == 1
            )
            #expect(try await federation.rows("airport", "SELECT count(*) FROM ledger") == [[.integer(Int64(have))]])
            try await federation.write("south", "INSERT INTO ledger VALUES('s\(have)', 1)")
            try await federation.exchange(from: "south", to: "airport")
        }
        #expect(try federation["airport"].stuck == [])
        #expect(try await federation.rows("airport", "SELECT count(*) FROM ledger") == [[.integer(3)]])
    }
}
