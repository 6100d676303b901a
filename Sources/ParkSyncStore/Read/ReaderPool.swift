import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// Who reads. Each kind has connections of its own, so that none of them can keep the others
/// waiting.
package enum ReaderLane: CaseIterable, Sendable {
    /// What clients ask for and what may take long: queries, verification, lists of entries and
    /// conflicts.
    case clients
    /// Short reads for the node's own answers: status, metrics, blame.
    case node
    /// What has time: subscriptions, the booking arbiter.
    case background

    var readersMax: Int {
        switch self {
        case .clients: ReadLimits.clientReadersMax
        case .node: ReadLimits.nodeReadersMax
        case .background: ReadLimits.backgroundReadersMax
        }
    }

    /// Nil for a wait without limit: nobody sits at a socket for it, and giving up would only mean
    /// asking again.
    var waitMillisecondsMax: UInt64? { self == .background ? nil : ReadLimits.readerWaitMillisecondsMax }
}

/// A connection that only reads, and the queue that its statements run on.
///
/// A slow statement blocks the queue's thread and none of those that run Swift's tasks.
final class Reader: @unchecked Sendable {
    // `opened` is confined to `queue`.
    let queue: any StoreQueue
    private let path: String
    private let archive: String?
    private var opened: Connection?

    init(path: String, archive: String?, queue: any StoreQueue) {
        (self.path, self.archive, self.queue) = (path, archive, queue)
    }

    /// Runs `body` on the queue.
    ///
    /// - Throws: `StoreError` if the file cannot be opened, and what `body` throws.
    func run<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self.connection()) }) }
        }
    }

    private func connection() throws -> Connection {
        if let opened { return opened }
        let made = try Connection(path: path, role: .reader, archive: archive)
        opened = made
        return made
    }
}

/// The readers of a store. When all of a lane are taken, its next users wait in order, and not for
/// ever.
package final class ReaderPool: Sendable {
    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Reader, any Error>
        var timer: Task<Void, Never>?
    }

    private struct Lane {
        var idle: [Reader] = []
        var made = 0
        var waiting: [Waiter] = []
    }

    private struct State {
        var lanes: [ReaderLane: Lane] = [:]
        var isClosed = false
        var nextID: UInt64 = 0
    }

    private let clock: any NodeClock
    private let makeReader: @Sendable () -> Reader
    private let state = Mutex(State())

    init(_ options: StoreOptions) {
        clock = options.clock
        makeReader = { Reader(path: options.path, archive: options.archivePath, queue: options.makeQueue(.reading)) }
    }

    /// A reader of the lane, to be given back.
    ///
    /// - Throws: `StoreError.busy` when none became free in time, `StoreError.notReady` when the
    ///   store closes, `CancellationError`.
    func take(_ lane: ReaderLane) async throws -> Reader {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { take(lane, Waiter(id: id, continuation: $0)) }
        } onCancel: {
            giveUp(lane, id, CancellationError())
        }
    }

    private func take(_ lane: ReaderLane, _ waiter: Waiter) {
        let ready: Result<Reader, any Error>? = state.withLock { state in
            if state.isClosed { return .failure(Self.closing) }
            // A cancellation from here on finds the waiter in the list; an earlier one is seen now.
            if Task.isCancelled { return .failure(CancellationError()) }
            if let reader = state.lanes[lane, default: Lane()].idle.popLast() { return .success(reader) }
            guard state.lanes[lane, default: Lane()].made < lane.readersMax else {
                state.lanes[lane, default: Lane()].waiting.append(waiter)
                return nil
            }
            state.lanes[lane, default: Lane()].made += 1
            return .success(makeReader())
        }
        if let ready { waiter.continuation.resume(with: ready) } else { limit(waiter.id, lane) }
    }

    /// Ends the wait when it has lasted too long.
    private func limit(_ id: UInt64, _ lane: ReaderLane) {
        guard let limit = lane.waitMillisecondsMax else { return }
        let deadline = clock.monotonicMilliseconds() + limit
        let timer = Task { [weak self, clock] in
            do { try await clock.sleep(until: deadline) } catch { return }
            self?.giveUp(
                lane, id,
                StoreError(
                    .busy, "all \(lane.readersMax) connections for this kind of reading were in use for \(limit) ms",
                    remedy: "Ask again later; end queries whose rows nobody reads."))
        }
        let isOver = state.withLock { state in
            guard let index = state.lanes[lane]?.waiting.firstIndex(where: { $0.id == id }) else { return true }
            state.lanes[lane]?.waiting[index].timer = timer
            return false
        }
        if isOver { timer.cancel() }
    }

    private func giveUp(_ lane: ReaderLane, _ id: UInt64, _ error: any Error) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.lanes[lane]?.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.lanes[lane]?.waiting.remove(at: index)
        }
        waiter?.timer?.cancel()
        waiter?.continuation.resume(throwing: error)
    }

    func give(_ reader: Reader, to lane: ReaderLane) {
        let next = state.withLock { state -> Waiter? in
            if state.isClosed { return nil }
            guard state.lanes[lane]?.waiting.isEmpty == false else {
                state.lanes[lane, default: Lane()].idle.append(reader)
                return nil
            }
            return state.lanes[lane]?.waiting.removeFirst()
        }
        next?.timer?.cancel()
        next?.continuation.resume(returning: reader)
    }

    func close() {
        let abandoned = state.withLock { state -> [Waiter] in
            state.isClosed = true
            defer { state.lanes = [:] }
            return state.lanes.values.flatMap(\.waiting)
        }
        for waiter in abandoned {
            waiter.timer?.cancel()
            waiter.continuation.resume(throwing: Self.closing)
        }
    }

    private static var closing: StoreError {
        StoreError(.notReady, "the node is stopping", remedy: "Ask again when it runs.")
    }

    /// Readers of the lane that somebody has.
    func taken(_ lane: ReaderLane) -> Int {
        state.withLock { state in state.lanes[lane].map { $0.made - $0.idle.count } ?? 0 }
    }

    /// Readers that nobody has.
    func idle() -> [Reader] { state.withLock { $0.lanes.values.flatMap(\.idle) } }

    /// Runs `body` with a reader, on the reader's queue. Its statements are interrupted when the
    /// task is cancelled.
    ///
    /// - Throws: what `take` and `body` throw.
    package func read<T: Sendable>(_ lane: ReaderLane, _ body: @escaping @Sendable (SQLReader) throws -> T) async throws
        -> T
    {
        let reader = try await take(lane)
        defer { give(reader, to: lane) }
        let stop = StopFlag()
        return try await withTaskCancellationHandler {
            try await reader.run { connection in
                connection.isOverdue = { stop.isSet }
                defer { connection.isOverdue = nil }
                do { return try body(SQLReader(connection: connection)) } catch {
                    throw stop.isSet ? CancellationError() : error
                }
            }
        } onCancel: {
            stop.set()
        }
    }
}

/// Tells a statement that is being executed that nobody waits for it any more.
final class StopFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

/// A connection for internal reads.
package struct SQLReader {
    package let connection: Connection

    package init(connection: Connection) { self.connection = connection }
}
