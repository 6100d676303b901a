import ParkSyncReplication
import Synchronization

/// Rings once, at the earliest of the times that it was told.
final class Alarm: Sendable {
    private struct Ringing {
        var at: UInt64
        var task: Task<Void, Never>
    }

    private let clock: any NodeClock
    private let next = Mutex<Ringing?>(nil)

    init(_ clock: any NodeClock) { self.clock = clock }

    func wake(at time: UInt64, then ring: @escaping @Sendable () -> Void) {
        next.withLock { next in
            if let known = next?.at, known <= time { return }
            next?.task.cancel()
            let task = Task { [self] in
                do { try await clock.sleep(until: time) } catch { return }
                if isDue(time) { ring() }
            }
            next = Ringing(at: time, task: task)
        }
    }

    private func isDue(_ time: UInt64) -> Bool {
        next.withLock { next in
            guard next?.at == time else { return false }
            next = nil
            return true
        }
    }

    /// Nothing rings any more.
    func rest() {
        next.withLock { next in
            next?.task.cancel()
            next = nil
        }
    }
}
