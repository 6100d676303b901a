import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire
import Synchronization

/// What keeps the booking arbiter from answering, for the status.
final class ArbiterMonitor: Sendable {
    private let state = Mutex<ArbiterStatus?>(nil)
    private let clock: any NodeClock

    init(clock: any NodeClock) { self.clock = clock }

    var current: ArbiterStatus? { state.withLock { $0 } }

    func succeeded() { state.withLock { $0 = nil } }

    /// - Parameters:
    ///   - waiting: resources that are still to be looked at.
    ///   - resource: the one that failed.
    ///   - delay: milliseconds until the next try.
    func failed(_ error: any Error, resource: String?, waiting: Int, delay: UInt64) {
        let now = clock.wallMilliseconds()
        state.withLock { state in
            state = ArbiterStatus(
                since: state?.since ?? now, resources: waiting, resource: resource, error: ErrorText.of(error), isPassing: Self.isPassing(error),
                nextTryAt: now + delay)
        }
    }

    private static func isPassing(_ error: any Error) -> Bool {
        guard let error = error as? StoreError else { return false }
        return [.busy, .timeout, .notReady, .fenced].contains(error.code)
    }
}
