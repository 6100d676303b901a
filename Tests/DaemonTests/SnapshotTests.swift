import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Snapshots between real daemons, over mutual TLS.
@Suite(.serialized, .endsInTime) struct SnapshotTests {
    static let smallest = ["PARKSYNC_SNAPSHOT_ENTRIES_MIN": "1"]

    /// Rows that compress badly, so that a transfer has a middle.
    private static func fill(_ zone: TestZone, _ park: String, _ name: String, rows: Int) async throws {
        try await zone.transact(
            park,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO organisation (id, kind, name_zh, name_en) SELECT '\(park):organisation:\(name)-' || i, \
            'enterprise', '成都', hex(randomblob(100)) FROM n
            """, [JSONValue(.integer(Int64(rows)))])
    }

    private static func url(_ park: String, _ proxy: CuttingProxy) -> [String: String] {
        ["PARKSYNC_MEMBERS_\(park.uppercased())_URL": "https://127.0.0.1:\(proxy.port)"]
    }

    private static func progress(_ zone: TestZone, _ park: String) async throws -> SnapshotProgress {
        let answer = try await zone.send(park, HTTPText.get(LocalPath.localSnapshot))
        guard answer.status == 200 else { throw try answer.problem() }
        return try JSONDecoder().decode(SnapshotProgress.self, from: answer.body)
    }

    private static func files(_ zone: TestZone, _ park: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: zone.file(park, "state").path).sorted()
    }

    private static func installed(_ zone: TestZone, _ park: String) async throws -> SnapshotProgress {
        try await zone.wait("the snapshot at \(park)") {
            do { return try await progress(zone, park) } catch is RawHTTPConnection.Failure {
                return SnapshotProgress(phase: .installing)
            }
        } until: {
            $0.phase == .idle && ($0.installed != nil || $0.error != nil)
        }
    }

    @Test func aNewNodeBeginsWithASnapshotAndGoesOnWithTheLog() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west")
        try await Self.fill(zone, "south", "a", rows: 200)
        try await Self.fill(zone, "west", "b", rows: 200)
        try await zone.transact("south", "UPDATE organisation SET name_en = 'changed' WHERE id LIKE 'south:%-7'")
        try await zone.transact("west", "DELETE FROM organisation WHERE id LIKE 'west:%-1'")
        try await zone.foreign("south", "CREATE TABLE secret(a); INSERT INTO secret VALUES ('of south alone');")
        try await zone.agree(["south", "west"])
        try await zone.start("airport", environment: Self.smallest.merging(["PARKSYNC_SNAPSHOT_FROM": "south"]) { $1 })
        let progress = try await Self.installed(zone, "airport")
        #expect(
            progress.error == nil && progress.installed?.contains("south:") == true,
            "\(progress)\n\(zone.log("airport"))")
        try await zone.agree()
        let log = zone.log("airport")
        #expect(log.contains("the snapshot is the database now"), "\(log)")
        try await zone.ready("airport")
        // It is a node of its own: writes, is followed, and has nothing of the other park's own.
        try await Self.fill(zone, "airport", "c", rows: 10)
        try await Self.fill(zone, "south", "d", rows: 10)
        // What it acknowledges is an entry, too.
        try await zone.agree(covering: "airport:1")
        #expect(try await zone.verify("airport").findings.isEmpty)
        #expect(
            try await zone.rows("airport", "SELECT count(*) FROM sqlite_master WHERE name = 'secret'") == [
                [JSONValue(.integer(0))]
            ])
        #expect(
            try await zone.rows("airport", "SELECT value FROM _parksync_meta WHERE name = 'park'") == [
                [JSONValue(.string("airport"))]
            ])
        let files = try Self.files(zone, "airport")
        #expect(
            !files.contains { $0.contains("download") || $0.contains("candidate") || $0.contains("ready") }, "\(files)")
        // A restart finds nothing left to do.
        await zone.stop("airport")
        try await zone.start("airport", environment: Self.smallest)
        try await zone.agree()
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    @Test func aTransferThatBreaksAndANodeThatIsKilledGoOnWhereTheyWere() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        try await Self.fill(zone, "south", "a", rows: 20_000)
        let proxy = try CuttingProxy(to: zone.port("south"), cutAfter: 1_500_000)
        let environment = Self.smallest.merging(Self.url("south", proxy)) { $1 }
        try await zone.start("west", environment: environment)
        let download = zone.database("west") + ".download"
        let half = try await zone.wait("half of the snapshot") {
            (try? FileManager.default.attributesOfItem(atPath: download)[.size] as? Int) ?? 0
        } until: {
            $0 > 500_000
        }
        await zone.stop("west", SIGKILL)
        let kept = (try FileManager.default.attributesOfItem(atPath: download)[.size] as? Int) ?? 0
        #expect(kept >= half)
        let passed = proxy.bytesPassed
        proxy.mend()
        try await zone.start("west", environment: environment)
        let progress = try await Self.installed(zone, "west")
        #expect(progress.error == nil, "\(progress)\n\(zone.log("west"))")
        try await zone.agree()
        #expect(try await zone.verify("west").findings.isEmpty)
        // The second part alone passed after the kill.
        let whole = try await zone.status("west").databaseBytes
        #expect(proxy.bytesPassed - passed < Int(whole), "\(proxy.bytesPassed - passed) bytes after \(passed)")
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func aDamagedDownloadIsRefusedAndNothingIsUsed() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        try await Self.fill(zone, "south", "a", rows: 20_000)
        let proxy = try CuttingProxy(to: zone.port("south"), cutAfter: 1_500_000)
        let environment = Self.smallest.merging(Self.url("south", proxy)) { $1 }
        try await zone.start("west", environment: environment)
        let download = zone.database("west") + ".download"
        _ = try await zone.wait("a part of the snapshot") {
            (try? FileManager.default.attributesOfItem(atPath: download)[.size] as? Int) ?? 0
        } until: {
            $0 > 500_000
        }
        await zone.stop("west", SIGKILL)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: download))
        try file.seek(toOffset: 300_000)
        try file.write(contentsOf: Data("damage".utf8))
        try file.close()
        proxy.mend()
        try await zone.start("west", environment: environment)
        let progress = try await Self.installed(zone, "west")
        #expect(
            progress.error?.contains("its bytes are not those that were announced") == true
                && progress.installed == nil, "\(progress)")
        // The log brings everything.
        try await zone.agree()
        let files = try Self.files(zone, "west")
        #expect(
            !files.contains { $0.contains("download") || $0.contains("candidate") || $0.contains("replaced") },
            "\(files)")
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func anOperatorsSnapshotTakesNothingAway() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west", environment: ["PARKSYNC_SNAPSHOT_FROM": "never"])
        try await Self.fill(zone, "south", "a", rows: 50)
        try await zone.agree()
        let taken = try await TestProcess.run(
            "syncctl", ["snapshot", "fetch", "--from", "south", "--socket", zone.socket("west"), "--json"])
        let progress = try JSONDecoder().decode(SnapshotProgress.self, from: Data(taken.output.utf8))
        #expect(
            taken.status == 0 && progress.installed != nil && progress.error == nil, "\(taken)\n\(zone.log("west"))")
        try await zone.agree()
        try await zone.ready("west")
        // An entry that only this node has: the snapshot is refused.
        let paused = try await TestProcess.run("syncctl", ["link", "pause", "south", "--socket", zone.socket("west")])
        #expect(paused.status == 0)
        try await Self.fill(zone, "west", "own", rows: 1)
        let refused = try await TestProcess.run(
            "syncctl", ["snapshot", "fetch", "--from", "south", "--socket", zone.socket("west")])
        #expect(
            refused.status == 1 && refused.output.contains("this node has 1")
                && refused.output.contains("Nothing was replaced"), "\(refused)")
        #expect(try await zone.rows("west", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(51))]])
        _ = try await TestProcess.run("syncctl", ["link", "resume", "south", "--socket", zone.socket("west")])
        try await zone.agree(covering: "west:1")
        let stranger = try await TestProcess.run(
            "syncctl", ["snapshot", "fetch", "--from", "nowhere", "--socket", zone.socket("west")])
        #expect(stranger.status == 2 && stranger.output.contains("not a configured peer"), "\(stranger)")
        #expect(await zone.stopAll() == [0, 0])
    }

    /// South and West no longer have the beginning of South's log: what they have of its rows does
    /// not follow from it.
    @Test func aLogWithoutItsBeginningTakesAnotherParksSnapshotOrTheOperatorsWord() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        let alone = ["PARKSYNC_SNAPSHOT_FROM": "never"]
        try await zone.start("south", "west", environment: alone)
        for number in 1...6 {
            try await Self.fill(zone, "south", "\(number)", rows: 2)
            try await zone.agree(["south", "west"], covering: "south:\(number)")
        }
        for park in ["south", "west"] {
            #expect(await zone.stop(park) == 0)
            // As after an archive whose file was lost.
            let done = try await TestProcess.sqlite(
                zone.database(park),
                """
                INSERT INTO _parksync_segment(id, last, hash, digest, bytes) SELECT (o.ordinal << 40) + 1, 3, l.hash, \
                zeroblob(32), 100
                FROM _parksync_origin o JOIN _parksync_log l ON l.id = (o.ordinal << 40) + 3 WHERE o.name = 'south';
                DELETE FROM _parksync_log WHERE id IN (SELECT (ordinal << 40) + n.column1 FROM _parksync_origin, \
                (VALUES(1), (2), (3)) n WHERE name = 'south')
                """)
            #expect(done.status == 0, "\(done)")
        }
        try await zone.start("south", "west", environment: alone)
        _ = try await zone.wait("south being ready") {
            try await zone.status("south")
        } until: {
            $0.phase == .ready
        }
        #expect(await zone.stop("west") == 0)
        let fromSouth = Self.smallest.merging(["PARKSYNC_SNAPSHOT_FROM": "south"]) { $1 }
        try await zone.start("airport", environment: fromSouth)
        // There is nobody who could confirm it.
        let unconfirmed = try await Self.installed(zone, "airport")
        let error = unconfirmed.error ?? ""
        #expect(unconfirmed.installed == nil && error.contains("lacks the beginning of south"), "\(unconfirmed)")
        #expect(error.contains("--without-confirmation"), "\(unconfirmed)")
        #expect(try await zone.status("airport").applied == "-")
        let asked = try await TestProcess.run(
            "syncctl", ["snapshot", "fetch", "--from", "south", "--socket", zone.socket("airport")])
        #expect(asked.status == 1 && asked.output.contains("--without-confirmation"), "\(asked)")
        let taken = try await TestProcess.run(
            "syncctl",
            ["snapshot", "fetch", "--from", "south", "--without-confirmation", "--socket", zone.socket("airport")])
        #expect(taken.status == 0 && taken.output.contains("south:6"), "\(taken)\n\(zone.log("airport"))")
        try await zone.agree(["south", "airport"], covering: "south:6")
        #expect(await zone.stop("airport") == 0)
        try zone.removeDatabase("airport")
        // West says the same.
        try await zone.start("west", environment: alone)
        _ = try await zone.wait("west being ready") {
            try await zone.status("west")
        } until: {
            $0.phase == .ready
        }
        try await zone.start("airport", environment: fromSouth)
        let confirmed = try await Self.installed(zone, "airport")
        #expect(
            confirmed.error == nil && confirmed.installed?.contains("south:6") == true,
            "\(confirmed)\n\(zone.log("airport"))")
        try await zone.agree(covering: "south:6")
        let files = try Self.files(zone, "airport")
        #expect(!files.contains { $0.contains("download") || $0.contains("candidate") }, "\(files)")
        #expect(await zone.stopAll() == [0, 0, 0])
    }
}
