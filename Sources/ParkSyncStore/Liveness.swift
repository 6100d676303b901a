import Dispatch
import ParkSyncReplication
import Synchronization

/// Whether the store's queue gets on with its work, for the watchdog.
///
/// The queue lives if it answers, if it begins another transaction, or while a statement from
/// outside runs within its time limit, which may be longer than the watchdog's. A statement that is
/// not ended at its limit is a hang like any other.
final class Liveness: Sendable {
    /// A local transaction that is being executed: nobody else writes meanwhile.
    struct Running: Sendable {
        /// Monotonic milliseconds.
        var since: UInt64
        var deadline: UInt64
        /// The beginning of its first statement.
        var sql: String
    }

    private struct State {
        var running: Running?
        /// Monotonic; until when the statements that are being executed may run.
        var limit: UInt64? { running?.deadline }
        var waiting: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Of a statement's text so much is kept.
    static let shownBytesMax = 200

    /// The transaction that is being executed. It may still be told for a moment after it was
    /// answered.
    var running: Running? { state.withLock { $0.running } }
    /// How many wait for a sign.
    var waiters: Int { state.withLock { $0.waiting.count } }

    /// The queue does something new.
    ///
    /// - Parameter running: what it may be busy with alone until its deadline; nil for the store's
    ///   own work.
    func beat(_ running: Running? = nil) {
        let waiting = state.withLock { state in
            state.running = running
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: true) }
    }

    /// Returns true at the next sign of life. A queue that hangs gives none; then only a
    /// cancellation ends the wait, with false.
    ///
    /// - Parameter ask: makes the queue give a sign when it comes to it.
    func sign(clock: any NodeClock, ask: () -> Void) async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if let limit = state.limit, clock.monotonicMilliseconds() <= limit { return true }
                    state.waiting[id] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) } else { ask() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: false)
        }
    }
}

extension ParkStore {
    /// Returns when the store's queue shows that it lives: see `Liveness`. A store that hangs never
    /// does.
    package func isAnswering() async -> Bool {
        await board.liveness.sign(clock: options.clock) { core.async { $0.liveness.beat() } }
    }
}
