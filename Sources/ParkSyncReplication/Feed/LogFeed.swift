import ParkSyncCore
import ParkSyncWire

/// What a feed wants to be done next.
package enum FeedAction: Hashable, Sendable {
    case send(LogFrame)
    /// Nothing to say until the log changes or the monotonic clock reaches this time.
    case wait(until: UInt64)
    /// Send this, then end the stream.
    case finish(LogFrame)
}

/// Serves one stream: decides which frame comes next. Does no waiting and no sending itself, and reads the log only through `log`.
package struct LogFeed: Sendable {
    private struct Cursor {
        var origin: OriginID
        /// The last entry that was sent, or that the asker had.
        var seq: UInt64
        var isGone = false
    }

    private enum Phase { case checking, following, finished }

    private let request: LogRequest
    private var phase = Phase.checking
    private var cursors: [Cursor]
    /// Index in `cursors` of the origin whose turn it is.
    private var turn = 0
    private var reported: NodeState?
    private var reportedAt: UInt64 = 0
    private var sentAt: UInt64 = 0
    /// When a change of the state was noticed that was not reported yet.
    private var changedAt: UInt64?

    /// - Parameter request: of a park that is allowed to ask.
    package init(request: LogRequest) {
        self.request = request
        cursors = request.wants.map { Cursor(origin: $0.origin, seq: $0.after) }
    }

    /// - Parameters:
    ///   - state: `log.state()`, taken after the last change that the caller was told of.
    ///   - nowMilliseconds: monotonic.
    ///   - wallMilliseconds: Unix time, told to the asker.
    /// - Throws: what the log throws besides `LogGone`.
    package mutating func next(
        state: NodeState, nowMilliseconds: UInt64, wallMilliseconds: UInt64, log: some ChangeLog
    ) throws -> FeedAction {
        switch phase {
        case .checking:
            if let farewell = try refusal(state, log) { return finish(farewell) }
            phase = .following
            (reported, reportedAt, sentAt) = (state, nowMilliseconds, nowMilliseconds)
            return .send(.hello(state, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: wallMilliseconds))
        case .following: return try follow(state, nowMilliseconds, wallMilliseconds, log)
        case .finished:
            return .finish(.goodbye(kind: GoodbyeKind.stopping, reason: "the stream is over", remedy: "Ask again."))
        }
    }

    private mutating func finish(_ frame: LogFrame) -> FeedAction {
        phase = .finished
        return .finish(frame)
    }

    private func refusal(_ state: NodeState, _ log: some ChangeLog) throws -> LogFrame? {
        if let obstacle = PeerFit.obstacle(own: state, peer: request.state, peerVersion: request.protocolVersion) {
            return .goodbye(kind: GoodbyeKind.incompatible, reason: obstacle.reason, remedy: obstacle.remedy)
        }
        for want in request.wants where want.after > 0 && want.after <= state.logged[want.origin] && want.hash != EntryChain.genesis {
            guard let own = try log.hash(of: want.origin, seq: want.after), own != want.hash else { continue }
            return .goodbye(
                kind: GoodbyeKind.fork,
                reason: "entry \(want.after) of \(want.origin) is another one at \(request.state.origin) than at \(state.origin)",
                remedy: "The park \(want.origin.park) has forked its log (a cloned or restored file); ask its operator.")
        }
        return nil
    }

    private mutating func follow(_ state: NodeState, _ now: UInt64, _ wall: UInt64, _ log: some ChangeLog) throws -> FeedAction {
        if state == reported { changedAt = nil } else if changedAt == nil { changedAt = now }
        let interval = WireLimits.stateFrameIntervalMilliseconds
        // Entries come first because someone waits for them, but a long catch-up must not hide the progress.
        if let changedAt, now >= changedAt &+ interval { return report(state, now, wall) }
        if let frame = try nextEntries(state, log) {
            sentAt = now
            if case .goodbye = frame { return finish(frame) }
            return .send(frame)
        }
        let nextReport = reportedAt &+ interval
        if changedAt != nil, now >= nextReport { return report(state, now, wall) }
        let heartbeat = sentAt &+ WireLimits.heartbeatMilliseconds
        if now >= heartbeat { return report(state, now, wall) }
        return .wait(until: changedAt == nil ? heartbeat : min(nextReport, heartbeat))
    }

    private mutating func report(_ state: NodeState, _ now: UInt64, _ wall: UInt64) -> FeedAction {
        (reported, reportedAt, sentAt, changedAt) = (state, now, now, nil)
        return .send(.state(state, wallMilliseconds: wall))
    }

    /// The next frame about entries, one origin after the other so that none waits for the end of another's long log.
    private mutating func nextEntries(_ state: NodeState, _ log: some ChangeLog) throws -> LogFrame? {
        for step in cursors.indices {
            let index = (turn + step) % cursors.count
            let cursor = cursors[index]
            guard !cursor.isGone, state.logged[cursor.origin] > cursor.seq else { continue }
            do {
                guard let slice = try log.read(origin: cursor.origin, after: cursor.seq, bytesMax: WireLimits.entriesFrameTargetBytes)
                else { continue }
                guard slice.body.count <= WireLimits.frameBytesMax - LogFrame.entriesOverheadBytesMax else { return Self.tooLong(slice) }
                cursors[index].seq = slice.last
                turn = (index + 1) % cursors.count
                return .entries(slice)
            } catch let gone as LogGone {
                cursors[index].isGone = true
                return .gone(cursor.origin, oldestKept: gone.oldestKept)
            }
        }
        return nil
    }

    private static func tooLong(_ slice: LogSlice) -> LogFrame {
        .goodbye(
            kind: GoodbyeKind.failed,
            reason:
                "entries \(slice.first) to \(slice.last) of \(slice.origin) have \(slice.body.count) bytes, a frame has at most \(WireLimits.frameBytesMax)",
            remedy: "Bring these entries with a bundle, or start the node from a snapshot.")
    }
}
