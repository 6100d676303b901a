import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire
import ServerFixtures
import Testing

@testable import ParkSyncServer

@Suite("HTTP servers", .endsInTime)
struct HTTPServerTests {
    // MARK: problems

    struct Refusal: Sendable, CustomStringConvertible {
        var request: String
        var status: Int
        var code: String
        /// Words that the detail must contain.
        var says = ""
        var description: String { "\(code) for \(request.prefix(60).split(separator: "\r\n").first ?? "")" }
    }

    static let refusals: [Refusal] = [
        Refusal(request: HTTPText.get("/nowhere"), status: 404, code: "not-found", says: "/nowhere"),
        Refusal(request: HTTPText.get("/v1/transactions"), status: 405, code: "method-not-allowed", says: "GET"),
        Refusal(
            request: HTTPText.request("DELETE", "/v1/status"), status: 405, code: "method-not-allowed", says: "DELETE"),
        Refusal(
            request: HTTPText.post("/v1/transactions", "{}", type: "text/plain"), status: 415,
            code: "unsupported-media-type"),
        Refusal(
            request: HTTPText.post("/v1/transactions", "{}", type: nil), status: 415, code: "unsupported-media-type"),
        Refusal(
            request: HTTPText.post("/v1/transactions", "{\"statements\": [}"), status: 400, code: "malformed-json",
            says: "line 1, character 17"),
        Refusal(
            request: HTTPText.post("/v1/transactions", "{}"), status: 400, code: "invalid-request",
            says: "statements: missing"),
        Refusal(
            request: HTTPText.post("/v1/transactions", "{\"statements\":[]}"), status: 400, code: "invalid-request",
            says: "empty"),
        Refusal(
            request: HTTPText.post("/v1/transactions", "{\"statements\":[{\"sql\":\"x\"}],\"auther\":\"a\"}"),
            status: 400,
            code: "invalid-request", says: "auther: unknown member"),
        Refusal(
            request: HTTPText.post("/v1/transactions", "{\"statements\":[{\"sql\":\"x\",\"params\":[]}]}"), status: 400,
            code: "invalid-request", says: "statements[0].params"),
        Refusal(
            request: HTTPText.post("/v1/transactions", "{\"statements\":[{\"sql\":5}]}"), status: 400,
            code: "invalid-request",
            says: "statements[0].sql"),
        Refusal(
            request: HTTPText.post("/v1/queries", "{\"sql\":\"x\",\"timeout_ms\":0}"), status: 400,
            code: "invalid-request",
            says: "timeout_ms"),
        Refusal(
            request: HTTPText.post("/v1/queries", "{\"sql\":\"broken\"}"), status: 400, code: "sql-error",
            says: "broken"),
        Refusal(request: HTTPText.get("/v1/status?verbose=1"), status: 400, code: "invalid-request", says: "verbose"),
        Refusal(request: HTTPText.get("/v1/blame?table=lab"), status: 400, code: "invalid-request", says: "key"),
        Refusal(
            request: HTTPText.get("/v1/blame?table=lab&key=a"), status: 400, code: "invalid-request", says: "JSON array"
        ),
        Refusal(request: HTTPText.get("/v1/conflicts?limit=0"), status: 400, code: "invalid-request", says: "limit"),
        Refusal(request: HTTPText.get("/v1/log?after=3"), status: 400, code: "invalid-request", says: "origin"),
        Refusal(request: HTTPText.get("/v1/log?origin=South"), status: 400, code: "invalid-request", says: "South"),
        Refusal(request: HTTPText.get("/v1/changes?after=x"), status: 400, code: "invalid-request", says: "vector"),
        Refusal(
            request: HTTPText.request("PUT", "/v1/links/NOPE", body: "{\"paused\":true}"), status: 400,
            code: "invalid-request"),
        Refusal(
            request: HTTPText.request("PUT", "/v1/links/west", body: "{\"pause\":true}"), status: 400,
            code: "invalid-request"),
        Refusal(
            request: HTTPText.request("PUT", "/v1/links/airport", body: "{\"paused\":true}"), status: 404,
            code: "no-such-peer"),
        Refusal(
            request: HTTPText.head("POST", "/v1/transactions", length: 99_999_999_999), status: 413,
            code: "body-too-large"),
        Refusal(
            request: HTTPText.head("POST", "/v1/transactions", length: 100) + "{\"stat", status: 400,
            code: "incomplete-body", says: "100"),
        Refusal(request: HTTPText.get("/readyz"), status: 503, code: "not-ready", says: "recovering"),
        Refusal(request: HTTPText.get("/v1/log?origin=west"), status: 500, code: "internal-error", says: "Surprise"),
    ]

