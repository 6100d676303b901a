import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// What a later schema file may do to a table: each refusal has the statement's own file and line,
/// the true reason and a remedy that helps.
@Suite struct SchemaAlterationTests {
    private static let first = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE t(
            a TEXT NOT NULL PRIMARY KEY,
            b TEXT CHECK (b <> 'x')
        );
        -- parksync: local
        CREATE TABLE u(a TEXT);
        """

    private func compiled(_ statement: String) throws -> CompiledSchema {
        try CompiledSchema([
            SchemaFile(name: "1.sql", sql: Self.first),
            SchemaFile(name: "2.sql", sql: "-- parksync: schema 2\n\n\(statement)\n"),
        ])
    }

    /// A statement, what of the reason tells, and what of the remedy.
    private static let refused: [(String, String, String)] = [
        (
            "ALTER TABLE t ADD COLUMN c TEXT NOT NULL;", "new column c of t would not be NULL",
            "without NOT NULL and without a default"
        ),
        ("ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'x';", "new column c of t would not be NULL", "without a default"),
        (
            "ALTER TABLE t ADD COLUMN c TEXT NOT NULL DEFAULT 'x' CHECK (c <> '');",
            "new column c of t would not be NULL", "without a default"
        ),
        (
            "ALTER TABLE t ADD COLUMN c TEXT DEFAULT (random());", "new column c of t would not be NULL",
            "without a default"
        ),
        (
            "ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'x' REFERENCES t(a);", "new column c of t would not be NULL",
            "without a default"
        ),
        ("ALTER TABLE t ADD COLUMN c TEXT UNIQUE;", "Cannot add a UNIQUE column", "without UNIQUE"),
        ("ALTER TABLE u ADD COLUMN c TEXT UNIQUE;", "Cannot add a UNIQUE column", "CREATE UNIQUE INDEX"),
        ("ALTER TABLE t ADD COLUMN c TEXT PRIMARY KEY;", "Cannot add a PRIMARY KEY column", "without PRIMARY KEY"),
        ("ALTER TABLE t ADD COLUMN c TEXT AS (b);", "column c is generated", "in a view"),
        ("ALTER TABLE t ADD COLUMN c TEXT AS (b) STORED;", "STORED", "in a view"),
        ("ALTER TABLE u ADD COLUMN c TEXT AS (a) STORED;", "STORED", "as VIRTUAL"),
        ("ALTER TABLE t ADD COLUMN c TEXT COLLATE own;", "no such collation sequence: own", "NOCASE"),
        ("ALTER TABLE t ADD COLUMN c TEXT CHECK (own(c));", "unknown function: own", "SQLite itself"),
        // Names that libraries over SQLite give to what they bring along.
        ("ALTER TABLE t ADD COLUMN c TEXT COLLATE swiftCompare;", "no such collation sequence: swiftCompare", "NOCASE"),
        (
            "CREATE INDEX i ON t(b COLLATE swiftLocalizedCompare);",
            "no such collation sequence: swiftLocalizedCompare", "NOCASE"
        ),
        (
            "ALTER TABLE t ADD COLUMN c TEXT CHECK (swiftLowercaseString(c) = c);",
            "unknown function: swiftLowercaseString", "SQLite itself"
        ),
        (
            "ALTER TABLE t ADD COLUMN c INTEGER CHECK (c > 0) DEFAULT 1;", "new column c of t would not be NULL",
            "without a default"
        ),
        (
            "ALTER TABLE t ADD COLUMN c INTEGER -- parksync: counter\n;", "alters a table",
            "Put the counter into a new table"
        ),
        ("ALTER TABLE t ADD COLUMN c -- parksync: append-only\n;", "alters a table", "where the table is made"),
        (
            "ALTER TABLE u ADD COLUMN c TEXT NOT NULL;", "column c can be added to a table without rows only",
            "Leave NOT NULL out"
        ),
        (
            "ALTER TABLE u ADD COLUMN c TEXT DEFAULT CURRENT_DATE;",
            "column c can be added to a table without rows only", "a constant one"
        ),
        ("ALTER TABLE t RENAME TO w;", "drops or renames the shared table t", "Keep it as it is"),
        ("ALTER TABLE t RENAME COLUMN b TO w;", "drops or renames column b of t", "append columns"),
        ("ALTER TABLE t DROP COLUMN b;", "drops or renames column b of t", "append columns"),
        ("DROP TABLE t;", "drops or renames the shared table t", "Keep it as it is"),
        ("CREATE UNIQUE INDEX one ON t(b);", "one is UNIQUE", "a plain index"),
        ("PRAGMA quick_check;", "PRAGMA quick_check is no part of a schema", "Leave it out"),
        (
            "ALTER TABLE t ADD COLUMN \(String(repeating: "n", count: 129)) TEXT;", "column name is too long",
            "128 bytes"
        ),
    ]

    @Test(arguments: refused) func whatIsRefusedHasItsOwnLineReasonAndRemedy(
        statement: String, reason: String, remedy: String
    ) {
        let error = #expect(throws: SchemaError.self) { try compiled(statement) }
        #expect(error?.file == "2.sql" && error?.line == 3, "\(statement) gave \(String(describing: error))")
        #expect(
            error?.reason.contains(reason) == true && error?.remedy.contains(remedy) == true,
            "\(statement) gave \(String(describing: error))")
    }

    @Test(arguments: [
        "ALTER TABLE t ADD COLUMN c INTEGER CHECK (c > 0);",
        "ALTER TABLE t ADD COLUMN c INTEGER CHECK (c > 0 OR b IS NULL) DEFAULT NULL;",
        "ALTER TABLE t ADD COLUMN c TEXT REFERENCES t(a);", "ALTER TABLE t ADD COLUMN c TEXT COLLATE NOCASE;",
        "ALTER TABLE u ADD COLUMN c TEXT CHECK (c <> 'x') DEFAULT 'y';", "ALTER TABLE u ADD COLUMN c AS (a || 'x');",
        "ALTER TABLE u RENAME COLUMN a TO w;", "ALTER TABLE u RENAME TO w;",
        "-- parksync: local\nALTER TABLE u RENAME TO w;",
        "ALTER TABLE u RENAME TO w;\nALTER TABLE w ADD COLUMN c;\nINSERT INTO w(c) VALUES(1);\nDROP TABLE w;",
    ]) func whatIsTaken(statement: String) throws {
        #expect(try compiled(statement).schema.tables.map(\.name) == ["t"])
    }

    @Test func aSharedTableHasItsNameFromTheBeginning() {
        let error = #expect(throws: SchemaError.self) {
            try CompiledSchema([SchemaFile(name: "1.sql", sql: Self.first + "\nALTER TABLE t RENAME TO w;")])
        }
        #expect(
            error?.line == 9 && error?.reason.contains("renames the shared table t") == true,
            "\(String(describing: error))")
        #expect(error?.remedy.contains("1.sql:3") == true)
    }

    /// Rows of other parks may break a CHECK, older ones too: a node that has such rows adds the
    /// column as all others do.
    @Test func aCheckIsAddedWhateverTheRowsAre() async throws {
        let federation = try Federation(["south", "west"], schema: Self.first)
        try await federation.write("south", "INSERT INTO t VALUES('1', 'y')")
        try await federation.converge()
        // Past the CHECK, as a merge would leave it.
        try federation.foreign(
            "west", "python3",
            [
                "-c",
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=600); c.execute('PRAGMA "
                    + "ignore_check_constraints = ON'); "
                    + "c.execute(\"UPDATE t SET b = 'x'\"); c.commit()",
            ], input: "")
        try await federation["west"].sealForeign()
        let newer = try compiled("ALTER TABLE t ADD COLUMN c INTEGER CHECK (c > 0 AND c IS NOT NULL);")
        for park in ["south", "west"] {
            federation.closeWithoutCheckpoint(park)
            try federation.open(park, schema: newer)
        }
        try await federation.write("west", "UPDATE t SET c = 5")
        try await federation.converge()
        #expect(try await federation.rows("south", "SELECT b, c FROM t") == [[.string("x"), .integer(5)]])
        await #expect(throws: StoreError.self) { try await federation.write("south", "UPDATE t SET c = 0") }
    }
}
