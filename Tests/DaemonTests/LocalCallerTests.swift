import DaemonFixtures
import Foundation
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore
import Testing

@testable import parksyncd

/// Who may do what with a real daemon, and who counts as the author: other accounts of the machine,
/// and programs with a token.
@Suite(.serialized, .endsInTime) struct LocalCallerTests {
    private static let isRoot = geteuid() == 0
    private static let director = "{\"author\":\"director\",\"statements\":[{\"sql\":"

    private static func write(_ name: String) -> String {
        director
            + "\"INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:\(name)', 'enterprise', "
            + "'x')\"}]}"
    }

    /// The newest entries' authors, the newest first.
    private static func authors(_ zone: TestZone) async throws -> [String] {
        let answer = try await zone.send("south", HTTPText.get(LocalPath.entries))
        return try JSONDecoder().decode([EntryReport].self, from: answer.body).map(\.author)
    }

    private static func mode(_ path: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    // MARK: over TCP

    @Test func theLoopbackListenerIsOffUnlessConfiguredAndThenWantsAToken() async throws {
        let (zone, port) = (try await TestZone(["south"]), try ReservedPort())
        try await zone.start("south")
        #expect(try await zone.status("south").listeners.map(\.interface).sorted() == ["local-socket", "peer"])
        #expect(await zone.stop("south") == 0)

        try await zone.start("south", environment: ["PARKSYNC_LOCAL_HTTP": "127.0.0.1:\(port.number)"])
        let token = try zone.token("south")
        func ask(_ request: String, _ token: String?) async throws -> HTTPAnswer {
            let connection = try RawHTTPConnection(port: port.number)
            try connection.send(token.map { HTTPText.authorized(request, $0) } ?? request)
            return try await connection.readAnswer()
        }
        #expect(try await ask(HTTPText.get(LocalPath.health), nil).status == 200)
        let write = HTTPText.post(LocalPath.transactions, Self.write("1"))
        let begun = ContinuousClock.now
        for wrong in [nil, "x", String(token.reversed())] {
            for request in [
                write, HTTPText.get(LocalPath.status), HTTPText.get(LocalPath.ready), HTTPText.get(LocalPath.metrics),
            ] {
                #expect(try await ask(request, wrong).problem().code == "token-required")
            }
        }
        #expect(try await zone.status("south").applied == "-")
        #expect(try await ask(write, token).status == 200)
        let fence = HTTPText.post(LocalPath.fences, "{\"park\":\"south\"}")
        #expect(try await ask(fence, token).problem().code == "operators-only")
        try await zone.foreign(
            "south", "INSERT INTO organisation (id, kind, name_zh) VALUES ('south:organisation:2', 'enterprise', 'x');")
        _ = try await zone.wait("the program's own write") {
            try await zone.status("south").applied
        } until: {
            $0 == "south:2"
        }
        #expect(try await Self.authors(zone) == ["", "token:loopback@south (for director)"])

        // One line for all of them in a minute, and each is counted.
        let lines = 1...JournalThrottle.lines(since: begun)
        let told = zone.log("south").split(separator: "\n").filter { $0.contains("event=request.refused") }
        #expect(lines.contains(told.count) && told.first?.contains("code=token-required") == true, "\(told)")
        #expect(!zone.log("south").contains(token) && !zone.log("south").contains(String(token.reversed())))
        let metrics = try await ask(HTTPText.get(LocalPath.metrics), token).text
        #expect(metrics.contains("parksync_refused_total{event=\"request.refused\"} 12\n"), "\(metrics)")

        let (url, file) = ("http://127.0.0.1:\(port.number)", zone.file("south", "http.token").path)
        let shut = try await TestProcess.run("syncctl", ["query", "SELECT 1", "--url", url])
        #expect(shut.status == 2 && shut.output.contains("--token-file"), "\(shut)")
        let open = try await TestProcess.run(
            "syncctl", ["query", "SELECT count(*) FROM organisation", "--url", url, "--token-file", file, "--json"])
        #expect(open.status == 0 && open.output.contains("[2]"), "\(open)")
        #expect(await zone.stopAll() == [0])
    }

    @Test func aListenerWithoutASoundTokenDoesNotOpen() async throws {
        let zone = try await TestZone(["south"])
        let path = zone.file("south", "http.token").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        func run(_ environment: [String: String] = [:]) async throws -> (status: Int32, output: String) {
            try await TestProcess.run(
                "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path],
                environment: ["PARKSYNC_LOCAL_HTTP": "127.0.0.1:1"].merging(environment) { $1 })
        }
        func refuses(_ says: String, _ environment: [String: String] = [:]) async throws {
            let ended = try await run(environment)
            #expect(
                ended.status == 64 && ended.output.contains("local.http_token_file") && ended.output.contains(says),
                "\(says): \(ended)")
            #expect(!ended.output.contains(text.split(separator: " ").last ?? ""), "a token in a message")
        }
        try await refuses("nobody in without a token", ["PARKSYNC_LOCAL_HTTP_TOKEN_FILE": ""])
        try await refuses("there is no such file or folder", ["PARKSYNC_LOCAL_HTTP_TOKEN_FILE": "nowhere"])
        try await refuses(
            "keeps for itself", ["PARKSYNC_LOCAL_HTTP": "", "PARKSYNC_LOCAL_HTTP_TOKEN_FILE": zone.database("south")])
        for mode in [0o644, 0o604, 0o660, 0o620, 0o602] {
            try Self.mode(path, mode)
            try await refuses("chmod 640 \(path)")
        }
        try Self.mode(path, 0o640)
        try "loopback short\n".write(toFile: path, atomically: false, encoding: .utf8)
        try await refuses("line 1")
        #expect(!FileManager.default.fileExists(atPath: zone.database("south")), "nothing was begun")
        // Without the listener nobody looks at it.
        try await zone.start("south")
        #expect(await zone.stopAll() == [0])

        // Its own group may read it.
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        let port = try ReservedPort()
        try await zone.start("south", environment: ["PARKSYNC_LOCAL_HTTP": "127.0.0.1:\(port.number)"])
        #expect(await zone.stopAll() == [0])
    }

