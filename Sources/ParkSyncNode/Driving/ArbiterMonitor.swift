import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import Synchronization

/// What keeps the arbiter from answering, for the status.
package final class ArbiterMonitor: Sendable {
    private let state = Mutex<ArbiterStatus?>(nil)
    private let clock: any NodeClock

    package init(clock: any NodeClock) { self.clock = clock }

    package var current: ArbiterStatus? { state.withLock { $0 } }

    func succeeded() { state.withLock { $0 = nil } }

    /// - Parameters:
    ///   - waiting: items that are still to be looked at.
    ///   - resource: the one that failed.
    ///   - delay: milliseconds until the next try.
    func failed(_ error: any Error, resource: String?, waiting: Int, delay: UInt64) {
        let now = clock.wallMilliseconds()
        state.withLock { state in
            state = ArbiterStatus(
                since: state?.since ?? now, resources: waiting, resource: resource, error: ErrorWords.of(error),
                isPassing: Self.isPassing(error),
                nextTryAt: now + delay)
        }
    }

    /// All is answered but what can not be.
    ///
    /// - Parameters:
    ///   - first: the one to be named.
    ///   - count: how many requests.
    ///   - resources: for how many items.
    ///   - delay: milliseconds until the next try.
    /// - Returns: what the status tells.
    func setAside(_ first: UnansweredRequest, count: Int, resources: Int, delay: UInt64) -> ArbiterStatus {
        let now = clock.wallMilliseconds()
        return state.withLock { state in
            var next = ArbiterStatus(
                since: state?.since ?? now, resources: resources, resource: Self.shown(first.subject),
                error: first.cause, isPassing: false,
                nextTryAt: now &+ delay)
            (next.request, next.unanswered) = (Self.shown(first.request), count)
            next.isOfRequest = first.isOfRequest
            state = next
            return next
        }
    }

    /// A name may have thousands of bytes.
    private static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count <= scalarsShownMax
            ? text : String(String.UnicodeScalarView(scalars.prefix(scalarsShownMax))) + "…"
    }
    private static let scalarsShownMax = 80

    private static func isPassing(_ error: any Error) -> Bool {
        guard let error = error as? StoreError else { return false }
        return [.busy, .timeout, .notReady, .fenced].contains(error.code)
    }
}
