import ArgumentParser
import Foundation
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import syncctl

/// What `syncctl status` prints fits a terminal of 80 columns, whatever it has to say.
@Suite("The width of a status")
struct StatusWidthTests {
    private static func longest(_ status: NodeStatus) -> NodeStatus {
        var status = status
        let long = "science-city1"
        status.applied = (2...40).map { "\(long)~\($0):18446744073709551615" }.joined(separator: " ")
        status.tables = [
            .init(name: String(repeating: "long_", count: 24), rows: .max, digest: RowDigest(high: .max, low: .max))
        ]
        status.stuck = [
            .init(
                origin: "west", seq: 9, state: .held, code: "dependency",
                cause: "国家自主创新示范区" + String(repeating: "国际生物城", count: 30),
                remedy: "https://" + String(repeating: "a", count: 200))
        ]
        status.machine = MachineStatus(sqliteVersion: "3.40.1", diskFreeBytes: .max, diskBytes: .max, lastBackupAt: 0)
        status.peers = ["science-city1", "west"].map { park in
            SyncctlVerdictTests.peer {
                $0.park = park
                $0.lastError = "\(park): " + String(repeating: "it broke off, ", count: 20) + "\u{1B}[2J. Wait."
                ($0.weNeed, $0.theyNeed) = (.max, .max)
                ($0.weNeedSince, $0.theyNeedSince, $0.nextTryAt) = (0, 0, .max)
                ($0.clockOffsetMilliseconds, $0.version) = (.min, String(repeating: "9", count: 32))
                $0.sqliteVersion = String(repeating: "8", count: 32)
                $0.relays = (2...30).map { "airport~\($0)" }
            }
        }
        return status
    }

    static let statuses = (SyncctlVerdictTests.peerCases + SyncctlVerdictTests.nodeCases).map(\.status)

    @Test("No line is longer than 79 columns", arguments: statuses.indices)
    func width(_ index: Int) {
        for status in [Self.statuses[index], Self.longest(Self.statuses[index])] {
            let lines = StatusText.lines(status, Verdict.judge(status), withTables: true)
            #expect(lines.count > 5)
            for line in lines { #expect(TextLayout.width(line) <= 79, "\(TextLayout.width(line)): \(line)") }
        }
    }

    @Test("When rows were compared and a backup was made, what is free and how long certificates last stand in words")
    func words() {
        let day: UInt64 = 86_400_000
        let now = SyncctlVerdictTests.now
        var status = SyncctlVerdictTests.status()
        func lines() -> [String] { StatusText.lines(status, Verdict.judge(status), withTables: false) }
        func expect(_ wanted: String...) {
            for line in wanted { #expect(lines().contains(line), "\(line) in \(lines())") }
        }
        func certificates(nodeUntil: UInt64) -> [CertificateStatus] {
            [
                CertificateStatus(role: "node", file: "n", validFrom: 0, validUntil: nodeUntil),
                CertificateStatus(role: "authority", file: "a", validFrom: 0, validUntil: now + 3_000 * day),
            ]
        }
        status.rows = RowsStatus(
            verifiedAt: now - 720_000, verifiedRows: 4_711, differing: 0, differences: [], suspected: [])
        status.machine = MachineStatus(
            sqliteVersion: "3.40.1", diskFreeBytes: 5 << 30, diskBytes: 20 << 30, lastBackupAt: now - 3 * day)
        status.certificates = certificates(nodeUntil: now + 20 * day)
        expect(
            "rows      4711 compared with the log 12 min ago", "disk      5120 MiB free of 20 GiB",
            "backup    3 d ago  SQLite 3.40.1",
            "certs     node ends in 20 days, authority ends in 3000 days")
        status.rows?.differing = 2
        status.machine?.lastBackupAt = nil
        status.certificates = certificates(nodeUntil: now - 1)
        expect(
            "rows      4711 compared with the log 12 min ago  2 differ", "backup    none with syncctl  SQLite 3.40.1",
            "certs     node has ended, authority ends in 3000 days")
        status.rows = RowsStatus(verifiedAt: nil, verifiedRows: 0, differing: 0, differences: [], suspected: [])
        expect("rows      not compared with the log yet")
    }

    @Test("An ordinary zone of six is a table")
    func table() {
        let peers = ["airport", "bio-city", "jingrong-town", "science-city", "west"].map { park in
            SyncctlVerdictTests.peer {
                $0.park = park
                ($0.weNeed, $0.weNeedSince, $0.theyNeed, $0.theyNeedSince) = (
                    1_234, 1_795_518_310_000, 999, 1_795_518_310_000
                )
                ($0.clockOffsetMilliseconds, $0.agreement, $0.link) = (-1_250, .different, .catchingUp)
            }
        }
        let status = SyncctlVerdictTests.status(peers)
        let lines = StatusText.lines(status, Verdict.judge(status), withTables: false)
        #expect(
            lines.contains("peer           link         we need      they need   heard  clock     tables"), "\(lines)")
        #expect(lines.contains("jingrong-town  catching-up  1234, 119 s  999, 119 s  0.5 s  -1250 ms  DIFFERENT"))
    }

    @Test("Peers with the same software stand in one line; what a peer has not told is unknown")
    func software() {
        let told: [(String, String?, String?)] = [
            ("airport", "0.1.0", "3.40.1"), ("bio-city", "0.1.0", nil), ("south", nil, nil),
            ("west", "0.1.0", "3.40.1"),
        ]
        let peers = told.map { park, version, sqlite in
            SyncctlVerdictTests.peer { ($0.park, $0.version, $0.sqliteVersion) = (park, version, sqlite) }
        }
        let status = SyncctlVerdictTests.status(peers)
        let lines = StatusText.lines(status, Verdict.judge(status), withTables: false)
        #expect(
            Array(lines.suffix(3)) == [
                "airport, west: version 0.1.0, SQLite 3.40.1", "bio-city: version 0.1.0, SQLite unknown",
                "south: unknown software",
            ], "\(lines)")
    }

