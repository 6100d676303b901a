import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Files that were made to harm whoever looks at them, given to the real `syncctl`: each ends with
/// a refusal in seconds, and nothing that the file says is executed.
@Suite(.serialized, .endsInTime) struct HostileFileTests {
    /// A command that goes on for longer is caught in the file. The machine may be busy with other
    /// tests.
    private static let secondsMax = 120

    /// A node that is down, with a sound backup of it.
    struct Target {
        let zone: TestZone
        let backup: String
        let database: Data
        var config: String { zone.file("south", "parksyncd.yaml").path }
        var file: String { zone.folder.path + "/hostile" }
        var other: String { zone.folder.path + "/other.sqlite" }

        init() async throws {
            zone = try await TestZone(["south", "west"])
            try await zone.start("south")
            for number in 1...30 {
                try await zone.transact(
                    "south", "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
                    [JSONValue(.string("south:organisation:\(number)"))])
            }
            await zone.stop("south")
            backup = zone.folder.path + "/south.backup"
            let made = try await TestProcess.run(
                "syncctl", ["backup", backup, "--config", zone.file("south", "parksyncd.yaml").path, "--offline"])
            #expect(made.status == 0, "\(made)")
            database = try Data(contentsOf: URL(fileURLWithPath: zone.database("south")))
            // Somebody else's database, which the file would like to reach.
            try await TestZone.foreign(
                path: zone.folder.path + "/other.sqlite", "CREATE TABLE precious(a); INSERT INTO precious VALUES(1);")
        }

        /// A fresh copy of the backup.
        func copy() throws -> String {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                try? FileManager.default.removeItem(atPath: file + suffix)
            }
            try FileManager.default.copyItem(atPath: backup, toPath: file)
            return file
        }

