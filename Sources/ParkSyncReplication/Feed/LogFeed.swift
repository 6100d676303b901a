import ParkSyncCore
import ParkSyncWire

/// What a feed wants to be done next.
package enum FeedAction: Hashable, Sendable {
    case send(LogFrame)
    /// Send an entries frame, the last entry's payload in parts.
    case sendLong(LongSlice)
    /// Nothing to say until the log changes or the monotonic clock reaches this time.
    case wait(until: UInt64)
    /// Send this, then end the stream.
    case finish(LogFrame)
}

/// Serves one stream: decides which frame comes next. Does no waiting and no sending itself, and
/// reads the log only through `log`.
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
    /// The asker's own origins that the log knows, with the newest number that the asker was told
    /// the hash of; how many origins there were when they were looked for.
    private var askersOwn: [(origin: OriginID, told: UInt64)] = []
    private var originsSeen = 0
    /// What comes before anything else.
    private var waiting: [LogFrame] = []
    private var gossip: HeadGossip

    /// - Parameter request: of a park that is allowed to ask.
    package init(request: LogRequest) {
        self.request = request
        gossip = HeadGossip(asker: request.state.origin)
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
            gossip.begin(now: nowMilliseconds)
            for want in request.wants where want.origin.isOfSamePark(as: request.state.origin) {
                try tell(want.origin, wanting: want, state, log)
            }
            try tellNewest(state, log)
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
        // An asker that wants its own park's entries compares the hashes by itself.
        for want in request.wants
        where want.origin.park != request.state.origin.park && want.after > 0 && want.after <= state.logged[want.origin]
            && want.hash != EntryChain.genesis
        {
            guard let own = try log.hash(of: want.origin, seq: want.after), own != want.hash else { continue }
            return .goodbye(
                kind: GoodbyeKind.fork,
                reason:
                    """
                    entry \(want.after) of \(want.origin) is another one at \(request.state.origin) than at \
                    \(state.origin)
                    """,
                remedy: "The park \(want.origin.park) has forked its log (a cloned or restored file); ask its operator."
            )
        }
        return nil
    }

    // MARK: the asker's own logs

    /// Says which entries this node has of a log that the asker wants back. Its entries follow only
    /// if they continue the asker's log.
    private mutating func tell(_ origin: OriginID, wanting want: LogWant, _ state: NodeState, _ log: some ChangeLog)
        throws
    {
        let last = state.logged[origin]
        let heads = try log.heads(of: origin, from: last)
        guard !heads.isEmpty else { return }
        waiting.append(.branch(LogBranch(origin: origin, heads: heads)))
        askersOwn.append((origin, last))
        guard want.after > 0, want.after <= last, want.hash != EntryChain.genesis,
            let own = try log.hash(of: origin, seq: want.after),
            own != want.hash
        else { return }
        for index in cursors.indices where cursors[index].origin == origin { cursors[index].isGone = true }
    }

    /// Says the newest signed head of each of the asker's logs that has grown here.
    private mutating func tellNewest(_ state: NodeState, _ log: some ChangeLog) throws {
        if state.logged.elements.count != originsSeen {
            originsSeen = state.logged.elements.count
            let asker = request.state.origin
            for origin in state.logged.elements.map(\.origin) where origin.isOfSamePark(as: asker) {
                if !askersOwn.contains(where: { $0.origin == origin }) { askersOwn.append((origin, 0)) }
            }
        }
        for index in askersOwn.indices {
            let (origin, told) = askersOwn[index]
            let last = state.logged[origin]
            guard last != told, let head = try log.head(of: origin, upTo: last) else { continue }
            askersOwn[index].told = last
            waiting.append(.branch(LogBranch(origin: origin, heads: [head])))
        }
    }

    private mutating func follow(_ state: NodeState, _ now: UInt64, _ wall: UInt64, _ log: some ChangeLog) throws
        -> FeedAction
    {
        if !waiting.isEmpty { return .send(waiting.removeFirst()) }
        if state == reported { changedAt = nil } else if changedAt == nil { changedAt = now }
        let interval = WireLimits.stateFrameIntervalMilliseconds
        // Entries come first because someone waits for them, but a long catch-up must not hide the
        // progress.
        if let changedAt, now >= changedAt &+ interval { return try report(state, now, wall, log) }
        if let action = try nextEntries(state, log) {
            sentAt = now
            if case .finish(let frame) = action { return finish(frame) }
            return action
        }
        let nextReport = reportedAt &+ interval
        if changedAt != nil, now >= nextReport { return try report(state, now, wall, log) }
        let heartbeat = sentAt &+ WireLimits.heartbeatMilliseconds
        if now >= heartbeat { return try report(state, now, wall, log) }
        return .wait(until: changedAt == nil ? heartbeat : min(nextReport, heartbeat))
    }

    private mutating func report(_ state: NodeState, _ now: UInt64, _ wall: UInt64, _ log: some ChangeLog) throws
        -> FeedAction
    {
        try tellNewest(state, log)
        waiting += try gossip.next(state, now: now, log).map { .branch($0) }
        (reported, reportedAt, sentAt, changedAt) = (state, now, now, nil)
        return .send(.state(state, wallMilliseconds: wall))
    }

    /// The next frame about entries, one origin after the other so that none waits for the end of
    /// another's long log.
    private mutating func nextEntries(_ state: NodeState, _ log: some ChangeLog) throws -> FeedAction? {
        for step in cursors.indices {
            let index = (turn + step) % cursors.count
            let cursor = cursors[index]
            guard !cursor.isGone, state.logged[cursor.origin] > cursor.seq else { continue }
            let last = log.served(cursor.origin)
            guard last > cursor.seq else { continue }
            do {
                let bytesMax = WireLimits.entriesFrameTargetBytes
                guard
                    let piece = try log.next(
                        origin: cursor.origin, after: cursor.seq, through: last, bytesMax: bytesMax)
                else { continue }
                let (slice, bytes) = Self.size(of: piece)
                guard bytes <= WireLimits.frameBytesMax - SliceCoding.headBytesMax else {
                    return .finish(Self.tooLong(slice, bytes))
                }
                cursors[index].seq = slice.last
                turn = (index + 1) % cursors.count
                switch piece {
                case .slice: return .send(.entries(slice))
                case .long(let long): return .sendLong(long)
                }
            } catch let gone as LogGone {
                cursors[index].isGone = true
                return .send(.gone(cursor.origin, oldestKept: gone.oldestKept))
            }
        }
        return nil
    }

    /// - Returns: what the piece says of its entries, and the bytes of them.
    private static func size(of piece: LogPiece) -> (slice: LogSlice, bytes: Int) {
        switch piece {
        case .slice(let slice): (slice, slice.body.count)
        case .long(let long): (long.head, long.bodyBytes)
        }
    }

    private static func tooLong(_ slice: LogSlice, _ bytes: Int) -> LogFrame {
        .goodbye(
            kind: GoodbyeKind.failed,
            reason:
                """
                entries \(slice.first) to \(slice.last) of \(slice.origin) have \(bytes) bytes, a frame has at \
                most \(WireLimits.frameBytesMax)
                """,
            remedy: "Bring these entries with a bundle, or start the node from a snapshot.")
    }
}
