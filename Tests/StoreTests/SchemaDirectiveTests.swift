import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// Where directives stand in schema files, and what is taken for one.
@Suite struct SchemaDirectiveTests {
    private static let number = "-- parksync: schema 1\n"
    private static let shared = number + "-- parksync: writer any\n"
    private static let key = "a TEXT NOT NULL PRIMARY KEY"

    private func compiled(_ sql: String) throws -> SharedSchema {
        try CompiledSchema([SchemaFile(name: "t.sql", sql: sql)]).schema
    }

    private func error(_ sql: String) -> SchemaError? {
        do {
            _ = try compiled(sql)
            return nil
        } catch { return error as? SchemaError }
    }

    private func expectRefusal(_ sql: String, line: Int, _ reason: String) {
        let found = error(sql)
        #expect(
            found?.line == line && found?.reason.contains(reason) == true && found?.file == "t.sql",
            "\(sql) gave \(String(describing: found))")
        #expect(found?.remedy.isEmpty == false)
    }

    @Test func eachStatementHasDirectivesOfItsOwn() throws {
        expectRefusal(
            Self.shared + "CREATE TABLE t(\(Self.key)); CREATE TABLE u(\(Self.key));", line: 3, "table u does not say")
        expectRefusal(Self.shared + "CREATE TABLE t(\(Self.key)); -- parksync: append-only", line: 3, "behind the end")
        expectRefusal(
            Self.shared + "CREATE TABLE t(\(Self.key)); /* next */ -- parksync: local\nCREATE TABLE u(a);", line: 3,
            "behind the end")
        let both =
            Self.shared
            + "CREATE TABLE t(\(Self.key));;\n;-- a comment\n-- parksync: local\nCREATE TABLE u(a); DROP TABLE u;"
        #expect(try compiled(both).tables.map(\.name) == ["t"])
        let inside =
            Self.number
            + "CREATE TABLE t(\n-- parksync: writer any\n/* it's; */ \(Self.key)\n-- parksync: append-only\n);"
        #expect(try compiled(inside).tables.first?.isAppendOnly == true)
    }

    @Test func quotesInCommentsAndCommentsInQuotesAreTold() throws {
        let texts = [
            "/* the park's own */\n-- parksync: append-only\nCREATE TABLE t(\(Self.key));",
            "-- the park's own\n-- parksync: append-only\nCREATE TABLE t(\(Self.key));",
            "/* \"a \n ` [ */\n-- parksync: append-only\nCREATE TABLE t(\(Self.key));",
            "-- parksync: append-only\nCREATE TABLE t(\(Self.key), b DEFAULT '/*', c DEFAULT '*/');",
            "-- parksync: append-only\nCREATE TABLE [t](\(Self.key), \"-- x\" TEXT, `/* y` TEXT, [; z] TEXT);",
        ]
        for text in texts { #expect(try compiled(Self.shared + text).tables.first?.isAppendOnly == true, "\(text)") }
        expectRefusal(
            Self.shared + "CREATE TABLE t(\(Self.key)); /* open\n-- parksync: local\n", line: 3, "does not end")
        expectRefusal(Self.shared + "CREATE TABLE t(\(Self.key), b DEFAULT 'open);\n", line: 3, "does not end")
    }

    /// Each of these was meant for a directive, and would leave the table without its rule.
    @Test(arguments: [
        "--parksync: append-only", "--  parksync: append-only", "--\tparksync: append-only", "-- ParkSync: append-only",
        "-- PARKSYNC: local",
        "/* parksync: append-only */", "/*\n parksync: append-only\n*/", "-- note: parksync: append-only",
        "-- -- parksync: append-only",
        "-- parksync : append-only", "-- parksync\u{FF1A}append-only", "-- parksync append-only",
        "-- parksync; append-only",
        "--- parksync: append-only",
        "-- park-sync: append-only", "-- park sync: append-only", "-- parcsync: append-only",
        "-- parksnyc: append-only", "-- parksyn: append-only",
        "--\u{3000}parksync: append-only", "-- \u{FEFF}parksync: append-only",
    ]) func aNearMissIsRefused(comment: String) {
        let line = comment.hasPrefix("/*\n") ? 4 : 3
        expectRefusal(Self.shared + comment + "\nCREATE TABLE t(\(Self.key));", line: line, "looks like a directive")
        expectRefusal(Self.shared + "CREATE TABLE t(\(Self.key)); " + comment, line: line, "looks like a directive")
    }

    @Test func wordsAboutTheProjectAreNoDirectives() throws {
        for comment in [
            "-- ParkSync's own tables begin with _parksync_.", "-- parks: south and west",
            "/* What ParkSync (the daemon) reads: nothing. */",
            "-- See the parksync manual", "-- shared by parksync", "-- marks: none", "-- parking: 12 places",
        ] {
            #expect(
                try compiled(Self.shared + comment + "\nCREATE TABLE t(\(Self.key));").tables.count == 1, "\(comment)")
        }
    }

    @Test func aCounterIsTheColumnOfItsLine() throws {
        let counter = "n INTEGER NOT NULL DEFAULT 0"
        let bodies = [
            "\(Self.key)\n, \(counter) -- parksync: counter\n, m INTEGER NOT NULL DEFAULT 0",
            """
            \(Self.key),\n  \"n\" INTEGER\n    NOT NULL\n    DEFAULT 0, -- parksync: counter\n m INTEGER NOT \
            NULL DEFAULT 0
            """,
            "\(Self.key),\n [N] INTEGER NOT NULL DEFAULT 0, -- parksync: counter\n m INTEGER NOT NULL DEFAULT 0",
            """
            \(Self.key),\n n INTEGER NOT NULL DEFAULT 0 CHECK (n IN (0, 1, max(2, 3))), /* it */ -- parksync: \
            counter\n m INTEGER NOT NULL DEFAULT 0
            """,
            "\(Self.key),\n n INTEGER NOT NULL DEFAULT 0 -- parksync: counter\n, m INTEGER NOT NULL DEFAULT 0",
        ]
        for body in bodies {
            let table = try #require(try compiled(Self.shared + "CREATE TABLE t(\(body)\n);").tables.first)
            #expect(table.columns.map(\.isCounter) == [true, false], "\(body)")
        }
        let two = "CREATE TABLE t(\(Self.key), \(counter), -- parksync: counter\n b TEXT);"
        expectRefusal(Self.shared + two, line: 3, "several columns")
        expectRefusal(
            Self.shared + "CREATE TABLE t(\n\(Self.key),\n\(counter)\n) -- parksync: counter\n;", line: 6, "no column")
        expectRefusal(
            Self.shared + "CREATE TABLE t(\n\(Self.key),\n-- parksync: counter\n\(counter));", line: 5,
            "line of its own")
        expectRefusal(
            Self.shared + "CREATE TABLE t(\n\(Self.key),\n\(counter), -- parksync: append-only\nb);", line: 5,
            "end of a column's line")
    }

    @Test func lineEndsOfOtherSystemsAreTaken() throws {
        let lines = Self.shared + "-- parksync: append-only\nCREATE TABLE t(\n\(Self.key),\n b TEXT\n);\n"
        let table = try #require(
            try compiled(lines.split(separator: "\n").joined(separator: "\r\n") + "\r\n").tables.first)
        #expect(table.isAppendOnly && table.columns.map(\.name) == ["b"])
        expectRefusal(lines.split(separator: "\n").joined(separator: "\r"), line: 1, "carriage return")
        expectRefusal(
            Self.shared + "-- a\r-- parksync: local\nCREATE TABLE t(\(Self.key));", line: 3, "carriage return")
        #expect(try compiled("\u{FEFF}" + lines).tables.count == 1)
        #expect(try compiled(Self.shared + "CREATE TABLE t(\(Self.key), b DEFAULT 'x\ry');").tables.count == 1)
        expectRefusal(Self.shared + "CREATE TABLE t(\(Self.key));\n\0CREATE TABLE u(a);", line: 4, "zero byte")
        let broken = "-- parksync: schema 1\r\n\r\n-- parksync: writer any\r\nCREATE TABLE t(a TEXT,\r\n  b TEXT,,);"
        expectRefusal(broken, line: 5, "syntax error")
    }

    @Test func directivesThatContradictEachOtherAreRefused() {
        expectRefusal(Self.shared + "-- parksync: local\nCREATE TABLE t(\(Self.key));", line: 2, "is local")
        expectRefusal(Self.shared + "-- parksync: writer any\nCREATE TABLE t(\(Self.key));", line: 3, "says already")
        expectRefusal(
            Self.number + "-- parksync: local\nCREATE TABLE t(\nn INTEGER -- parksync: counter\n);", line: 4, "is local"
        )
        expectRefusal(
            Self.number + "-- parksync: local\nCREATE TABLE t(a);\n-- parksync: local\nCREATE INDEX i ON t(a);",
            line: 4, "no CREATE TABLE")
        expectRefusal(Self.shared + "CREATE TABLE t(\(Self.key)); -- parksync: schema 2", line: 3, "behind the end")
        expectRefusal(Self.number + Self.shared + "CREATE TABLE t(\(Self.key));", line: 2, "given twice")
    }
}
