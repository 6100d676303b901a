import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Testing

/// docs/reference/http-api.md names every problem code, every member of the status and every family
/// of figures.
@Suite struct HTTPDocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// An alert on a figure that no node gives would never fire.
    @Test(arguments: [
        "deploy/prometheus/parksync.rules.yml", "deploy/prometheus/parksync.test.yml", "deploy/README.md",
    ])
    func figuresThatOthersRelyOnStandInThePage(file: String) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent(file), encoding: .utf8)
        let named = Set(text.matches(of: #/\bparksync_[a-z_]+[a-z]/#).map { String($0.0) })
        let given = try HTTPPage.families().keys
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
        let shown = try HTTPPage.rows(after: "### Problems").flatMap { row in row.names.map { "\($0) \(row.text)" } }
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

    @Test func everyCodeOfALinksFailureStandsInThePage() throws {
        let row = try #require(
            try HTTPPage.rows(after: "### GET /v1/status").first { $0.names == ["peers[].last_error_code"] })
        let shown = row.text.matches(of: #/`([a-z-]+)`/#).map { String($0.1) }
        let codes =
            LinkFailure.Kind.allCases.map(\.rawValue) + LinkFailure.Matter.allCases.map(\.rawValue)
            + [NodeStatus.Peer.FailureCode.gone, .withheld].map(\.rawValue)
        #expect(shown.sorted() == codes.sorted())
    }

    @Test func everyMemberOfTheStatusStandsInThePage() throws {
        let status = NodeStatus.full()
        let peer = try #require(status.peers.first)
        #expect(Mirror(reflecting: peer).children.allSatisfy { "\($0.value)" != "nil" }, "a member is not set here")
        let object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(status)) as? [String: Any])
        let members = Self.members(object, "")
        #expect(try HTTPPage.rows(after: "### GET /v1/status").flatMap(\.names).sorted() == members.sorted())
    }
}
