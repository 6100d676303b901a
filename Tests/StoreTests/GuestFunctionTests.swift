import Crypto
import Foundation
import CSQLite
import ParkSyncCore
import Synchronization
import Testing

@testable import ParkSyncStore

/// The functions that SQL from outside may call, and how much each may work on.
@Suite(.timeLimit(.minutes(15))) struct GuestFunctionTests {
    private static let schema = """
        -- parksync: schema 1
        -- parksync: writer any
        CREATE TABLE note(id TEXT NOT NULL PRIMARY KEY, body TEXT);
        -- parksync: local
        CREATE VIRTUAL TABLE words USING fts4(body);
        -- parksync: local
        CREATE VIRTUAL TABLE box USING rtree(id, low, high);
        """

    // MARK: the list

    @Test func thePageListsEveryFunction() throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/reference/sql.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains("MiB |") }.map { row in
            row.replacing("\\|", with: "").split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        try #require(rows.count == GuestFunctions.names.count)
        for (row, group) in zip(rows, GuestFunctions.names) {
            let shown = row[2].split(separator: "`").enumerated().filter { $0.offset % 2 == 0 }.map {
                String($0.element)
            }
            #expect(shown.prefix(group.names.count) == group.names[...], "\(group.kind)")
            #expect(row[1] == "\(group.kind.valueBytesMax >> 20) MiB")
            #expect(group.names == group.names.sorted())
        }
        #expect(
            GuestFunctions.kinds.count == GuestFunctions.names.reduce(0) { $0 + $1.names.count }, "none stands twice")
    }

    static let closed = [
        "fts3_tokenizer('simple')", "fts3_tokenizer('simple', x'4141414141414141')", "FTS3_TOKENIZER('simple', ?1)",
        "\"fts3_tokenizer\"('simple')",
        "load_extension('x')", "load_extension('x', 'y')", "sqlite_compileoption_get(1)",
        "sqlite_compileoption_used('x')", "sqlite_log(1, 'x')",
        "sqlite_source_id()", "rtreenode(2, x'0000')", "rtreedepth(x'0000')", "rtreecheck('box')", "subtype('x')",
        "fts5(NULL)", "fts5_source_id()",
    ]

    @Test(arguments: closed) func whatIsNotInTheListIsRefused(call: String) async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        let parameters: [Value] = call.contains("?1") ? [.blob([UInt8](repeating: 0x41, count: 8))] : []
        // The tokenizer's is not even there.
        let isGone = call.lowercased().contains("fts3_tokenizer")
        func expectRefused(_ error: StoreError?, _ sql: String) {
            let (code, reason) =
                isGone ? (StoreError.Code.sql, "no such function") : (.forbidden, "is not allowed here")
            #expect(
                error?.code == code && error?.reason.contains(reason) == true, "\(sql): \(String(describing: error))")
        }
        for sql in ["SELECT \(call)", "SELECT 1 WHERE \(call) IS NULL", "INSERT INTO note VALUES('a', \(call))"] {
            let write = await #expect(throws: StoreError.self, "\(sql)") {
                try await federation.write("south", sql, parameters: parameters)
            }
            expectRefused(write, sql)
            if sql.hasPrefix("INSERT") { continue }
            let read = await #expect(throws: StoreError.self, "\(sql)") {
                try await federation.rows("south", sql, parameters)
            }
            expectRefused(read, sql)
        }
        for call in ["matchinfo(words)", "optimize(words)"] {
            let error = await #expect(throws: StoreError.self) {
                try await federation.rows("south", "SELECT \(call) FROM words WHERE body MATCH 'a'")
            }
            #expect(error?.code == .forbidden, "\(String(describing: error))")
        }
    }

    /// Whoever compiles the SQL: no connection has what reaches memory.
    @Test func noConnectionHasTheTokenizer() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        let store = try federation["south"]
        for connection in [store.writer, store.applier, store.logReader.withLock { $0 }] {
            for call in [
                "fts3_tokenizer('simple')", "fts3_tokenizer('x', fts3_tokenizer('simple'))", "load_extension('x')",
            ] {
                #expect(throws: StoreError.self, "\(call)") { try connection.int64("SELECT length(\(call))") }
            }
        }
        // FTS3 and FTS4 work without it.
        try await federation.write("south", "INSERT INTO words(body) VALUES('one word')")
        #expect(
            try await federation.rows("south", "SELECT body FROM words WHERE body MATCH 'word'") == [
                [.string("one word")]
            ])
    }

    @Test func virtualTablesThatShowOthersStatementsOrPagesAreClosed() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        for table in ["sqlite_stmt", "SQLITE_STMT", "dbstat", "fts3tokenize"] {
            let error = await #expect(throws: StoreError.self) {
                try await federation.rows("south", "SELECT * FROM \(table)")
            }
            #expect(error?.code == .forbidden, "\(table): \(String(describing: error))")
            await #expect(throws: StoreError.self) {
                try await federation.write("south", "SELECT count(*), max(rowid) FROM \(table)")
            }
        }
        #expect(try await federation.rows("south", "SELECT count(*) > 0 FROM pragma_function_list") == [[.integer(1)]])
    }

    /// A program's trigger or view gets no further than the statement that makes use of it.
    @Test func viewsAndTriggersOfProgramsAreBoundLikewise() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        try federation.foreign(
            "south", "sqlite3", [],
            input: """
                CREATE VIEW v AS SELECT sqlite_compileoption_get(0) AS x;
                CREATE TRIGGER t AFTER INSERT ON note BEGIN SELECT sqlite_compileoption_get(0); END;
                """)
        for sql in ["SELECT x FROM v", "INSERT INTO note VALUES('a', 'b')"] {
            let error = await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
            #expect(error?.code == .forbidden, "\(sql): \(String(describing: error))")
        }
    }

    // MARK: the same results

    /// What the bounded forms return is what SQLite's own return.
    @Test func boundedFormsReturnWhatSQLitesOwnReturn() throws {
        let folder = try ScratchFolder()
        let own = try Connection(path: ":memory:", role: .applier)
        let bounded = try Connection(path: folder.path + "/x", role: .writer)
        var random = SplitMix64(state: 20_261_129)
        func value() -> Value {
            let letters = ["a", "b", "ab", "é", "成", "", "\u{0}", "x", " ", "🙂"]
            let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                letters.randomElement(using: &random) ?? ""
            }.joined()
            switch Int.random(in: 0...11, using: &random) {
            case 0: return .null
            case 1: return .integer(Int64.random(in: -20...20, using: &random))
            case 2: return .double(0.5)
            case 3, 4: return .blob(Array(text.utf8))
            // Damaged UTF-8: continuation bytes alone, a lead byte alone.
            case 5: return .text([0x80, 0x61, 0xC3, 0x28].shuffled(using: &random))
            default: return .string(text)
            }
        }
        let json: [Value] =
            ["{}", "{\"a\":1,\"b\":[1,2,{\"c\":null}]}", "[1,[2]]", "no json", "{\"a\":{\"a\":2}}"].map { .string($0) }
            + [.null]
        let paths: [Value] =
            ["$.a", "$.b[1]", "$", "$[#]", "$.x.y.z", "nonsense", "$.b[2].c"].map { .string($0) } + [.null]
        func compare(_ call: String, _ values: [Value]) throws {
            let answers = [own, bounded].map { connection in Result { try Self.answer(connection, call, values) } }
            switch (answers[0], answers[1]) {
            case (.success(let first), .success(let second)): #expect(first == second, "\(call) of \(values)")
            case (.failure, .failure): break
            default: Issue.record("\(call) of \(values): \(answers)")
            }
        }
        for _ in 0..<3_000 {
            let values = [value(), value(), value()]
            try compare("instr(?1, ?2)", Array(values[..<2]))
            try compare("replace(?1, ?2, ?3)", values)
            for name in ["trim", "ltrim", "rtrim"] { try compare("\(name)(?1, ?2)", Array(values[..<2])) }
        }
        for _ in 0..<500 {
            let (object, path) = (
                json.randomElement(using: &random) ?? .null, paths.randomElement(using: &random) ?? .null
            )
            let other = json.randomElement(using: &random) ?? .null
            try compare("json_set(?1, ?2, ?3)", [object, path, other])
            try compare("json_insert(?1, ?2, json(?3), '$.q', ?3)", [object, path, other])
            try compare(
                "json_array(json_set(?1, ?2, json_array(1, json_insert('{}', '$.a', ?3))))", [object, path, other])
            try compare("json_patch(?1, ?2)", [object, other])
        }
        for _ in 0..<3_000 {
            let format = Self.format(&random)
            let values = [value(), value(), value(), .integer(Int64.random(in: -9...9, using: &random)), value()]
            let call = ["printf", "format"].randomElement(using: &random) ?? ""
            try compare("\(call)(?1, ?2, ?3, ?4, ?5, ?6)", [.string(format)] + values)
        }
    }

    /// A format with flags, widths and precisions, of which some take an argument, and some make no
    /// sense.
    private static func format(_ random: inout SplitMix64) -> String {
        let conversions = "sszqQwdcouxXfeEgGipn%TSky".map(String.init)
        let flags = ["", "-", "+", " ", "#", "!", "0", ",", "-0"]
        let (widths, precisions) = (["", "1", "7", "*", "007", "5l"], ["", ".", ".0", ".3", ".*", ".12", ".*l"])
        return (0..<Int.random(in: 0...4, using: &random)).map { _ in
            ["a", "%", "é"][Int.random(in: 0...2, using: &random)] + "%" + (flags.randomElement(using: &random) ?? "")
                + (widths.randomElement(using: &random) ?? "") + (precisions.randomElement(using: &random) ?? "")
                + (["", "", "l", "ll"].randomElement(using: &random) ?? "")
                + (conversions.randomElement(using: &random) ?? "")
        }.joined()
    }

    private static func answer(_ connection: Connection, _ call: String, _ values: [Value]) throws -> Value {
        let statement = try connection.statement("SELECT \(call)")
        defer { statement.reset() }
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), copying: value) }
        return try statement.step() ? statement.view(0).copied : .null
    }

    // MARK: bounds

    /// Each would go on for minutes or hours in one step, or take the process with it, with
    /// SQLite's own functions and limits.
    static let bombs: [String] = [
        "SELECT instr(substr(h, 1, 7900000), substr(h, 1, 3900000) || '1') FROM (SELECT hex(zeroblob(3950000)) AS h)",
        """
        SELECT length(replace(substr(h, 1, 7900000), substr(h, 1, 3900000) || '1', 'x')) FROM (SELECT \
        hex(zeroblob(3950000)) AS h)
        """,
        "SELECT h LIKE '%' || substr(h, 1, 50000) || '1' FROM (SELECT hex(zeroblob(30000000)) AS h)",
        "SELECT h LIKE '%' || substr(h, 1, 250) || '1' FROM (SELECT hex(zeroblob(30000000)) AS h)",
        """
        SELECT h GLOB '*' || replace(hex(zeroblob(20)), '0', '[0-9]') || '1' FROM (SELECT \
        hex(zeroblob(30000000)) AS h)
        """,
        "SELECT h NOT LIKE '%' || substr(h, 1, 49000) || '1%' ESCAPE 'x' FROM (SELECT hex(zeroblob(400000)) AS h)",
        "SELECT trim(h, replace(substr(h, 1, 200000), '0', 'b') || '0') FROM (SELECT hex(zeroblob(400000)) AS h)",
        "SELECT rtrim(h, h || '1') FROM (SELECT hex(zeroblob(30000000)) AS h)",
        """
        SELECT json_patch('{' || s || '\"q\":1}', '{' || s || '\"r\":1}') FROM (SELECT \
        replace(hex(zeroblob(80000)), '00', '\"a\":1,') AS s)
        """,
        "SELECT json_set('{}', '$' || replace(hex(zeroblob(500000)), '00', '.a'), 1)",
        "SELECT json_insert('{}', '$' || replace(hex(zeroblob(500000)), '00', '[0]'), 1)",
        "SELECT json('[' || replace(hex(zeroblob(15000000)), '00', '1,') || '1]')",
        "SELECT printf('%*d', 2000000000, 1), format('%.*f', 2000000000, 1e300), printf('%2000000000s', 'x')",
        "SELECT printf('%.*c', 2000000000, 'x')",
        "SELECT format('%.2000000000c%.2000000000c%.2000000000c', 'x', 'x', 'x')",
        "SELECT printf(replace(hex(zeroblob(700000)), '00', '%.9999999999c'), 'x')",
        "SELECT hex(zeroblob(1000000000)), randomblob(1000000000)",
        "WITH c0 AS (SELECT 1 AS x), "
            + (1..<40).map { "c\($0) AS (SELECT x FROM c\($0 - 1) UNION ALL SELECT x FROM c\($0 - 1))" }.joined(
                separator: ", ")
            + " SELECT count(*) FROM c39",
        "WITH \"c0\"(x) AS NOT MATERIALIZED (VALUES(1)), "
            + (1..<40).map { "[c\($0)](x) as not materialized (select a.x from c\($0 - 1) a, C\($0 - 1) b)" }.joined(
                separator: ", ")
            + " SELECT count(*) FROM c39",
        "SELECT " + (0..<100).map { "h LIKE '%' || substr(h, \($0 + 1), 250) || '1'" }.joined(separator: " + ")
            + " FROM (SELECT hex(zeroblob(300000)) AS h)",
        "SELECT " + (0..<1_999).map { "hex(zeroblob(\(8_000_000 + $0)))" }.joined(separator: ", "),
    ]

    @Test(arguments: bombs) func noStepIsLong(sql: String) async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        let begin = ContinuousClock.now
        let (read, write) = (
            await Result { try await federation.rows("south", sql) },
            await Result { try await federation.write("south", sql) }
        )
        // The test's clock stands still, so that nothing is interrupted: what is seen here is the
        // length of the steps. Each is one of minutes or hours without bounds.
        #expect(ContinuousClock.now - begin < .seconds(120), "\(sql.prefix(120)): \(read) \(write)")
        for case .failure(let error) in [read.map { _ in () }, write.map { _ in () }] {
            let code = (error as? StoreError)?.code
            #expect([.tooLarge, .sql, .forbidden].contains(code), "\(sql.prefix(120)): \(error)")
        }
        #expect(try await federation.rows("south", "SELECT 1") == [[.integer(1)]])
    }

    /// Each names a long value so often that the copies would have gigabytes.
    static let copies: [String] = {
        let from = " FROM (SELECT hex(zeroblob(8000000)) AS h)"
        let names = { (count: Int) in Array(repeating: "h", count: count).joined(separator: ", ") }
        return [
            "SELECT \(names(1_900))\(from)", "SELECT max(\(names(120)))\(from)",
            "SELECT length(json_array(\(names(120))))\(from)",
            "SELECT printf('%.1s', \(names(120)))\(from)", "SELECT 1\(from) ORDER BY \(names(500))",
            "SELECT 1\(from) GROUP BY \(names(500))",
        ]
    }()

    @Test(arguments: copies) func whatSQLiteHoldsForAStatementIsBounded(sql: String) async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        let (read, write) = (
            await #expect(throws: StoreError.self) { try await federation.rows("south", sql) },
            await #expect(throws: StoreError.self) { try await federation.write("south", sql) }
        )
        for error in [read, write] {
            #expect(
                error?.code == .tooLarge
                    && error?.reason.contains("\(ReadLimits.guestMemoryBytesMax) bytes at once") == true,
                "\(String(describing: error))")
        }
        // Neither the connections nor what comes next have lost anything by it.
        try await federation.write("south", "INSERT INTO note VALUES('a', hex(zeroblob(1000000)))")
        #expect(try await federation.rows("south", "SELECT length(body) FROM note") == [[.integer(2_000_000)]])
        let next = try await federation.rows(
            "south", "SELECT length(h), length(h || h) FROM (SELECT hex(zeroblob(4000000)) AS h)")
        #expect(next == [[.integer(8_000_000), .integer(16_000_000)]])
    }

    /// Values are as long as what a statement does with them allows, and the answer says so.
    @Test func theLengthOfValuesGoesByWhatTheStatementCalls() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        func bytes(_ sql: String) async -> (Int, StoreError?) {
            var (low, high) = (1, 70 << 20)
            var refusal: StoreError?
            while high - low > 1 {
                let middle = (low + high) / 2
                do {
                    _ = try await federation.rows("south", sql, [.blob([UInt8](repeating: 0x61, count: middle))])
                    low = middle
                } catch let error as StoreError { (high, refusal) = (middle, error) } catch { return (-1, nil) }
            }
            return (low, refusal)
        }
        for (sql, limit) in [
            ("SELECT ?1 IS NULL", ReadLimits.valueBytesMax), ("SELECT length(?1)", ReadLimits.valueBytesMax),
            ("SELECT instr(?1, 'b')", ReadLimits.textValueBytesMax),
            ("SELECT (?1 || '') IS NULL", ReadLimits.textValueBytesMax),
            ("SELECT json_valid(?1)", ReadLimits.jsonValueBytesMax),
            ("SELECT count(*) FROM json_each('[]') WHERE ?1", ReadLimits.jsonValueBytesMax),
            ("SELECT ?1 LIKE 'b'", ReadLimits.patternValueBytesMax),
            (
                "SELECT ?1 IN (" + (0..<64).map { "\($0) LIKE 'b'" }.joined(separator: ", ") + ")",
                ReadLimits.valueBytesMin
            ),
            ("SELECT ?1 IS NULL /*" + String(repeating: " ", count: 4_096) + "*/", ReadLimits.textValueBytesMax),
        ] {
            let (found, refusal) = await bytes(sql)
            #expect(found == limit, "\(sql.prefix(80))")
            #expect(
                refusal?.code == .tooLarge && refusal?.remedy.contains("\(limit) bytes") == true,
                "\(String(describing: refusal))")
        }
        let many = "SELECT " + (0...ReadLimits.patternCallsMax).map { "\($0) LIKE 'a'" }.joined(separator: ", ")
        let error = await #expect(throws: StoreError.self) { try await federation.rows("south", many) }
        #expect(
            error?.code == .tooLarge && error?.reason.contains("more than 64 times") == true,
            "\(String(describing: error))")
    }

    /// A value that is too long is an error, and not NULL.
    @Test func aParameterThatIsTooLongIsRefused() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        let long = Value.text([UInt8](repeating: 0x61, count: ReadLimits.textValueBytesMax + 1))
        let error = await #expect(throws: StoreError.self) {
            try await federation.write("south", "INSERT INTO note VALUES(lower('A'), ?1)", parameters: [long])
        }
        #expect(
            error?.code == .tooLarge && error?.reason.contains("Parameter 1") == true, "\(String(describing: error))")
        #expect(try await federation.rows("south", "SELECT count(*) FROM note") == [[.integer(0)]])
    }

    /// Queries as people write them.
    @Test func ordinaryStatementsAreNotRefused() async throws {
        let federation = try Federation(["south"], schema: Self.schema)
        let words = (0..<12).map { "body LIKE '%word\($0)%'" }.joined(separator: " OR ")
        let tables = (0..<12).map { "t\($0) AS (SELECT id, body FROM note WHERE id > '\($0)')" }.joined(separator: ", ")
        for sql in [
            "SELECT id FROM note WHERE \(words)",
            "WITH \(tables) SELECT count(*) FROM t0, t1, t2, t3 WHERE t0.id = t1.id",
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT sum(i), \
            group_concat(i) FROM n
            """,
            "SELECT json_group_array(json_object('id', id, 'body', trim(body))) FROM note",
            "SELECT row_number() OVER w, lag(id) OVER w FROM note WINDOW w AS (ORDER BY id)",
            """
            SELECT strftime('%Y', 'now'), date('now', '+1 day'), julianday('now'), round(pi() * 2, 2), \
            printf('%05d', 3)
            """,
            """
            INSERT INTO note SELECT value ->> '$.id', json_set(value, '$.seen', json('true')) FROM \
            json_each('[{\"id\": \"x\"}]')
            """,
        ] { _ = try await federation.write("south", sql) }
        #expect(
            try await federation.rows("south", "SELECT body FROM note") == [[.string("{\"id\":\"x\",\"seen\":true}")]])
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
