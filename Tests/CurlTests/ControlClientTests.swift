import DaemonFixtures
import Foundation
import ParkSyncCurl
import ParkSyncReports
import ServerFixtures
import Testing

@Suite("The client of the local API", .endsInTime)
struct ControlClientTests {
    /// A socket that takes connections and never answers, as a stopped daemon's does.
    private final class MuteSocket {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("pm-\(UUID().uuidString.prefix(8))")
            .path
        private let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)

        init() throws {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            guard result == 0, listen(descriptor, 8) == 0 else {
                throw RawHTTPConnection.Failure(description: String(cString: strerror(errno)))
            }
        }

        /// The file stays, as after a daemon that was killed.
        func leave() { close(descriptor) }
        deinit { unlink(path) }
    }

    private static func failure(_ body: () async throws -> Void) async -> ControlFailure? {
        await #expect(throws: ControlFailure.self) { try await body() }
    }

    @Test("Answers are decoded, over the socket and over TCP")
    func answers() async throws {
        try await withServers { servers in
            let loop = CurlLoop()
            for address in [
                ControlAddress.socket(path: servers.socketPath),
                .url("http://127.0.0.1:\(servers.tcpPort)/", token: RunningServers.token.secret),
            ] {
                let client = ControlClient(address, loop: loop)
                let conflicts: [ConflictReport] = try await client.get(LocalPath.conflicts, [("limit", "7")])
                #expect(conflicts.isEmpty)
                let report: VerifyReport = try await client.post(LocalPath.verify, Int?.none)
                #expect(report.vector == "-")
                let blame: BlameReport = try await client.get(
                    LocalPath.blame, [("table", "a b&c=d+e"), ("key", "[\"100 %\"]")])
                #expect(blame.table == "a b&c=d+e" && blame.key.count == 1)
            }
            let client = ControlClient(.socket(path: servers.socketPath), loop: loop)
            _ = try await client.send("PUT", LocalPath.links + "/west", body: Array("{\"paused\":true}".utf8))
            #expect(servers.node.calls == ["conflicts 7", "verify", "conflicts 7", "verify", "west paused true"])
        }
    }

    @Test("What the node refuses comes as its problem")
    func problems() async throws {
        try await withServers { servers in
            let client = ControlClient(.socket(path: servers.socketPath), loop: CurlLoop())
            let problem = await #expect(throws: ProblemDetails.self) {
                _ = try await client.send("PUT", LocalPath.links + "/nobody", body: Array("{\"paused\":true}".utf8))
            }
            #expect(problem?.code == "no-such-peer" && problem?.status == 404)
            let query = Array(try JSONEncoder().encode(QueryRequest(sql: "broken")))
            let streamed = await #expect(throws: ProblemDetails.self) {
                for try await _ in client.lines("POST", LocalPath.queries, body: query) {}
            }
            #expect(streamed?.code == "sql-error")
        }
    }

    @Test("An answer of many lines comes whole and in order")
    func lines() async throws {
        try await withServers { servers in
            let client = ControlClient(.socket(path: servers.socketPath), loop: CurlLoop())
            let query = Array(try JSONEncoder().encode(QueryRequest(sql: "rows 100000")))
            var count = 0
            for try await line in client.lines("POST", LocalPath.queries, body: query) {
                switch count {
                case 0: #expect(line == "{\"columns\":[\"n\",\"text\"]}")
                case 100_001: #expect(line == "{\"end\":true,\"rows\":100000}")
                default: if line != "[\(count - 1),\"row\"]" { Issue.record("line \(count): \(line)") }
                }
                count += 1
            }
            #expect(count == 100_002)
        }
    }

    @Test("A reader that pauses holds the node back, goes on, and ends the query by leaving")
    func backPressure() async throws {
        try await withServers { servers in
            let client = ControlClient(.socket(path: servers.socketPath), loop: CurlLoop())
            let query = Array(try JSONEncoder().encode(QueryRequest(sql: "endless")))
            do {
                let lines = client.lines("POST", LocalPath.queries, body: query)
                var reader = lines.makeAsyncIterator()
                #expect(try await reader.next() == "{\"columns\":[\"n\",\"text\"]}")
                #expect(try await servers.endlessQueryStalls(), "rows are made although nobody reads them")
                let held = servers.node.endlessRows
                // More than was held back: they can only come if the stream goes on.
                for _ in 0..<held * 2 { #expect(try await reader.next()?.count == 1_004) }
                #expect(servers.node.endlessRows > held)
            }
            await servers.node.endlessQueryEnded.wait()
        }
    }

    @Test("A cancelled reader and a cancelled request end")
    func cancellation() async throws {
        let mute = try MuteSocket()
        let client = ControlClient(.socket(path: mute.path), loop: CurlLoop())
        let whole = Task { try await client.send("GET", LocalPath.status, within: nil) }
        let streamed = Task { for try await _ in client.lines("GET", LocalPath.changes) {} }
        whole.cancel()
        streamed.cancel()
        await #expect(throws: ControlFailure.self) { try await whole.value }
        try await streamed.value
    }

    @Test("A node that hangs is given up, and the request may have arrived")
    func hangs() async throws {
        let mute = try MuteSocket()
        let client = ControlClient(.socket(path: mute.path), loop: CurlLoop())
        let failure = await Self.failure { _ = try await client.send("GET", LocalPath.status, within: 50) }
        #expect(
            failure?.reason.contains("did not answer within 0.05 seconds") == true, "\(String(describing: failure))")
        #expect(failure?.mayHaveArrived == true)
        let ended = try await TestProcess.run(
            "syncctl", ["status", "--json", "--timeout", "0.1", "--socket", mute.path])
        #expect(
            ended.status == 2 && ended.output.contains("\"level\" : \"broken\"")
                && ended.output.contains("syncctl status: \(mute.path) did"))
        let waited = try await TestProcess.run("syncctl", ["wait", "--timeout", "0.2", "--socket", mute.path])
        #expect(waited.status == 1 && waited.output.contains("after 0.2 seconds"), "\(waited)")
    }

    @Test("Where no daemon is, the remedy fits the cause, and nothing was sent")
    func nobody() async throws {
        let loop = CurlLoop()
        let mute = try MuteSocket()
        mute.leave()
        let cases: [(ControlAddress, String)] = [
            (.socket(path: "/nowhere/control.sock"), "No daemon has made this socket"),
            (.socket(path: mute.path), "is not running"),
            (.url("http://127.0.0.1:1"), "is not running"),
        ]
        for (address, remedy) in cases {
            let failure = await Self.failure {
                _ = try await ControlClient(address, loop: loop).send("GET", LocalPath.status)
            }
            #expect(
                failure?.remedy.contains(remedy) == true && failure?.mayHaveArrived == false,
                "\(String(describing: failure))")
        }
        let ended = try await TestProcess.run(
            "syncctl", ["exec", "DELETE FROM lab", "--socket", "/nowhere/control.sock"])
        #expect(
            ended.status == 2
                && ended.output.hasPrefix("syncctl exec: no node answers at /nowhere/control.sock: no such file"))
    }
}
