import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// Which statements a schema file may hold, and what its tables may be.
@Suite struct SchemaStatementTests {
    private static let head = "-- parksync: schema 1\n-- parksync: writer any\n"
    private static let table = head + "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b TEXT);\n"

    private func compiled(_ sql: String...) throws -> SharedSchema {
        try CompiledSchema(sql.enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) }).schema
    }

    private func expectRefusal(_ sql: String..., line: Int, _ reason: String) {
        let error = #expect(throws: SchemaError.self) {
            try CompiledSchema(sql.enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) })
        }
        #expect(
            error?.line == line && error?.reason.contains(reason) == true,
            "\(sql.last ?? "") gave \(String(describing: error))")
        #expect(error?.file == "\(sql.count).sql")
    }

    @Test func whatANodeCannotExecuteInItsTransactionIsRefused() {
        for (statement, reason) in [
            ("BEGIN;", "transaction"), ("COMMIT;", "transaction"), ("BEGIN EXCLUSIVE;", "transaction"),
            ("SAVEPOINT s;", "transaction"),
            ("ROLLBACK;", "transaction"), ("END;", "transaction"), ("VACUUM;", "VACUUM"),
            ("PRAGMA journal_mode = DELETE;", "PRAGMA journal_mode"),
            ("PRAGMA user_version = 3;", "PRAGMA user_version"), ("ATTACH 'x' AS y;", "another database"),
            ("DETACH main;", "another database"),
            ("CREATE TEMP TABLE x(a);", "TEMPORARY"), ("CREATE TEMP VIEW x AS SELECT 1;", "TEMPORARY"),
        ] {
            expectRefusal(Self.table + "\n" + statement, line: 5, reason)
        }
        expectRefusal("-- parksync: schema 1\nBEGIN;\nCREATE TABLE t(a);\nCOMMIT;", line: 2, "transaction")
    }

    @Test func autoincrementIsTheKeywordAlone() throws {
        for text in [
            "a INTEGER PRIMARY KEY, -- no AUTOINCREMENT: it counts per node\n b TEXT",
            "a INTEGER PRIMARY KEY, b DEFAULT 'AUTOINCREMENT'",
            "a INTEGER PRIMARY KEY, \"autoincrement\" TEXT", "a INTEGER PRIMARY KEY /* autoincrement */",
        ] {
            #expect(try compiled(Self.head + "CREATE TABLE t(\(text)\n);").tables.count == 1, "\(text)")
        }
        expectRefusal(
            Self.head + "CREATE TABLE t(a INTEGER PRIMARY KEY /* x */ AuToIncrement, b);", line: 3, "AUTOINCREMENT")
    }

    @Test func aNameThatNoOtherParkWouldTakeIsRefused() throws {
        let longest = String(repeating: "n", count: CoreLimits.identifierBytesMax)
        #expect(try compiled(Self.head + "CREATE TABLE \(longest)(a TEXT NOT NULL PRIMARY KEY);").tables.count == 1)
        expectRefusal(Self.head + "CREATE TABLE \(longest)n(a TEXT NOT NULL PRIMARY KEY);", line: 3, "129 bytes")
        let chinese = String(repeating: "创", count: 43)
        expectRefusal(Self.head + "CREATE TABLE \(chinese)(a TEXT NOT NULL PRIMARY KEY);", line: 3, "129 bytes")
        expectRefusal(Self.head + "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, \(longest)n);", line: 3, "column name")
    }

    @Test func namesThatLookTheSameAreRefused() {
        expectRefusal(
            Self.head + "CREATE TABLE \"caf\u{E9}\"(a TEXT NOT NULL PRIMARY KEY, \"\u{E9}\", \"e\u{301}\");", line: 3,
            "look the same")
        let second = "-- parksync: writer any\nCREATE TABLE \"cafe\u{301}\"(a TEXT NOT NULL PRIMARY KEY);"
        expectRefusal(
            Self.head + "CREATE TABLE \"caf\u{E9}\"(a TEXT NOT NULL PRIMARY KEY);\n" + second, line: 5, "look the same")
    }

    @Test func aDefaultIsAConstant() throws {
        let constants: [(String, Value)] = [
            ("TEXT DEFAULT open", .string("open")), ("TEXT DEFAULT \"open\"", .string("open")),
            ("TEXT DEFAULT [a b]", .string("a b")),
            ("TEXT DEFAULT 'CURRENT_TIMESTAMP'", .string("CURRENT_TIMESTAMP")),
            ("TEXT DEFAULT 'f(x)'", .string("f(x)")),
            ("INTEGER DEFAULT true", .integer(1)), ("INTEGER DEFAULT '5'", .integer(5)),
            ("INTEGER DEFAULT (-7)", .integer(-7)),
            ("REAL DEFAULT 1", .double(1)), ("TEXT DEFAULT 1", .string("1")),
            ("BLOB DEFAULT x'00ff'", .blob([0, 255])), ("TEXT DEFAULT NULL", .null),
            ("TEXT DEFAULT ('it''s' -- c\n)", .string("it's")), ("TEXT", .null), ("DEFAULT 0x10", .integer(16)),
        ]
        for (type, value) in constants {
            let schema = try compiled(Self.head + "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b \(type));")
            #expect(schema.tables.first?.columns.first?.defaultValue == value, "\(type)")
        }
        for type in [
            "DEFAULT CURRENT_TIMESTAMP", "DEFAULT (CURRENT_DATE)", "DEFAULT (random())",
            "DEFAULT (strftime('%s', 'now'))",
            "DEFAULT (hex(randomblob(16)))",
            "DEFAULT (current_time /* x */)",
        ] {
            let place = "column b"
            expectRefusal(Self.head + "CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b TEXT \(type));", line: 3, place)
            expectRefusal(
                Self.table, "-- parksync: schema 2\n\nALTER TABLE t ADD COLUMN c TEXT \(type);", line: 3, "column c")
            let local = "-- parksync: local\nCREATE TABLE u(a);"
            expectRefusal(
                Self.table + local, "-- parksync: schema 2\nALTER TABLE u ADD COLUMN c TEXT \(type);", line: 2,
                "column c")
            #expect(try compiled(Self.table + "-- parksync: local\nCREATE TABLE u(a, c \(type));").tables.count == 1)
        }
        let local = "-- parksync: local\nCREATE TABLE u(a);"
        expectRefusal(
            Self.table + local, "-- parksync: schema 2\nALTER TABLE u ADD COLUMN c TEXT NOT NULL;", line: 2, "column c")
        #expect(
            try compiled(
                Self.table + local, "-- parksync: schema 2\nALTER TABLE u ADD COLUMN c TEXT NOT NULL DEFAULT open;"
            ).number == 2)
    }

    /// For the remedy it is looked up whether the name is taken: SQLite has no code for that.
    @Test func theNameThatAStatementGives() {
        let cases: [(String, String?)] = [
            ("CREATE TABLE thing(id)", "thing"),
            ("create\n-- IF NOT EXISTS\nunique index \"a \"\" b\" ON thing(id)", "a \" b"),
            ("CREATE VIEW main.[odd name] AS SELECT 1", "odd name"),
            ("CREATE TRIGGER t AFTER INSERT ON u BEGIN SELECT 1; END", "t"),
            ("CREATE VIRTUAL TABLE `words` USING fts5(a)", "words"), ("CREATE TABLE /* IF */ 'x'(a)", "x"),
            ("CREATE TABLE IF NOT EXISTS thing(id)", nil), ("DROP TABLE thing", nil), ("CREATE", nil),
            ("CREATE TABLE", nil), ("", nil),
        ]
        for (sql, name) in cases { #expect(SchemaExecution.nameMade(by: sql) == name, "\(sql)") }
    }

    @Test func virtualTablesAreLocal() throws {
        let local = """
            -- parksync: local
            CREATE VIRTUAL TABLE words USING fts5(body);
            -- parksync: local
            CREATE VIRTUAL TABLE boxes USING rtree(id, a, b);
            CREATE TRIGGER find AFTER INSERT ON t BEGIN INSERT INTO words(body) VALUES(NEW.b); END;
            INSERT INTO words(body) VALUES('a row of a local table');
            DROP TABLE boxes;
            """
        #expect(try compiled(Self.table + local).tables.map(\.name) == ["t"])
        expectRefusal(Self.head + "CREATE VIRTUAL TABLE words USING fts5(body);", line: 3, "virtual table")
        expectRefusal(
            "-- parksync: schema 1\nCREATE VIRTUAL TABLE boxes USING rtree(id, a, b);", line: 2, "who may write")
    }
}
