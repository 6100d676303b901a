import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncWire
import Synchronization

/// Serves the log to peers, and keeps the operator's paused links shut.
final class PeerFeedService: PeerFeedServing {
    private struct State {
        var paused: Set<String> = []
        /// Nobody is served.
        var isHalted = false
        var nextStream: UInt64 = 0
        /// Ends the streams that are open to a park.
        var open: [UInt64: (park: String, end: AsyncStream<Void>.Continuation)] = [:]
    }

    private let runner: LogFeedRunner
    private let onContact: @Sendable (String, OriginID) -> Void
    private let refusal: @Sendable (LogRequest, String) -> LinkFailure?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - refusal: why a park's request is refused for what it says; nil if it may be served.
    ///   - onContact: called with the park, and what it writes as, whenever it opens a stream.
    init(
        log: any ChangeLog, clock: any NodeClock,
        refusal: @escaping @Sendable (LogRequest, String) -> LinkFailure? = { _, _ in nil },
        onContact: @escaping @Sendable (String, OriginID) -> Void
    ) {
        self.refusal = refusal
        runner = LogFeedRunner(log: log, clock: clock)
        self.onContact = onContact
    }

    func serve(request: [UInt8], from park: String, send: @escaping @Sendable ([UInt8]) async throws -> Void)
        async throws
    {
        let decoded: LogRequest
        do { decoded = try LogRequest(decoding: request) } catch {
            throw ProblemDetails(
                code: "malformed-request", title: "The request is damaged", status: 400, detail: ErrorText.of(error),
                remedy: "Compare the software versions of both nodes.")
        }
        guard decoded.state.origin.park == park else {
            throw ProblemDetails(
                code: "peer-identity", title: "Another park's request", status: 403,
                detail: "\(park) asks in the name of \(decoded.state.origin)",
                remedy: "Correct the park in the configuration of the node that asks.")
        }
        if let lie = refusal(decoded, park) {
            throw ProblemDetails(
                code: "unknown-origin", title: "A log of no member", status: 403, detail: lie.reason, remedy: lie.remedy
            )
        }
        let (ended, id) = try register(park)
        defer { state.withLock { _ = $0.open.removeValue(forKey: id) } }
        onContact(park, decoded.state.origin)
        try await withThrowingTaskGroup(of: Void.self) { [runner] group in
            group.addTask { try await runner.run(decoded, send: send) }
            group.addTask { for await _ in ended {} }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func register(_ park: String) throws -> (AsyncStream<Void>, UInt64) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let id = try state.withLock { state in
            if state.isHalted { throw DamageService.refusal }
            guard !state.paused.contains(park) else { throw Self.paused(park) }
            state.nextStream &+= 1
            state.open[state.nextStream] = (park, continuation)
            return state.nextStream
        }
        return (stream, id)
    }

    /// Ends all streams and refuses new ones, or allows them again.
    func setHalted(_ halted: Bool) {
        let ends = state.withLock { state in
            state.isHalted = halted
            return halted ? state.open.values.map(\.end) : []
        }
        for end in ends { end.finish() }
    }

    static func paused(_ park: String) -> ProblemDetails {
        ProblemDetails(
            code: "link-paused", title: "The link is paused", status: 503,
            detail: "The operator of the other node has paused the link to \(park)",
            remedy: "Wait until that operator resumes it (`syncctl link resume \(park)` there).")
    }

    func isPaused(_ park: String) -> Bool { state.withLock { $0.paused.contains(park) } }

    /// Ends the streams to a park and refuses new ones, or allows them again.
    func setPaused(_ park: String, _ paused: Bool) {
        let ends = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            if paused { state.paused.insert(park) } else { state.paused.remove(park) }
            return paused ? state.open.values.filter { $0.park == park }.map(\.end) : []
        }
        for end in ends { end.finish() }
    }
}

/// Pauses both directions of a link: the stream that this node follows, and the one that it serves.
struct NodeLinks: LinkControl {
    let driver: ReplicationDriver
    let feed: PeerFeedService

    func setPaused(park: String, _ paused: Bool) async -> Bool {
        guard driver.setPaused(park: park, paused) else {
            // A park that was taken out is no peer, and what was paused before is to be resumed for
            // the day when it comes back.
            guard !paused, feed.isPaused(park) else { return false }
            feed.setPaused(park, false)
            return true
        }
        feed.setPaused(park, paused)
        return true
    }
}
