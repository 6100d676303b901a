import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// What schema files may say of constant tables, and of the shared ones whose columns are members
/// of them.
@Suite struct ConstantDirectiveTests {
    private static let first = """
        -- parksync: schema 1
        -- parksync: constant
        CREATE TABLE move(
            machine TEXT NOT NULL, act TEXT NOT NULL, rank INTEGER, since INTEGER NOT NULL, until INTEGER,
            PRIMARY KEY(machine, act));
        INSERT INTO move VALUES('booking', 'ask', 1, 1, NULL), ('booking', 'end', 2, 1, NULL);

        """
    private static let lines = 6

    private func compiled(_ files: String...) throws -> SharedSchema {
        try CompiledSchema(files.enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) }).schema
    }

    private func expectRefusal(_ files: String..., line: Int, _ reason: String) {
        let error = #expect(throws: SchemaError.self) {
            try CompiledSchema(files.enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) })
        }
        #expect(
            error?.line == line && error?.reason.contains(reason) == true && error?.file == "\(files.count).sql",
            "\(files.last ?? "") gave \(String(describing: error))")
        #expect(error?.remedy.isEmpty == false)
    }

    // MARK: constant

    @Test func aConstantTableIsPartOfTheSchema() throws {
        let schema = try compiled(Self.first)
        #expect(schema.tables.isEmpty && schema.constants.map(\.name) == ["move"])
        let move = try #require(schema.constants.first)
        #expect(move.columns == ["machine", "act", "rank", "since", "until"] && move.keyColumns == [0, 1])
        #expect(
            move.rows.map { $0[1] } == [.string("ask"), .string("end")] && move.rows.allSatisfy { $0[4] == .null })
        // The order of the statements is none of its matter, and each value is.
        let others = [
            ("('booking', 'ask', 1, 1, NULL), ('booking', 'end', 2, 1, NULL)", true),
            ("('booking', 'end', 2, 1, NULL), ('booking', 'ask', 1, 1, NULL)", true),
            ("('booking', 'ask', 1, 1, NULL), ('booking', 'end', 3, 1, NULL)", false),
            ("('booking', 'ask', 1, 1, NULL), ('booking', 'End', 2, 1, NULL)", false),
            ("('booking', 'ask', 1, 1, NULL)", false),
        ]
        for (rows, isSame) in others {
            let other = try compiled(
                Self.first.replacing("('booking', 'ask', 1, 1, NULL), ('booking', 'end', 2, 1, NULL)", with: rows))
            #expect((other.canonicalBytes == schema.canonicalBytes) == isSame, "\(rows)")
        }
    }

    @Test func whatIsNoConstantTableIsRefused() {
        let head = "-- parksync: schema 1\n-- parksync: constant\n"
        let cases: [(String, Int, String)] = [
            ("CREATE TABLE c(a TEXT PRIMARY KEY, until INTEGER);", 3, "since when"),
            ("CREATE TABLE c(a TEXT PRIMARY KEY, since INTEGER NOT NULL);", 3, "since when"),
            ("CREATE TABLE c(a TEXT PRIMARY KEY, since INTEGER, until INTEGER);", 3, "since when"),
            ("CREATE TABLE c(a TEXT PRIMARY KEY, since TEXT NOT NULL, until INTEGER);", 3, "since when"),
            ("CREATE TABLE c(a TEXT PRIMARY KEY, since INTEGER NOT NULL, until TEXT);", 3, "since when"),
            ("CREATE TABLE c(a TEXT, since INTEGER NOT NULL, until INTEGER);", 3, "no primary key"),
            (
                "CREATE TABLE c(a TEXT PRIMARY KEY, b AS (a), since INTEGER NOT NULL, until INTEGER);", 3,
                "generated column b"
            ),
            (
                "CREATE TABLE IF NOT EXISTS c(a TEXT PRIMARY KEY, since INTEGER NOT NULL, until INTEGER);", 3,
                "IF NOT EXISTS"
            ),
            ("CREATE VIRTUAL TABLE c USING fts5(a, since, until);", 3, "virtual table"),
            ("-- parksync: writer any\nCREATE TABLE c(a TEXT PRIMARY KEY);", 3, "is constant, so `writer any`"),
            ("-- parksync: local\nCREATE TABLE c(a TEXT PRIMARY KEY);", 3, "is constant, so `local`"),
        ]
        for (sql, line, reason) in cases { expectRefusal(head + sql, line: line, reason) }
        let move = Self.first
        for statement in [
            "ALTER TABLE move ADD COLUMN zh TEXT;", "ALTER TABLE move RENAME TO moves;",
            "ALTER TABLE move RENAME COLUMN act TO acts;", "ALTER TABLE move DROP COLUMN rank;", "DROP TABLE move;",
        ] {
            expectRefusal(move + statement, line: Self.lines + 1, "the constant table move")
            expectRefusal(move, "-- parksync: schema 2\n\n" + statement, line: 3, "the constant table move")
        }
    }

    @Test func aLaterFileAddsRowsAndEndsThem() throws {
        let second = """
            -- parksync: schema 2
            UPDATE move SET until = 2 WHERE act = 'end';
            INSERT INTO move VALUES('booking', 'stop', 7, 2, NULL);
            DELETE FROM move WHERE act = 'stop';
            INSERT INTO move VALUES('booking', 'stop', 3, 2, NULL);
            """
        let schema = try compiled(Self.first, second)
        let rows = try #require(schema.constants.first).rows
        #expect(rows.map { $0[1] } == [.string("ask"), .string("end"), .string("stop")])
        #expect(rows.map { $0[4] } == [.null, .integer(2), .null])
        let third = "-- parksync: schema 3\nUPDATE move SET until = 3 WHERE until IS NULL;"
        #expect(
            try compiled(Self.first, second, third).constants.first?.rows.map { $0[4] } == [
                .integer(3), .integer(2), .integer(3),
            ])
    }

    @Test func nothingElseOfALaterFileIsTaken() {
        let cases = [
            (
                "UPDATE move SET rank = 9 WHERE act = 'ask';",
                "('booking', 'ask') of the constant table move was changed"
            ),
            ("UPDATE move SET since = 2;", "was changed or deleted"),
            ("DELETE FROM move WHERE act = 'end';", "('booking', 'end') of the constant table move was changed"),
            ("REPLACE INTO move VALUES('booking', 'end', 9, 2, NULL);", "was changed or deleted"),
            ("UPDATE move SET until = 1;", "another `until`"), ("UPDATE move SET until = 3;", "another `until`"),
            ("INSERT INTO move VALUES('booking', 'stop', 3, 1, NULL);", "is new, and does not say so"),
            ("INSERT INTO move VALUES('booking', 'stop', 3, 3, NULL);", "is new, and does not say so"),
            ("INSERT INTO move VALUES('booking', 'stop', 3, 2, 2);", "is new, and does not say so"),
        ]
        // The line is that of the statement, whatever stands before and behind it.
        for (statement, reason) in cases {
            let second =
                "-- parksync: schema 2\nINSERT INTO move VALUES('offer', 'ask', 1, 2, NULL);\n\n\(statement)\n"
                + "INSERT INTO move VALUES('offer', 'end', 1, 2, NULL);"
            expectRefusal(Self.first, second, line: 4, reason)
        }
        expectRefusal(
            Self.first, "-- parksync: schema 2\nUPDATE move SET until = 2;",
            "-- parksync: schema 3\nUPDATE move SET until = NULL;", line: 2, "another `until`")
        expectRefusal(
            Self.first.replacing("2, 1, NULL", with: "2, 2, NULL"), line: Self.lines, "is new, and does not say so")
    }

    // MARK: member

    private static let step = """
        -- parksync: writer any
        -- parksync: append-only

        """

    @Test func membersAreFoundByTheNamesOfTheirColumns() throws {
        for directive in [
            "member (machine, act) of move(machine, act)", "member ( machine,act ) of move ( machine , act )",
            "member (Machine, \"act\") of MOVE([machine], ACT)",
        ] {
            let schema = try compiled(
                Self.first + Self.step
                    + "CREATE TABLE step(\n-- parksync: \(directive)\nid TEXT NOT NULL PRIMARY KEY, act TEXT, "
                    + "note, machine TEXT);")
            let allowed = try #require(schema.tables.first?.allowed.first)
            #expect(allowed.columns == [.plain(2), .plain(0)] && allowed.constant == "move", "\(directive)")
            #expect(allowed.constantColumns == ["machine", "act"], "\(directive)")
        }
        let two = try compiled(
            Self.first + "-- parksync: writer any\n-- parksync: member (act) of move(act)\n"
                + "-- parksync: member (rank) of move(rank)\n"
                + "CREATE TABLE item(act TEXT NOT NULL, n INTEGER NOT NULL, rank INTEGER, PRIMARY KEY(n, act));")
        #expect(two.tables.first?.allowed.map(\.columns) == [[.key(1)], [.plain(0)]])
        let without = try compiled(
            Self.first + "-- parksync: writer any\n"
                + "CREATE TABLE item(act TEXT NOT NULL, n INTEGER NOT NULL, rank INTEGER, PRIMARY KEY(n, act));")
        #expect(two.canonicalBytes != without.canonicalBytes)
    }

    @Test func whatCannotBeAMemberIsRefusedWithItsLine() {
        let columns = "(id TEXT NOT NULL PRIMARY KEY, machine TEXT, act TEXT, rank INTEGER, any);"
        let cases: [(String, String)] = [
            ("member (machine, act) of nowhere(machine, act)", "nowhere is no constant table"),
            ("member (machine, act) of other(machine, act)", "other is no constant table"),
            ("member (machine, act) of step(machine, act)", "step is no constant table"),
            ("member (machine, deed) of move(machine, act)", "deed is none of its columns"),
            ("member (machine, act) of move(machine, deed)", "deed is no column of move"),
            ("member (machine) of move(machine, act)", "names 1 of its columns and 2 of move"),
            ("member (rank) of move(act)", "are not both TEXT"), ("member (any) of move(act)", "are not both TEXT"),
            ("member machine of move(machine)", "cannot be read"), ("member (machine) of move", "cannot be read"),
            ("member () of move()", "cannot be read"), ("member (machine) in move(machine)", "cannot be read"),
            ("member (machine) of move(machine) or NULL", "cannot be read"), ("member", "cannot be read"),
        ]
        let other = Self.first + "-- parksync: local\nCREATE TABLE other(machine TEXT, act TEXT);\n" + Self.step
        for (directive, reason) in cases {
            expectRefusal(
                other + "-- parksync: \(directive)\nCREATE TABLE step\(columns)", line: Self.lines + 5, reason)
        }
        expectRefusal(
            Self.first + "-- parksync: writer any\n-- parksync: member (machine, act) of move(machine, act)\n"
                + "CREATE TABLE step\(columns)", line: Self.lines + 2, "not append-only")
        expectRefusal(
            Self.first + "-- parksync: local\n-- parksync: member (act) of move(act)\nCREATE TABLE step\(columns)",
            line: Self.lines + 2, "is local, so `member (act) of move(act)`")
        expectRefusal(
            Self.first + "-- parksync: writer any\n-- parksync: member (n) of move(rank)\nCREATE TABLE tally(\n"
                + "id TEXT NOT NULL PRIMARY KEY,\nn INTEGER NOT NULL DEFAULT 0 -- parksync: counter\n);",
            line: Self.lines + 2, "is a counter")
        expectRefusal(
            Self.first + "-- parksync: writer any\nCREATE TABLE step(\nid TEXT NOT NULL PRIMARY KEY,\n"
                + "act TEXT -- parksync: member (act) of move(act)\n);",
            line: Self.lines + 4, "end of a column's line")
    }

    @Test func aNearMissIsNoMember() {
        for comment in ["-- parksync member (act) of move(act)", "-- parksync constant"] {
            expectRefusal(
                Self.first + "-- parksync: writer any\n\(comment)\nCREATE TABLE t(act TEXT NOT NULL PRIMARY KEY);",
                line: Self.lines + 2, "looks like a directive")
        }
    }
}
