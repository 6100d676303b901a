import Foundation
import Logging
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ServiceLifecycle
import Synchronization

@testable import ParkSyncServer

/// Servers with a fake node behind them: the local socket, a local TCP port, a plain peer port and
/// a port for figures.
struct RunningServers: Sendable {
    var node: FakeNodeAPI
    var clock: TickClock
    var counters: ServerCounters
    let notices = NoticeLog()
    var socketPath: String
    var tcpPort: Int
    var peerPort: Int
    var metricsPort: Int

    static let token = LocalToken(name: "desk", secret: String(repeating: "t0K.", count: 11))
    /// The account that runs the tests, as an author of the fixture's park.
    static var author: String {
        LocalAccess(nodeUser: geteuid(), park: "south", accounts: SystemAccounts()).author(
            of: .account(user: geteuid(), group: getegid()))
    }

    func local(_ request: String, closesSending: Bool = false) async throws -> HTTPAnswer {
        let connection = try RawHTTPConnection(unix: socketPath)
        try connection.send(request)
        if closesSending { connection.finishSending() }
        return try await connection.readAnswer()
    }

    /// Over TCP with the token of the fixture; nil for a request as it is.
    func tcp(_ request: String, token: String? = token.secret) async throws -> HTTPAnswer {
        try await answer(token.map { HTTPText.authorized(request, $0) } ?? request, port: tcpPort)
    }
    func peer(_ request: String) async throws -> HTTPAnswer { try await answer(request, port: peerPort) }
    func metrics(_ request: String) async throws -> HTTPAnswer { try await answer(request, port: metricsPort) }

    private func answer(_ request: String, port: Int) async throws -> HTTPAnswer {
        let connection = try RawHTTPConnection(port: port)
        try connection.send(request)
        return try await connection.readAnswer()
    }

    /// Whether the endless query stops making rows; other requests take the time in which it could
    /// go on.
    func endlessQueryStalls() async throws -> Bool {
        for _ in 0..<200 {
            let before = node.endlessRows
            for _ in 0..<20 { _ = try await local(HTTPText.get("/healthz")) }
            if before > 0, node.endlessRows == before { return true }
        }
        return false
    }
}

