import ParkSyncCore
import ParkSyncWire

/// Runs a `LogFeed` over a log and a clock until the stream ends.
package struct LogFeedRunner: Sendable {
    private let log: any ChangeLog
    private let clock: any NodeClock

    package init(log: any ChangeLog, clock: any NodeClock) {
        self.log = log
        self.clock = clock
    }

    /// Serves one request. Returns after a goodbye was sent, or when the task is cancelled.
    ///
    /// - Parameter send: takes the bytes of one frame, or of a part of a long one; suspends while
    ///   the connection is slower.
    /// - Throws: what `send` throws, and `CancellationError`. An error of the log ends the stream
    ///   with a goodbye and is thrown too.
    package func run(_ request: LogRequest, send: ([UInt8]) async throws -> Void) async throws {
        try await serve(request, log: log, send: send)
    }

    private func serve(_ request: LogRequest, log: some ChangeLog, send: ([UInt8]) async throws -> Void) async throws {
        let signal = WakeSignal()
        let alarm = Alarm(clock: clock, signal: signal)
        defer { alarm.cancel() }
        // Observes before it reads the state for the first time: a change in between must wake it.
        let observation = log.observe { signal.wake() }
        defer { withExtendedLifetime(observation) {} }
        var feed = LogFeed(request: request)
        while !Task.isCancelled {
            switch try await next(&feed, log: log, send: send) {
            case .send(let frame): try await send(frame.encode())
            case .sendLong(let slice): try await self.send(slice, log, send)
            case .finish(let frame): return try await send(frame.encode())
            case .wait(let deadline):
                alarm.set(deadline)
                guard await signal.wait() else { throw CancellationError() }
            }
        }
        throw CancellationError()
    }

    /// So many bytes of a long entry are in memory at a time, for each stream.
    private static let partBytes = 1 << 20

    /// What fails in the middle of a frame cuts the stream: nothing can be said in it any more.
    private func send(_ slice: LongSlice, _ log: some ChangeLog, _ send: ([UInt8]) async throws -> Void) async throws {
        try await send(SliceCoding.frame(slice.head, followedBy: slice.bytes))
        var offset = 0
        while offset < slice.bytes {
            try Task.checkCancellation()
            let count = min(Self.partBytes, slice.bytes - offset)
            try await send(try log.payload(of: slice.head.origin, seq: slice.head.last, from: offset, count: count))
            offset += count
        }
    }

    private func next(_ feed: inout LogFeed, log: some ChangeLog, send: ([UInt8]) async throws -> Void) async throws
        -> FeedAction
    {
        do {
            return try feed.next(
                state: log.state(), nowMilliseconds: clock.monotonicMilliseconds(),
                wallMilliseconds: clock.wallMilliseconds(), log: log)
        } catch {
            let farewell = LogFrame.goodbye(
                kind: GoodbyeKind.failed, reason: "the log cannot be read: \(ErrorWords.of(error))",
                remedy: "See the peer's own log for the cause.")
            try await send(farewell.encode())
            throw error
        }
    }
}
