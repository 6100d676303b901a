import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// How much work the statements of schema files may be.
@Suite struct SchemaBudgetTests {
    private static let head = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY, b TEXT);
        -- parksync: local
        CREATE TABLE mine(a);

        """
    private static let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"

    private func compiled(_ sql: String...) throws -> CompiledSchema {
        try CompiledSchema(sql.enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) })
    }

    /// Each stands in line 6 of the first file, and in line 2 of a later one.
    private func expectRefusal(_ statement: String, _ reason: String) {
        for (files, line) in [
            ([Self.head + statement + ";"], 6), ([Self.head, "-- parksync: schema 2\n" + statement + ";"], 2),
        ] {
            let error = #expect(throws: SchemaError.self, "\(statement)") {
                try CompiledSchema(files.enumerated().map { SchemaFile(name: "\($0 + 1).sql", sql: $1) })
            }
            #expect(
                error?.reason.contains(reason) == true && error?.line == line,
                "\(statement) gave \(String(describing: error))")
            #expect(error?.file == "\(files.count).sql" && error?.remedy.isEmpty == false)
        }
    }

    @Test(arguments: [
        "INSERT INTO mine \(numbers) SELECT i FROM n", "\(numbers) SELECT max(i) FROM n", "\(numbers) SELECT i FROM n",
        "\(numbers) DELETE FROM mine WHERE a IN (SELECT i FROM n); \(numbers) SELECT i FROM n",
        "-- parksync: local\nCREATE TABLE more AS \(numbers) SELECT max(i) AS a FROM n",
        "INSERT INTO mine WITH ten(i) AS (VALUES(0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) "
            + "SELECT count(*) FROM ten a, ten b, ten c, ten d, ten e, ten f, ten g, ten h",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT hex(randomblob(32000)) FROM n",
    ]) func aStatementWithoutEndIsRefused(_ statement: String) {
        if statement.hasPrefix("--") {
            let error = #expect(throws: SchemaError.self) { try compiled(Self.head + statement + ";") }
            #expect(
                error?.reason.contains("does not come to its end") == true && error?.line == 7,
                "\(String(describing: error))")
        } else {
            expectRefusal(statement, "does not come to its end")
        }
    }

    @Test func valuesWithoutMeasureAreRefused() {
        for value in [
            "zeroblob(900000000)", "hex(zeroblob(100000))", "replace(hex(zeroblob(400)), '0', hex(zeroblob(400)))",
            "'\(String(repeating: "a", count: SchemaLimits.schemaValueBytesMax + 1))'",
        ] {
            expectRefusal("INSERT INTO mine SELECT \(value)", "more than 65536 bytes")
        }
        expectRefusal(
            """
            INSERT INTO mine SELECT group_concat(hex(zeroblob(1000))) FROM (\(Self.numbers) SELECT i FROM n \
            LIMIT 100)
            """,
            "65536 bytes")
    }

    @Test func tablesWithoutMeasureAreRefused() {
        expectRefusal(
            "INSERT INTO mine \(Self.numbers) SELECT zeroblob(60000) FROM n LIMIT 2000", "more than 67108864 bytes")
    }

    /// One step of a function cannot be interrupted; those whose time grows as a product have the
    /// bounds that they have for guests.
    @Test func aSingleStepIsShort() {
        expectRefusal("SELECT 'a' LIKE hex(zeroblob(200))", "pattern too complex")
        expectRefusal("SELECT trim('a', hex(zeroblob(200)))", "the characters to trim are more than")
    }

    @Test func whatFillsALocalTableOrdinarilyIsTaken() throws {
        let calendar = "INSERT INTO mine \(Self.numbers) SELECT date('2020-01-01', i || ' days') FROM n LIMIT 20000;\n"
        let rows = (0..<5_000).map { "INSERT INTO mine VALUES('row \($0)');\n" }.joined()
        let words =
            """
            -- parksync: local\nCREATE VIRTUAL TABLE words USING fts5(body);\nINSERT INTO words(body) SELECT a \
            FROM mine LIMIT 1000;\n
            """
        #expect(try compiled(Self.head + calendar + rows + words).schema.tables.map(\.name) == ["t"])
    }
}
