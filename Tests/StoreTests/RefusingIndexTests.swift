import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// An index of a program whose expression fails with the values of a row: the entry waits, the
/// index is named, and everything else goes on.
@Suite struct RefusingIndexTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE thing(id TEXT NOT NULL PRIMARY KEY, n INTEGER, body TEXT);
        -- parksync: writer any
        CREATE TABLE other(id TEXT NOT NULL PRIMARY KEY, body TEXT);
        """
    private static let least = "-9223372036854775807 - 1"

    /// Each: the index, what another park writes, and SQLite's words.
    private static let cases: [(index: String, write: String, message: String)] = [
        ("CREATE INDEX own ON thing(abs(n))", "INSERT INTO thing VALUES('x', \(least), NULL)", "integer overflow"),
        ("CREATE INDEX own ON thing(abs(n))", "UPDATE thing SET n = \(least) WHERE id = 'a'", "integer overflow"),
        (
            "CREATE INDEX own ON thing(body, abs(n) DESC)", "INSERT INTO thing VALUES('x', \(least), NULL)",
            "integer overflow"
        ),
        (
            "CREATE INDEX own ON thing(body) WHERE abs(n) > 0", "INSERT INTO thing VALUES('x', \(least), NULL)",
            "integer overflow"
        ),
        (
            "CREATE INDEX own ON thing(json_extract(body, '$.x'))", "INSERT INTO thing VALUES('x', 1, 'no JSON')",
            "malformed JSON"
        ),
        (
            "CREATE INDEX own ON thing(zeroblob(n))", "INSERT INTO thing VALUES('x', 99999999999, NULL)",
            "string or blob too big"
        ),
    ]

    private func federation() async throws -> Federation {
        let federation = try Federation(["south", "west", "airport"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO thing VALUES('a', 1, '{}')")
        try await federation.converge()
        return federation
    }

    private func program(_ federation: Federation, _ park: String, _ sql: String...) throws {
        let program = try RawProgram(federation.path(park))
        for line in sql { try program.execute(line) }
    }

    @Test(arguments: cases.indices, [false, true]) func theIndexIsNamedAndOthersGoOn(index: Int, restarts: Bool)
        async throws
    {
        let (statement, write, message) = Self.cases[index]
        let federation = try await federation()
        try program(federation, "west", statement)
        try await federation.write("south", write)
        try await federation.write("south", "INSERT INTO other VALUES('behind', 'y')")
        try await federation.write(
            "airport", "INSERT INTO thing VALUES('good', 2, '[]')", "INSERT INTO other VALUES('b', 'z')")
        for from in ["south", "airport"] { try await federation.exchange(from: from, to: "west") }
        if restarts {
            federation.closeWithoutCheckpoint("west")
            try federation.open("west")
        }
        // Tried again and again, it is told all the time.
        for _ in 0..<2 { try await federation["west"].housekeep() }
        let stuck = try federation["west"].stuck
        #expect(
            stuck.map(\.state) == [.held] && stuck.first?.origin.name == "south" && stuck.first?.seq == 2, "\(stuck)")
        let cause = "has the index own, which cannot keep what south:2 writes (\(message))"
        #expect(
            stuck.first?.cause == "table thing of this node " + cause
                && stuck.first?.remedy.contains("DROP INDEX \"own\"") == true, "\(stuck)")
        #expect(try federation["west"].obstacles.map { "\($0.table) \($0.cause)" } == ["thing table thing \(cause)"])
        #expect(
            try await federation.rows("west", "SELECT id FROM thing WHERE id = 'good' UNION ALL SELECT id FROM other")
                == [[.string("good")], [.string("b")]])

        try program(federation, "west", "DROP INDEX own")
        try await federation["west"].sealForeign()
        #expect(try federation["west"].obstacles.isEmpty && federation["west"].stuck.isEmpty)
        try await federation.converge()
        #expect(try Set(federation.parks.map { try federation[$0].state().digest?.hash }).count == 1)
        #expect(try await federation.rows("west", "SELECT count(*) FROM other") == [[.integer(2)]])
    }

    /// Of several that compute something, the one that fails is named; nothing is dropped to find
    /// it out.
    @Test func theCulpritIsFoundAmongSeveral() async throws {
        let federation = try await federation()
        let indexes = [
            "CREATE INDEX before ON thing(length(body))", "CREATE INDEX \"it's \"\" own\" ON thing(abs(n))",
            "CREATE INDEX other_part ON thing(id) WHERE n > 5",
        ]
        let program = try RawProgram(federation.path("west"))
        for index in indexes { try program.execute(index) }
        try await federation.write("south", "INSERT INTO thing VALUES('x', \(Self.least), NULL)")
        try await federation.exchange(from: "south", to: "west")
        let found = try federation["west"].obstacles
        #expect(found.count == 1 && found.first?.cause.contains("has the index it's \" own, which") == true, "\(found)")
        #expect(found.first?.remedy.contains("DROP INDEX \"it's \"\" own\"`.") == true, "\(found)")
        let kept = "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql NOT NULL AND tbl_name = 'thing'"
        #expect(program.text(kept) == "3")
        // With two that fail, each of them is named.
        try program.execute("CREATE INDEX second ON thing(abs(n) + 1)")
        try await federation["west"].sealForeign()
        let both = try federation["west"].obstacles.first
        #expect(
            both?.remedy.contains("DROP INDEX \"second\"") == true && both?.remedy.contains("own\"") == true,
            "\(String(describing: both))")
    }

    /// What depends on the entry waits with it; the park's own writes go on.
    @Test func whatHasSeenTheEntryWaitsWithIt() async throws {
        let federation = try await federation()
        try program(federation, "west", "CREATE INDEX own ON thing(abs(n))")
        try await federation.write("south", "INSERT INTO thing VALUES('x', \(Self.least), NULL)")
        try await federation.exchange(from: "south", to: "west")
        #expect(try federation["west"].stuck.count == 1)
        // Airport has the entry and corrects the value; the correction waits for what it has seen.
        try await federation.exchange(from: "south", to: "airport")
        try await federation.write("airport", "UPDATE thing SET n = 3 WHERE id = 'x'")
        try await federation.write("west", "INSERT INTO other VALUES('own', 'goes on')")
        try await federation.exchange(from: "airport", to: "west")
        #expect(try federation["west"].stuck.map(\.origin.name).sorted() == ["airport", "south"])
        try program(federation, "west", "DROP INDEX own")
        try await federation.converge()
        #expect(try federation["west"].stuck.isEmpty)
        #expect(try await federation.rows("west", "SELECT n FROM thing WHERE id = 'x'") == [[.integer(3)]])
    }
}