        /// Runs both commands on the file.
        func examine(_ what: String) async throws -> (
            restore: (status: Int32, output: String), replay: (status: Int32, output: String)
        ) {
            let into = zone.folder.path + "/replayed-\(UUID().uuidString).sqlite"
            var results: [(status: Int32, output: String)] = []
            for arguments in [
                ["restore", file, "--config", config],
                ["replay", "--database", file, "--members", config, "--into", into],
            ] {
                let program = TestProcess.binaries.appendingPathComponent("syncctl").path
                let limit = ["timeout", "-s", "KILL", "\(HostileFileTests.secondsMax)", program]
                let result = try await TestProcess.run("/usr/bin/env", limit + arguments)
                // `timeout` ends as what it ends does: by its signal, or with 128 and that of a
                // crash.
                let end = result.status == -SIGKILL ? "went on for \(HostileFileTests.secondsMax) s" : "crashed"
                #expect(
                    (0..<128).contains(result.status), "\(what): \(arguments[0]) \(end): \(result.output.suffix(400))")
                // These files ask for little.
                #expect(
                    !result.output.contains("cannot be examined with"),
                    "\(what): \(arguments[0]): \(result.output.suffix(400))")
                results.append(result)
            }
            if results[0].status != 0 {
                #expect(
                    try Data(contentsOf: URL(fileURLWithPath: zone.database("south"))) == database,
                    "\(what): the database was touched")
            } else {
                try database.write(to: URL(fileURLWithPath: zone.database("south")))
            }
            try await TestZone.foreign(path: other, "SELECT * FROM precious;")
            let names = try FileManager.default.contentsOfDirectory(atPath: zone.folder.path)
            #expect(!names.contains { $0.hasPrefix("attached") }, "\(what): \(names)")
            return (results[0], results[1])
        }
    }

    private static func tables(_ count: Int) -> String {
        (1...count).map { "CREATE VIEW v\($0) AS SELECT x FROM v\($0 - 1) UNION ALL SELECT x FROM v\($0 - 1);" }
            .joined()
    }

    /// An edit of the text of an object, as somebody with an editor makes it.
    private static func edit(_ name: String, _ old: String, _ new: String) -> String {
        """
        \n.dbconfig defensive off\nPRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, \
        '\(old)', '\(new)') WHERE name = '\(name)';
        """
    }

    /// What is done to a copy of the backup, and what the refusal of `restore` and of `replay`
    /// says; nil where the command does its work and does not touch what was added.
    private static func schemas(_ folder: String) -> [(what: String, sql: String, restore: String?, replay: String?)] {
        let bomb = "instr(hex(zeroblob(30000000)), hex(zeroblob(15000000)) || ''1'')"
        let attach =
            """
            ATTACH ''\(folder)/attached'' AS e; CREATE TABLE e.x(a); ATTACH ''\(folder)/other.sqlite'' AS o; \
            DROP TABLE o.precious
            """
        return [
            (
                "a trigger", "CREATE TRIGGER evil AFTER INSERT ON organisation BEGIN DELETE FROM organisation; END;",
                "trigger evil", nil
            ),
            ("a view", "CREATE VIEW evil AS SELECT load_extension('x');", "view evil", nil),
            ("views that double", "CREATE VIEW v0 AS SELECT 1 AS x;" + tables(40), "view v0", nil),
            (
                "an index with an expression without end",
                "CREATE INDEX evil ON organisation(length(id));" + edit("evil", "length(id)", bomb),
                "index evil", nil
            ),
            (
                "an index with a condition", "CREATE INDEX evil ON organisation(id) WHERE length(id) > 5;",
                "index evil", nil
            ),
            ("a CHECK in a local table", "CREATE TABLE evil(a CHECK(a > abs(random())));", "table evil", nil),
            (
                "a generated column in a local table", "CREATE TABLE evil(a, b AS (hex(zeroblob(900000000))));",
                "table evil", nil
            ),
            ("a virtual table", "CREATE VIRTUAL TABLE evil USING fts5(a);", "table evil", nil),
            (
                "a shared table with a CHECK", edit("organisation", "name_zh TEXT", "name_zh TEXT CHECK(\(bomb) = 0)"),
                nil, nil
            ),
            (
                "a shared table that is a view",
                "DROP TABLE organisation; CREATE VIEW organisation AS WITH RECURSIVE n(i) AS "
                    + "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n;", "something else",
                "something else"
            ),
            (
                "a shared table with a generated column",
                "DROP TABLE organisation; CREATE TABLE organisation(id TEXT NOT NULL PRIMARY KEY, kind TEXT, "
                    + "name_zh TEXT AS (hex(zeroblob(900000000))));", "something else", "something else"
            ),
            (
                "a log that computes", "ALTER TABLE _parksync_log ADD COLUMN evil AS (hex(zeroblob(900000000)));",
                "something else", "something else"
            ),
            (
                "a log that is virtual",
                "DROP TABLE _parksync_log; CREATE VIRTUAL TABLE _parksync_log USING fts5(id, stamp, hash);",
                "something else", "something else"
            ),
            (
                "a second statement behind a trigger's",
                "CREATE TRIGGER evil AFTER INSERT ON organisation BEGIN SELECT 1; END;"
                    + edit("evil", "END", "END; \(attach)"), "trigger evil", nil
            ),
            (
                "a second statement behind a table's",
                "CREATE TABLE evil(a); INSERT INTO evil VALUES(1);" + edit("evil", "evil(a)", "evil(a); \(attach)"),
                "table evil", nil
            ),
            (
                "a schema file that attaches", "UPDATE _parksync_schema SET sql = sql || char(10) || '\(attach);';",
                "another schema file",
                "another schema file"
            ),
            (
                "a schema file too many",
                "INSERT INTO _parksync_schema SELECT max(number) + 1, 'x', sql FROM _parksync_schema;",
                "brings", "brings"
            ),
            ("another encoding", "", "UTF-16", "UTF-16"),
        ]
    }

    @Test func nothingThatTheSchemaSaysIsExecuted() async throws {
        let target = try await Target()
        for (what, sql, restore, replay) in Self.schemas(target.zone.folder.path) {
            let file = try target.copy()
            if what == "another encoding" {
                try FileManager.default.removeItem(atPath: file)
                try await TestZone.foreign(path: file, "PRAGMA encoding = 'UTF-16'; CREATE TABLE _parksync_meta(a);")
            } else {
                try await Self.apply(sql, to: file)
            }
            let found = try await target.examine(what)
            if restore == nil { #expect(found.restore.status == 0, "\(what): \(found.restore)") }
            if let restore {
                #expect(
                    [1, 2, 64].contains(found.restore.status) && found.restore.output.contains(restore),
                    "\(what): \(found.restore)")
            }
            if let replay {
                #expect(
                    [1, 64].contains(found.replay.status) && found.replay.output.contains(replay),
                    "\(what): \(found.replay)")
            } else {
                #expect(found.replay.status == 0 && found.replay.output.hasPrefix("PROVEN"), "\(what): \(found.replay)")
            }
        }
    }

    /// What the programs of the park made is taken when the operator says so, and then only as what
    /// it is.
    @Test func knownObjectsAreKept() async throws {
        let target = try await Target()
        let file = try target.copy()
        let sql =
            """
            CREATE TABLE mine(a); INSERT INTO mine VALUES(7); CREATE VIEW shown AS SELECT a FROM mine; CREATE \
            INDEX plain ON organisation(kind);
            """
        try await Self.apply(sql, to: file)
        let refused = try await TestProcess.run("syncctl", ["restore", file, "--config", target.config])
        #expect(
            refused.status == 2 && refused.output.contains("view shown: CREATE VIEW shown")
                && refused.output.contains("--trust-objects"))
        let taken = try await TestProcess.run(
            "syncctl", ["restore", file, "--config", target.config, "--trust-objects"])
        #expect(taken.status == 0, "\(taken)")
        try await target.zone.foreign(
            "south", "SELECT CASE a WHEN 7 THEN 1 ELSE abs(-9223372036854775808) END FROM shown;")
        // Now the node has it: the next restore need not be told.
        let again = try await TestProcess.run("syncctl", ["restore", file, "--config", target.config])
        #expect(again.status == 0, "\(again)")
        // With the operator's word as well, one object is one statement.
        try await Self.apply(Self.edit("shown", "FROM mine", "FROM mine; CREATE TABLE e(a)"), to: file)
        let twice = try await TestProcess.run(
            "syncctl", ["restore", file, "--config", target.config, "--trust-objects"])
        #expect(twice.status == 2 && twice.output.contains("more than one statement"), "\(twice)")
    }

    static func apply(_ sql: String, to file: String) async throws {
        let script = file + ".sql"
        try sql.write(toFile: script, atomically: true, encoding: .utf8)
        let done = try await TestProcess.run("/usr/bin/env", ["sqlite3", "-batch", file, ".read \(script)"])
        #expect(done.status == 0, "\(done)")
    }

    // MARK: pages

    /// A table whose interior pages lead to the same pages again and again: some 10^30 rows in a
    /// few kilobytes.
    @Test func pagesThatLeadInCirclesComeToAnEnd() async throws {
        let target = try await Target()
        for table in ["organisation", "_parksync_log", "_parksync_schema", "sqlite_master"] {
            let file = try target.copy()
            try await Pages(file).multiply(table)
            let found = try await target.examine("\(table) in circles")
            #expect([1, 2, 64].contains(found.restore.status), "\(table): \(found.restore)")
            // The log's entries come in order before the circle does.
            let isWhole = table == "_parksync_log" && found.replay.output.hasPrefix("PROVEN: 30 entries")
            #expect(isWhole || [1, 64].contains(found.replay.status), "\(table): \(found.replay)")
        }
    }

    /// A chain of pages, each with one child: SQLite's own check follows it by calling itself,
    /// until the stack is full.
    @Test func aDeepChainOfPagesIsNotFollowed() async throws {
        let target = try await Target()
        _ = try target.copy()
        try FileManager.default.removeItem(atPath: target.file)
        try await TestZone.foreign(path: target.backup, "PRAGMA page_size = 512; VACUUM INTO '\(target.file)';")
        try await Pages(target.file).chain("organisation", count: 200_000)
        let found = try await target.examine("a deep chain")
        #expect([1, 2].contains(found.restore.status) && found.replay.status == 1, "\(found)")
    }

    /// Pages of any size that SQLite knows are as good as others.
    @Test func largePagesAreNoHarm() async throws {
        let target = try await Target()
        _ = try target.copy()
        try FileManager.default.removeItem(atPath: target.file)
        try await TestZone.foreign(path: target.backup, "PRAGMA page_size = 65536; VACUUM INTO '\(target.file)';")
        let found = try await target.examine("large pages")
        #expect(found.restore.status == 0 && found.replay.status == 0, "\(found)")
    }

    /// Bytes changed by chance, from one seed: header, schema, pages, cells.
    @Test func noDamageByChanceCrashesOrHangs() async throws {
        let target = try await Target()
        let good = try Data(contentsOf: URL(fileURLWithPath: target.backup))
        var random = Noise(state: 20_261_129)
        for round in 0..<40 {
            var bytes = good
            // Half of them where the header, the schema and the roots are.
            let range = round % 2 == 0 ? 0..<min(bytes.count, 40_960) : 0..<bytes.count
            for _ in 0...Int(random.next() % 24) {
                let place = range.lowerBound + Int(random.next() % UInt64(range.count))
                bytes[bytes.startIndex + place] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = try target.copy()
            try bytes.write(to: URL(fileURLWithPath: target.file))
            let found = try await target.examine("round \(round)")
            #expect(
                [0, 1, 2, 64].contains(found.restore.status) && [0, 1, 3, 64].contains(found.replay.status),
                "round \(round): \(found)")
        }
    }
}

