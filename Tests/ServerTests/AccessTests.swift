import DaemonFixtures
import Foundation
import ParkSyncReports
import ServerFixtures
import Testing

@testable import ParkSyncServer

/// Which route needs which right, and who has it.
@Suite struct AccessTests {
    private struct Accounts: AccountDirectory {
        var members: [UInt32: [UInt32]] = [:]
        func name(of user: UInt32) -> String? { members[user] == nil ? nil : "user\(user)" }
        func groups(of user: UInt32, with group: UInt32) -> [UInt32] { [group] + (members[user] ?? []) }
    }

    private static let operators = LocalAccess.Group(name: "parksync-operators", id: 700)

    @Test func rootTheNodesUserAndTheOperatorsGroupSteerTheNode() {
        let access = LocalAccess(
            nodeUser: 990, park: "south", operators: Self.operators,
            accounts: Accounts(members: [1_001: [50, 700], 1_002: [50]]))
        #expect(access.right(of: .account(user: 0, group: 0)) == .operate)
        #expect(access.right(of: .account(user: 990, group: 990)) == .operate)
        #expect(access.right(of: .account(user: 1_001, group: 50)) == .operate)
        #expect(access.right(of: .account(user: 1_002, group: 50)) == .use)
        // A service that runs with the group, as an account that is not in it.
        #expect(access.right(of: .account(user: 1_002, group: 700)) == .operate)
        #expect(access.right(of: .account(user: 4_242, group: 4_242)) == .use)
        #expect(access.right(of: .token(name: "desk")) == .use && access.right(of: .unknown) == .watch)
    }

    @Test func withoutAGroupOnlyRootAndTheNodesUserDo() {
        let access = LocalAccess(nodeUser: 990, park: "south", accounts: Accounts(members: [1_001: [700]]))
        #expect(access.right(of: .account(user: 0, group: 0)) == .operate)
        #expect(access.right(of: .account(user: 990, group: 1)) == .operate)
        #expect(access.right(of: .account(user: 1_001, group: 700)) == .use)
        #expect(access.right(of: .token(name: "root")) == .use)
    }