/// Runs the servers until `body` returns, then stops them gracefully.
func withServers<Result: Sendable>(_ body: @Sendable (RunningServers) async throws -> Result) async throws -> Result {
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

func makeServers(
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
            access: LocalAccess(nodeUser: geteuid(), park: "south", accounts: SystemAccounts()),
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
final class NoticeLog: Sendable {
    private let kept = Mutex<[ServerNotice]>([])
    var all: [ServerNotice] { kept.withLock { $0 } }
    func add(_ notice: ServerNotice) { kept.withLock { $0.append(notice) } }
}

/// Refuses everything, once it is asked.
struct FakeTransfers: RefusingTransfers {
    static let problem = ProblemDetails(code: "fake", title: "Refused", status: 418, detail: "reached", remedy: "None.")

    var refusal: any Error { Self.problem }
}

/// Echoes the request; `follow` goes on until it is cancelled, `refuse` fails.
struct FakeFeed: PeerFeedServing {
    func serve(request: [UInt8], from park: String, send: @escaping @Sendable ([UInt8]) async throws -> Void)
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
final class TickClock: NodeClock {
    private let gate = Gate()
    func monotonicMilliseconds() -> UInt64 { 0 }
    func wallMilliseconds() -> UInt64 { 0 }
    func sleep(until deadline: UInt64) async throws { try await gate.waitOrCancel() }
    func tick() { gate.open() }
}

/// Lets one waiter through for each time it is opened.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    init() { (stream, continuation) = AsyncStream.makeStream() }
    func open() { continuation.yield() }
    func wait() async { for await _ in stream { return } }
    func waitOrCancel() async throws {
        await wait()
        try Task.checkCancellation()
    }
}

/// A node that answers from what the request says, and remembers what it was asked.
final class FakeNodeAPI: RefusingNode {
    struct Surprise: Error {}

    var refusal: any Error { Surprise() }

    private struct State {
        var transactions: [TransactionRequest] = []
        var subscriptions: [String] = []
        var calls: [String] = []
        /// Of each write, who has written.
        var authors: [String] = []
        var endlessRows = 0
        var subscriber: AsyncThrowingStream<SubscriptionEvent, any Error>.Continuation?
    }

    private let state = Mutex(State())
    let endlessQueryEnded = Gate()
    let clientIsDone = Gate()

    var transactions: [TransactionRequest] { state.withLock { $0.transactions } }
    var subscriptions: [String] { state.withLock { $0.subscriptions } }
    var authors: [String] { state.withLock { $0.authors } }
    var calls: [String] { state.withLock { $0.calls } }
    var endlessRows: Int { state.withLock { $0.endlessRows } }

    private static func problem(_ detail: String, code: String = "sql-error", status: Int = 400) -> ProblemDetails {
        ProblemDetails(code: code, title: "Refused", status: status, detail: detail, remedy: "Ask otherwise.")
    }

    func transact(_ request: TransactionRequest) async throws -> TransactionResult {
        state.withLock {
            $0.transactions.append(request)
            $0.authors.append(request.author ?? "")
        }
        // Once the test has done something with the client: whether it is taken to have gone.
        if request.note == "look after the client" {
            await clientIsDone.wait()
            if request.author?.hasSuffix("(for gone)") == true { try await until { ClientPresence.hasCurrentGone() } }
            let hasGone = ClientPresence.hasCurrentGone()
            state.withLock { $0.calls.append(hasGone ? "gone" : "there") }
        }
        let rows = request.statements.map { $0.parameters ?? [] }
        return TransactionResult(origin: "south", seq: 7, results: [.init(changes: 1, columns: ["a"], rows: rows)])
    }

    func query(
        _ request: QueryRequest, head: @escaping @Sendable ([String]) async throws -> Void,
        row: @escaping @Sendable ([JSONValue]) async throws -> Void
    ) async throws -> Int {
        let words = request.sql.split(separator: " ")
        if words.first == "broken" { throw Self.problem("broken: no such table") }
        try await head(["n", "text"])
        if words.first == "endless" {
            defer { endlessQueryEnded.open() }
            while true {
                try await row([JSONValue(.string(String(repeating: "x", count: 1_000)))])
                state.withLock { $0.endlessRows += 1 }
            }
        }
        let count = words.last.flatMap { Int($0) } ?? 0
        for n in 0..<count { try await row([JSONValue(.integer(Int64(n))), JSONValue(.string("row"))]) }
        if words.first == "break" { throw Self.problem("interrupted") }
        return count
    }

    func blame(table: String, key: [JSONValue]) async throws -> BlameReport {
        BlameReport(table: table, key: key, causalLength: 1, isAlive: true, columns: [])
    }

    func compact(_ request: CompactRequest, author: String) async throws -> CompactReport {
        state.withLock {
            $0.calls.append("compact archive \(request.archive == true) vacuum \(request.vacuum == true)")
            $0.authors.append(author)
        }
        let holder = RetentionStatus.Holder(park: "west", since: 1_000)
        let retention = RetentionStatus(
            at: 90_000, frontier: "south:3", heldBy: [holder], tombstoneRows: 2, tombstoneBytes: 90, droppableRows: 0,
            bytesPerDay: nil,
            diskFullAt: nil, fenced: [], fencing: [], archivedEntries: 0, archiveSegments: 0, archiveBytes: 0,
            archiveFaults: [])
        return CompactReport(
            seq: 9, droppedRows: 4, archivedEntries: 5, archivedSegments: 1, bytesBefore: 9_000, bytesAfter: 4_000,
            retention: retention)
    }

    func fence(park: String, lift: Bool, author: String) async throws -> FenceReport {
        state.withLock {
            $0.calls.append("\(lift ? "unfence" : "fence") \(park)")
            $0.authors.append(author)
        }
        guard park == "west" || park == "airport" else {
            throw Self.problem("\(park) is not another park of this zone", code: "invalid-input")
        }
        let isDecided = park == "west"
        return FenceReport(
            origin: "south", seq: 10, isDecided: isDecided,
            proposal: FenceProposalStatus(
                park: park, kind: lift ? .unfence : .fence, consents: ["south"] + (isDecided ? ["bio-city"] : []),
                needed: 2))
    }

    func reissue(_ request: ReissueRequest) async throws -> ReissueReport {
        state.withLock {
            $0.calls.append("reissue \(request.reason)")
            $0.authors.append(request.author ?? "")
        }
        guard request.reason != "nothing" else {
            throw Self.problem("no entry is stamped ahead", code: "invalid-input")
        }
        guard let south = OriginID("south"), let next = OriginID("south~2") else {
            throw Self.problem("an origin is none", code: "internal")
        }
        return ReissueReport(
            taken: [FutureStampsStatus(origin: south, first: 5, last: 7, aheadMilliseconds: 90_000)], origin: next,
            last: 4)
    }

    func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport] {
        state.withLock { $0.calls.append("conflicts \(limit)\(includesEqual ? " all" : "")") }
        return []
    }

    func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport {
        state.withLock {
            $0.calls.append("confirm \(request.ids) \(request.note ?? "-")")
            $0.authors.append(request.author ?? "")
        }
        return ConfirmationReport(origin: "south", seq: 9, ids: request.ids)
    }

    func entries(origin: String?, after: UInt64?, limit: Int, withChanges: Bool) async throws -> [EntryReport] {
        if origin == "west" { throw Surprise() }
        state.withLock { $0.calls.append("entries \(origin ?? "-") \(after ?? 0) \(limit) \(withChanges)") }
        return []
    }

    func refused(limit: Int) async throws -> [RefusedRowReport] {
        state.withLock { $0.calls.append("refused \(limit)") }
        return []
    }

    func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport {
        state.withLock { $0.calls.append("drop \(request.ids.map { "\($0)" } ?? "all")") }
        return DropRefusedReport(dropped: 1)
    }

    func forks(limit: Int) async throws -> [ForkReport] { [] }
    func acceptWrites(reason: String) async throws {
        if reason == "refuse" { throw Self.problem("writes are accepted already", code: "not-needed", status: 409) }
    }
    func verify() async throws -> VerifyReport {
        state.withLock { $0.calls.append("verify") }
        return VerifyReport(origins: [], tables: [], vector: "-", findings: [])
    }

    func verifyRows(_ request: RowVerifyRequest) async throws -> RowVerifyReport {
        state.withLock { $0.calls.append("verify rows \((request.tables ?? ["all"]).joined(separator: ","))") }
        return RowVerifyReport(
            tables: [], vector: "-",
            rows: RowsStatus(verifiedAt: nil, verifiedRows: 0, differing: 0, differences: [], suspected: []))
    }

    func repair(_ request: RepairRequest) async throws -> RepairReport {
        state.withLock {
            $0.calls.append("repair \(request.table) \(request.keys?.count ?? 0) \(request.way.rawValue)")
            $0.authors.append(request.author ?? "")
        }
        var report = RepairReport()
        report.repaired = request.keys?.count ?? 0
        return report
    }

    func subscribe(after vector: String?, tables: [String]) async throws -> AsyncThrowingStream<
        SubscriptionEvent, any Error
    > {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: SubscriptionEvent.self)
        state.withLock {
            $0.subscriptions.append("\(vector ?? "-")|\(tables.joined(separator: ","))")
            $0.subscriber = continuation
        }
        return stream
    }

    func emit(_ vector: String) {
        let event = ChangeEvent(origin: "south", seq: 5, writtenAt: 9, author: "a", note: "", changes: [])
        state.withLock { _ = $0.subscriber?.yield(SubscriptionEvent(vector: vector, event: event)) }
    }

    func setLink(park: String, paused: Bool) async throws {
        guard park == "west" else { throw Self.problem("\(park) is not a peer", code: "no-such-peer", status: 404) }
        state.withLock { $0.calls.append("\(park) paused \(paused)") }
    }

    func metrics() async throws -> String { "parksync_up 1\n" }
    func readiness() -> Readiness { .notReady(reason: "recovering") }
}

/// Lets others go on until `condition` holds.
///
/// - Throws: `CancellationError`, so that a time limit ends a test for which it never does. The run
///   would not come to an end otherwise.
func until(_ condition: () -> Bool) async throws {
    while !condition() { try await TestZone.pause() }
}