    @Test func syncctlMakesATokenWhereThereIsNone() async throws {
        let zone = try await TestZone(["south", "west"])
        let path = zone.file("south", "http.token").path
        let first = try zone.token("south")
        #expect(try first != zone.token("west") && Data(base64Encoded: first)?.count == 32)
        let again = try await TestProcess.run("syncctl", ["init", zone.folder.path, "--token", "south"])
        #expect(again.status == 64 && again.output.contains("is there already"), "\(again)")
        try FileManager.default.removeItem(atPath: path)
        let made = try await TestProcess.run("syncctl", ["init", zone.folder.path, "--token", "south"])
        let second = try zone.token("south")
        #expect(made.status == 0 && !made.output.contains(second), "\(made)")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(second != first && mode?.intValue == 0o600)
        for arguments in [["--token", "east"], ["--token", ".."], ["--token", "south", "--renew", "south"]] {
            #expect(
                try await TestProcess.run("syncctl", ["init", zone.folder.path] + arguments).status == 64,
                "\(arguments)")
        }
    }

    // MARK: over the socket

    @Test(.enabled(if: isRoot, "only root can run a program as another user"))
    func eachRouteIsAnsweredToTheAccountsThatMay() async throws {
        let zone = try await TestZone(["south", "west"])
        for path in [zone.folder.path, zone.file("south", "").path] { try Self.mode(path, 0o755) }
        try await zone.start("south", environment: ["PARKSYNC_LOCAL_OPERATORS": "games"])
        try Self.mode(zone.socket("south"), 0o666)
        func ask(_ method: String, _ path: String, _ body: String, group: String) async throws -> String {
            try await TestProcess.run(
                "/usr/bin/env",
                [
                    "setpriv", "--reuid=65534", "--regid=\(group)", "--clear-groups", "curl", "-s", "--unix-socket",
                    zone.socket("south"), "-X", method, "-H", "Content-Type: application/json", "-d", body,
                    "http://localhost\(path)",
                ]
            ).output
        }
        for route in LocalRights.table where route.path != LocalPath.changes {
            let path = route.path.replacing(":park", with: "nobody").replacing(":id", with: "0") + "?bogus=1"
            for (group, isOperator) in [("65534", false), ("games", true)] {
                let answer = try await ask(route.method, path, "{\"bogus\":1}", group: group)
                #expect(
                    !answer.isEmpty && answer.contains("operators-only") == (route.right == .operate && !isOperator),
                    "\(route) \(group): \(answer)")
            }
        }
        #expect(try await zone.status("south").applied == "-")

        let name = SystemAccounts().name(of: 65_534) ?? "uid:65534"
        #expect(try await ask("POST", LocalPath.transactions, Self.write("1"), group: "65534").contains("\"seq\":1"))
        #expect(try await ask("POST", LocalPath.transactions, Self.write("2"), group: "games").contains("\"seq\":2"))
        let nameless = try await TestProcess.run(
            "/usr/bin/env",
            [
                "setpriv", "--reuid=4242", "--regid=4242", "--clear-groups", "curl", "-s", "--unix-socket",
                zone.socket("south"), "-H",
                "Content-Type: application/json", "-d", Self.write("3"), "http://localhost\(LocalPath.transactions)",
            ])
        #expect(nameless.output.contains("\"seq\":3"), "\(nameless)")
        let others = "\(name)@south (for director)"
        #expect(try await Self.authors(zone) == ["uid:4242@south (for director)", others, others])
        #expect(await zone.stopAll() == [0])
    }
}
