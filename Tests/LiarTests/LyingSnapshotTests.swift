import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire
import Testing
import parksync_liar

/// Real daemons beside a member that lies in its snapshots.
@Suite("A lying member's snapshot", .serialized, .endsInTime) struct LyingSnapshotTests {
    static let airport = origin("airport")

    static func write(_ zone: TestZone, _ park: String, _ name: String) async throws {
        try await zone.transact(
            park, "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
            [JSONValue(.string("\(park):organisation:\(name)"))])
    }

    @Test("A node that has data takes no snapshot because a peer says that it keeps too little") func unwantedSnapshot()
        async throws
    {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west")
        try await Self.write(zone, "south", "1")
        try await zone.agree(["south", "west"], covering: "south:1")
        let given = GivenSnapshot()
        let liar = try LyingMember("airport", in: zone, transfers: given) { _, request in
            [
                LyingMember.hello("airport", to: request, logged: [(Self.airport, 9)]),
                .gone(Self.airport, oldestKept: 7),
            ]
        }
        try await liar.run {
            let status = try await zone.wait("south telling what it needs") {
                try await zone.status("south")
            } until: {
                $0.peers.first { $0.park == "airport" }?.lastError?.contains("syncctl snapshot fetch --from airport")
                    == true
            }
            #expect(status.phase == .ready)
            _ = try await zone.wait("south's journal") {
                zone.log("south")
            } until: {
                $0.contains("event=snapshot.needed peer=airport")
            }
            try await Self.write(zone, "south", "2")
            #expect(given.asked == 0, "south has asked for a snapshot by itself\n\(zone.log("south"))")
            // The operator's word is another thing.
            let taken = try await TestProcess.run(
                "syncctl", ["snapshot", "fetch", "--from", "airport", "--socket", zone.socket("south")])
            #expect(taken.status == 1 && given.asked == 1, "\(taken)")
        }
        try await zone.agree(["south", "west"], covering: "south:2")
        #expect(await zone.stopAll() == [0, 0])
    }

    /// What Airport does to its snapshot before it signs it, in SQL, and what the node says of it.
    /// Chain and signatures of the log stay as they are.
    private static let lies: [(sql: String, reason: String)] = [
        ("UPDATE organisation SET name_zh = 'forged' WHERE id = 'south:organisation:1'", "rows of organisation"),
        (
            "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:invented', 'enterprise', 'x')",
            "rows of organisation"
        ),
        ("DELETE FROM organisation WHERE id = 'south:organisation:1'", "rows of organisation"),
        (
            """
            INSERT INTO _parksync_fence
            SELECT 'west', ordinal, 1, '-', '' FROM _parksync_origin WHERE name = 'airport'
            """,
            "fences"
        ),
        ("UPDATE _parksync_life SET causal_length = causal_length + 2", "causal lengths"),
        ("UPDATE _parksync_origin SET ordinal = ordinal + 10", "does not name"),
        ("UPDATE _parksync_origin SET ordinal = 9223372036854775807 WHERE name = 'south'", "numbers of origins"),
        ("UPDATE _parksync_origin SET dependencies = 'south:77' WHERE name = 'west'", "cursors and dependencies"),
        ("CREATE INDEX i ON organisation(instr(hex(name_zh), 'x'))", "brings the index i"),
    ]

