import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncStore

/// What the capture triggers refuse while it is written, so that sealing never fails.
@Suite struct CaptureLimitTests {
    private func expectRefused(_ federation: Federation, _ sql: String, _ expected: String, _ parameters: [Value] = [])
        async
    {
        do {
            try await federation.write("south", sql, parameters: parameters)
            Issue.record("accepted: \(sql)")
        } catch { #expect("\(error)".contains(expected), "\(sql): \(error)") }
    }

    @Test func aKeyThatIsTooLongForTheLogIsRefused() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let limit = CoreLimits.keyBytesMax
        // One byte of the encoded key is its type; in front of another component a text has an end
        // as well.
        let longest: [(String, [Value])] = [
            ("INSERT INTO plain(id) VALUES(?)", [.text(Array(repeating: 0x61, count: limit - 1))]),
            ("INSERT INTO plain(id) VALUES(?)", [.blob(Array(repeating: 0, count: limit - 1))]),
            (
                "INSERT INTO pair VALUES(?, 1, ?, NULL)",
                [.text(Array(repeating: 0, count: 2_000)), .blob(Array(repeating: 7, count: limit - 4_013))]
            ),
        ]
        for (sql, parameters) in longest {
            try await federation.write("south", sql, parameters: parameters)
            let longer =
                parameters.dropLast()
                + parameters.suffix(1).map { value -> Value in
                    switch value {
                    case .text(let bytes): .text(bytes + [0x62])
                    case .blob(let bytes): .blob(bytes + [0x62])
                    default: value
                    }
                }
            await expectRefused(federation, sql, "may have at most \(limit) bytes", Array(longer))
        }
        // SQLite's length() takes this text for one character.
        await expectRefused(
            federation, "INSERT INTO plain(id) VALUES(?)", "may have at most",
            [.text([0x61, 0] + Array(repeating: 0x61, count: 5_000))])
        try await federation.write("south", "INSERT INTO plain(id) VALUES('short')")
        await expectRefused(
            federation, "UPDATE plain SET id = printf('%.*c', 5000, 'x') WHERE id = 'short'", "may have at most")
        #expect(throws: StoreError.self) {
            try federation.foreign(
                "south", "sqlite3", ["-batch", "-bail"],
                input: "INSERT INTO plain(id) VALUES(printf('%.*c', 5000, 'x'));\n")
        }
        try federation.foreign(
            "south", "sqlite3", ["-batch", "-bail"], input: "INSERT INTO plain(id) VALUES('foreign');\n")
        try await expectSame(federation)
        #expect(try await federation.rows("west", "SELECT count(*) FROM plain") == [[.integer(4)]])
    }

    @Test func keysThatSQLiteTakesForEqualAreRefused() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO pair VALUES('x', 1, 1, 'whole')")
        for sql in [
            "REPLACE INTO pair VALUES('x', 1, 1.0, 'real')", "INSERT INTO pair VALUES('x', 1, 0.5, 'real')",
            "UPDATE pair SET z = 1.0",
        ] {
            await expectRefused(federation, sql, "pair.z is part of the key and takes no real number")
        }
        for sql in [
            "INSERT INTO pair VALUES('x', 'one', 1, 'text')", "INSERT INTO pair VALUES('x', 1.5, 1, 'real')",
            "UPDATE pair SET y = -9223372036854775808.0",
        ] {
            await expectRefused(federation, sql, "pair.y is part of the key and takes whole numbers only")
        }
        try await federation.write("south", "INSERT INTO pair VALUES('x', '2', '1', 'text'), ('x', 3.0, x'31', 'blob')")
        try await expectSame(federation)
        #expect(
            try await federation.rows("west", "SELECT y, z FROM pair ORDER BY y") == [
                [.integer(1), .integer(1)], [.integer(2), .string("1")], [.integer(3), .blob([0x31])],
            ])
    }

    @Test func aCounterStaysAWholeNumber() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        try await federation.write("south", "INSERT INTO tally(id, n) VALUES('t', 1)")
        for sql in [
            "UPDATE tally SET n = 'many'", "UPDATE tally SET n = x'31'", "UPDATE tally SET id = 'u', n = 'many'",
            "UPDATE tally SET n = 1.5",
        ] {
            await expectRefused(federation, sql, "a counter")
        }
        try await expectSame(federation)
    }

    /// Texts behind a NUL and texts in columns of numbers count as well.
    @Test(arguments: ["a", "b", "c", "e", "f"]) func largeRowsAreMeteredInEveryColumn(column: String) async throws {
        let federation = try Federation(["south"], schema: shapes)
        let size = CoreLimits.payloadBytesDefault / 4
        let text = [0x61, 0] + Array(repeating: UInt8(0x61), count: size)
        await expectRefused(
            federation,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) INSERT INTO plain(id, \
            \(column)) SELECT i, ? FROM n
            """,
            "may come to at most", [.text(text)])
        #expect(
            try await federation.write(
                "south", "INSERT INTO plain(id, \(column)) VALUES(1, ?)", parameters: [.text(text)]
            ).seq == 1)
    }

    @Test func keysOfDeletedRowsAreMetered() async throws {
        let federation = try Federation(["south"], schema: shapes)
        try await federation.write("south", "INSERT INTO plain(id) VALUES(printf('%.*c', 4000, 'x')), ('short')")
        func metered(_ sql: String) throws -> Int64? {
            try federation.foreign("south", "sqlite3", ["-batch", "-bail"], input: sql + ";\n")
            return try Connection(path: federation.path("south"), role: .reader).int64(
                "SELECT bytes FROM _parksync_meter")
        }
        #expect(try metered("UPDATE plain SET id = 'x' WHERE id <> 'short'") == 4_001)
        #expect(try metered("DELETE FROM plain WHERE id = 'short'") == 4_001)
        #expect(try metered("UPDATE plain SET id = printf('%.*c', 4000, 'y') WHERE id = 'x'") == 8_002)
        #expect(try metered("DELETE FROM plain") == 12_003)
    }

    /// A schema whose tables together would not fit one entry if each were full.
    static func wideSchema(tables: Int) -> String {
        let columns = (0..<CoreLimits.columnsPerTableMax).map { "c\($0)" }.joined(separator: ", ")
        return "-- parksync: schema 1\n"
            + (0..<tables).map {
                """
                -- parksync: writer any\nCREATE TABLE t\($0)(x TEXT NOT NULL, y BLOB NOT NULL, \(columns), \
                PRIMARY KEY(x, y));\n
                """
            }
            .joined()
    }

    /// Whatever is behind the last step of each table, and whatever the meter says, fits an entry.
    @Test(arguments: [1, 60, 1_000]) func whatTheTriggersLetThroughFitsOneEntry(tables: Int) throws {
        let schema = try CompiledSchema([SchemaFile(name: "wide.sql", sql: Self.wideSchema(tables: tables))]).schema
        for entryBytesMax in [CoreLimits.payloadBytesLeast, CoreLimits.payloadBytesDefault, CoreLimits.payloadBytesMax]
        {
            let budget = RowBudget(schema, entryBytesMax: entryBytesMax)
            let behind = schema.tables.reduce(0) { $0 + RowBudget.rowBytes($1) * budget.stepRows }
            #expect(budget.bytesMax + behind + RowBudget.headBytesMax <= entryBytesMax)
            #expect(budget.bytesMax > entryBytesMax / 3 && (1...RowBudget.stepRowsMax).contains(budget.stepRows))
        }
        #expect(schema.tables.allSatisfy { RowBudget.rowBytes($0) >= RowBudget.unmeteredBytesMax($0) })
        // So many changes fit a node's memory.
        #expect(schema.tables.allSatisfy { RowBudget.rowBytes($0) >= CoreLimits.payloadBytesPerChange })
    }

    @Test func theTriggerRefusesTheRowThatDoesNotFit() async throws {
        let federation = try Federation(["south"], schema: Self.wideSchema(tables: 60))
        let schema = federation.schema.schema
        let budget = RowBudget(schema, entryBytesMax: CoreLimits.payloadBytesDefault)
        let rowsMax = budget.bytesMax / RowBudget.rowBytes(schema.tables[0])
        func insert(_ count: Int) -> String {
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count)) INSERT INTO \
            t0(x, y) SELECT i, i FROM n
            """
        }
        await expectRefused(
            federation, insert(rowsMax + 2 * budget.stepRows), "may come to at most \(budget.bytesMax) bytes")
        #expect(try await federation.write("south", insert(rowsMax - budget.stepRows)).seq == 1)
    }

    /// Each rename is recorded twice, so that every second place of a step is passed over.
    @Test func renamedRowsCountInSteps() async throws {
        let file =
            """
            -- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE t(x TEXT NOT NULL, y TEXT NOT NULL, \
            PRIMARY KEY(x, y));\n
            """
        let federation = try Federation(["south"], schema: file)
        let schema = federation.schema.schema
        let budget = RowBudget(schema, entryBytesMax: CoreLimits.payloadBytesDefault)
        let rows = 2 * budget.stepRows
        try await federation.write(
            "south",
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) INSERT INTO t \
            SELECT i, i FROM n
            """
        )
        // One record before, so that the pairs of the others end at odd places.
        try federation.foreign(
            "south", "sqlite3", ["-batch", "-bail"],
            input: "BEGIN; INSERT INTO t VALUES('a', 'a'); UPDATE t SET y = 'r' || y WHERE x <> 'a'; COMMIT;\n")
        let bytes =
            try Connection(path: federation.path("south"), role: .reader).int64("SELECT bytes FROM _parksync_meter")
            ?? 0
        #expect(Int(bytes) >= 4 * budget.stepRows * RowBudget.rowBytes(schema.tables[0]))
    }

    /// The largest row that goes unmetered is no larger in the entry than the budget says.
    @Test func theLargestUnmeteredRowStaysWithinItsBudget() async throws {
        let federation = try Federation(["south"], schema: Self.wideSchema(tables: 1))
        let table = federation.schema.schema.tables[0]
        // 0.5 is three bytes long for the trigger and nine in the entry; a NUL in the first
        // component of a key is two.
        let values = Array(repeating: "0.5", count: table.columns.count).joined(separator: ", ")
        let rows = 1_000
        let result = try await federation.write(
            "south",
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) INSERT INTO t0 \
            SELECT printf('%04d', i) || ?, 1, \(values) FROM n
            """,
            parameters: [.text(Array(repeating: 0, count: 60))])
        let payload =
            try Connection(path: federation.path("south"), role: .reader).int64(
                "SELECT length(payload) FROM _parksync_log") ?? 0
        #expect(result.seq == 1)
        #expect(Int(payload) <= rows * RowBudget.unmeteredBytesMax(table) + RowBudget.headBytesMax)
        #expect(Int(payload) > rows * (RowBudget.unmeteredBytesMax(table) - 2 * CoreLimits.unmeteredRowBytesMax))
    }
}
