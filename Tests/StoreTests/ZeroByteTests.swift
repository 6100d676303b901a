import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// A zero byte ends a text for SQLite. No text of ours, and none from outside, is cut by one in
/// silence.
@Suite struct ZeroByteTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE note(id TEXT NOT NULL PRIMARY KEY, body TEXT);
        """

    private static let cut = [
        "DELETE FROM note WHERE id LIKE '%'\0 AND id = 'a'", "DELETE FROM note\0", "\0DELETE FROM note",
        "UPDATE note SET body = 'x\0y' WHERE id = 'a'",
        "DELETE FROM \"note\0\"", "DELETE FROM note -- \0",
    ]

    @Test func aTransactionWithOneIsNotExecutedAtAll() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        try await federation.write("south", "INSERT INTO note VALUES('a', '1'), ('b', '2')")
        for sql in Self.cut {
            let error = await #expect(throws: StoreError.self) {
                try await federation.write("south", "INSERT INTO note VALUES('c', '3')", sql)
            }
            #expect(
                error?.code == .sql && error?.reason.contains("zero byte") == true,
                "\(sql.debugDescription): \(String(describing: error))")
        }
        #expect(
            try await federation.rows("south", "SELECT id, body FROM note ORDER BY id") == [
                [.string("a"), .string("1")], [.string("b"), .string("2")],
            ])
    }

    @Test func aQueryWithOneIsNotExecuted() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        for sql in ["SELECT 1\0", "SELECT 1 \0 WHERE 0", "\0"] {
            let error = await #expect(throws: StoreError.self) { try await federation.rows("south", sql) }
            #expect(error?.reason.contains("zero byte") == true)
        }
    }

    @Test func theStoresOwnStatementsRefuseOneAsWell() throws {
        let connection = try Connection(path: ":memory:", role: .builder)
        try connection.execute("CREATE TABLE t(a)")
        #expect(throws: StoreError.self) { try connection.execute("DROP TABLE t;\0 SELECT 1") }
        #expect(throws: StoreError.self) { try RawStatement(connection.handle, "DELETE FROM \(quoted("t\0u"))") }
        #expect(throws: StoreError.self) {
            try RawStatement(connection.handle, "INSERT INTO t VALUES(\(literal("a\0b")))")
        }
        #expect(try connection.int64("SELECT count(*) FROM t") == 0)
    }

    @Test func aTextIsBoundWhole() throws {
        let connection = try Connection(path: ":memory:", role: .builder)
        let statement = try RawStatement(connection.handle, "SELECT ?1, length(CAST(?1 AS BLOB))")
        for text in ["", "\0", "a\0b", "成都\0", "plain"] {
            statement.bindText(1, copying: text)
            #expect(try statement.step())
            #expect(!statement.isNull(0) && statement.string(0) == text && statement.int64(1) == Int64(text.utf8.count))
            statement.reset()
        }
    }

    @Test func whatFollowsAStatementIsSeenBehindAnyText() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        for sql in ["SELECT 1; DELETE FROM note", "SELECT '成都'; x", "SELECT 1;\u{B}x"] {
            let error = await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
            #expect(error?.reason.contains("text follows") == true, "\(sql): \(String(describing: error))")
        }
        #expect(try await federation.rows("south", "SELECT '成都' ; \n;") == [[.string("成都")]])
    }

    @Test func aSchemaFileWithOneNamesTheLine() {
        for sql in [
            Self.schema + "\n-- \0", Self.schema + "\nCREATE TABLE u(id TEXT NOT NULL PRIMARY KEY);\0",
            "-- parksync: schema 1\0\n",
        ] {
            let error = #expect(throws: SchemaError.self) { try CompiledSchema([SchemaFile(name: "1.sql", sql: sql)]) }
            #expect(error?.reason.contains("zero byte") == true)
        }
    }
}
