import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncStore
import Testing

@testable import ParkSyncServer
@testable import parksyncd

/// The local API of a real daemon over a real file.
@Suite(.serialized, .endsInTime) struct LocalAPITests {
    private static let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    private static let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"

    struct Refusal: Sendable, CustomTestStringConvertible {
        var request: String
        var status: Int
        var code: String
        /// Words of the detail or the remedy.
        var says: String
        var testDescription: String { "\(code): \(says)" }

        static func transaction(_ sql: String..., status: Int, code: String, says: String, more: String = "") -> Refusal
        {
            let statements = sql.map { "{\"sql\":\"\($0)\"}" }.joined(separator: ",")
            return Refusal(
                request: HTTPText.post(LocalPath.transactions, "{\"statements\":[\(statements)]\(more)}"),
                status: status, code: code, says: says)
        }
        static func query(_ sql: String, status: Int, code: String, says: String, more: String = "") -> Refusal {
            Refusal(
                request: HTTPText.post(LocalPath.queries, "{\"sql\":\"\(sql)\"\(more)}"), status: status, code: code,
                says: says)
        }
        static func get(_ path: String, status: Int, code: String, says: String) -> Refusal {
            Refusal(request: HTTPText.get(path), status: status, code: code, says: says)
        }
    }

    static let refusals: [Refusal] = [
        Refusal(
            request: HTTPText.post(LocalPath.transactions, "{\"statements\":"), status: 400, code: "malformed-json",
            says: "JSON"),
        .transaction("SELEKT 1", status: 400, code: "sql-error", says: "near \\\"SELEKT\\\"".replacing("\\", with: "")),
        .transaction("SELECT 1; DROP TABLE park", status: 400, code: "sql-error", says: "text follows"),
        .query("SELECT ?1", status: 400, code: "sql-error", says: "1 parameters, 0 were given"),
        .query("SELECT * FROM nowhere", status: 400, code: "sql-error", says: "no such table: nowhere"),
        .get("/v1/blame?table=nowhere&key=%5B1%5D", status: 404, code: "unknown-table", says: "Shared tables: "),
        .get("/v1/changes?tables=park,nowhere", status: 404, code: "unknown-table", says: "nowhere"),
        .get("/v1/blame?table=park&key=%5B%22x%22%5D", status: 404, code: "unknown-row", says: "never had"),
        .get("/v1/blame?table=park&key=%5B1,2%5D", status: 400, code: "invalid-input", says: "has the key (id)"),
        .get("/v1/log?origin=airport", status: 400, code: "invalid-input", says: "Known: south"),
        Refusal(
            request: HTTPText.request("PUT", "/v1/links/airport", body: "{\"paused\":true}"), status: 404,
            code: "unknown-park", says: "members"),
        Refusal(
            request: HTTPText.request("PUT", "/v1/links/south", body: "{\"paused\":true}"), status: 404,
            code: "unknown-park",
            says: "south is this node itself, which has no link to itself"),
        .query(
            endless + " SELECT count(*) FROM n", status: 408, code: "timeout", says: "time limit",
            more: ",\"timeout_ms\":50"),
        .transaction(
            endless + " SELECT count(*) FROM n", status: 408, code: "timeout", says: "time limit",
            more: ",\"timeout_ms\":50"),
        .transaction(endless + " SELECT i FROM n", status: 413, code: "too-large", says: "10000 rows"),
        .transaction(
            "SELECT zeroblob(9000000)", "SELECT zeroblob(9000000)", status: 413, code: "too-large",
            says: "16777216 bytes"),
        .query("SELECT zeroblob(100000000)", status: 413, code: "too-large", says: "too big"),
        .transaction(
            "SELECT 1", status: 413, code: "too-large", says: "author",
            more: ",\"note\":\"\(String(repeating: "x", count: 4_097))\""),
        .query("DELETE FROM park", status: 403, code: "forbidden-sql", says: "the statement writes"),
        .query("CREATE TABLE t(x)", status: 403, code: "forbidden-sql", says: "not authorized"),
        .query("PRAGMA journal_mode = DELETE", status: 403, code: "forbidden-sql", says: "schema files"),
        .query("ATTACH '/tmp/x' AS x", status: 403, code: "forbidden-sql", says: "not authorized"),
        .transaction("DELETE FROM _parksync_log", status: 403, code: "forbidden-sql", says: "not authorized"),
        .transaction("BEGIN", status: 403, code: "forbidden-sql", says: "not authorized"),
        .transaction(
            "INSERT INTO organisation (id, kind, name_zh) VALUES ('west:organisation:1', 'enterprise', 'x')",
            status: 409, code: "constraint",
            says: "only the park named in front of organisation.id may write this row; this node is south"),
        .transaction("UPDATE usage_record SET minutes = 5", status: 409, code: "constraint", says: "append-only"),
        .transaction("DELETE FROM usage_record", status: 409, code: "constraint", says: "append-only"),
        .transaction("UPDATE organisation SET kind = 'club'", status: 409, code: "constraint", says: "CHECK"),
        .transaction(
            "INSERT INTO resource_tag VALUES ('south:nothing:1', 'x')", status: 409, code: "constraint",
            says: "FOREIGN KEY"),
    ]

