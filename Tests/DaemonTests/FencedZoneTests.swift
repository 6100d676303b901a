import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// Real daemons of which one park is taken out of the zone, or was never in it.
@Suite("A park that is out", .serialized, .endsInTime) struct FencedZoneTests {
    private static let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"
    private static let quick = ["PARKSYNC_RETENTION_INTERVAL_SECONDS": "1"]

    private func write(_ zone: TestZone, _ park: String, _ name: String) async throws {
        try await zone.transact(park, Self.insert, [JSONValue(.string("\(park):organisation:\(name)"))])
    }

    private func count(_ zone: TestZone, _ park: String, like pattern: String) async throws -> JSONValue? {
        try await zone.rows(park, "SELECT count(*) FROM organisation WHERE id LIKE '\(pattern)'").first?.first
    }

    /// Three parks have written; West is stopped and taken out. What only West had is in its file.
    private func fenced() async throws -> TestZone {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport", environment: Self.quick)
        for park in zone.parks { for name in ["1", "2"] { try await write(zone, park, name) } }
        try await zone.agree()
        #expect(await zone.stop("west") == 0)
        try await zone.fence("west", by: ["south", "airport"])
        return zone
    }

    private func waitForLog(_ zone: TestZone, _ park: String, _ text: String) async throws {
        _ = try await zone.wait("\(text) in the journal of \(park)", { zone.log(park) }, until: { $0.contains(text) })
    }

    private func expectGood(_ zone: TestZone, _ parks: [String]) async throws {
        for park in parks {
            let seen = try await zone.wait("\(park) being good") {
                try await TestProcess.run("syncctl", ["status", "--socket", zone.socket(park)])
            } until: {
                $0.status == 0 && $0.output.contains("fenced    west")
            }
            #expect(seen.output.hasPrefix("GOOD"), "\(seen.output)")
            #expect(try await zone.status(park).peers.map(\.park) == parks.filter { $0 != park })
            let verified = try await TestProcess.run("syncctl", ["log", "verify", "--socket", zone.socket(park)])
            #expect(verified.status == 0 && verified.output.hasPrefix("SOUND"), "\(verified.output)")
        }
    }

    /// Takes a park out of a node's configuration.
    private func forget(_ park: String, at other: String, in zone: TestZone) throws {
        let file = zone.file(other, "parksyncd.yaml")
        var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        if let start = lines.firstIndex(of: "  \(park):") { lines.removeSubrange(start..<start + 3) }
        lines = lines.map { line in
            guard line.hasPrefix("parks: [") else { return line }
            let parks = line.dropFirst("parks: [".count).dropLast().components(separatedBy: ", ").filter { $0 != park }
            return "parks: [\(parks.joined(separator: ", "))]"
        }
        try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    }

    private func loseFile(_ zone: TestZone, _ park: String) async throws {
        #expect(await zone.stop(park) == 0)
        try zone.removeDatabase(park)
        try await zone.start(park, environment: Self.quick)
        _ = try await zone.wait("\(park) being ready") {
            try await zone.status(park)
        } until: {
            $0.phase == .ready
        }
    }