    @Test func aRefusalNamesWhoAskedAndWhoMay() {
        let access = LocalAccess(
            nodeUser: 990, park: "south", operators: Self.operators, accounts: Accounts(members: [1_002: []]))
        #expect(access.name(of: .account(user: 1_002, group: 1)) == "user1002 (1002)")
        #expect(access.name(of: .account(user: 5, group: 1)) == "the user 5")
        #expect(access.remedy(for: .account(user: 5, group: 1)).contains("adduser USER parksync-operators"))
        #expect(access.name(of: .token(name: "desk")) == "who has the token desk")
        for caller in [LocalCaller.unknown, .token(name: "desk")] {
            #expect(access.remedy(for: caller).contains("Unix socket"))
        }
        #expect(!LocalAccess(nodeUser: 1, park: "south", accounts: Accounts()).remedy(for: .unknown).contains("group"))
        #expect(
            access.remedy(for: .account(user: 5, group: 1))
                == """
                Give the command as root, the node's user 990 or a member of the group parksync-operators \
                (adduser USER parksync-operators).
                """
        )
        let asRoot = LocalAccess(nodeUser: 0, park: "south", accounts: Accounts())
        #expect(asRoot.remedy(for: .account(user: 5, group: 1)) == "Give the command as root.")
    }

    // MARK: routes

    /// A request that each route refuses for its own reason, so that nothing goes on for long.
    private static func request(_ method: String, _ path: String) -> String {
        let real = path.replacing(":park", with: "nobody").replacing(":id", with: "0")
        return method == "GET" ? HTTPText.get(real + "?bogus=1") : HTTPText.request(method, real, body: "{\"bogus\":1}")
    }

    private static func isRefused(_ answer: HTTPAnswer) -> Bool {
        answer.status == 403 && answer.text.contains("urn:parksync:problem:operators-only")
    }

    /// Over TCP nobody does anything without a token, and nobody steers; over the socket the test
    /// is the node's own user.
    @Test func eachRouteIsAnsweredToWhoMayAndToNobodyElse() async throws {
        try await withServers { servers in
            for route in LocalRights.table {
                let request = Self.request(route.method, route.path)
                for token in [
                    nil, "", "x", String(RunningServers.token.secret.dropLast()), RunningServers.token.secret + "x",
                ] {
                    let answer = try await servers.tcp(request, token: token)
                    #expect(
                        (answer.status == 401) == (route.path != LocalPath.health),
                        "\(route) with \(token ?? "no token"): \(answer.status)")
                }
                let shown = try await servers.tcp(request)
                #expect(
                    shown.status != 401 && Self.isRefused(shown) == (route.right == .operate),
                    "\(route): \(shown.status)")
                let own = try await servers.local(request)
                #expect(!Self.isRefused(own) && own.status != 404 && own.status != 405, "\(route): \(own.status)")
            }
            #expect(servers.node.calls.isEmpty && servers.node.transactions.isEmpty, "a refused request was executed")
        }
    }

    @Test func noPathAnswersAMethodThatTheTableDoesNotHave() async throws {
        try await withServers { servers in
            for path in Set(LocalRights.table.map(\.path)).sorted() {
                for method in ["GET", "POST", "PUT", "DELETE", "PATCH"]
                where !LocalRights.table.contains(where: { $0.path == path && $0.method == method }) {
                    let status = try await servers.local(Self.request(method, path)).status
                    #expect(status == 405, "\(method) \(path)")
                }
            }
        }
    }

    /// The operators' rows say nothing of a right.
    @Test func aRouteOfWhichNobodyHasSaidWhoMayIsAnOperators() {
        let rows = LocalRights.rows(LocalRoutes.operators)
        #expect(!rows.isEmpty && rows.allSatisfy { $0.right == .operate })
        #expect(Set(LocalRights.table.map { "\($0.method) \($0.path)" }).count == LocalRights.table.count)
    }

    @Test func everyPathOfTheLocalInterfaceIsInTheTable() throws {
        let source = try String(
            contentsOf: Self.root.appendingPathComponent("Sources/ParkSyncReports/Requests/LocalRequests.swift"),
            encoding: .utf8)
        let paths = source.matches(of: #/static let \w+ = "(/[^"]*)"/#).map { String($0.1) }.filter {
            !$0.hasPrefix("/sync/")
        }
        #expect(paths.count > 15)
        for path in paths {
            #expect(LocalRights.table.contains { $0.path == path || $0.path.hasPrefix(path + "/:") }, "\(path)")
        }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func thePageHasTheTable() throws {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/reference/http-api.md"), encoding: .utf8)
        let section = try #require(
            page.components(separatedBy: "### Who may do what\n").last?.components(separatedBy: "### Values").first)
        var shown: [String] = []
        for row in section.split(separator: "\n").filter({ $0.hasPrefix("| `") }) {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let right = try #require(cells[1].split(separator: ":").first)
            shown += cells[0].matches(of: #/`([^`]+)`/#).map { "\($0.1) \(right)" }
        }
        #expect(shown.sorted() == LocalRights.table.map { "\($0.method) \($0.path) \($0.right.rawValue)" }.sorted())
    }

    @Test func commandsAndRefusalsAreTold() async throws {
        try await withServers { servers in
            _ = try await servers.tcp(Self.request("POST", LocalPath.fences))
            _ = try await servers.local(HTTPText.request("PUT", LocalPath.links + "/west", body: "{\"paused\":true}"))
            _ = try await servers.local(HTTPText.get(LocalPath.copies + "/0"))
            let notices = servers.notices.all
            #expect(notices.count == 2)
            guard case .operatorRefused("who has the token desk", "POST /v1/fences")? = notices.first,
                case .operatorCommand(_, "PUT /v1/links/west")? = notices.last
            else {
                Issue.record("\(notices)")
                return
            }
        }
    }
}