    @Test func everyRefusalNamesItsCause() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:1"))])
        try await zone.transact(
            "south",
            """
            INSERT INTO resource (id, kind, name_zh, owner_id) VALUES ('south:instrument:1', 'instrument', \
            '显微镜', 'south:organisation:1')
            """
        )
        try await zone.transact(
            "south",
            """
            INSERT INTO usage_record (id, resource_id, organisation_id, started_at, minutes, is_external)
            VALUES ('south:usage:1', 'south:instrument:1', 'south:organisation:1', '2026-12-07T01:30:00Z', 30, 0)
            """)
        let before = try await zone.status("south")
        for refusal in Self.refusals {
            let answer = try await zone.send("south", refusal.request)
            let problem = try answer.problem()
            #expect(
                answer.status == refusal.status && problem.status == refusal.status && problem.code == refusal.code,
                "\(refusal): \(problem)")
            #expect((problem.detail + problem.remedy).contains(refusal.says), "\(refusal): \(problem)")
        }
        // Nothing of all that was written.
        #expect(try await zone.status("south").applied == before.applied)
        #expect(try await zone.rows("south", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(1))]])
        #expect(await zone.stopAll() == [0])
    }

    /// As many queries as may run at a time, whose rows nobody reads.
    private static func occupy(_ zone: TestZone, milliseconds: Int) async throws -> [RawHTTPConnection] {
        var clients: [RawHTTPConnection] = []
        for _ in 0..<6 {
            let client = try RawHTTPConnection(unix: zone.socket("south"))
            let body = "{\"sql\":\"\(endless) SELECT i, zeroblob(1000) FROM n\",\"timeout_ms\":\(milliseconds)}"
            try client.send(HTTPText.post(LocalPath.queries, body))
            _ = try await client.readHead()
            clients.append(client)
        }
        return clients
    }

    @Test func queriesThatNobodyReadsHoldUpNothing() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        let clients = try await Self.occupy(zone, milliseconds: 1_500)
        #expect(try await zone.status("south").phase == .ready)
        #expect(try await zone.send("south", HTTPText.get(LocalPath.metrics)).status == 200)
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:1"))])
        // Gets its turn when the others' time is over, though they still do not read.
        #expect(try await zone.rows("south", "SELECT count(*) FROM organisation") == [[JSONValue(.integer(1))]])
        for client in clients {
            let text = try await client.readToEnd()
            #expect(
                text.contains("{\"problem\":{") && text.contains("urn:parksync:problem:timeout"), "\(text.suffix(300))")
        }

        let lasting = try await Self.occupy(zone, milliseconds: TestZone.statementMilliseconds)
        let refused = try await zone.send("south", HTTPText.post(LocalPath.queries, "{\"sql\":\"SELECT 1\"}"))
        #expect(refused.status == 503 && refused.headers["retry-after"] == "5")
        #expect(try refused.problem().code == "busy")
        // A client that leaves gives its place to the next.
        for client in lasting { client.close() }
        #expect(try await zone.rows("south", "SELECT 1") == [[JSONValue(.integer(1))]])
        #expect(await zone.stopAll() == [0])
    }

    @Test func subscribersResumeAndChooseTables() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south")
        func subscribe(_ parameters: String, last: String? = nil) async throws -> RawHTTPConnection {
            let connection = try RawHTTPConnection(unix: zone.socket("south"))
            let header = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
            try connection.send("GET \(LocalPath.changes)\(parameters) HTTP/1.1\r\nHost: localhost\r\n\(header)\r\n")
            _ = try await connection.read(until: ": subscribed\n\n")
            return connection
        }
        /// The lines of the next event.
        func next(_ connection: RawHTTPConnection) async throws -> (id: String, event: ChangeEvent) {
            let text = try await connection.read(until: "}\n\n")
            let lines = text.components(separatedBy: "\n")
            // A line with the length of the chunk goes before it.
            #expect(text.contains("event: entry\nid: "))
            let id = try #require(lines.first { $0.hasPrefix("id: ") }?.dropFirst(4))
            let data = try #require(lines.first { $0.hasPrefix("data: ") }?.dropFirst(6))
            return (String(id), try JSONDecoder().decode(ChangeEvent.self, from: Data(data.utf8)))
        }
        let live = try await subscribe("")
        let organisations = try await subscribe("?tables=organisation")
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:1"))])
        try await zone.transact("south", "INSERT INTO park (id, name_zh) VALUES ('south:park', '高新南区')")
        try await zone.transact("south", "UPDATE organisation SET name_en = 'Optics'")
        var seen: [(id: String, event: ChangeEvent)] = []
        for _ in 0..<3 { seen.append(try await next(live)) }
        #expect(seen.map(\.id) == ["south:1", "south:2", "south:3"])
        #expect(seen.map { $0.event.changes.map(\.table) } == [["organisation"], ["park"], ["organisation"]])
        #expect(
            try seen[2].event.author == TestZone.author("south", for: "test")
                && seen[2].event.changes.first?.kind == "update")
        #expect(seen[2].event.changes.first?.values == ["name_en": JSONValue(.string("Optics"))])
        var chosen: [String] = []
        for _ in 0..<2 { chosen.append(try await next(organisations).id) }
        #expect(chosen == ["south:1", "south:3"])
        // The header goes before the parameter, and what came meanwhile is not lost.
        let resumed = try await subscribe("?after=-", last: seen[0].id)
        #expect(try await next(resumed).event == seen[1].event)
        #expect(try await next(resumed).id == "south:3")
        let fromStart = try await subscribe("?after=-&tables=park")
        #expect(try await next(fromStart).id == "south:2")
        for connection in [live, organisations, resumed, fromStart] { connection.close() }
        #expect(await zone.stopAll() == [0])
    }

    @Test func metricsAreWhatPrometheusReads() async throws {
        // One peer is there and one is not, so that no family lacks what it tells of.
        let zone = try await TestZone(["south", "west", "airport"])
        try await zone.start("south", "west")
        try await zone.ready("south")
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:1"))])
        try await zone.agree(["south", "west"], covering: "south:1")
        let failure = "parksync_link_failure{peer=\"airport\",code=\"unreachable\"} 1"
        let answer = try await zone.wait("the folded row, the digests being compared, and the call that nobody takes") {
            try await zone.send("south", HTTPText.get(LocalPath.metrics))
        } until: {
            let text = $0.text
            return [
                "parksync_rows{table=\"organisation\"} 1", "parksync_agreement{peer=\"west\"} 1",
                "parksync_link_up{peer=\"west\"} 1", failure,
            ].allSatisfy { text.contains($0 + "\n") }
        }
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        for line in [
            "parksync_ready 1", "parksync_applied_entry{origin=\"south\"} 1",
            "parksync_logged_entry{origin=\"south\"} 1",
            "parksync_conflicts_open 0", "parksync_stuck_entries{state=\"held\"} 0",
            "parksync_link_up{peer=\"west\"} 1",
            "parksync_link_up{peer=\"airport\"} 0", "parksync_agreement{peer=\"airport\"} -1", "parksync_verdict 1",
            "parksync_last_backup_timestamp_seconds 0.000", "parksync_listening{interface=\"peer\"} 1",
            "parksync_verdict_reasons{cause=\"no-link\",level=\"degraded\",peer=\"airport\"} 1",
        ] { #expect(answer.text.contains(line + "\n"), "\(line)") }
        try Self.expectFamilies(in: answer.text)
        #expect(await zone.stopAll() == [0, 0])
    }

    /// Each family once, with its help and type before its samples; and those that the page has,
    /// with their labels.
    private static func expectFamilies(in text: String) throws {
        var families: [String: Set<String>] = [:]
        var family = ""
        for line in text.split(separator: "\n") {
            if let help = line.wholeMatch(of: #/# HELP (\w+) .+/#) {
                family = String(help.1)
                #expect(families.updateValue([], forKey: family) == nil, "\(family) comes twice")
            } else if let type = line.wholeMatch(of: #/# TYPE (\w+) (gauge|counter)/#) {
                #expect(type.1 == family)
                // As promtool wants it.
                #expect((type.2 == "counter") == family.hasSuffix("_total"), "\(family)")
            } else {
                let sample = try #require(
                    line.wholeMatch(of: #/(\w+)(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?\d+(\.\d+)?/#), "\(line)")
                #expect(sample.1 == family)
                families[family]?.formUnion((sample.2 ?? "").matches(of: #/(\w+)="[^"]*"/#).map { String($0.1) })
            }
        }
        let page = try HTTPPage.families()
        for name in Set(families.keys).union(page.keys).sorted() {
            #expect(
                families[name]?.sorted() == page[name], "\(name): the labels that a node gives, and those of the page")
        }
    }

    @Test func blameAndConflictsTellWhoWroteWhat() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:1"))])
        try await zone.transact(
            "south",
            """
            INSERT INTO resource (id, kind, name_zh, owner_id) VALUES ('south:instrument:1', 'instrument', \
            '显微镜', 'south:organisation:1')
            """
        )
        try await zone.transact(
            "south", "INSERT INTO resource_profile (resource_id, contact) VALUES ('south:instrument:1', 'lab@south')")
        try await zone.agree(covering: "south:3")
        try await zone.setLink("south", "west", paused: true)
        try await zone.transact("west", "UPDATE resource_profile SET description_en = 'as west sees it'")
        try await zone.transact("south", "UPDATE resource_profile SET description_en = 'as south sees it'")
        try await zone.setLink("south", "west", paused: false)
        try await zone.agree(covering: "south:4 west:1")
        let blamePath = LocalPath.blame + "?table=resource_profile&key=%5B%22south:instrument:1%22%5D"
        var reports: [BlameReport] = []
        var conflicts: [[ConflictReport]] = []
        for park in zone.parks {
            reports.append(
                try JSONDecoder().decode(
                    BlameReport.self, from: try await zone.send(park, HTTPText.get(blamePath)).body))
            conflicts.append(
                try JSONDecoder().decode(
                    [ConflictReport].self, from: try await zone.send(park, HTTPText.get(LocalPath.conflicts)).body))
        }
        #expect(reports[0] == reports[1] && reports[0].isAlive && reports[0].causalLength == 1)
        let author = try TestZone.author("south", for: "test")
        let contact = try #require(reports[0].columns.first { $0.name == "contact" })
        #expect(
            contact.origin == "south" && contact.seq == 3 && contact.author == author
                && contact.value == JSONValue(.string("lab@south")))
        let winner = try #require(reports[0].columns.first { $0.name == "description_en" })
        #expect(conflicts[0] == conflicts[1], "the inbox is the same at both, ids included")
        let conflict = try #require(conflicts[0].first)
        #expect(conflicts[0].count == 1 && conflict.column == "description_en" && conflict.current == winner.value)
        #expect(
            conflict.origin != winner.origin && conflict.lost == JSONValue(.string("as \(conflict.origin) sees it")))
        try await confirm(conflict, in: zone)
        #expect(await zone.stopAll() == [0, 0])
    }

    /// The same at the command, with both sides; a word at one park settles it at both.
    private func confirm(_ conflict: ConflictReport, in zone: TestZone) async throws {
        let shown = String(conflict.id.prefix(12))
        let winner = try #require(conflict.winner)
        func sides(_ origin: String, _ seq: UInt64) throws -> [String] {
            ["as \(origin) sees it \(origin):\(seq), ", "by \(try TestZone.author(origin, for: "test"))"]
        }
        for park in zone.parks {
            let listed = try await TestProcess.run("syncctl", ["conflicts", "--socket", zone.socket(park)])
            // Lines end where the terminal does.
            let text = listed.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(
                listed.status == 0
                    && text.hasPrefix("\(shown) resource_profile (south:instrument:1) description_en lost as "),
                "\(text)")
            for words in try sides(conflict.origin, conflict.seq) + sides(winner.origin, winner.seq) {
                #expect(text.contains(words), "\(text)")
            }
            #expect(text.contains(" now as \(winner.origin) sees it"), "\(text)")
        }
        let done = try await TestProcess.run(
            "syncctl", ["conflicts", "confirm", shown, "--note", "seen both", "--socket", zone.socket("south")])
        #expect(done.status == 0 && done.output.contains(" settles 1 conflicts\n  \(conflict.id)"), "\(done)")
        for park in zone.parks {
            let listed = try await zone.wait("no conflict at \(park)") {
                try await TestProcess.run("syncctl", ["conflicts", "--socket", zone.socket(park)])
            } until: {
                $0.output == "no conflicts\n"
            }
            #expect(listed.status == 0)
            let row = try await zone.rows(park, "SELECT description_en FROM resource_profile")
            #expect(row == [[JSONValue(.string("as \(winner.origin) sees it"))]])
        }
        let unknown = try await TestProcess.run(
            "syncctl", ["conflicts", "confirm", shown, "--socket", zone.socket("west")])
        #expect(unknown.status == 2, "what is settled is none any more: \(unknown)")
    }

    @Test func rowsThatReferToNothingAfterAMergeAreToldAndAreNoDamage() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:1"))])
        try await zone.agree(covering: "south:1")
        try await zone.setLink("south", "west", paused: true)
        try await zone.transact(
            "west",
            """
            INSERT INTO resource (id, kind, name_zh, owner_id) VALUES ('west:instrument:1', 'instrument', \
            '显微镜', 'south:organisation:1')
            """
        )
        try await zone.transact("south", "DELETE FROM organisation")
        try await zone.setLink("south", "west", paused: false)
        try await zone.agree(covering: "south:2 west:1")
        for park in zone.parks {
            let verified = try await TestProcess.run("syncctl", ["log", "verify", "--socket", zone.socket(park)])
            #expect(verified.status == 0 && verified.output.hasPrefix("SOUND: "), "\(verified)")
            #expect(
                verified.output.contains(
                    "\n1 rows refer to rows that do not exist. That is no damage: the log has them so."), "\(verified)")
            #expect(
                verified.output.contains(
                    "\n  resource (west:instrument:1): owner_id = south:organisation:1, not in organisation\n"),
                "\(verified)")
        }
        #expect(await zone.stopAll() == [0, 0])
    }
}

extension TestZone {
    /// Who writes through a park's socket here, for whom the client says.
    fileprivate static func author(_ park: String, for named: String) throws -> String {
        try LocalAccess.author(
            LocalAccess(nodeUser: geteuid(), park: park, accounts: SystemAccounts()).author(
                of: .account(user: geteuid(), group: getegid())),
            for: named)
    }

    func setLink(_ park: String, _ peer: String, paused: Bool) async throws {
        let answer = try await send(
            park, HTTPText.request("PUT", LocalPath.links + "/" + peer, body: "{\"paused\":\(paused)}"))
        guard answer.status == 204 else { throw try answer.problem() }
    }
}
