import DaemonFixtures
import Foundation
import Logging
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ServiceLifecycle
import Synchronization

/// Servers with a fake node behind them: the local socket, a local TCP port, a plain peer port and
/// a port for figures.
package struct RunningServers: Sendable {
    package var node: FakeNodeAPI
    package var clock: TickClock
    package var counters: ServerCounters
    package let notices = NoticeLog()
    package var socketPath: String
    package var tcpPort: Int
    package var peerPort: Int
    package var metricsPort: Int

    package static let token = LocalToken(name: "desk", secret: String(repeating: "t0K.", count: 11))

    package func local(_ request: String, closesSending: Bool = false) async throws -> HTTPAnswer {
        let connection = try RawHTTPConnection(unix: socketPath)
        try connection.send(request)
        if closesSending { connection.finishSending() }
        return try await connection.readAnswer()
    }

    /// Over TCP with the token of the fixture; nil for a request as it is.
    package func tcp(_ request: String, token: String? = token.secret) async throws -> HTTPAnswer {
        try await answer(token.map { HTTPText.authorized(request, $0) } ?? request, port: tcpPort)
    }
    package func peer(_ request: String) async throws -> HTTPAnswer { try await answer(request, port: peerPort) }
    package func metrics(_ request: String) async throws -> HTTPAnswer { try await answer(request, port: metricsPort) }

    private func answer(_ request: String, port: Int) async throws -> HTTPAnswer {
        let connection = try RawHTTPConnection(port: port)
        try connection.send(request)
        return try await connection.readAnswer()
    }

    /// Whether the endless query stops making rows; other requests take the time in which it could
    /// go on.
    package func endlessQueryStalls() async throws -> Bool {
        for _ in 0..<200 {
            let before = node.endlessRows
            for _ in 0..<20 { _ = try await local(HTTPText.get("/healthz")) }
            if before > 0, node.endlessRows == before { return true }
        }
        return false
    }
}

/// Runs the servers until `body` returns, then stops them gracefully.
package func withServers<Result: Sendable>(_ body: @Sendable (RunningServers) async throws -> Result) async throws
    -> Result
{
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "parksync-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var running = RunningServers(
        node: FakeNodeAPI(), clock: TickClock(), counters: ServerCounters(),
        socketPath: folder.appendingPathComponent("api.sock").path,
        tcpPort: 0, peerPort: 0, metricsPort: 0)
    let (events, continuation) = AsyncStream.makeStream(of: NodeServers.Listening.self)
    let servers = makeServers(
        running.node, socketPath: running.socketPath, local: .init(host: "127.0.0.1", port: 0),
        peer: .init(host: "localhost", port: 0),
        metrics: .init(host: "0.0.0.0", port: 0),
        clock: running.clock, counters: running.counters, transfers: FakeTransfers(), notices: running.notices
    ) { continuation.yield($0) }
    var configuration = ServiceGroupConfiguration(services: try servers.services(), logger: quietLogger)
    configuration.maximumGracefulShutdownDuration = .seconds(Int64(TestZone.agreementSeconds))
    let group = ServiceGroup(configuration: configuration)
    let task = Task {
        defer { continuation.finish() }
        try await group.run()
    }
    var listening = 0
    for await event in events {
        switch event {
        case .localSocket: break
        case .localTCP(let address): running.tcpPort = address.port
        case .peer(let address, _): running.peerPort = address.port
        case .metrics(let address): running.metricsPort = address.port
        }
        listening += 1
        if listening == 4 { break }
    }
    do {
        let result = try await body(running)
        await group.triggerGracefulShutdown()
        try await task.value
        return result
    } catch {
        await group.triggerGracefulShutdown()
        _ = await task.result
        throw error
    }
}

package func makeServers(
    _ node: FakeNodeAPI, socketPath: String? = nil, local: NodeServers.Address?, peer: NodeServers.Address?,
    metrics: NodeServers.Address? = nil,
    clock: TickClock = TickClock(),
    counters: ServerCounters = ServerCounters(), transfers: (any TransferServing)? = nil,
    notices: NoticeLog = NoticeLog(),
    onListening: @escaping @Sendable (NodeServers.Listening) -> Void
) -> NodeServers {
    NodeServers(
        .init(
            socketPath: socketPath,
            localTCP: local.map { .init(address: $0, tokens: LocalTokens([RunningServers.token])) }, peer: peer,
            peerSecurity: .plainLoopback, metrics: metrics,
            access: LocalAccess(nodeUser: geteuid(), park: "south", accounts: MachineAccounts()),
            software: NodeSoftware(version: SoftwareVersion.current, sqliteVersion: "3.0.1")), api: node,
        feed: FakeFeed(),
        transfers: transfers, isMember: { ["west", "bio-city"].contains($0) }, clock: clock, counters: counters,
        logger: quietLogger,
        subscriptionsMax: 1,
        onNotice: { notices.add($0) }, onListening: onListening)
}

private var quietLogger: Logger {
    var logger = Logger(label: "servers")
    logger.logLevel = .critical
    return logger
}

/// Remembers what the servers had to tell.
package final class NoticeLog: Sendable {
    private let kept = Mutex<[ServerNotice]>([])
    package init() {}
    package var all: [ServerNotice] { kept.withLock { $0 } }
    package func add(_ notice: ServerNotice) { kept.withLock { $0.append(notice) } }
}

/// Refuses everything, once it is asked.
package struct FakeTransfers: RefusingTransfers {
    package static let problem = ProblemDetails(
        code: "fake", title: "Refused", status: 418, detail: "reached", remedy: "None.")
    package init() {}

    package var refusal: any Error { Self.problem }
}

/// Echoes the request; `follow` goes on until it is cancelled, `refuse` fails.
package struct FakeFeed: PeerFeedServing {
    package init() {}
    package func serve(request: [UInt8], from park: String, send: @escaping @Sendable ([UInt8]) async throws -> Void)
        async throws
    {
        let text = String(decoding: request, as: UTF8.self)
        if text == "refuse" {
            throw ProblemDetails(
                code: "bad-log", title: "Bad", status: 400, detail: "no such request", remedy: "Send another.")
        }
        try await send(Array("\(park):".utf8))
        try await send(request)
        if text == "follow" { try await Gate().waitOrCancel() }
    }
}

/// A clock whose sleepers wake when the test says so.
package final class TickClock: NodeClock {
    private let gate = Gate()
    package init() {}
    package func monotonicMilliseconds() -> UInt64 { 0 }
    package func wallMilliseconds() -> UInt64 { 0 }
    package func sleep(until deadline: UInt64) async throws { try await gate.waitOrCancel() }
    package func tick() { gate.open() }
}

/// Lets one waiter through for each time it is opened.
package final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    package init() { (stream, continuation) = AsyncStream.makeStream() }
    package func open() { continuation.yield() }
    package func wait() async { for await _ in stream { return } }
    package func waitOrCancel() async throws {
        await wait()
        try Task.checkCancellation()
    }
}