    @Test("Every refusal is a problem document", arguments: refusals)
    func refusalIsAProblem(_ refusal: Refusal) async throws {
        try await withServers { servers in
            let answer = try await servers.local(refusal.request, closesSending: refusal.code == "incomplete-body")
            let problem = try answer.problem()
            #expect(answer.status == refusal.status)
            #expect(problem.status == refusal.status)
            #expect(problem.code == refusal.code)
            #expect(refusal.says.isEmpty || problem.detail.contains(refusal.says), "\(problem.detail)")
            #expect(!problem.remedy.isEmpty)
        }
    }

    @Test("Over TCP, foreign hosts and pages are refused")
    func loopbackGuard() async throws {
        try await withServers { servers in
            for (headers, code) in [
                ("Host: node.example", "host-refused"), ("Host: 10.0.0.1:80", "host-refused"),
                ("Host: 127.0.0.1.example", "host-refused"),
                ("Host: localhost\r\nOrigin: https://example.org", "origin-refused"),
                ("Host: localhost\r\nOrigin: null", "origin-refused"),
            ] {
                let answer = try await servers.tcp("GET /healthz HTTP/1.1\r\n\(headers)\r\nConnection: close\r\n\r\n")
                #expect(answer.status == 403)
                #expect(try answer.problem().code == code)
            }
            for headers in [
                "Host: localhost:80", "Host: [::1]", "Host: 127.0.0.1:8080\r\nOrigin: http://localhost:3000",
            ] {
                let answer = try await servers.tcp("GET /healthz HTTP/1.1\r\n\(headers)\r\nConnection: close\r\n\r\n")
                #expect(answer.status == 200)
                #expect(answer.text == "{\"status\":\"alive\"}")
            }
        }
    }

