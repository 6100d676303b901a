import DaemonFixtures
import Foundation
import ParkSyncCore
import ParkSyncReports
import ServerFixtures
import Testing

@testable import ParkSyncServer

/// Tokens of the loopback listener, and who counts as the author of a write.
@Suite struct LocalTokenTests {
    private static let secret = String(repeating: "a", count: LocalLimits.tokenBytesMin)

    // MARK: files

    @Test func aFileHasANameAndATokenInEachLine() throws {
        let other = "+/=.~_-09" + Self.secret
        let tokens = try LocalToken.parse("# for the desk\n\ndesk \(Self.secret)\r\nlab-2.a_b \(other)")
        #expect(
            tokens == [LocalToken(name: "desk", secret: Self.secret), LocalToken(name: "lab-2.a_b", secret: other)])
        #expect(try LocalToken.parse(tokens[0].line) == [tokens[0]])
    }

    @Test(arguments: [
        ("", "0 tokens"), ("# nothing\n", "0 tokens"), ("desk", "line 1"), ("\ndesk  \(secret)", "line 2"),
        ("desk\t\(secret)", "line 1"),
        (secret, "line 1"), (" \(secret)", "line 1"), ("desk \(secret.dropLast())", "line 1"),
        ("desk \(secret) x", "line 1"),
        ("de:sk \(secret)", "line 1"), ("桌 \(secret)", "line 1"), ("desk \(secret)é", "line 1"),
        ("desk \(secret),", "line 1"),
        ("desk \(String(repeating: "a", count: LocalLimits.tokenBytesMax + 1))", "line 1"),
        ("\(String(repeating: "n", count: LocalLimits.tokenNameBytesMax + 1)) \(secret)", "line 1"),
        ("desk \(secret)\ndesk \(secret)b", "line 2"),
        ("desk \(secret)\nlab \(secret)", "line 2"),
        ((0...LocalLimits.tokensMax).map { "n\($0) \(secret)\($0)" }.joined(separator: "\n"), "65 tokens"),
        (String(repeating: "#\n", count: LocalLimits.tokenFileBytesMax), "more than"),
    ])
    func whatIsNoFileOfTokensIsRefusedWithItsLine(_ text: String, says: String) {
        let fault = #expect(throws: LocalTokenFault.self) { try LocalToken.parse(text) }
        #expect(
            fault.map { "\($0)".hasPrefix(says) } == true, "\(text.prefix(80)): \(fault.map { "\($0)" } ?? "taken")")
        #expect(fault.map { "\($0)".contains(Self.secret) } == false, "a token in a message")
    }

    @Test func eachTokenIsKnownByItsName() {
        let tokens = LocalTokens([
            LocalToken(name: "desk", secret: Self.secret), LocalToken(name: "lab", secret: Self.secret + "b"),
        ])
        #expect(tokens.name(of: Self.secret) == "desk" && tokens.name(of: Self.secret + "b") == "lab")
        for wrong in ["", "a", String(Self.secret.dropLast()), Self.secret.uppercased(), Self.secret + "a"] {
            #expect(tokens.name(of: wrong) == nil)
        }
    }

    @Test func aRequestShowsOneTokenInTheStandardsForm() async throws {
        let secret = RunningServers.token.secret
        try await withServers { servers in
            func status(_ fields: String) async throws -> String {
                let answer = try await servers.tcp(
                    "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\(fields)Connection: close\r\n\r\n", token: nil)
                return "\(answer.status) \(answer.headers["www-authenticate"] ?? "-")"
            }
            for fields in ["Authorization: Bearer \(secret)\r\n", "authorization: bearer  \(secret)\r\n"] {
                // The node of the fixture is never ready.
                #expect(try await status(fields) == "503 -", "\(fields)")
            }
            for fields in [
                "", "Authorization: \(secret)\r\n", "Authorization: Basic \(secret)\r\n", "Authorization: Bearer\r\n",
                "Authorization: Bearer \(secret) \(secret)\r\n",
                "Authorization: Bearer \(secret)\r\nAuthorization: Bearer \(secret)\r\n",
                "Authorization: Bearer x\r\nAuthorization: Bearer \(secret)\r\n", "Cookie: token=\(secret)\r\n",
            ] {
                #expect(try await status(fields) == "401 Bearer realm=\"parksync\"", "\(fields)")
            }
            // Whatever is asked for: nobody learns what there is.
            for request in [
                "GET /nowhere", "GET /v1", "HEAD /healthz", "POST /healthz", "OPTIONS /v1/status", "GET /healthz/",
                "GET //healthz",
            ] {
                let answer = try await servers.tcp(
                    "\(request) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    token: nil)
                #expect(answer.status == 401, "\(request)")
            }
            let told = servers.notices.all.filter {
                if case .requestRefused(_, "token-required", _) = $0 { true } else { false }
            }
            #expect(told.count == 15 && servers.node.calls.isEmpty)
        }
    }

    // MARK: authors

    private struct Accounts: AccountDirectory {
        var names: [UInt32: String]
        func name(of user: UInt32) -> String? { names[user] }
        func groups(of user: UInt32, with group: UInt32) -> [UInt32] { [group] }
    }

    @Test func whoWritesStandsFirstHoweverHeIsCalled() throws {
        let long = String(repeating: "x", count: LocalAccess.nameBytesMax + 1)
        let names: [UInt32: String] = [
            1: "li", 2: "li (for wang)", 3: "uid:1", 4: "", 5: long, 6: "li\u{2028}", 7: "CHENGDU\\li", 8: "李",
        ]
        let access = LocalAccess(nodeUser: 990, park: "south", accounts: Accounts(names: names))
        func author(_ user: UInt32) -> String { access.author(of: .account(user: user, group: 0)) }
        #expect(author(1) == "li@south" && author(7) == "CHENGDU\\li@south" && author(8) == "李@south")
        for user: UInt32 in [2, 3, 4, 5, 6, 9] { #expect(author(user) == "uid:\(user)@south") }
        #expect(access.author(of: .token(name: "desk")) == "token:desk@south")

        #expect(
            try LocalAccess.author("li@south", for: nil) == "li@south"
                && LocalAccess.author("li@south", for: "") == "li@south")
        #expect(try LocalAccess.author("li@south", for: "director") == "li@south (for director)")
        #expect(try LocalAccess.author("li@south", for: "x) root@south").hasPrefix("li@south (for "))
        let room = CoreLimits.authorBytesMax - "li@south (for )".utf8.count
        #expect(
            try LocalAccess.author("li@south", for: String(repeating: "y", count: room)).utf8.count
                == CoreLimits.authorBytesMax)
        let problem = #expect(throws: ProblemDetails.self) {
            try LocalAccess.author("li@south", for: String(repeating: "y", count: room + 1))
        }
        #expect(problem?.code == "too-large" && problem?.detail.contains("\(room) bytes") == true)
    }

    @Test func noRouteTakesAClientsWordForWhoWrites() async throws {
        let writes: [(path: String, body: String, isNamed: Bool)] = [
            (LocalPath.transactions, "{\"statements\":[{\"sql\":\"x\"}],\"author\":\"director\"}", true),
            (LocalPath.transactions, "{\"statements\":[{\"sql\":\"x\"}]}", false),
            (LocalPath.confirmations, "{\"ids\":[\"12345678\"],\"author\":\"director\"}", true),
            (LocalPath.repairs, "{\"table\":\"t\",\"way\":\"publish\",\"author\":\"director\"}", true),
            (LocalPath.reissue, "{\"reason\":\"x\",\"author\":\"director\"}", true), (LocalPath.compact, "{}", false),
            (LocalPath.fences, "{\"park\":\"west\"}", false),
        ]
        try await withServers { servers in
            for (path, body, _) in writes {
                let answer = try await servers.local(HTTPText.post(path, body))
                #expect(answer.status == 200, "\(path): \(answer.text)")
            }
            #expect(
                servers.node.authors == writes.map { RunningServers.author + ($0.isNamed ? " (for director)" : "") })
        }
        try await withServers { servers in
            for (path, body, _) in writes.prefix(3) {
                let answer = try await servers.tcp(HTTPText.post(path, body))
                #expect(answer.status == 200, "\(path): \(answer.text)")
            }
            #expect(
                servers.node.authors == [
                    "token:desk@south (for director)", "token:desk@south", "token:desk@south (for director)",
                ])
        }
    }
}
