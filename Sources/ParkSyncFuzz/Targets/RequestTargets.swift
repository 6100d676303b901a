import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer

/// Requests of the local API: through its routes, to a node that looks whether what reaches it is
/// in order.
///
/// An input is a line with method and URL, lines with header fields, and behind an empty line the
/// body. Without fields the request comes over the Unix socket of a node that runs as the caller,
/// with some over loopback TCP, where they are judged.
enum RequestTargets {
    static let all: [FuzzTarget] = [
        FuzzTarget("request-body", seeds: { RequestSamples.bodies }, code: .asynchronous(run)),
        FuzzTarget("request-url", seeds: { RequestSamples.urls }, code: .asynchronous(run)),
    ]

    private struct Refusal: Error {}

    private static func run(_ bytes: [UInt8]) async throws {
        let (request, isPlain) = try request(bytes)
        let response = try await (isPlain ? overSocket : overTCP).respond(to: request, channel: connection.get())
        guard response.status.code >= 400 else { return }
        // The answer to HEAD has no body.
        guard request.method != .head else { throw Refusal() }
        let body = Collected()
        try await response.body.write(body)
        guard let problem = try? JSONCoding.decode(ProblemDetails.self, from: body.bytes) else {
            throw FuzzBreach(
                """
                the answer \(response.status.code) is no problem document: \
                \(String(decoding: body.bytes, as: UTF8.self))
                """
            )
        }
        guard problem.status == response.status.code, problem.status < 500 else {
            throw FuzzBreach("the answer \(response.status.code) says \(problem.status): \(problem.detail)")
        }
        guard problem.code == CheckingNode.reached.code else { throw Refusal() }
    }

    // MARK: requests

    private static func request(_ bytes: [UInt8]) throws -> (Request, isPlain: Bool) {
        var rest = bytes[...]
        var lines: [ArraySlice<UInt8>] = []
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[line.endIndex...].dropFirst()
            guard !line.isEmpty else { break }
            lines.append(line)
        }
        // What the parser of HTTP lets through.
        let words = (lines.first ?? []).split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard words.count == 2, let method = HTTPRequest.Method(String(decoding: words[0], as: UTF8.self)),
            words[1].allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw Refusal() }
        var fields: HTTPFields = [:]
        var authority = "localhost"
        for line in lines.dropFirst() {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            guard parts.count == 2, let name = HTTPField.Name(String(decoding: parts[0], as: UTF8.self)) else {
                throw Refusal()
            }
            let field = HTTPField(name: name, value: parts[1])
            if name.canonicalName == "host" { authority = field.value } else { fields.append(field) }
        }
        if !rest.isEmpty, fields[.contentType] == nil { fields[.contentType] = "application/json" }
        let head = HTTPRequest(
            method: method, scheme: "http", authority: authority, path: String(decoding: words[1], as: UTF8.self),
            headerFields: fields)
        return (Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: rest))), lines.count == 1)
    }

    private final class Collected: ResponseBodyWriter {
        private(set) var bytes: [UInt8] = []
        func write(_ buffer: ByteBuffer) { bytes += buffer.readableBytesView }
        func finish(_ trailingHeaders: HTTPFields?) {}
    }

    // MARK: the node

    private static let overSocket = responder(tokens: nil)
    private static let overTCP = responder(tokens: LocalTokens([RequestSamples.token]))

    private static func responder(tokens: LocalTokens?) -> LocalResponder {
        var logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let clock = StandingClock()
        let node = CheckingNode(
            author: tokens == nil ? "uid:\(geteuid())@south" : "token:\(RequestSamples.token.name)@south")
        let access = LocalAccess(nodeUser: geteuid(), park: "south", accounts: NoAccounts())
        return NodeServers(
            NodeServers.Configuration(
                socketPath: nil, localTCP: nil, peer: nil, peerSecurity: .plainLoopback, access: access), api: node,
            feed: node, transfers: node, isMember: { _ in true }, clock: clock, counters: ServerCounters(),
            logger: logger, onListening: { _ in }
        ).localResponder(tokens: tokens, clock: clock, logger: logger)
    }

    /// One end of a connection whose other end is this process, too.
    private static let connection: EventLoopFuture<any Channel> = {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        var ends: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            return loop.makeFailedFuture(IOError(errnoCode: errno, reason: "socketpair"))
        }
        return ClientBootstrap(group: loop).withConnectedSocket(ends[0])
    }()

    private struct StandingClock: NodeClock {
        func monotonicMilliseconds() -> UInt64 { 0 }
        func wallMilliseconds() -> UInt64 { 0 }
        func sleep(until deadline: UInt64) async throws { throw CancellationError() }
    }

    private struct NoAccounts: AccountDirectory {
        func name(of user: UInt32) -> String? { nil }
        func groups(of user: UInt32, with group: UInt32) -> [UInt32] { [group] }
    }
}
