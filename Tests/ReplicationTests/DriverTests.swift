import ParkSyncCore
import ParkSyncReplication
import ParkSyncSimulation
import ParkSyncWire
import Synchronization
import Testing

/// Writes down what the driver wants of it; the test plays the network.
private final class RecordingTransport: PeerTransport {
    enum Call: Sendable {
        case open(peer: OriginID, request: [UInt8], id: StreamID, handler: @Sendable (TransportEvent) -> Void)
        case close(StreamID)
        case pause(StreamID)
        case resume(StreamID)
    }

    let calls: AsyncStream<Call>
    private let continuation: AsyncStream<Call>.Continuation
    private let opened = Mutex<UInt64>(0)

    init() { (calls, continuation) = AsyncStream.makeStream() }

    func open(peer: OriginID, body: [UInt8], handler: @escaping @Sendable (TransportEvent) -> Void) -> StreamID {
        let id = opened.withLock { opened in
            opened += 1
            return StreamID(rawValue: opened)
        }
        continuation.yield(.open(peer: peer, request: body, id: id, handler: handler))
        return id
    }

    func close(_ stream: StreamID) { continuation.yield(.close(stream)) }
    func pause(_ stream: StreamID) { continuation.yield(.pause(stream)) }
    func resume(_ stream: StreamID) { continuation.yield(.resume(stream)) }
}

/// The tasks around the engine and the feed, on a clock that only the test moves.
@Suite(.timeLimit(.minutes(30))) struct DriverTests {
    private static let south = origin("south")
    private static let west = origin("west")

    private static func hello(_ log: VirtualLog) -> [UInt8] {
        LogFrame.hello(log.state(), protocolVersion: WireLimits.protocolVersion, wallMilliseconds: 0).encode()
    }

    @Test func entriesGoFromTheTransportToTheLog() async throws {
        let (own, peer, clock, transport) = (
            VirtualLog(Self.south), VirtualLog(Self.west), ManualClock(), RecordingTransport()
        )
        own.append([1])
        peer.append([2])
        let driver = ReplicationDriver(
            log: own, transport: transport, clock: clock, peers: [Self.west], seed: 1, isRecovering: false)
        let (changes, continuation) = AsyncStream<Void>.makeStream()
        let observation = own.observe { continuation.yield() }
        let running = Task { await driver.run() }
        var calls = transport.calls.makeAsyncIterator()
        guard case .open(let to, let body, let id, let handler)? = await calls.next() else {
            Issue.record("nobody was called")
            return
        }
        let request = try LogRequest(decoding: body)
        #expect(to == Self.west && request.state == own.state() && request.wants.map(\.origin) == [Self.west])

        handler(.opened)
        handler(.bytes(Self.hello(peer)))
        let slice = try #require(try peer.read(origin: Self.west, after: 0, bytesMax: 100))
        handler(.bytes(LogFrame.entries(slice).encode()))
        for await _ in changes { break }
        #expect(own.vector[Self.south] == 1 && own.vector[Self.west] == 1)
        #expect(driver.reports().first?.failure == nil && driver.reports().first?.remote == peer.state())

        #expect(!driver.setPaused(park: "nowhere", true) && driver.setPaused(park: "west", true))
        guard case .close(id)? = await calls.next() else {
            Issue.record("the stream was not closed")
            return
        }
        // What the network still says of it is ignored.
        handler(.closed(nil))
        #expect(driver.setPaused(park: "west", false))
        guard case .open(_, let again, let second, _)? = await calls.next() else {
            Issue.record("nobody was called again")
            return
        }
        #expect(try LogRequest(decoding: again).wants.first?.after == 1)
        running.cancel()
        guard case .close(second)? = await calls.next() else {
            Issue.record("the stream was not closed at the end")
            return
        }
        await running.value
        withExtendedLifetime(observation) {}
    }

    @Test func theClockWakesTheDriver() async throws {
        let (own, clock, transport) = (VirtualLog(Self.south), ManualClock(), RecordingTransport())
        let driver = ReplicationDriver(
            log: own, transport: transport, clock: clock, peers: [Self.west], seed: 1, isRecovering: false)
        let running = Task { await driver.run() }
        var calls = transport.calls.makeAsyncIterator()
        for round in 1...5 as ClosedRange<UInt64> {
            guard case .open(_, _, let id, let handler)? = await calls.next() else {
                Issue.record("nobody was called in round \(round)")
                break
            }
            #expect(id.rawValue == round)
            handler(.closed(LinkFailure(.unreachable, "no route", remedy: "None: this is a test.")))
            clock.advance(60_000)
        }
        running.cancel()
        await running.value
    }

    @Test func aFeedFollowsTheLogUntilItIsCancelled() async throws {
        let (log, clock) = (VirtualLog(Self.south), ManualClock())
        let runner = LogFeedRunner(log: log, clock: clock)
        let (frames, continuation) = AsyncStream<[UInt8]>.makeStream()
        let wants = [LogWant(origin: Self.south, after: 0, hash: EntryChain.genesis)]
        let request = LogRequest(state: VirtualLog(Self.west).state(), wallMilliseconds: 0, wants: wants)
        let running = Task { try await runner.run(request) { continuation.yield($0) } }
        var sent = frames.makeAsyncIterator()
        #expect(await sent.next()?.first == 1)
        for _ in 0..<3 {
            log.append([7])
            #expect(await sent.next()?.first == 2)
        }
        clock.advance(WireLimits.heartbeatMilliseconds)
        #expect(await sent.next()?.first == 3)
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
    }

    @Test func aFeedSaysWhyItCannotGoOn() async throws {
        let log = VirtualLog(Self.south)
        log.append([1])
        log.breakDown()
        let runner = LogFeedRunner(log: log, clock: ManualClock())
        let sent = Mutex<[UInt8]>([])
        let wants = [LogWant(origin: Self.south, after: 0, hash: EntryChain.genesis)]
        let request = LogRequest(state: VirtualLog(Self.west).state(), wallMilliseconds: 0, wants: wants)
        await #expect(throws: VirtualLog.Broken.self) {
            try await runner.run(request) { bytes in sent.withLock { $0 += bytes } }
        }
        var parser = FrameParser()
        parser.append(sent.withLock { $0 })
        guard case .hello? = try parser.next(),
            case .goodbye(GoodbyeKind.failed, let reason, let remedy)? = try parser.next()
        else {
            Issue.record("the asker does not hear why")
            return
        }
        #expect(!reason.isEmpty && !remedy.isEmpty)
    }
}
