import ParkSyncReplication
import Synchronization

/// A clock that stands until a test moves it.
final class ManualClock: NodeClock {
    private struct Sleeper {
        var deadline: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: UInt64 = 1_000
        var sleepers: [UInt64: Sleeper] = [:]
        var cancelled: Set<UInt64> = []
        var sleepersMade: UInt64 = 0
    }

    private let state = Mutex(State())

    func monotonicMilliseconds() -> UInt64 { state.withLock { $0.now } }
    func wallMilliseconds() -> UInt64 { monotonicMilliseconds() + 1_000_000 }

    func advance(_ milliseconds: UInt64) {
        let due = state.withLock { state in
            state.now += milliseconds
            let numbers = state.sleepers.filter { $0.value.deadline <= state.now }.keys
            return numbers.compactMap { state.sleepers.removeValue(forKey: $0) }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    func sleep(until deadline: UInt64) async throws {
        let number = state.withLock { state in
            state.sleepersMade += 1
            return state.sleepersMade
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers[number] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: number)
                if sleeper == nil { state.cancelled.insert(number) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
