import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

@testable import parksyncd

/// docs/reference/http-api.md names every problem code, every member of the status and every family
/// of figures.
@Suite struct HTTPDocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The rows of the first table after a heading: the names in its first cell, and the second
    /// cell.
    static func rows(after heading: String) throws -> [(names: [String], text: String)] {
        let page = try String(contentsOf: root.appendingPathComponent("docs/reference/http-api.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: heading + "\n").dropFirst().first)
        let lines = section.components(separatedBy: "\n").drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        return lines.filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return (
                cells[0].components(separatedBy: ", ").map {
                    $0.trimmingCharacters(in: CharacterSet(charactersIn: "`"))
                }, cells[1]
            )
        }
    }

    /// The names of the labels of each family of figures that the page has, in alphabetical order.
    /// `LocalAPITests` compares them with a node's.
    static func families() throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for row in try rows(after: "### GET /healthz, GET /readyz, GET /metrics") {
            let labels = row.text.matches(of: #/`(\w+)`/#).map { String($0.1) }.sorted()
            for name in row.names {
                #expect(found.updateValue(labels, forKey: name) == nil, "\(name) stands in the page twice")
            }
        }
        return found
    }

    /// An alert on a figure that no node gives would never fire.
    @Test(arguments: [
        "deploy/prometheus/parksync.rules.yml", "deploy/prometheus/parksync.test.yml", "deploy/README.md",
    ])
    func figuresThatOthersRelyOnStandInThePage(file: String) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent(file), encoding: .utf8)
        let named = Set(text.matches(of: #/\bparksync_[a-z_]+[a-z]/#).map { String($0.0) })
        let given = try Self.families().keys
        #expect(!named.isEmpty && named.subtracting(given).sorted() == [])
    }

    /// `code status` of each problem that the sources of the server and of the node can answer
    /// with.
    private static func codes() throws -> Set<String> {
        var found: Set<String> = []
        for folder in ["Sources/ParkSyncServer", "Sources/parksyncd"] {
            let files = FileManager.default.enumerator(
                at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
            for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                let written = text.matches(of: #/code:\s*"([a-z-]+)",\s*title:\s*"[^"]*",\s*status:\s*(\d+)/#)
                #expect(
                    written.count == text.matches(of: #/code: "/#).count,
                    "\(file.lastPathComponent) writes a code in another form")
                found.formUnion(written.map { "\($0.1) \($0.2)" })
                found.formUnion(
                    text.matches(of: #/case \.\w+: \("([a-z-]+)", "[^"]*", (\d+)\)/#).map { "\($0.1) \($0.2)" })
                found.formUnion(text.matches(of: #/forbidden\(\s*"([a-z-]+)"/#).map { "\($0.1) 403" })
                found.formUnion(text.matches(of: #/tooMany\(\s*"([a-z-]+)"/#).map { "\($0.1) 429" })
            }
        }
        return found
    }

    @Test func everyProblemCodeStandsInThePage() throws {
        let shown = try Self.rows(after: "### Problems").flatMap { row in row.names.map { "\($0) \(row.text)" } }
        #expect(shown.count == Set(shown).count, "a code stands in the page twice")
        let codes = try Self.codes()
        #expect(codes.count > 30)
        #expect(shown.sorted() == codes.sorted())
    }

    /// As in `peers[].park` and `machine.disk_bytes`. An object whose members stand in the page
    /// need not stand there itself.
    private static func members(_ object: [String: Any], _ path: String) -> [String] {
        object.flatMap { name, value -> [String] in
            if let inner = value as? [String: Any] {
                return (path.isEmpty ? [name] : []) + members(inner, "\(path)\(name).")
            }
            if let inner = (value as? [[String: Any]])?.first {
                return [path + name] + members(inner, "\(path)\(name)[].")
            }
            return [path + name]
        }
    }

    /// A status with all of its members.
    static func fullStatus() -> NodeStatus {
        var peer = NodeStatus.Peer(park: "west", url: "", link: .following)
        (peer.lastError, peer.lastErrorCode, peer.agreementVector) = ("", "", "")
        peer.lie = NodeStatus.Peer.Lie(kind: "", reason: "", count: 1)
        (peer.nextTryAt, peer.lastContactAt, peer.weNeed, peer.weNeedSince, peer.theyNeed, peer.theyNeedSince) = (
            1, 1, 1, 1, 1, 1
        )
        (peer.clockOffsetMilliseconds, peer.agreementAt, peer.version, peer.sqliteVersion) = (1, 1, "", "")
        var status = NodeStatus(
            park: "south", origin: "south", phase: .ready, version: "", schemaNumber: 1, schemaHash: "", applied: "",
            logged: "", unsealedRows: 0,
            conflicts: 0, tables: [.init(name: "", rows: 0, digest: RowDigest())], digestVector: "", digest: "",
            stuck: [.init(origin: "", seq: 1, state: .held, code: "", cause: "", remedy: "")], peers: [peer],
            databaseBytes: 0, now: 0)
        status.fence = ""
        status.retention = RetentionStatus(
            at: 0, frontier: "", heldBy: [], tombstoneRows: 0, tombstoneBytes: 0, droppableRows: 0, bytesPerDay: 0,
            diskFullAt: 0, fenced: [],
            fencing: [], archivedEntries: 0, archiveSegments: 0, archiveBytes: 0, archiveFaults: [])
        status.stuck = status.stuck.map {
            var stuck = $0
            stuck.count = 1
            return stuck
        }
        var arbiter = ArbiterStatus(since: 1, resources: 1, resource: "", error: "", isPassing: false, nextTryAt: 1)
        (arbiter.request, arbiter.revision, arbiter.unanswered, arbiter.isOfRequest) = ("", 1, 1, true)
        status.arbiter = arbiter
        status.tableObstacles = [TableObstacleStatus(table: "", cause: "", remedy: "")]
        status.machine = MachineStatus(sqliteVersion: "", diskFreeBytes: 0, diskBytes: 0, lastBackupAt: 0)
        status.check = NodeStatus.Check(since: 1, heard: [], waitingFor: [], unreachable: [], cause: "", remedy: "")
        status.rows = RowsStatus(verifiedAt: 1, verifiedRows: 1, differing: 0, differences: [], suspected: [])
        status.rows?.failure = RowsStatus.Failure(cause: "", isOfFile: false)
        status.retention?.otherBranch = ["airport"]
        status.retention?.proposals = []
        status.futureStamps = OriginID("south").map {
            [FutureStampsStatus(origin: $0, first: 1, last: 2, aheadMilliseconds: 1)]
        }
        status.reissuePossibleAt = 1
        status.damage = DamageStatus(cause: "", remedy: "", since: 1)
        status.refusedRows = RefusedRowsStatus(
            count: 1, newest: [RefusedRowReport(id: 1, foundAt: 1, table: "", row: "", cause: "")])
        status.forks = [NodeStatus.Fork(origin: "", seq: 1, firstSeen: 1, remedy: "")]
        status.listeners = [ListenerStatus(interface: "", address: "", isListening: false, cause: "")]
        status.certificates = [CertificateStatus(role: "", file: "", validFrom: 0, validUntil: 0)]
        status.database = DatabaseStatus(
            sqliteVersion: "", isResetRaceFixed: false,
            log: .init(
                bytes: 0, frames: 0, writtenBackFrames: 0, isGuarded: false, unguardedSince: 1, heldBackSince: 1,
                heldBackBy: [], bytesMax: 0,
                repairs: 0,
                repairedAt: 1, failure: ""), writeLock: .init(since: 1, holders: []),
            transaction: .init(since: 1, deadline: 2, sql: ""))
        return status
    }

    @Test func everyCodeOfALinksFailureStandsInThePage() throws {
        let row = try #require(
            try Self.rows(after: "### GET /v1/status").first { $0.names == ["peers[].last_error_code"] })
        let shown = row.text.matches(of: #/`([a-z-]+)`/#).map { String($0.1) }
        let codes =
            LinkFailure.Kind.allCases.map(\.rawValue) + LinkFailure.Matter.allCases.map(\.rawValue)
            + [NodeStatus.Peer.FailureCode.gone, .withheld].map(\.rawValue)
        #expect(shown.sorted() == codes.sorted())
    }

    @Test func everyMemberOfTheStatusStandsInThePage() throws {
        let status = Self.fullStatus()
        let peer = try #require(status.peers.first)
        #expect(Mirror(reflecting: peer).children.allSatisfy { "\($0.value)" != "nil" }, "a member is not set here")
        let object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(status)) as? [String: Any])
        let members = Self.members(object, "")
        #expect(try Self.rows(after: "### GET /v1/status").flatMap(\.names).sorted() == members.sorted())
    }
}
