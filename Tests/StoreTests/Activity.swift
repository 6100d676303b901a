import Foundation
import ParkSyncStore
import Synchronization

/// What happens in the stores of a federation that a test may wait for: somebody asks the clock or
/// sleeps on it, a queue gets work or has done it, a lock has to be waited for. Who waits looks
/// again at each step, and not meanwhile.
final class Activity: Sendable {
    private struct State {
        var steps: UInt64 = 0
        var waiting: [UUID: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state = Mutex(State())

    /// Something has happened.
    func note() {
        let waiting = state.withLock { state in
            state.steps += 1
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when `condition` holds.
    ///
    /// - Parameter condition: it comes about before a step that is noted, and asks no clock itself:
    ///   that is a step.
    /// - Throws: `CancellationError`, so that a time limit ends a test for which it never does.
    func until(_ condition: () -> Bool) async throws {
        while true {
            let seen = state.withLock { $0.steps }
            if condition() { return }
            try await goOn(after: seen)
        }
    }

    /// Returns when there was a step after the first `seen`.
    private func goOn(after seen: UInt64) async throws {
        let id = UUID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.steps > seen { return .success(()) }
                    state.waiting[id] = continuation
                    return nil
                }
                if let known { continuation.resume(with: known) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }
}

/// A queue that tells when it gets work, and when it has done it.
struct WatchedQueue: StoreQueue {
    private let queue: DispatchStoreQueue
    private let activity: Activity

    init(_ role: StoreQueueRole, _ activity: Activity) { (queue, self.activity) = (DispatchStoreQueue(role), activity) }

    func async(_ work: @escaping @Sendable () -> Void) {
        queue.async { [activity] in
            work()
            activity.note()
        }
        activity.note()
    }

    func sync<T>(_ work: () -> T) -> T { queue.sync(work) }
}
