import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What other programs do to shared tables that keeps entries from being applied: the true cause is
/// told, and the rest goes on.
@Suite struct TableObstacleTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, body TEXT);
        -- parksync: writer any
        CREATE TABLE other(id TEXT NOT NULL PRIMARY KEY, body TEXT);
        """
    private static let indexes = [
        "con.execute('CREATE INDEX own ON thing(body COLLATE mine)')",
        "con.execute('CREATE INDEX own ON thing(mine(body))')",
        "con.execute('CREATE INDEX own ON thing(body) WHERE mine(body) > 1')",
        "con.execute('CREATE INDEX own ON thing(id, body COLLATE mine DESC)')",
    ]

    private func program(_ federation: Federation, _ park: String, _ line: String) throws {
        let text = """
            import sqlite3, sys
            con = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=600)
            con.create_collation('mine', lambda a, b: (a > b) - (a < b))
            con.create_function('mine', 1, lambda a: a, deterministic=True)
            \(line)
            con.close()
            """
        try federation.foreign(park, "python3", ["-c", text], input: "")
    }

    /// West receives entries of two parks while it has the index; only those that write the table
    /// wait, and none is set aside.
    @Test(arguments: indexes, [false, true]) func anIndexOfAProgramsOwnIsNamed(statement: String, restarts: Bool)
        async throws
    {
        let federation = try Federation(["south", "west", "airport"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO thing VALUES('a', 'x')")
        try await federation.converge()
        try program(federation, "west", statement)
        if restarts {
            federation.closeWithoutCheckpoint("west")
            try federation.open("west")
        } else {
            try await federation["west"].sealForeign()
        }
        let found = try #require(try federation["west"].obstacles.first)
        #expect(found.table == "thing" && found.cause.contains("index own") && found.cause.contains("mine"), "\(found)")
        #expect(found.remedy.contains("DROP INDEX \"own\""))

        try await federation.write("south", "UPDATE thing SET body = 'y'")
        try await federation.write("airport", "INSERT INTO other VALUES('b', 'z')")
        for from in ["south", "airport"] { try await federation.exchange(from: from, to: "west") }
        let stuck = try federation["west"].stuck
        #expect(stuck.map(\.state) == [.held] && stuck.map(\.origin.name) == ["south"], "\(stuck)")
        #expect(stuck.first?.cause.contains("index own") == true && stuck.first?.remedy.contains("DROP INDEX") == true)
        #expect(
            try await federation.rows("west", "SELECT body FROM thing UNION ALL SELECT body FROM other") == [
                [.string("x")], [.string("z")],
            ])

        try program(federation, "west", "con.execute('DROP INDEX own')")
        try await federation["west"].sealForeign()
        #expect(try federation["west"].obstacles.isEmpty && federation["west"].stuck.isEmpty)
        #expect(try await federation.rows("west", "SELECT body FROM thing") == [[.string("y")]])
        try await federation.converge()
        #expect(try Set(federation.parks.map { try federation[$0].state().digest?.hash }).count == 1)
    }

    /// Each: what a program does, what undoes it, and what the cause says.
    private static let changes: [(String, String, String)] = [
        ("ALTER TABLE thing RENAME TO things", "ALTER TABLE things RENAME TO thing", "renamed it to things"),
        ("ALTER TABLE thing RENAME COLUMN body TO text", "ALTER TABLE thing RENAME COLUMN text TO body", "column text"),
        ("CREATE UNIQUE INDEX one ON thing(body)", "DROP INDEX one", "one is UNIQUE"),
        ("ALTER TABLE thing ADD COLUMN more", "ALTER TABLE thing DROP COLUMN more", "column more"),
    ]

    @Test(arguments: changes.indices) func aTableThatAProgramChangedIsNamed(index: Int) async throws {
        let (change, undo, reason) = Self.changes[index]
        let federation = try Federation(["south", "west"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO thing VALUES('a', 'x')")
        try await federation.converge()
        try program(federation, "west", "con.execute('\(change)')")
        try await federation.write("south", "UPDATE thing SET body = 'y'")
        try await federation.exchange(from: "south", to: "west")
        let found = try federation["west"].obstacles
        #expect(found.first?.cause.contains(reason) == true, "\(found)")
        let stuck = try federation["west"].stuck
        #expect(
            stuck.map(\.state) == [.held] && stuck.first?.cause.contains(reason) == true
                && stuck.first?.remedy.isEmpty == false, "\(stuck)")

        federation.closeWithoutCheckpoint("west")
        let error = #expect(throws: StoreError.self) { try federation.open("west") }
        #expect(error?.code == .schema && error?.reason.contains(reason) == true, "\(String(describing: error))")

        try program(federation, "west", "con.execute('\(undo)')")
        try federation.open("west")
        try await federation["west"].housekeep()
        #expect(try federation["west"].obstacles.isEmpty && federation["west"].stuck.isEmpty)
        #expect(try await federation.rows("west", "SELECT body FROM thing") == [[.string("y")]])
    }

    /// What a program does, and what is to be executed, word for word; nil where the table has to
    /// be made anew.
    private static let undone: [(String, String?)] = [
        ("ALTER TABLE thing RENAME TO things", "ALTER TABLE \"things\" RENAME TO \"thing\""),
        (
            "ALTER TABLE thing RENAME TO things; CREATE VIEW thing AS SELECT 1",
            "DROP VIEW \"thing\"; ALTER TABLE \"things\" RENAME TO \"thing\""
        ),
        (
            "ALTER TABLE thing RENAME TO other_one; ALTER TABLE other_one RENAME TO THING",
            "ALTER TABLE \"THING\" RENAME TO \"thing_aside\"; ALTER TABLE \"thing_aside\" RENAME TO \"thing\""
        ),
        ("ALTER TABLE thing RENAME COLUMN body TO text", "ALTER TABLE \"thing\" RENAME COLUMN \"text\" TO \"body\""),
        ("ALTER TABLE thing RENAME COLUMN id TO name", "ALTER TABLE \"thing\" RENAME COLUMN \"name\" TO \"id\""),
        (
            "ALTER TABLE thing ADD COLUMN more; ALTER TABLE thing ADD COLUMN \"m 2\"",
            "ALTER TABLE \"thing\" DROP COLUMN \"more\"; ALTER TABLE \"thing\" DROP COLUMN \"m 2\""
        ),
        ("ALTER TABLE thing ADD COLUMN more AS (body)", "ALTER TABLE \"thing\" DROP COLUMN \"more\""),
        ("CREATE UNIQUE INDEX one ON thing(body)", "DROP INDEX \"one\""),
        (
            "CREATE UNIQUE INDEX one ON thing(body); CREATE UNIQUE INDEX \"a b\" ON thing(id, body)",
            "DROP INDEX \"a b\"; DROP INDEX \"one\""
        ),
        (
            """
            CREATE TABLE new(id TEXT NOT NULL PRIMARY KEY); INSERT INTO new SELECT id FROM thing; DROP TABLE \
            thing; ALTER TABLE new RENAME TO thing
            """,
            nil
        ),
        (
            "CREATE TABLE new(id TEXT NOT NULL PRIMARY KEY, body TEXT UNIQUE); INSERT INTO new SELECT * FROM "
                + "thing; DROP TABLE thing; "
                + "ALTER TABLE new RENAME TO thing", nil
        ),
        (
            "CREATE TABLE new(id TEXT NOT NULL PRIMARY KEY, body INTEGER); INSERT INTO new SELECT * FROM "
                + "thing; DROP TABLE thing; "
                + "ALTER TABLE new RENAME TO thing", nil
        ),
    ]

    /// The remedy is executed as it stands.
    @Test(arguments: undone.indices) func theRemedyUndoesIt(index: Int) async throws {
        let (change, expected) = Self.undone[index]
        let federation = try Federation(["south", "west"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO thing VALUES('a', 'x')")
        try await federation.converge()
        try program(federation, "west", "con.executescript(\(Self.python(change)))")
        try await federation["west"].sealForeign()
        let found = try #require(try federation["west"].obstacles.first, "\(change)")
        try await federation.write("south", "INSERT INTO thing VALUES('b', 'y')")
        try await federation.exchange(from: "south", to: "west")
        #expect(try federation["west"].stuck.map(\.state) == [.held])

        let remedies = found.remedy.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter {
            !$0.offset.isMultiple(of: 2)
        }.map {
            String($0.element)
        }
        var statements = try #require(remedies.first, "\(found)")
        if let expected {
            #expect(remedies == [expected])
        } else {
            #expect(
                remedies.count == 2 && found.remedy.contains("then the CREATE TABLE of the schema file"), "\(found)")
            statements =
                """
                BEGIN; \(remedies[0]); CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, body TEXT); \
                \(remedies[1]); COMMIT
                """
        }
        try program(federation, "west", "con.executescript(\(Self.python(statements)))")
        try await federation["west"].sealForeign()
        try await federation["west"].housekeep()
        let left = try federation["west"].obstacles
        #expect(try left.isEmpty && federation["west"].stuck.isEmpty, "\(left)")
        #expect(
            try await federation.rows("west", "SELECT id FROM thing ORDER BY id") == [[.string("a")], [.string("b")]])
        // The triggers are there again.
        try program(federation, "west", "con.execute(\"INSERT INTO thing VALUES('c', 'z')\")")
        try await federation["west"].sealForeign()
        try await federation.exchange(from: "west", to: "south")
        #expect(try await federation.rows("south", "SELECT body FROM thing WHERE id = 'c'") == [[.string("z")]])
    }

    /// A text literal of Python.
    private static func python(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    /// Captured rows of a table that is gone cannot be sealed, nor can anything after them: writers
    /// are told why.
    @Test func writersAreToldWhyNothingIsSealed() async throws {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        let statements = ["INSERT INTO thing VALUES(\"p\", \"q\")", "ALTER TABLE thing RENAME TO things"]
        try program(federation, "west", statements.map { "con.execute('\($0)')" }.joined(separator: "\n"))
        let refused = await #expect(throws: StoreError.self) {
            try await federation.write("west", "INSERT INTO other VALUES('a', 'x')")
        }
        #expect(
            refused?.code == .schema && refused?.reason.contains("renamed it to things") == true,
            "\(String(describing: refused))")
        let unsealed = await #expect(throws: StoreError.self) { try await federation["west"].sealForeign() }
        #expect(
            unsealed?.code == .schema && unsealed?.remedy.contains("RENAME TO \"thing\"") == true,
            "\(String(describing: unsealed))")
        try program(federation, "west", "con.execute('ALTER TABLE things RENAME TO thing')")
        try await federation.write("west", "INSERT INTO other VALUES('a', 'x')")
        try await federation.converge()
        #expect(
            try await federation.rows("south", "SELECT id FROM thing UNION ALL SELECT id FROM other") == [
                [.string("p")], [.string("a")],
            ])
    }

    @Test func aDroppedTableIsNamed() async throws {
        let federation = try Federation(["south", "west"], schema: Self.schema)
        try program(federation, "west", "con.execute('DROP TABLE thing')")
        try await federation["west"].sealForeign()
        #expect(try federation["west"].obstacles.map(\.table) == ["thing"])
        try await federation.write("south", "INSERT INTO thing VALUES('a', 'x')")
        try await federation.write("south", "INSERT INTO other VALUES('a', 'x')")
        try await federation.exchange(from: "south", to: "west")
        let stuck = try federation["west"].stuck
        #expect(stuck.count == 1 && stuck.first?.cause.contains("another program dropped it") == true, "\(stuck)")
        #expect(stuck.first?.remedy.contains("restore a backup") == true)
        federation.closeWithoutCheckpoint("west")
        let error = #expect(throws: StoreError.self) { try federation.open("west") }
        #expect(error?.code == .schema && error?.reason.contains("another program dropped it") == true)
    }
}
