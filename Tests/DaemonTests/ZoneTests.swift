import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

/// What several real daemons do with one another.
@Suite(.serialized, .endsInTime) struct ZoneTests {
    private static func schemaFolder(_ zone: TestZone, _ name: String, _ sql: String) throws -> [String: String] {
        let folder = zone.folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("-- parksync: schema 1\n-- parksync: writer any\n\(sql)\n".utf8).write(
            to: folder.appendingPathComponent("001-test.sql"))
        return ["PARKSYNC_SCHEMA": folder.path]
    }

    @Test func parksWithDifferentSchemasBothSayWhy() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start(
            "south", environment: Self.schemaFolder(zone, "one", "CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, a);")
        )
        try await zone.start(
            "west",
            environment: Self.schemaFolder(zone, "other", "CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, b);"))
        for park in zone.parks {
            let status = try await zone.wait("the refusal at \(park)") {
                try await zone.status(park)
            } until: {
                $0.peers.first?.lastError?.contains("different contents") == true
            }
            let error = try #require(status.peers.first?.lastError)
            #expect(
                error.contains("south") && error.contains("west") && error.contains("both have schema 1"), "\(error)")
            #expect(error.contains("Compare the schema files of the two nodes"), "\(error)")
            let told = try await TestProcess.run("syncctl", ["status", "--socket", zone.socket(park)])
            #expect(told.status == 1 && told.output.contains("different contents"), "\(told)")
        }
        try await zone.transact("south", "INSERT INTO plain VALUES ('x', 1)")
        #expect(try await zone.status("west").logged == "-")
        #expect(await zone.stopAll() == [0, 0])
    }

    /// As when a port is forwarded to a node that is down: that proves nothing against the node.
    @Test func aHandshakeThatIsCutIsNotTakenForAStranger() async throws {
        let zone = try await TestZone(["south", "west"])
        let listener = try HangUp()
        try await zone.start("south", environment: ["PARKSYNC_MEMBERS_WEST_URL": "https://127.0.0.1:\(listener.port)"])
        let status = try await zone.wait("the failure of the link") {
            try await zone.status("south")
        } until: {
            $0.peers.first?.lastError != nil
        }
        let error = try #require(status.peers.first?.lastError)
        #expect(
            error.contains("closed the connection during the TLS handshake") && !error.contains("certificate"),
            "\(error)")
        #expect(await zone.stopAll() == [0])
    }

    /// Python's own SQLite writes beside the daemon; prints nothing.
    private static let python = """
        import sqlite3, sys
        db = sqlite3.connect(sys.argv[1], timeout=300)
        values = [None, 0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -2**63, 0.1, 1.0, -0.0, 5e-324, \
        -2.2250738585072014e-308, 1.7976931348623157e308,
                  float('inf'), float('-inf'), '', 'a\\0b', '国际生物城 🧪', '\\u202e\\x1b', '9223372036854775807', b'', \
                  bytes(range(256)), b'a\\0b']
        for number, value in enumerate(values):
            db.execute('INSERT INTO plain(id, a) VALUES(?, ?)', (f'{number:02}', value))
        db.commit()
        db.execute('UPDATE plain SET a = a WHERE 1')
        db.commit()
        """

    static let values: [Value] = [
        .null, .integer(0), .integer(1), .integer(-1), .integer(1 << 31), .integer(1 << 53 + 1), .integer(.max),
        .integer(.min), .double(0.1),
        .double(1), .double(-0.0), .double(.leastNonzeroMagnitude), .double(-2.2250738585072014e-308),
        .double(.greatestFiniteMagnitude),
        .double(.infinity),
        .double(-.infinity), .string(""), .text([0x61, 0, 0x62]), .string("国际生物城 🧪"), .string("\u{202E}\u{1B}"),
        .string("9223372036854775807"),
        .blob([]), .blob(Array(0...255)), .blob([0x61, 0, 0x62]),
    ]

    @Test func everyValueOfAnotherProgramArrivesToTheBit() async throws {
        let zone = try await TestZone(["south", "west"])
        let schema = try Self.schemaFolder(zone, "schema", "CREATE TABLE plain(id TEXT NOT NULL PRIMARY KEY, a);")
        try await zone.start("south", "west", environment: schema)
        let written = try await TestProcess.run("/usr/bin/env", ["python3", "-c", Self.python, zone.database("south")])
        #expect(written.status == 0, "\(written)")
        try await zone.agree(covering: "south:1")
        // The reader on the other side is another program too, and tells type and bytes.
        let rows = try await zone.rows("west", "SELECT a FROM plain ORDER BY id")
        #expect(rows.map { $0.map(\.value) } == Self.values.map { [$0] })
        let types = try await zone.rows("west", "SELECT typeof(a) FROM plain ORDER BY id")
        #expect(types == (try await zone.rows("south", "SELECT typeof(a) FROM plain ORDER BY id")))
        for park in zone.parks { #expect(try await zone.verify(park).findings.isEmpty) }
        #expect(await zone.stopAll() == [0, 0])
    }

    /// One zone for both, because three daemons take their time to start.
    @Test func aThirdParkRelaysAndASlotIsGivenOnce() async throws {
        let zone = try await TestZone(["south", "west", "airport"], schema: .catalogue)
        try await zone.start("south", "west", "airport")
        try await zone.agree()
        try await zone.setLink("airport", "south", paused: true)
        for park in zone.parks {
            try await zone.transact(
                park, "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')",
                [JSONValue(.string("\(park):organisation:1"))])
        }
        let airport = try await zone.wait("south's entry by way of west") {
            try await zone.status("airport")
        } until: { status in
            status.hasApplied("south:1") && status.peers.contains { $0.park == "west" && $0.relays == ["south"] }
        }
        #expect(airport.peers.first { $0.park == "south" }?.link == .paused)
        let text = try await TestProcess.run("syncctl", ["status", "--socket", zone.socket("airport")])
        #expect(text.status == 1 && text.output.contains("west relays south"), "\(text.output)")
        try await zone.agree(covering: "airport:1 south:1 west:1")

        try await zone.transact(
            "south",
            """
            INSERT INTO item (id, kind, name_zh, owner_id) VALUES ('south:laboratory:1', 'laboratory', '精密仪器室', \
            'south:organisation:1')
            """
        )
        try await zone.agree(covering: "south:2")
        let (start, end) = (PeopleZone.row(30, "09:00") ?? "", PeopleZone.row(30, "11:00") ?? "")
        for park in ["west", "airport"] {
            try await zone.transact(
                park,
                """
                INSERT INTO request (id, kind, machine, subject_id, party_id, starts_at, ends_at, at) VALUES
                (?1 || ':booking:1', 'booking', 'booking', 'south:laboratory:1', ?1 || ':organisation:1', '\(start)', \
                '\(end)', '2026-12-01T00:00:00Z')
                """, [JSONValue(.string(park))])
        }
        // Airport asks and hears of the answer through west alone.
        _ = try await zone.wait("both answers at airport") {
            try await zone.rows("airport", "SELECT count(*) FROM place WHERE state <> 'asked'")
        } until: {
            $0 == [[JSONValue(.integer(2))]]
        }
        try await zone.setLink("airport", "south", paused: false)
        try await zone.agree()
        for park in zone.parks {
            let states = try await zone.rows(
                park,
                """
                SELECT p.state || ' ' || s.reasons || ' by ' || substr(s.id, 1, instr(s.id, ':') - 1) FROM place AS p
                JOIN step AS s ON s.subject_id = p.subject_id AND s.id = p.step_id ORDER BY 1
                """)
            let expected = ["confirmed [] by south", #"refused ["no_room"] by south"#]
            #expect(states == expected.map { [JSONValue(.string($0))] })
            #expect(try await zone.rows(park, "SELECT * FROM over_capacity").isEmpty)
        }
        #expect(await zone.stopAll() == [0, 0, 0])
    }

    @Test func theWatchdogIsFedAlsoWhileAStatementTakesItsTime() async throws {
        let zone = try await TestZone(["south", "west"])
        let notify = try NotifySocket(path: zone.file("south", "notify").path)
        try zone.launch("south", notify: notify, environment: ["WATCHDOG_USEC": "200000"])
        var fed = 0
        while fed < 3 || !FileManager.default.fileExists(atPath: zone.socket("south")) {
            if try await notify.message() == "WATCHDOG=1" { fed += 1 }
        }
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let body = "{\"statements\":[{\"sql\":\"\(endless)\"}],\"timeout_ms\":1000}"
        let slow = Task { try await zone.send("south", HTTPText.post(LocalPath.transactions, body)) }
        // Every tenth of a second; the statement has the store's queue for a whole one.
        for _ in 0..<5 { while try await notify.message() != "WATCHDOG=1" {} }
        #expect(try await slow.value.problem().code == "timeout")
        while try await notify.message() != "WATCHDOG=1" {}
        zone.signal("south", SIGTERM)
        while try await notify.message() != "STOPPING=1" {}
        #expect(await zone.stopAll() == [0])
    }
}