    @Test(
        "A plain listener on another than a loopback address is refused",
        arguments: ["0.0.0.0", "10.1.2.3", "::", "node.example"])
    func plainListenerNeedsLoopback(host: String) {
        #expect(throws: ServerStartError.self) {
            _ = try makeServers(FakeNodeAPI(), local: .init(host: host, port: 0), peer: nil) { _ in }.services()
        }
        #expect(throws: ServerStartError.self) {
            _ = try makeServers(FakeNodeAPI(), local: nil, peer: .init(host: host, port: 0)) { _ in }.services()
        }
    }

    // MARK: local routes

    @Test("A transaction carries every kind of value there and back")
    func transactionRoundTrip() async throws {
        let values: [Value] = [
            .null, .integer(.max), .integer(.min), .double(0.1), .double(-0.0), .double(1), .double(.infinity),
            .string("高新南区 \"\\\n"),
            .text([0xFF, 0x00]), .blob([]), .blob([0, 1, 255]),
        ]
        try await withServers { servers in
            let request = TransactionRequest(
                statements: [SQLStatement("SELECT ?1", values.map { JSONValue($0) })], author: "me", note: "why",
                timeoutMilliseconds: 5)
            let body = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
            let answer = try await servers.local(HTTPText.post("/v1/transactions", body))
            #expect(answer.status == 200)
            let result = try JSONDecoder().decode(TransactionResult.self, from: answer.body)
            #expect(result.seq == 7)
            #expect(result.results.first?.rows?.first?.map(\.value) == values)
            var kept = request
            kept.author = "\(RunningServers.author) (for me)"
            #expect(servers.node.transactions == [kept])
            #expect(answer.text.hasPrefix("{\"origin\":\"south\",\"results\":["), "members are sorted")
        }
    }

    @Test("A query streams its rows as lines")
    func queryStreams() async throws {
        try await withServers { servers in
            let answer = try await servers.local(HTTPText.post("/v1/queries", "{\"sql\":\"rows 20000\"}"))
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/x-ndjson")
            let lines = answer.text.split(separator: "\n")
            #expect(lines.count == 20_002)
            #expect(lines.first == "{\"columns\":[\"n\",\"text\"]}")
            #expect(lines.dropFirst().first == "[0,\"row\"]")
            #expect(lines.last == "{\"end\":true,\"rows\":20000}")
        }
    }

    @Test("A query that breaks off says so in its last line")
    func queryBreaksOff() async throws {
        try await withServers { servers in
            let answer = try await servers.local(HTTPText.post("/v1/queries", "{\"sql\":\"break 20000\"}"))
            #expect(answer.status == 200)
            let last = try #require(answer.text.split(separator: "\n").last)
            #expect(try JSONDecoder().decode(QueryProblem.self, from: Data(last.utf8)).problem.code == "sql-error")
        }
    }

    @Test("A client that does not read holds its query back, and ends it by leaving")
    func queryHasBackPressure() async throws {
        try await withServers { servers in
            let connection = try RawHTTPConnection(unix: servers.socketPath)
            try connection.send(HTTPText.post("/v1/queries", "{\"sql\":\"endless\"}"))
            let start = try await connection.readHead()
            #expect(start.hasPrefix("HTTP/1.1 200"))
            #expect(try await servers.endlessQueryStalls(), "rows are made although nobody reads them")
            connection.close()
            // The endless query ends only by the cancellation that follows from the closed
            // connection.
            await servers.node.endlessQueryEnded.wait()
        }
    }

    @Test("Changes arrive as events, with the place to resume from")
    func changesArrive() async throws {
        try await withServers { servers in
            let connection = try RawHTTPConnection(unix: servers.socketPath)
            try connection.send(
                "GET /v1/changes?tables=lab,service HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: south:4\r\n\r\n")
            let head = try await connection.readHead()
            #expect(head.hasPrefix("HTTP/1.1 200"))
            #expect(head.lowercased().contains("content-type: text/event-stream"))
            servers.node.emit("airport:1 south:5")
            let text = try await connection.read(until: "\"written_at\":9}\n\n")
            #expect(text.contains("event: entry\n"))
            #expect(text.contains("id: airport:1 south:5\n"))
            #expect(text.contains("data: {\"author\":\"a\",\"changes\":[],"))
            #expect(servers.node.subscriptions == ["south:4|lab,service"])

            servers.clock.tick()
            _ = try await connection.read(until: ": keep-alive\n\n")

            let refused = try await servers.local(HTTPText.get("/v1/changes"))
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "5")
            #expect(try refused.problem().code == "too-many-subscriptions")
            connection.close()
        }
    }

    @Test("The other routes answer what the node says")
    func otherRoutes() async throws {
        try await withServers { servers in
            let blame = try await servers.local(HTTPText.get("/v1/blame?table=lab&key=%5B%22a%22%2C1%5D"))
            #expect(
                try JSONDecoder().decode(BlameReport.self, from: blame.body).key.map(\.value) == [
                    .string("a"), .integer(1),
                ])
            #expect(try await servers.local(HTTPText.get("/v1/conflicts?limit=3")).text == "[]")
            #expect(
                try await servers.local(HTTPText.get("/v1/log?origin=south&after=1&limit=2&changes=1")).text == "[]")
            #expect(try await servers.local(HTTPText.request("POST", "/v1/verify")).status == 200)
            #expect(try await servers.local(HTTPText.get("/metrics")).text == "parksync_up 1\n")
            #expect(
                try await servers.local(HTTPText.request("PUT", "/v1/links/west", body: "{\"paused\":true}")).status
                    == 204)
            #expect(servers.node.calls == ["conflicts 3", "entries south 1 2 true", "verify", "west paused true"])
            let mode = try FileManager.default.attributesOfItem(atPath: servers.socketPath)[.posixPermissions] as? Int
            #expect(mode == 0o660)
        }
    }

    @Test("The listener for figures serves them to everybody, and nothing else")
    func metricsListener() async throws {
        try await withServers { servers in
            // As a Prometheus on another machine calls it: no loopback name.
            let asked = try await servers.metrics(
                "GET /metrics HTTP/1.1\r\nHost: south.parks.example:7790\r\nConnection: close\r\n\r\n")
            #expect(asked.status == 200 && asked.text == "parksync_up 1\n")
            #expect(try await servers.metrics(HTTPText.get("/healthz")).status == 200)
            for path in ["/v1/status", "/v1/conflicts", "/readyz", "/sync/v1/log", "/"] {
                #expect(try await servers.metrics(HTTPText.get(path)).status == 404, "\(path)")
            }
            #expect(try await servers.metrics(HTTPText.post("/v1/transactions", "{}")).status == 404)
            #expect(try await servers.metrics(HTTPText.post("/metrics", "{}")).status == 405)
            #expect(servers.node.calls == [])
            #expect(asked.headers["server"] == "parksyncd/\(SoftwareVersion.current)")
        }
    }

    @Test("The socket is gone after the stop, and a stale one does not hinder the start")
    func socketFile() async throws {
        let path = try await withServers { $0.socketPath }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test(
        "A client that hangs up is noticed while its write waits; over TCP also one that only sends no more",
        arguments: [
            (isTCP: false, ends: "both"), (false, "sending"), (false, "none"), (true, "both"), (true, "sending"),
            (true, "none"),
        ])
    func hangUps(_ client: (isTCP: Bool, ends: String)) async throws {
        let isGone = client.ends == "both" || (client.isTCP && client.ends == "sending")
        try await withServers { servers in
            let connection =
                try client.isTCP
                ? RawHTTPConnection(port: servers.tcpPort) : RawHTTPConnection(unix: servers.socketPath)
            let request = TransactionRequest(
                statements: [SQLStatement("x")], author: isGone ? "gone" : "there", note: "look after the client")
            let text = HTTPText.post(
                LocalPath.transactions, String(decoding: try JSONEncoder().encode(request), as: UTF8.self))
            try connection.send(client.isTCP ? HTTPText.authorized(text, RunningServers.token.secret) : text)
            try await until { !servers.node.transactions.isEmpty }
            if client.ends == "both" { connection.close() }
            if client.ends == "sending" { connection.finishSending() }
            // They take the time in which the server could notice it.
            for _ in 0..<20 { _ = try await servers.local(HTTPText.get("/healthz")) }
            servers.node.clientIsDone.open()
            if client.ends != "both" { #expect(try await connection.readAnswer().status == 200) }
            try await until { !servers.node.calls.isEmpty }
            #expect(servers.node.calls == [isGone ? "gone" : "there"])
        }
    }

    // MARK: peers

    @Test("A peer follows the log and is told apart")
    func peerStream() async throws {
        try await withServers { servers in
            let answer = try await servers.peer(HTTPText.log(park: "west", body: "hello"))
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/vnd.parksync.log")
            #expect(answer.headers["content-encoding"] == nil)
            #expect(
                answer.headers["server"] == "parksyncd/\(SoftwareVersion.current) SQLite/3.0.1",
                "peers are told, see the listener for figures")
            #expect(answer.text == "west:hello")

            let compressed = try await servers.peer(
                HTTPText.log(park: "west", body: "hello", more: "Accept-Encoding: gzip, zstd\r\n"))
            #expect(compressed.headers["content-encoding"] == "zstd")
            #expect(Array(compressed.body.prefix(4)) == [0x28, 0xB5, 0x2F, 0xFD])

            let traffic = try #require(servers.counters.snapshot().peers.first)
            #expect(traffic.park == "west")
            #expect(traffic.traffic.receivedBytes == 10)
            #expect(traffic.traffic.sentRawBytes == 20)
            #expect(traffic.traffic.streamsOpened == 2)
        }
    }

    @Test("What is not a peer's request gets a goodbye")
    func peerRefusals() async throws {
        try await withServers { servers in
            for (request, status, code) in [
                (HTTPText.log(park: "airport", body: "hello"), 403, "peer-unknown"),
                (HTTPText.log(park: "west~2", body: ""), 403, "peer-unknown"),
                (HTTPText.log(park: nil, body: "hello"), 400, "invalid-request"),
                (HTTPText.log(park: "west", body: "refuse"), 400, "bad-log"),
                (HTTPText.get("/sync/v1/log"), 405, "method-not-allowed"),
                (HTTPText.get("/v1/status"), 404, "not-found"),
                (
                    HTTPText.log(park: "west", body: String(repeating: "x", count: WireLimits.logRequestBytesMax + 1)),
                    413, "body-too-large"
                ),
            ] {
                let answer = try await servers.peer(request)
                #expect(answer.status == status && answer.headers["content-type"] == PeerRefusal.contentType)
                #expect(try PeerRefusal(status: answer.status, decoding: Array(answer.body)).kind == code)
                #expect((answer.headers["allow"] == "POST") == (status == 405))
            }
        }
    }

    @Test("A park's fifth stream ends its first")
    func newestStreamWins() async throws {
        try await withServers { servers in
            var connections: [RawHTTPConnection] = []
            for _ in 0...PeerStreams.streamsPerParkMax {
                let connection = try RawHTTPConnection(port: servers.peerPort)
                try connection.send(HTTPText.log(park: "west", body: "follow"))
                _ = try await connection.readHead()
                connections.append(connection)
            }
            let first = try await connections[0].readToEnd()
            #expect(first.hasSuffix("0\r\n\r\n"), "the stream ends cleanly")
            for connection in connections { connection.close() }
        }
    }
}
