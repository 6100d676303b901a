import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// What a daemon cannot start with ends it with status 64 and the place, so that nobody starts it
/// again and again.
@Suite(.serialized, .endsInTime) struct SchemaRefusalTests {
    private static let good =
        """
        -- parksync: schema 1\n-- parksync: writer any\nCREATE TABLE t(\n    id TEXT NOT NULL PRIMARY KEY,\n    \
        v TEXT\n);\n
        """

    private func folder(_ zone: TestZone, _ files: [String]) throws -> String {
        let folder = zone.folder.appendingPathComponent("schema")
        if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (index, text) in files.enumerated() {
            try Data(text.utf8).write(to: folder.appendingPathComponent("00\(index + 1).sql"))
        }
        return folder.path
    }

    private func expectRefusal(_ zone: TestZone, _ files: String..., says: String...) async throws {
        let path = try folder(zone, files)
        let ended = try await TestProcess.run(
            "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path, "--schema", path])
        #expect(ended.status == 64, "\(files.last ?? "") gave \(ended)")
        for text in says { #expect(ended.output.contains(text), "\(files.last ?? "") gave \(ended)") }
    }

    @Test func aSchemaThatCannotBeExecutedEndsTheDaemonForGood() async throws {
        let zone = try await TestZone(["south", "west"])
        try await expectRefusal(zone, "BEGIN;\n" + Self.good + "COMMIT;\n", says: "001.sql:1: ", "transaction")
        try await expectRefusal(zone, Self.good + "\nVACUUM;", says: "001.sql:8: ")
        try await expectRefusal(
            zone, Self.good.replacingOccurrences(of: "-- parksync: writer", with: "--parksync: writer"),
            says: "001.sql:2: ")
        let other = URL(fileURLWithPath: try folder(zone, [Self.good])).appendingPathComponent("002.SQL")
        try Data("-- parksync: schema 2\n".utf8).write(to: other)
        let ended = try await TestProcess.run(
            "parksyncd",
            [
                "run", "--config", zone.file("south", "parksyncd.yaml").path, "--schema",
                other.deletingLastPathComponent().path,
            ])
        #expect(ended.status == 64 && ended.output.contains("002.SQL: the file would not be read"), "\(ended)")
        try await expectRefusal(
            zone, Self.good, "-- parksync: schema 2\nALTER TABLE t ADD COLUMN w DEFAULT (random());",
            says: "002.sql:2: ")
        try await zone.foreign("south", "CREATE TABLE t(id TEXT NOT NULL PRIMARY KEY, v TEXT)")
        try await expectRefusal(zone, Self.good, says: "001.sql:3: ", "already exists")
        let adopting = Self.good.replacingOccurrences(of: "TABLE t", with: "TABLE IF NOT EXISTS t")
            .replacingOccurrences(of: "v TEXT", with: "v BLOB")
        try await expectRefusal(zone, adopting, says: "001.sql:3: ", "column v")
    }

    /// In the daemon, and in a command that executes the files itself.
    @Test func aStatementWithoutEndEndsTheDaemonForGood() async throws {
        let zone = try await TestZone(["south", "west"], schema: .catalogue)
        let local = Self.good + "-- parksync: local\nCREATE TABLE mine(a);\n"
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        let members = zone.file("south", "with-schema.yaml")
        let configuration = try String(contentsOf: zone.file("south", "parksyncd.yaml"), encoding: .utf8)
        try "\(configuration)\nschema: \(zone.folder.path)/schema\n".write(
            to: members, atomically: true, encoding: .utf8)
        for (statement, words) in [
            ("INSERT INTO mine \(numbers) SELECT i FROM n;", "does not come to its end"),
            ("INSERT INTO mine \(numbers) SELECT hex(randomblob(30000)) FROM n;", "more than 67108864 bytes"),
            ("INSERT INTO mine SELECT hex(zeroblob(400000000));", "more than 65536 bytes"),
        ] {
            try await expectRefusal(zone, local + statement, says: "001.sql:9: ", words)
            let offline = try await TestProcess.run(
                "syncctl",
                [
                    "replay", "--database", "\(zone.folder.path)/none", "--members", members.path, "--into",
                    "\(zone.folder.path)/copy",
                ])
            #expect(offline.status == 64 && offline.output.contains("001.sql:9: "), "\(statement) gave \(offline)")
            #expect(!FileManager.default.fileExists(atPath: zone.database("south")), "nothing of it is kept")
        }
        try await zone.start("south", "west", environment: ["PARKSYNC_SCHEMA": try folder(zone, [local])])
        try await zone.ready("south")
        try await zone.transact("south", "INSERT INTO t VALUES('a', 'b')")
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func rowsOfAProgramAreSharedAndAnEditedFileIsRefused() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.foreign(
            "south", "CREATE TABLE t(id TEXT NOT NULL PRIMARY KEY, v TEXT); INSERT INTO t VALUES('a', 'before')")
        let marked = try await TestProcess.run(
            "parksyncd", ["first-start", "--config", zone.file("south", "parksyncd.yaml").path])
        #expect(marked.status == 0, "\(marked)")
        let adopting = Self.good.replacingOccurrences(of: "TABLE t", with: "TABLE IF NOT EXISTS t")
        let schema = ["PARKSYNC_SCHEMA": try folder(zone, [adopting])]
        try await zone.start("south", "west", environment: schema)
        try await zone.agree(covering: "south:1")
        #expect(
            try await zone.rows("west", "SELECT id, v FROM t") == [
                [JSONValue(.string("a")), JSONValue(.string("before"))]
            ])
        #expect(await zone.stopAll() == [0, 0])
        let again = try await TestProcess.run(
            "parksyncd", ["first-start", "--config", zone.file("south", "parksyncd.yaml").path])
        #expect(again.status == 64 && again.output.contains("run before"), "\(again)")

        try await expectRefusal(
            zone, adopting.replacingOccurrences(of: "v TEXT", with: "v TEXT,\n    w TEXT"), says: "001.sql:5: ",
            "`v TEXT,`")
        try await expectRefusal(
            zone, adopting.replacingOccurrences(of: "any\n", with: "any\n-- parksync: append-only\n"),
            says: "001.sql:3: ", "edited")
        try await zone.foreign("south", "ALTER TABLE t RENAME TO u")
        try await expectRefusal(zone, adopting, says: "renamed it to u", "ALTER TABLE \"u\" RENAME TO \"t\"")
    }

    /// SQLite's shell has a collation of its own, as programs have.
    @Test func anIndexThatOnlyItsProgramCanKeepIsToldWhileTheNodeRuns() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        try await zone.transact(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:1', 'enterprise', '成都')")
        try await zone.agree(covering: "south:1")
        try await zone.foreign("west", "CREATE INDEX own ON organisation(name_zh COLLATE uint)")
        let status = try await zone.wait("the obstacle") {
            try await zone.status("west")
        } until: {
            $0.tableObstacles != nil
        }
        let obstacle = try #require(status.tableObstacles?.first)
        #expect(
            obstacle.table == "organisation" && obstacle.cause.contains("index own")
                && obstacle.remedy.contains("DROP INDEX \"own\""))
        #expect(Verdict.judge(status).level == .broken)
        try await zone.transact("south", "UPDATE organisation SET name_zh = '国际生物城'")
        let held = try await zone.wait("the entry that waits") {
            try await zone.status("west")
        } until: {
            !$0.stuck.isEmpty
        }
        #expect(held.stuck.first?.cause.contains("index own") == true, "\(held.stuck)")
        try await zone.foreign("west", "DROP INDEX own")
        try await zone.agree(covering: "south:2")
        _ = try await zone.wait("the end of the obstacle") {
            try await zone.status("west")
        } until: {
            $0.tableObstacles == nil
        }
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func aDatabaseInUTF16EndsTheDaemonForGood() async throws {
        let zone = try await TestZone(["south", "west"])
        try await TestZone.foreign(path: zone.database("south"), "PRAGMA encoding = 'UTF-16'; CREATE TABLE t(a)")
        try await expectRefusal(zone, Self.good, says: "UTF-16le", "UTF-8")
    }
}