/// Xorshift (Marsaglia 2003).
private struct Noise {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// Pages of a database file, written by hand: https://sqlite.org/fileformat2.html, "B-tree Pages".
private struct Pages {
    let path: String
    private static let interior: UInt8 = 5

    init(_ path: String) async throws { self.path = path }

    private func root(_ table: String) async throws -> Int {
        if table == "sqlite_master" { return 1 }
        let found = try await TestProcess.run(
            "/usr/bin/env", ["sqlite3", path, "SELECT rootpage FROM sqlite_master WHERE name = '\(table)'"])
        return try #require(Int(found.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private static func put(_ value: Int, _ count: Int, at offset: Int, _ page: inout [UInt8]) {
        for index in 0..<count { page[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - index))) }
    }

    /// An interior page of a table, all of whose children are one page.
    private static func page(_ child: Int, size: Int, fan: Int, at start: Int = 0) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: size)
        page[start] = interior
        put(fan, 2, at: start + 3, &page)
        put(size - 5 * fan, 2, at: start + 5, &page)
        put(child, 4, at: start + 8, &page)
        for cell in 0..<fan {
            let place = size - 5 * (cell + 1)
            put(child, 4, at: place, &page)
            page[place + 4] = UInt8(cell + 1)
            put(place, 2, at: start + 12 + 2 * cell, &page)
        }
        return page
    }

    /// The table's root gets 18 levels of pages below it, each with forty times the same child, and
    /// the old root as the last.
    func multiply(_ table: String) async throws {
        try await grow(table) { size, first, old in
            (0..<17).map { Self.page(first + $0 + 1, size: size, fan: 40) } + [old]
        } top: { child, size, start in
            Self.page(child, size: size, fan: start == 0 ? 40 : 30, at: start)
        }
    }

    func chain(_ table: String, count: Int) async throws {
        try await grow(table) { size, first, old in
            (0..<count).map { Self.page(first + $0 + 1, size: size, fan: 0) } + [old]
        } top: { child, size, start in
            Self.page(child, size: size, fan: 0, at: start)
        }
    }

    private func grow(
        _ table: String, _ more: (_ size: Int, _ first: Int, _ old: [UInt8]) -> [[UInt8]],
        top: (_ child: Int, _ size: Int, _ start: Int) -> [UInt8]
    ) async throws {
        let root = try await root(table)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let raw = Int(bytes[16]) << 8 | Int(bytes[17])
        let size = raw == 1 ? 65_536 : raw
        let first = bytes.count / size + 1
        let (begin, start) = ((root - 1) * size, root == 1 ? 100 : 0)
        var old = Array(bytes[begin..<begin + size])
        // On the first page the header and the pointers stand behind the file's own header; the
        // cells stay where they are.
        let head = (old[start] == Self.interior ? 12 : 8) + 2 * (Int(old[start + 3]) << 8 | Int(old[start + 4]))
        if start > 0 { old.replaceSubrange(0..<head, with: Array(old[start..<start + head])) }
        let page = top(first, size, start)
        bytes.replaceSubrange(begin + start..<begin + size, with: page[start...])
        for page in more(size, first, old) { bytes += page }
        Self.put(bytes.count / size, 4, at: 28, &bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
