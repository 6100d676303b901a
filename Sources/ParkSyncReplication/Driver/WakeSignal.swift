import Synchronization

/// Wakes one waiting task. Wakes that come while it is busy are kept as one; none is lost.
final class WakeSignal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func wake() { continuation.yield() }

    /// - Returns: false when the waiting task was cancelled. Only one task may wait.
    func wait() async -> Bool {
        for await _ in stream { return !Task.isCancelled }
        return false
    }
}

/// Wakes a signal when the clock reaches a time. It may also wake it earlier: whoever is woken
/// looks at the clock and sets it again.
final class Alarm: Sendable {
    private struct Armed {
        var deadline: UInt64
        var task: Task<Void, Never>
        var number: UInt64
    }

    private let clock: any NodeClock
    private let signal: WakeSignal
    private let state = Mutex<(armed: Armed?, number: UInt64)>((nil, 0))

    init(clock: any NodeClock, signal: WakeSignal) {
        self.clock = clock
        self.signal = signal
    }

    /// Sees to it that the signal is woken at `deadline` or before. An alarm that is set for
    /// earlier stays, which saves making a new task for every frame.
    func set(_ deadline: UInt64) {
        state.withLock { state in
            if let armed = state.armed {
                guard deadline < armed.deadline else { return }
                armed.task.cancel()
            }
            state.number &+= 1
            let number = state.number
            let task = Task { [weak self, clock] in
                do { try await clock.sleep(until: deadline) } catch { return }
                self?.ring(number)
            }
            state.armed = Armed(deadline: deadline, task: task, number: number)
        }
    }

    private func ring(_ number: UInt64) {
        state.withLock { state in
            if state.armed?.number == number { state.armed = nil }
        }
        signal.wake()
    }

    func cancel() {
        let armed = state.withLock { state in
            defer { state.armed = nil }
            return state.armed
        }
        armed?.task.cancel()
    }
}
