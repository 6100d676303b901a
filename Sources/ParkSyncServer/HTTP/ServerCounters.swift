import ParkSyncReports
import Synchronization

/// What the servers have done since they started, for `/metrics`. Safe to use from any task.
package final class ServerCounters: Sendable {
    private let state = Mutex(TrafficFigures())

    package init() {}

    package func snapshot() -> TrafficFigures { state.withLock { $0 } }

    func countResponse(status: Int) { state.withLock { $0.byStatus[status, default: 0] += 1 } }
    func setSubscriptionsOpen(_ count: Int) { state.withLock { $0.subscriptionsOpen = UInt64(count) } }

    /// - Parameter park: a configured member; the table does not grow with what strangers send.
    func update(_ park: String, _ change: (inout TrafficFigures.Peer) -> Void) {
        state.withLock { change(&$0.byPark[park, default: TrafficFigures.Peer()]) }
    }
}
