import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire
import Testing

@testable import parksyncd

/// Requests and answers that are made to harm: real daemons refuse them and go on.
@Suite(.serialized, .endsInTime) struct HostileRequestTests {
    private static let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"

    private static func code(_ answer: HTTPAnswer) -> String {
        (try? answer.problem().code) ?? "status \(answer.status)"
    }

    private static func statement(_ sql: String) throws -> String {
        String(decoding: try JSONEncoder().encode(TransactionRequest(statements: [SQLStatement(sql)])), as: UTF8.self)
    }

    // MARK: JSON

    @Test func deepAndAmbiguousJSONIsRefusedAndTheDaemonGoesOn() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        var answers: [(String, String)] = []
        for count in [33, 513, 20_000] {
            let brackets = String(repeating: "%5B", count: count)
            answers.append(
                (
                    "key of \(count)",
                    Self.code(
                        try await zone.send("south", HTTPText.get("/v1/blame?table=organisation&key=\(brackets)")))
                ))
        }
        for (name, open) in [
            ("array", "["), ("object", "{\"a\":"), ("parameters", "{\"statements\":[{\"parameters\":["),
            ("keys", "{\"keys\":["),
        ] {
            for path in [
                LocalPath.transactions, LocalPath.queries, LocalPath.repairs, LocalPath.fences, LocalPath.bundles,
            ] {
                let body = open + String(repeating: "[", count: 100_000)
                answers.append(
                    ("\(name) to \(path)", Self.code(try await zone.send("south", HTTPText.post(path, body)))))
            }
        }
        for body in [
            "{\"sql\":\"SELECT 1\",\"sql\":\"SELECT 2\"}", "{\"sql\":\"SELECT 1\",\"s\\u0071l\":\"SELECT 2\"}",
            "{\"sql\":\"SELECT ?1\",\"parameters\":[{\"text\":\"\",\"text\":\"eA==\"}]}",
            "{\"sql\":\"SELECT ?1\",\"parameters\":[{\"text\":\"\",\"blob\":\"\"}]}",
        ] {
            answers.append((body, Self.code(try await zone.send("south", HTTPText.post(LocalPath.queries, body)))))
        }
        for (what, code) in answers {
            #expect(["malformed-json", "invalid-request"].contains(code), "\(what): \(code)")
        }
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:alive"))])
        #expect(await zone.stopAll() == [0])
    }

    /// A node whose only peer answers each call with what a test says.
    private static func start(_ zone: TestZone, calling peer: CannedServer) async throws {
        try await zone.start(
            "south",
            environment: [
                "PARKSYNC_TLS_CERTIFICATE": "", "PARKSYNC_TLS_KEY": "", "PARKSYNC_TLS_AUTHORITY": "",
                "PARKSYNC_PEER_PLAIN_HTTP": "true",
                "PARKSYNC_MEMBERS_WEST_URL": "http://127.0.0.1:\(peer.port)",
                "PARKSYNC_RECOVERY_ACCEPT_WITHOUT_PEERS": "true",
                "PARKSYNC_RECOVERY_WAIT_SECONDS": "1",
            ])
    }

    @Test func whatAPeerRefusesWithIsNotReadAsJSON() async throws {
        let zone = try await TestZone(["south", "west"])
        let deep = Array("{\"type\":".utf8) + [UInt8](repeating: UInt8(ascii: "["), count: 60_000)
        let peer = try CannedServer(CannedServer.http(503, type: ProblemDetails.contentType, deep))
        try await Self.start(zone, calling: peer)
        func lastError(_ what: String, _ words: String) async throws {
            _ = try await zone.wait(what) {
                try await zone.status("south").peers.first?.lastError ?? ""
            } until: {
                $0.contains(words)
            }
        }
        try await lastError("a refusal that is JSON", "HTTP status 503")
        let words = PeerRefusal(
            status: 503, kind: "link-paused", reason: "The link is paused: so it is.", remedy: "Resume it.")
        peer.set(CannedServer.http(503, type: PeerRefusal.contentType, words.encode()))
        try await lastError("a refusal as a goodbye", "The link is paused: so it is")
        // A length that lies, in every byte, and one that is far too long.
        for (number, bytes) in [
            [5, 0xFF, 0xFF, 0xFF, 0xFF], [5, 0, 0, 0, 9, 0xFF], [UInt8](repeating: 5, count: 1 << 20),
        ].enumerated() {
            peer.set(CannedServer.http(500 + number, type: PeerRefusal.contentType, bytes))
            try await lastError("goodbye \(number)", "HTTP status \(500 + number)")
        }
        #expect(peer.requests > 4)
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:alive"))])
        #expect(await zone.stopAll() == [0])
    }

    @Test(arguments: [200, 400])
    func anAnswerThatIsDeepJSONDoesNotEndSyncctl(status: Int) async throws {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 200_000)
        for type in ["application/json", ProblemDetails.contentType, "application/x-ndjson"] {
            let node = try CannedServer(CannedServer.http(status, type: type, deep + [0x0A] + deep))
            for command in [
                ["status"], ["query", "SELECT 1"], ["exec", "SELECT 1"], ["conflicts", "list"], ["log", "show"],
                ["verify", "--rows"],
                ["blame", "a", "[["],
            ] {
                let done = try await TestProcess.run("syncctl", command + ["--url", "http://127.0.0.1:\(node.port)"])
                #expect((1...3).contains(done.status), "\(command): \(done)")
            }
        }
    }

    // MARK: SQL

    @Test func aZeroByteDoesNotCutAStatement() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        for id in ["south:organisation:a1", "south:organisation:a2", "south:organisation:a3"] {
            try await zone.transact("south", Self.insert, [JSONValue(.string(id))])
        }
        let cut = "DELETE FROM organisation WHERE id LIKE 'south:organisation:a%'\0 AND id = 'south:organisation:a1'"
        for (path, body) in [
            (LocalPath.transactions, try Self.statement(cut)),
            (LocalPath.transactions, try Self.statement("SELECT 1; \0 DELETE FROM organisation")),
            (
                LocalPath.queries,
                String(decoding: try JSONEncoder().encode(QueryRequest(sql: "SELECT 1\0")), as: UTF8.self)
            ),
            (LocalPath.queries, String(decoding: try JSONEncoder().encode(QueryRequest(sql: "\0")), as: UTF8.self)),
        ] {
            let answer = try await zone.send("south", HTTPText.post(path, body))
            let problem = try answer.problem()
            #expect(problem.status == 400 && problem.detail.contains("zero byte"), "\(answer.text)")
        }
        for target in [
            "blame?table=organisation%00&key=%5B%22south:organisation:a1%22%5D", "changes?tables=organisation%00",
        ] {
            #expect(try await zone.send("south", HTTPText.get("/v1/\(target)")).status == 404, "\(target)")
        }
        #expect(
            try await zone.rows("south", "SELECT count(*) FROM organisation").first?.first == JSONValue(.integer(3)))
        // As a value it is one byte among others.
        try await zone.transact(
            "south", "UPDATE organisation SET name_zh = ?1 WHERE id = ?2",
            ["成\0都", "south:organisation:a1"].map { JSONValue(.string($0)) })
        #expect(
            try await zone.rows("south", "SELECT hex(name_zh) FROM organisation WHERE id = 'south:organisation:a1'")
                .first?.first
                == JSONValue(.string("E6889000E983BD")))
        #expect(await zone.stopAll() == [0])
    }

    // MARK: numbers

    /// Where a part of a file begins: added to the length of what comes, some are more than there
    /// are numbers.
    @Test func offsetsBeyondAllFilesAreRefused() async throws {
        let zone = try await TestZone(["south"])
        try await zone.start("south")
        let path = "\(LocalPath.imports)/" + String(repeating: "a", count: ImportShelf.nameBytes)
        func put(_ offset: String) async throws -> HTTPAnswer {
            try await zone.send(
                "south",
                HTTPText.request("PUT", "\(path)?offset=\(offset)", body: "abc", type: "application/octet-stream"))
        }
        #expect(try await put("0").status == 204)
        for offset in [
            "18446744073709551615", "18446744073709551614", "9223372036854775807", "9223372036854775808",
            "18446744073709551616", "-1", "4",
        ] {
            let answer = try await put(offset)
            #expect(
                answer.status == 400 && ["invalid-request", "invalid-input"].contains(Self.code(answer)),
                "\(offset): \(answer.text)")
            let copy = try await zone.send("south", HTTPText.get("/v1/copies/0?offset=\(offset)"))
            #expect((400...404).contains(copy.status), "\(offset): \(copy.text)")
        }
        #expect(try await put("3").status == 204)
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:alive"))])
        #expect(await zone.stopAll() == [0])
    }

    // MARK: HTTP

    @Test func oneHostAndNoForeignPage() async throws {
        let (zone, port) = (try await TestZone(["south"]), try ReservedPort())
        try await zone.start("south", environment: ["PARKSYNC_LOCAL_HTTP": "127.0.0.1:\(port.number)"])
        let begun = ContinuousClock.now
        func ask(_ headers: String, socket: Bool = false) async throws -> String {
            let connection =
                try socket ? RawHTTPConnection(unix: zone.socket("south")) : RawHTTPConnection(port: port.number)
            let request = "GET /v1/blame?table=organisation&key=%5B1%5D HTTP/1.1\r\n\(headers)Connection: close\r\n\r\n"
            try connection.send(socket ? request : HTTPText.authorized(request, try zone.token("south")))
            return Self.code(try await connection.readAnswer())
        }
        for socket in [false, true] {
            #expect(try await ask("Host: localhost\r\n", socket: socket) == "unknown-row")
            #expect(try await ask("Host: localhost\r\nHost: localhost\r\n", socket: socket) == "invalid-request")
            #expect(try await ask("Host: localhost\r\nhOsT: evil.example\r\n", socket: socket) == "invalid-request")
            #expect(try await ask("", socket: socket) == "invalid-request")
        }
        for (site, code) in [
            ("cross-site", "origin-refused"), ("same-site", "origin-refused"), ("Cross-Site", "origin-refused"),
            ("", "origin-refused"),
            ("none\r\nSec-Fetch-Site: cross-site", "origin-refused"), ("same-origin", "unknown-row"),
            ("none", "unknown-row"),
        ] {
            #expect(try await ask("Host: localhost\r\nSec-Fetch-Site: \(site)\r\n") == code, "\(site)")
        }
        // One line for each cause in a minute, and each is counted.
        let lines = 1...JournalThrottle.lines(since: begun)
        for _ in 0..<50 {
            _ = try await zone.send("south", HTTPText.post(LocalPath.queries, "{\"sql\":\"DELETE FROM organisation\"}"))
        }
        for (code, times) in [("origin-refused", 5), ("forbidden-sql", 50)] {
            let told = zone.log("south").split(separator: "\n").filter {
                $0.contains("event=request.refused") && $0.contains("code=\(code)")
            }
            #expect(lines.contains(told.count), "\(code), \(times) times: \(told)")
        }
        let metrics = try await zone.send("south", HTTPText.get(LocalPath.metrics)).text
        #expect(metrics.contains("parksync_refused_total{event=\"request.refused\"} 55\n"), "\(metrics)")
        #expect(await zone.stopAll() == [0])
    }
}