    @Test("A peer's field Server is taken for what it is, and nothing else of it is shown")
    func serverField() {
        let all = NodeSoftware(version: "0.1.0", sqliteVersion: "3.40.1")
        #expect(all.field == "parksyncd/0.1.0 SQLite/3.40.1" && NodeSoftware(field: all.field) == all)
        #expect(NodeSoftware(field: "parksyncd/0.1.0") == NodeSoftware(version: "0.1.0", sqliteVersion: nil))
        #expect(NodeSoftware(field: "parksyncd/0.1.0 SQLite/3.40.1 more/1") == all)
        #expect(NodeSoftware(field: "parksyncd/0.1.0 SQLite/3\u{1B}[2J")?.sqliteVersion == nil)
        #expect(
            NodeSoftware(field: "parksyncd/0.1.0 SQLite/" + String(repeating: "3", count: 33))?.sqliteVersion == nil)
        #expect(NodeSoftware(field: "parksyncd/0.1.0 OpenSSL/3.0")?.sqliteVersion == nil)
        for field in ["", " ", "nginx/1.2", "parksyncd/", "parksyncd/国", "SQLite/3.40.1 parksyncd/0.1.0"] {
            #expect(NodeSoftware(field: field) == nil, "\(field)")
        }
    }

    @Test("Lines break at spaces; a word that is too long, and Chinese, break where they must")
    func wrap() {
        #expect(TextLayout.wrap("  one two three", hanging: 4, columns: 9) == ["  one two", "    three"])
        #expect(TextLayout.wrap("abcdefghij", hanging: 2, columns: 6) == ["abcdef", "  ghij"])
        #expect(TextLayout.wrap("国际生物城", hanging: 0, columns: 5) == ["国际", "生物", "城"])
        #expect(TextLayout.wrap("a  b", hanging: 0, columns: 4) == ["a  b"] && TextLayout.wrap("", hanging: 3) == [""])
        #expect(TextLayout.wrap("ab   cd", hanging: 0, columns: 3) == ["ab", "cd"])
        #expect(TextLayout.wrap("国", hanging: 0, columns: 1) == ["国"])
    }

    @Test("The only node of the machine is found; none and several are told")
    func onlyNode() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pn-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let nodes = LocalNodes(runFolder: folder.path + "/run", configurationFolder: folder.path + "/etc")
        let make = { (name: String) in
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        func complaint(_ body: () throws -> Void) -> String {
            (#expect(throws: ValidationError.self) { try body() })?.message ?? ""
        }
        #expect(complaint { _ = try nodes.only() }.contains("no node runs on this machine"))
        // A node that is down has its configuration only; a folder without one is none, and a
        // foreign name is none.
        try make("etc/west")
        try make("run/Not a park")
        #expect(complaint { _ = try nodes.only() }.contains("no node runs"))
        #expect(FileManager.default.createFile(atPath: folder.path + "/etc/west/parksyncd.yaml", contents: Data()))
        #expect(try nodes.only() == "west" && nodes.socket(of: "west") == folder.path + "/run/west/control.sock")
        try make("run/west")
        #expect(try nodes.only() == "west")
        try make("run/south")
        #expect(complaint { _ = try nodes.only() }.contains("this machine has several: south, west"))
        #expect(complaint { try nodes.check("sout") }.contains("Did you mean south?"))
        try nodes.check("south")
    }

    @Test("Every cause of a verdict stands in the page, and the page names no other")
    func causes() throws {
        let page = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/reference/syncctl.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "### Causes\n").dropFirst().first).components(
            separatedBy: "\n#")[0]
        let rows = section.components(separatedBy: "\n").filter { $0.hasPrefix("| `") }
        let shown = rows.flatMap { $0.components(separatedBy: "|")[1].matches(of: #/`([a-z-]+)`/#) }.map {
            String($0.1)
        }
        #expect(shown.sorted() == Verdict.Cause.allCases.map(\.rawValue).sorted())
    }
}
