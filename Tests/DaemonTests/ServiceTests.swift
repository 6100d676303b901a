import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import Synchronization
import Testing

/// The daemon as an administrator meets it: keys, operators, reloads, addresses that are taken, and
/// what its journal says.
@Suite(.serialized, .endsInTime) struct ServiceTests {
    private static let insert = "INSERT INTO organisation (id, kind, name_zh) VALUES (?1, 'enterprise', '成都')"
    private static let isRoot = geteuid() == 0

    private static func mode(_ path: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private static func waitForLog(_ zone: TestZone, _ park: String, _ text: String, times: Int = 1) async throws {
        _ = try await zone.wait("\(text) in the log of \(park)") {
            zone.log(park)
        } until: {
            $0.components(separatedBy: text).count > times
        }
    }

    // MARK: keys

    @Test(arguments: ["identity.key", "node.key"], [0o640, 0o604, 0o660])
    func aKeyThatOthersCanReadIsRefused(file: String, mode: Int) async throws {
        let zone = try await TestZone(["south", "west"])
        let path = zone.file("south", file).path
        try Self.mode(path, mode)
        let ended = try await TestProcess.run(
            "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path])
        #expect(
            ended.status == 64 && ended.output.contains("others than the node can read it")
                && ended.output.contains("chmod 600 \(path)"), "\(ended)")
        #expect(!FileManager.default.fileExists(atPath: zone.database("south")), "nothing was begun")
    }

    @Test func aCredentialOfSystemdMayShowItsAccessListAsTheGroupsRight() async throws {
        let zone = try await TestZone(["south", "west"])
        let folder = zone.file("south", "credentials")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let copy = folder.appendingPathComponent("identity.key")
        try FileManager.default.copyItem(at: zone.file("south", "identity.key"), to: copy)
        try Self.mode(copy.path, 0o440)
        let environment = ["PARKSYNC_IDENTITY": copy.path]
        let ended = try await TestProcess.run(
            "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path], environment: environment)
        #expect(ended.status == 64)
        guard Self.isRoot else { return }
        try await zone.start("south", environment: environment.merging(["CREDENTIALS_DIRECTORY": folder.path]) { $1 })
        #expect(await zone.stopAll() == [0])
    }

    // MARK: operators

    @Test(.enabled(if: isRoot, "only root can run a program as another user"))
    func aProgramOfTheParkWritesAndDoesNotSteer() async throws {
        let zone = try await TestZone(["south", "west"])
        for path in [zone.folder.path, zone.file("south", "").path] { try Self.mode(path, 0o755) }
        try await zone.start("south", "west")
        try Self.mode(zone.socket("south"), 0o666)
        func ask(_ method: String, _ path: String, _ body: String, as user: String) async throws -> String {
            try await TestProcess.run(
                "/usr/bin/env",
                ["setpriv"] + user.split(separator: " ").map(String.init)
                    + [
                        "curl", "-s", "--unix-socket", zone.socket("south"), "-X", method, "-H",
                        "Content-Type: application/json", "-d",
                        body,
                        "http://localhost\(path)",
                    ]
            ).output
        }
        let nobody = "--reuid=65534 --regid=65534 --clear-groups"
        let link = "{\"paused\":true}"
        let written = try await ask(
            "POST", LocalPath.transactions,
            """
            {\"statements\":[{\"sql\":\"INSERT INTO organisation (id, kind, name_zh) VALUES \
            ('south:organisation:1', 'enterprise', 'x')\"}]}
            """,
            as: nobody)
        #expect(written.contains("\"seq\":1"), "\(written)")
        let refused = try await ask("PUT", LocalPath.links + "/west", link, as: nobody)
        #expect(
            refused.contains("operators-only") && refused.contains("(65534)") && refused.contains("remedy"),
            "\(refused)")
        #expect(try await zone.status("south").peers.first?.link != .paused)
        try await Self.waitForLog(zone, "south", "event=operator.refused")

        // The group of the configuration: of a process that has it, and of one that has not.
        #expect(await zone.stop("south") == 0)
        try await zone.start("south", environment: ["PARKSYNC_LOCAL_OPERATORS": "games"])
        try Self.mode(zone.socket("south"), 0o666)
        let group = "--reuid=65534 --regid=games --clear-groups"
        #expect(try await ask("PUT", LocalPath.links + "/west", link, as: group).isEmpty)
        #expect(try await zone.status("south").peers.first?.link == .paused)
        #expect(try await ask("PUT", LocalPath.links + "/west", link, as: nobody).contains("adduser USER games"))
        try await Self.waitForLog(zone, "south", "event=operator.command")
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func aGroupThatDoesNotExistIsToldAtTheStart() async throws {
        let zone = try await TestZone(["south", "west"])
        let ended = try await TestProcess.run(
            "parksyncd", ["run", "--config", zone.file("south", "parksyncd.yaml").path],
            environment: ["PARKSYNC_LOCAL_OPERATORS": "no-such-group"])
        #expect(
            ended.status == 64 && ended.output.contains("local.operators") && ended.output.contains("groupadd"),
            "\(ended)")
    }

    // MARK: reload

    @Test func aHangUpReadsLevelCertificatesAndAddressesAgain() async throws {
        let zone = try await TestZone(["south", "west"])
        let config = zone.file("south", "parksyncd.yaml")
        try await zone.start("south", "west")
        // A link that did not come about before the other node was there is told as lost, at some
        // time.
        try await Self.waitForLog(zone, "south", "event=peer.linked peer=west")
        let before = try #require(try await zone.status("south").certificates.first { $0.role == "node" })

        let renewed = try await TestProcess.run(
            "syncctl", ["init", zone.folder.path, "--renew", "south", "--valid-days", "20"])
        #expect(renewed.status == 0, "\(renewed.output)")
        let text = try String(contentsOf: config, encoding: .utf8)
        try text.replacing("level: info", with: "level: error\nretention:\n  auto_compact: true").write(
            to: config, atomically: true, encoding: .utf8)
        let losses = zone.log("south").components(separatedBy: "event=peer.lost").count
        zone.signal("south", SIGHUP)
        let after = try await zone.wait("the new certificate") {
            try await zone.status("south")
        } until: { status in
            status.certificates.contains { $0.role == "node" && $0.validUntil != before.validUntil }
        }
        #expect(Verdict.judge(after).reasons.contains { $0.cause == .certificateEnding })
        // A level that leaves notices out left these out as well; a link that is opened anew shows
        // the new certificate.
        #expect(!zone.log("south").contains("event=certificate.ending"))
        #expect(await zone.stop("west") == 0)
        try await zone.start("west")
        try await zone.transact("south", Self.insert, [JSONValue(.string("south:organisation:1"))])
        try await zone.agree(covering: "south:1")
        #expect(zone.log("south").components(separatedBy: "event=peer.lost").count == losses)

        try text.write(to: config, atomically: true, encoding: .utf8)
        zone.signal("south", SIGHUP)
        try await Self.waitForLog(zone, "south", "event=node.reloaded")
        #expect(zone.log("south").contains("keys=\"tls, log.level\""))
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func whatCannotBeUsedIsRefusedAndTheNodeGoesOn() async throws {
        let zone = try await TestZone(["south", "west"])
        let config = zone.file("south", "parksyncd.yaml")
        try await zone.start("south", "west")
        let text = try String(contentsOf: config, encoding: .utf8)
        try text.replacing("level: info", with: "level: loud").write(to: config, atomically: true, encoding: .utf8)
        zone.signal("south", SIGHUP)
        try await Self.waitForLog(zone, "south", "there is no level loud")

        // A certificate without its key must not take the place of one that works.
        try text.write(to: config, atomically: true, encoding: .utf8)
        let key = try String(contentsOf: zone.file("south", "node.key"), encoding: .utf8)
        _ = try await TestProcess.run("syncctl", ["init", zone.folder.path, "--renew", "south"])
        try key.write(to: zone.file("south", "node.key"), atomically: false, encoding: .utf8)
        zone.signal("south", SIGHUP)
        try await Self.waitForLog(zone, "south", "event=node.reload-refused", times: 2)
        try await zone.agree()

        try text.replacing("arbiter: true", with: "arbiter: false").write(to: config, atomically: true, encoding: .utf8)
        _ = try await TestProcess.run("syncctl", ["init", zone.folder.path, "--renew", "south"])
        zone.signal("south", SIGHUP)
        try await Self.waitForLog(zone, "south", "event=node.restart-needed keys=arbiter")
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func aPeerThatMovedIsCalledAtItsNewAddress() async throws {
        let zone = try await TestZone(["south", "west"])
        let moved = try ReservedPort()
        let (before, after) = ("https://127.0.0.1:\(zone.port("west"))", "https://127.0.0.1:\(moved.number)")
        let config = zone.file("south", "parksyncd.yaml")
        let text = try String(contentsOf: config, encoding: .utf8)
        let url = try #require(text.firstMatch(of: #/west:\n    url: (\S+)/#)?.1)
        try text.replacing(url, with: before).write(to: config, atomically: true, encoding: .utf8)
        // The environment would go before the file.
        try await zone.start("south", environment: ["PARKSYNC_MEMBERS_WEST_URL": TestZone.unset])
        try await zone.start("west", environment: ["PARKSYNC_PEER_LISTEN": "127.0.0.1:\(moved.number)"])
        _ = try await zone.wait("the failed call") {
            try await zone.status("south")
        } until: {
            $0.peers.first?.lastError != nil
        }
        try text.replacing(url, with: after).write(to: config, atomically: true, encoding: .utf8)
        zone.signal("south", SIGHUP)
        let status = try await zone.wait("the link") {
            try await zone.status("south")
        } until: {
            $0.peers.first?.link == .following
        }
        #expect(status.peers.first?.url == after)
        try await Self.waitForLog(zone, "south", "members.west.url")
        #expect(await zone.stopAll() == [0, 0])
    }

    @Test func aCertificateThatEndsIsToldInTheJournalAndInTheFigures() async throws {
        let zone = try await TestZone(["south", "west"])
        let days = 20
        let renewed = try await TestProcess.run(
            "syncctl", ["init", zone.folder.path, "--renew", "south", "--valid-days", "\(days)"])
        #expect(renewed.status == 0, "\(renewed.output)")
        let file = zone.file("south", "node.crt").path
        try await zone.start("south")
        try await Self.waitForLog(zone, "south", "event=certificate.ending file=\(file) days=")
        // Whole days that are left: within the second in which it was made there are all of them.
        let told = zone.log("south").firstMatch(of: #/certificate\.ending .* days=(\d+) end=\d{4}-/#)
        let left = told.flatMap { Int($0.1) }
        #expect([days - 1, days].contains(left), "\(zone.log("south"))")
        let certificates = try await zone.status("south").certificates
        #expect(certificates.map(\.role).sorted() == ["authority", "node"])
        let figures = try await zone.send("south", HTTPText.get(LocalPath.metrics)).text
        for certificate in certificates {
            let sample =
                """
                parksync_certificate_end_timestamp_seconds{role=\"\(certificate.role)\"} \
                \(certificate.validUntil / 1_000).000\n
                """
            #expect(figures.contains(sample), "\(sample) in \(figures)")
        }
        #expect(await zone.stop("south") == 0)
        // As it is when that time has passed.
        try await zone.start(
            "south", environment: try await zone.clockAhead(milliseconds: Int64(days + 1) * 86_400_000))
        try await Self.waitForLog(zone, "south", "event=certificate.ended file=\(file) end=")
        #expect(Verdict.judge(try await zone.status("south")).reasons.first?.cause == .certificateEnded)
        #expect(await zone.stopAll() == [0])
    }

    // MARK: listeners

    @Test(arguments: [
        ("local-http", "PARKSYNC_LOCAL_HTTP"), ("peer", "PARKSYNC_PEER_LISTEN"), ("metrics", "PARKSYNC_METRICS_LISTEN"),
    ])
    func anAddressThatIsTakenIsTriedAgainAndShown(interface: String, variable: String) async throws {
        let zone = try await TestZone(["south", "west"])
        let occupant = try HangUp()
        try await zone.start("south", environment: [variable: "127.0.0.1:\(occupant.port)"])
        let status = try await zone.status("south")
        let listener = try #require(status.listeners.first { $0.interface == interface })
        #expect(!listener.isListening && listener.cause == "Address already in use")
        let reason = Verdict.judge(status).reasons.first { $0.cause == .notListening }
        // Without figures a node does what it is there for.
        #expect(reason?.level == (interface == "metrics" ? .degraded : .broken), "\(String(describing: reason))")
        #expect(reason?.text.contains("127.0.0.1:\(occupant.port)") == true)
        #expect(
            zone.log("south").contains(
                "event=node.listen-failed interface=\(interface) address=127.0.0.1:\(occupant.port) "))
        let figures = try await zone.send("south", HTTPText.get(LocalPath.metrics)).text
        #expect(figures.contains("parksync_listening{interface=\"\(interface)\"} 0\n"), "\(figures)")
        #expect(await zone.stopAll() == [0], "a node that tries stops in good order")

        let free = try ReservedPort()
        let holder = try HangUp(port: free.number)
        try await zone.start("south", environment: [variable: "127.0.0.1:\(free.number)"])
        holder.leave()
        _ = try await zone.wait("the listener") {
            try await zone.status("south")
        } until: {
            $0.listeners.allSatisfy(\.isListening)
        }
        try await Self.waitForLog(
            zone, "south", "event=node.listening interface=\(interface) address=127.0.0.1:\(free.number)")
        #expect(
            zone.log("south").components(separatedBy: "event=node.listen-failed").count == 3,
            "at each of two starts the cause is told once")
        #expect(await zone.stopAll() == [0])
    }

    // MARK: the journal

    @Test func theJournalTellsOfPeersOfStrangersAndOfForgedAddresses() async throws {
        let zone = try await TestZone(["south", "west"])
        let other = try await TestZone(["south", "west"])
        try await zone.start("south", "west")
        let (lost, linkedAgain) = ("event=peer.lost peer=west kind=", "event=peer.linked peer=west after_s=")
        try await Self.waitForLog(zone, "south", "event=peer.linked peer=west")
        // It may have been called before it was there.
        let losses = zone.log("south").components(separatedBy: lost).count
        #expect(await zone.stop("west", SIGKILL) == -SIGKILL)
        try await Self.waitForLog(zone, "south", lost, times: losses)
        // A stranger in west's place: the same park and log, and a certificate of another
        // authority.
        let files = ["node.crt", "node.key", "zone-ca.crt"]
        let kept = try files.map { try Data(contentsOf: zone.file("west", $0)) }
        for name in files { try Data(contentsOf: other.file("west", name)).write(to: zone.file("west", name)) }
        try await zone.start("west")
        try await Self.waitForLog(zone, "south", "event=stranger.refused address=127.0.0.1")
        try await Self.waitForLog(zone, "west", "event=peer.lost peer=south kind=certificate")
        #expect(await zone.stop("west") == 0)
        for (name, data) in zip(files, kept) { try data.write(to: zone.file("west", name)) }
        let links = zone.log("south").components(separatedBy: linkedAgain).count
        try await zone.start("west")
        try await Self.waitForLog(zone, "south", linkedAgain, times: links)
        #expect(await zone.stopAll() == [0, 0])
        let lines = zone.log("south").split(separator: "\n")
        #expect(lines.allSatisfy { $0.contains("  event=") }, "\(lines.filter { !$0.contains("  event=") })")
    }

    @Test func aSlowStatementIsToldWithoutItsValues() async throws {
        let zone = try await TestZone(["south", "west"])
        try await zone.start("south", environment: ["PARKSYNC_LOG_SLOW_MILLISECONDS": "1"])
        _ = try await zone.rows(
            "south",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n")
        try await Self.waitForLog(zone, "south", "event=statement.slow sql=\"WITH RECURSIVE n(i)")
        #expect(await zone.stopAll() == [0])
    }

    @Test func systemdsJournalGetsPrioritiesAndNothingElseDoes() async throws {
        let zone = try await TestZone(["south", "west"])
        let file = zone.file("south", "log")
        try Data().write(to: file)
        let found = try FileManager.default.attributesOfItem(atPath: file.path)
        let device = try #require(found[.systemNumber] as? NSNumber)
        let node = try #require(found[.systemFileNumber] as? NSNumber)
        try await zone.start(
            "south", environment: ["JOURNAL_STREAM": "\(device):\(node)", "PARKSYNC_LOG_LEVEL": "debug"])
        #expect(await zone.stopAll() == [0])
        let lines = zone.log("south").split(separator: "\n")
        #expect(
            lines.count > 3 && lines.allSatisfy { $0.wholeMatch(of: #/<[2-7]>.*  event=[a-z.-]+.*/#) != nil },
            "\(lines)")
        #expect(
            !lines.contains { $0.contains("Service(") || $0.contains("ParkSync.") || $0.contains("parksyncd.") },
            "Swift values: \(lines)")
        // Of another file: the journal is not behind it.
        try await zone.start("south", environment: ["JOURNAL_STREAM": "\(device):\(node.uint64Value &+ 1)"])
        #expect(await zone.stopAll() == [0])
        let last = zone.log("south").split(separator: "\n").last
        #expect(last?.hasPrefix("<") == false && last?.hasSuffix("event=node.stopped") == true, "\(last ?? "")")
        // A start that fails is told there as well.
        let failed = try await TestProcess.run(
            "parksyncd", ["run", "--config", "/nowhere.yaml"], environment: ["JOURNAL_STREAM": "\(device):\(node)"])
        #expect(failed.status == 64 && failed.output.hasPrefix("parksyncd: "))
    }
}