    @Test("A false snapshot is refused, the liar named, and everything comes from the others") func falseSnapshots()
        async throws
    {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport", environment: ["PARKSYNC_SNAPSHOT_FROM": "never"])
        for park in ["south", "west"] { for name in ["1", "2"] { try await Self.write(zone, park, name) } }
        try await zone.transact("south", "DELETE FROM organisation WHERE id = 'south:organisation:2'")
        try await zone.agree(covering: "south:3")
        let honest = try await FetchedSnapshot(zone, of: "airport")
        for park in ["west", "airport"] { #expect(await zone.stop(park) == 0) }
        let given = GivenSnapshot()
        let liar = try LyingMember("airport", in: zone, transfers: given) { _, request in
            [LyingMember.hello("airport", to: request, logged: [])]
        }
        try await liar.run {
            for (sql, reason) in Self.lies {
                let (signed, file) = try await honest.altered(sql)
                given.give(signed, file)
                try zone.removeDatabase("west")
                try await zone.start(
                    "west", environment: ["PARKSYNC_SNAPSHOT_FROM": "airport", "PARKSYNC_SNAPSHOT_ENTRIES_MIN": "1"])
                try await expectNamed(zone, "west", reason, sql)
                // Its own entries come back from South, and all else.
                try await zone.agree(["south", "west"], covering: "west:2")
                #expect(await zone.stop("west") == 0)
            }
            // Over data, by the operator's word.
            try await zone.start("west", environment: ["PARKSYNC_SNAPSHOT_FROM": "never"])
            _ = try await zone.wait("west being ready") {
                try await zone.status("west")
            } until: {
                $0.phase == .ready
            }
            try await Self.write(zone, "west", "3")
            let taken = try await TestProcess.run(
                "syncctl", ["snapshot", "fetch", "--from", "airport", "--socket", zone.socket("west")])
            #expect(taken.status == 1 && taken.output.contains("brings the index i"), "\(taken)")
            try await expectNamed(zone, "west", "brings the index i", "by the operator's word")
            try await zone.agree(["south", "west"], covering: "west:3")
        }
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test("A check that ended the node is not begun again at each start") func checkThatWasCutOff() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        try await Self.write(zone, "south", "1")
        let honest = try await FetchedSnapshot(zone, of: "south")
        let state = zone.file("west", "state")
        try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
        try Data(honest.signed).write(to: URL(fileURLWithPath: zone.database("west") + ".download-manifest"))
        try FileManager.default.copyItem(atPath: honest.file, toPath: zone.database("west") + ".download")
        try Data().write(to: URL(fileURLWithPath: zone.database("west") + ".download-check"))
        try await zone.start("west", environment: ["PARKSYNC_SNAPSHOT_ENTRIES_MIN": "1"])
        try await zone.agree(covering: "south:1")
        #expect(zone.log("west").contains("the node ended while it checked a snapshot"), "\(zone.log("west"))")
        #expect(!zone.log("west").contains("event=snapshot.installed"))
        let files = try FileManager.default.contentsOfDirectory(atPath: state.path)
        #expect(!files.contains { $0.contains("download") }, "\(files)")
        #expect(await zone.stopAll() == [0, 0])
    }

    /// What the check of a snapshot may take in memory is bounded by what this node takes in one
    /// entry, whatever the file says.
    @Test("Cells and rows that are as long as they can be cost no memory") func hugeSnapshots() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport", environment: ["PARKSYNC_SNAPSHOT_FROM": "never"])
        for park in ["south", "west"] { try await Self.write(zone, park, "1") }
        try await zone.agree(covering: "west:1")
        let honest = try await FetchedSnapshot(zone, of: "airport")
        for park in ["west", "airport"] { #expect(await zone.stop(park) == 0) }
        let columns = ["name_zh", "name_en", "website", "kind", "industry"]
        let long = columns.map { "\($0) = printf('%.*c', 30000000, 'x')" }.joined(separator: ", ")
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
        let cases: [(sql: String, reason: String, isLie: Bool)] = [
            (
                "UPDATE organisation SET name_zh = printf('%.*c', 150000000, 'x') WHERE id = 'south:organisation:1'",
                "too big", true
            ),
            (
                """
                PRAGMA ignore_check_constraints = ON;
                UPDATE organisation SET \(long) WHERE id = 'south:organisation:1'
                """,
                "rows of organisation", true
            ),
            (
                """
                INSERT INTO organisation (id, kind, name_zh) \(many)
                SELECT 'south:organisation:x' || i, 'enterprise', hex(zeroblob(200)) FROM n
                """,
                "rows of organisation", true
            ),
            (
                "UPDATE _parksync_log SET payload = zeroblob(150000000) WHERE id = (SELECT min(id) FROM _parksync_log)",
                "entry.bytes_max", false
            ),
            (
                "UPDATE _parksync_origin SET dependencies = printf('%.*c', 150000000, 'x') WHERE name = 'south'",
                "too big", true
            ),
        ]
        let given = GivenSnapshot()
        let liar = try LyingMember("airport", in: zone, transfers: given) { _, request in
            [LyingMember.hello("airport", to: request, logged: [])]
        }
        try await liar.run {
            for (sql, reason, isLie) in cases {
                let (signed, file) = try await honest.altered(sql)
                given.give(signed, file)
                try zone.removeDatabase("west")
                let failures = {
                    zone.log("west").split(separator: "\n").filter { $0.contains("event=snapshot.failed") }
                }
                let before = failures().count
                try await zone.start(
                    "west", environment: ["PARKSYNC_SNAPSHOT_FROM": "airport", "PARKSYNC_SNAPSHOT_ENTRIES_MIN": "1"])
                let told = try await zone.wait("west refusing it: \(sql)") {
                    failures()
                } until: {
                    $0.count > before
                }
                #expect(told.last?.contains(reason) == true, "\(sql): \(told.last ?? "")")
                try await zone.agree(["south", "west"], covering: "west:1")
                let peak = try zone.peakBytes("west")
                print("peak memory of west, \(sql.prefix(60)): \(peak >> 20) MiB")
                #expect(peak < 256 << 20, "\(sql): \(peak >> 20) MiB")
                let lie = try await zone.status("west").peers.first { $0.park == "airport" }?.lie
                #expect((lie?.kind == "false-snapshot") == isLie, "\(sql): \(String(describing: lie))")
                #expect(await zone.stop("west") == 0)
            }
        }
        #expect(await zone.stopAll() == [0])
    }

    /// A list that a check reads whole, and that no signature covers: 3,000,000 keys take 300 MiB.
    @Test("A snapshot whose check needs more memory than it may have costs the node none") func boundlessSnapshot()
        async throws
    {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport", environment: ["PARKSYNC_SNAPSHOT_FROM": "never"])
        for park in ["south", "west"] { try await Self.write(zone, park, "1") }
        try await zone.agree(covering: "west:1")
        let honest = try await FetchedSnapshot(zone, of: "airport")
        for park in ["west", "airport"] { #expect(await zone.stop(park) == 0) }
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)"
        let (signed, file) = try await honest.altered(
            "\(numbers) INSERT INTO _parksync_member SELECT printf('%08d', i), x'00' FROM n")
        let given = GivenSnapshot()
        given.give(signed, file)
        let liar = try LyingMember("airport", in: zone, transfers: given) { _, request in
            [LyingMember.hello("airport", to: request, logged: [])]
        }
        try await liar.run {
            try zone.removeDatabase("west")
            let environment = [
                "PARKSYNC_SNAPSHOT_FROM": "airport", "PARKSYNC_SNAPSHOT_ENTRIES_MIN": "1",
                "PARKSYNC_ENTRY_BYTES_MAX": "4194304",
            ]
            try await zone.start("west", environment: environment)
            try await expectNamed(zone, "west", "208 MiB of memory", "3,000,000 keys")
            try await zone.agree(["south", "west"], covering: "west:1")
            try await Self.write(zone, "west", "2")
            let peak = try zone.peakBytes("west")
            print("peak memory of west, whose child was to read 3,000,000 keys: \(peak >> 20) MiB")
            #expect(peak < 192 << 20, "\(peak >> 20) MiB")
            #expect(await zone.stop("west") == 0)
        }
        #expect(await zone.stopAll() == [0])
    }

    /// The park whose snapshot it is does not know of the damage, and the one that takes it cannot
    /// know that it is no lie.
    @Test("An honest park whose rows were changed past capture is told what to do, and not called a liar")
    func damagedRows() async throws {
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west", "airport", environment: ["PARKSYNC_SNAPSHOT_FROM": "never"])
        for park in ["south", "airport"] { try await Self.write(zone, park, "1") }
        try await zone.agree(covering: "airport:1")
        #expect(await zone.stop("west") == 0)
        // It finds that itself some time later, and mends nothing without its operator.
        try await zone.foreign(
            "airport",
            """
            DROP TRIGGER _parksync_update_organisation;
            UPDATE organisation SET name_zh = 'rotten' WHERE id = 'south:organisation:1';
            """
        )
        try zone.removeDatabase("west")
        try await zone.start(
            "west", environment: ["PARKSYNC_SNAPSHOT_FROM": "airport", "PARKSYNC_SNAPSHOT_ENTRIES_MIN": "1"])
        let status = try await zone.wait("west telling of it\n\(zone.log("west"))") {
            try await zone.status("west")
        } until: {
            $0.phase == .ready && $0.peers.first { $0.park == "airport" }?.lie?.kind == "false-snapshot"
        }
        let reason = try #require(
            Verdict.judge(status).reasons.first { $0.cause == .unfoundedSnapshot && $0.park == "airport" })
        for words in [
            "does not follow from its signed log", "Either it lies, or its database is damaged",
            "syncctl verify --rows",
        ] {
            #expect(reason.text.contains(words), "\(reason.text)")
            _ = try await zone.wait("west's journal") {
                zone.log("west")
            } until: {
                $0.contains(words.replacing("it lies, or its", with: "airport lies, or its"))
            }
        }
        #expect(!reason.text.contains("syncctl fence"), "\(reason.text)")
        #expect(!Verdict.judge(status).reasons.contains { $0.cause == .lying })
        // What it says to do finds the row, and mends it.
        let verify = try await TestProcess.run("syncctl", ["verify", "--rows", "--socket", zone.socket("airport")])
        #expect(verify.status == 1 && verify.output.contains("rotten"), "\(verify)")
        let repair = try await TestProcess.run(
            "syncctl",
            ["repair", "organisation", "south:organisation:1", "--from-log", "--socket", zone.socket("airport")])
        #expect(repair.status == 0, "\(repair)")
        let taken = try await TestProcess.run(
            "syncctl", ["snapshot", "fetch", "--from", "airport", "--socket", zone.socket("west")])
        #expect(taken.status == 0, "\(taken)")
        try await zone.agree(covering: "airport:1")
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    /// The liar is named in status, journal and figures, and nothing of its snapshot is left.
    private func expectNamed(_ zone: TestZone, _ park: String, _ reason: String, _ comment: String) async throws {
        let status = try await zone.wait("\(park) naming the liar: \(comment)\n\(zone.log(park))") {
            try await zone.status(park)
        } until: {
            $0.phase == .ready && $0.peers.first { $0.park == "airport" }?.lie?.kind == "false-snapshot"
        }
        let lie = try #require(status.peers.first { $0.park == "airport" }?.lie)
        #expect(lie.reason.contains(reason), "\(comment): \(lie)")
        #expect(Verdict.judge(status).reasons.contains { $0.cause == .unfoundedSnapshot && $0.park == "airport" })
        _ = try await zone.wait("\(park)'s journal") {
            zone.log(park)
        } until: {
            $0.contains("event=peer.lied peer=airport kind=false-snapshot")
        }
        let figures = try await zone.send(park, HTTPText.get(LocalPath.metrics)).text
        let line = figures.split(separator: "\n").first { $0.hasPrefix("parksync_peer_lies_total{peer=\"airport\"}") }
        #expect(line.map { !$0.hasSuffix(" 0") } == true, "\(figures)")
        _ = try await zone.wait("\(park) having nothing left of it: \(comment)") {
            try FileManager.default.contentsOfDirectory(atPath: zone.file(park, "state").path)
        } until: { files in
            !files.contains { $0.contains("download") || $0.contains("candidate") || $0.contains("replaced") }
        }
    }
}