    @Test("The member stays in the configurations: nobody waits for it, not a lost file either") func kept()
        async throws
    {
        let zone = try await fenced()
        try await expectGood(zone, ["airport", "south"])
        for park in ["airport", "south"] { try await waitForLog(zone, park, "event=park.fenced park=west\n") }
        try await loseFile(zone, "south")
        #expect(try await count(zone, "south", like: "west:%") == JSONValue(.integer(2)))
        try await write(zone, "south", "3")
        try await expectGood(zone, ["airport", "south"])
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("The member is taken out of the configurations: its old entries verify, and a lost file gets them back")
    func removed() async throws {
        let zone = try await fenced()
        try await expectGood(zone, ["airport", "south"])
        for park in ["airport", "south"] {
            #expect(await zone.stop(park) == 0)
            try forget("west", at: park, in: zone)
            try await zone.start(park, environment: Self.quick)
        }
        try await expectGood(zone, ["airport", "south"])
        // A file that has never seen West's key.
        try await loseFile(zone, "south")
        #expect(try await count(zone, "south", like: "west:%") == JSONValue(.integer(2)))
        try await expectGood(zone, ["airport", "south"])
        // West itself is still told, as a signed entry, and writes no more.
        try await zone.start("west", environment: Self.quick)
        let status = try await zone.wait("west to know") {
            try await zone.status("west")
        } until: {
            $0.phase == .fenced
        }
        #expect(status.fence?.contains("taken out of the zone by entry airport:") == true, "\(status.fence ?? "")")
        try await expectRefused(zone, "west", "taken out")
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    private func expectRefused(_ zone: TestZone, _ park: String, _ word: String) async throws {
        let refusal = await #expect(throws: ProblemDetails.self) { try await write(zone, park, "refused") }
        #expect(refusal?.code == "fenced" && refusal?.detail.contains(word) == true, "\(String(describing: refusal))")
        let foreign = try await TestProcess.sqlite(
            zone.database(park),
            "INSERT INTO organisation (id, kind, name_zh) VALUES ('\(park):organisation:foreign', 'enterprise', '成都');")
        #expect(foreign.status != 0 && foreign.output.contains("not in the zone"), "\(foreign.output)")
        #expect(try await count(zone, park, like: "%foreign") == JSONValue(.integer(0)))
        #expect(try await zone.send(park, HTTPText.get(LocalPath.ready)).status == 503)
    }

    @Test("A wrong fence is lifted by as many parks as made it: the park goes on with all that it had, and all agree")
    func lifted() async throws {
        let zone = try await fenced()
        try await expectGood(zone, ["airport", "south"])
        try await zone.start("west", environment: Self.quick)
        _ = try await zone.wait("west to know", { try await zone.status("west") }, until: { $0.phase == .fenced })
        try await expectRefused(zone, "west", "taken out")
        try await zone.unfence("west", by: ["south", "airport"])
        let status = try await zone.ready("west")
        #expect(status.origin == "west~2" && status.fence == nil, "\(status)")
        for park in zone.parks { try await write(zone, park, "after") }
        for park in zone.parks {
            for other in zone.parks {
                _ = try await zone.wait(
                    "rows of \(other) at \(park)", { try await count(zone, park, like: "\(other):%") },
                    until: { $0 == JSONValue(.integer(3)) })
            }
        }
        try await zone.agree()
        for park in zone.parks {
            let seen = try await zone.wait("\(park) being good") {
                try await TestProcess.run("syncctl", ["status", "--socket", zone.socket(park)])
            } until: {
                $0.status == 0 && !$0.output.contains("fenced    west")
            }
            #expect(seen.output.hasPrefix("GOOD"), "\(seen.output)")
            let verified = try await TestProcess.run("syncctl", ["log", "verify", "--socket", zone.socket(park)])
            #expect(verified.status == 0 && verified.output.hasPrefix("SOUND"), "\(verified.output)")
        }
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    @Test(
        """
        What one park alone had of a park that is taken out comes to all as soon as it hears of that, and its \
        file replays
        """
    ) func alone()
        async throws
    {
        let zone = try await TestZone(["south", "west", "airport", "bio"])
        try await zone.start("south", "west", "airport", "bio")
        try await write(zone, "west", "1")
        try await zone.agree()
        for park in ["airport", "south"] { #expect(await zone.stop(park) == 0) }
        try await write(zone, "west", "2")
        _ = try await zone.wait(
            "bio to have it", { try await zone.status("bio").applied }, until: { $0.contains("west:2") })
        for park in ["bio", "west"] { #expect(await zone.stop(park) == 0) }
        try await zone.start("south", "airport")
        for park in ["airport", "south"] {
            _ = try await zone.wait("\(park) to write", { try await zone.status(park).phase }, until: { $0 == .ready })
        }
        try await zone.fence("west", by: ["south", "airport"])
        // With the interval as installed, which is longer than any wait of a test.
        try await zone.start("bio")
        try await zone.agree(["airport", "bio", "south"], covering: "west:2")
        for park in ["airport", "bio", "south"] {
            #expect(try await count(zone, park, like: "west:%") == JSONValue(.integer(2)))
            let replay = try await TestProcess.run(
                "syncctl",
                [
                    "replay", "--database", zone.database(park), "--members", zone.file(park, "parksyncd.yaml").path,
                    "--into",
                    zone.folder.path + "/\(park)-replayed.sqlite",
                ])
            #expect(replay.status == 0 && replay.output.hasPrefix("PROVEN"), "\(replay.output)")
        }
        try await expectGood(zone, ["airport", "bio", "south"])
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    @Test("A park comes back while an entry of its old log is left out: nobody waits for that one") func returned()
        async throws
    {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "airport", environment: Self.quick)
        let ahead = try await zone.clockAhead(milliseconds: 3_600_000)
        try await zone.start("west", environment: Self.quick.merging(ahead) { $1 })
        try await write(zone, "west", "held")
        for park in ["airport", "south"] {
            try await write(zone, park, "1")
            _ = try await zone.wait(
                "\(park) to hold it", { try await zone.status(park).stuck.map(\.state) }, until: { $0 == [.held] })
            try await waitForLog(zone, park, "event=clock.off peer=west offset_ms=3")
        }
        #expect(await zone.stop("west") == 0)
        try await zone.fence("west", by: ["south", "airport"])
        for park in ["airport", "south"] {
            _ = try await zone.wait(
                "\(park) to leave it out", { try await zone.status(park).stuck.map(\.state) },
                until: { $0 == [.leftOut] })
        }
        try await expectGood(zone, ["airport", "south"])
        try zone.removeDatabase("west")
        try await zone.start("west", environment: Self.quick)
        for park in zone.parks {
            _ = try await zone.wait("\(park) to be good") {
                try await TestProcess.run("syncctl", ["status", "--socket", zone.socket(park)])
            } until: {
                $0.status == 0 && $0.output.hasPrefix("GOOD") && !$0.output.contains("catching up")
            }
        }
        try await write(zone, "west", "again")
        for park in ["airport", "south"] {
            _ = try await zone.wait(
                "\(park) to have it", { try await count(zone, park, like: "west:%again") },
                until: { $0 == JSONValue(.integer(1)) })
        }
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    @Test(
        """
        A park that leaves a zone of two without a fence: the other's log stays sound, and can be backed up and \
        replayed
        """
    ) func left() async throws {
        let zone = try await TestZone.pair(writing: "west")
        #expect(await zone.stopAll() == [0, 0])
        let file = zone.file("south", "parksyncd.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacingOccurrences(of: "parks: [south, west]", with: "parks: [south]\nformer_parks: [west]").write(
            to: file, atomically: true, encoding: .utf8)
        try await zone.start("south")
        try await zone.ready("south")
        try await write(zone, "south", "alone")
        let socket = zone.socket("south")
        let verified = try await TestProcess.run("syncctl", ["log", "verify", "--socket", socket])
        #expect(verified.status == 0 && verified.output.hasPrefix("SOUND"), "\(verified.output)")
        let backup = zone.folder.path + "/south.backup"
        let kept = try await TestProcess.run("syncctl", ["backup", backup, "--socket", socket])
        #expect(kept.status == 0, "\(kept.output)")
        let replay = try await TestProcess.run(
            "syncctl",
            [
                "replay", "--database", zone.database("south"), "--members", file.path, "--into",
                zone.folder.path + "/replayed.sqlite",
            ])
        #expect(replay.status == 0 && replay.output.hasPrefix("PROVEN"), "\(replay.output)")
        #expect(await zone.stop("south") == 0)
        // Without the key nobody can tell, and the remedy is said.
        try text.replacingOccurrences(of: "parks: [south, west]", with: "parks: [south]").write(
            to: file, atomically: true, encoding: .utf8)
        try await zone.start("south")
        let unsure = try await TestProcess.run("syncctl", ["log", "verify", "--socket", socket])
        #expect(unsure.status == 1 && unsure.output.contains("name it in `former_parks`"), "\(unsure.output)")
        #expect(await zone.stop("south") == 0)
    }

    @Test(
        "A park that no other has in its configuration accepts no writes, until one has, or its operator answers for it"
    )
    func strangers() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport")
        try await write(zone, "west", "1")
        try await zone.agree()
        for park in ["airport", "south"] {
            #expect(await zone.stop(park) == 0)
            try forget("west", at: park, in: zone)
            try await zone.start(park)
        }
        // It goes on running all the while.
        let status = try await zone.wait("west to be shut") {
            try await zone.status("west")
        } until: {
            $0.phase == .fenced
        }
        #expect(status.fence?.contains("airport, south refused it") == true, "\(status.fence ?? "")")
        for park in ["airport", "south"] {
            try await waitForLog(zone, park, "event=peer.refused address=127.0.0.1 park=west code=peer-unknown")
        }
        try await expectRefused(zone, "west", "no other park takes west for a member")
        for park in ["airport", "south"] {
            let told = try await zone.wait("\(park)'s journal") {
                zone.log(park)
            } until: {
                $0.contains("event=peer.refused address=127.0.0.1 park=west code=peer-unknown")
            }
            #expect(!told.isEmpty)
        }
        let answered = try await TestProcess.run(
            "syncctl",
            ["accept-writes", "--reason", "the others are being configured", "--socket", zone.socket("west")])
        #expect(answered.status == 0, "\(answered.output)")
        _ = try await zone.wait("west to write", { try await zone.status("west") }, until: { $0.phase == .ready })
        try await write(zone, "west", "2")
        // After a start the word is given before it has come out that nobody knows the park, and
        // counts all the same.
        #expect(await zone.stop("west") == 0)
        try await zone.start("west")
        let early = try await TestProcess.run(
            "syncctl", ["accept-writes", "--reason", "still so", "--socket", zone.socket("west")])
        #expect(early.status == 0, "\(early.output)")
        _ = try await zone.wait(
            "the strangers' refusal", { try await zone.status("west") },
            until: { status in
                status.phase == .ready
                    && status.peers.allSatisfy { $0.lastError?.contains("does not know this park") == true }
            })
        try await write(zone, "west", "3")
        #expect(await zone.stopAll() == [0, 0, 0])
    }
}
