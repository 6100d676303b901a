import Synchronization

/// What the servers have done since they started, for `/metrics`. Safe to use from any task.
package final class ServerCounters: Sendable {
    /// Traffic with one park. Bytes are those of bodies, without the framing of HTTP and TLS.
    package struct Peer: Hashable, Sendable {
        package var receivedBytes: UInt64 = 0
        /// As sent, after compression.
        package var sentBytes: UInt64 = 0
        /// Before compression.
        package var sentRawBytes: UInt64 = 0
        package var streamsOpened: UInt64 = 0
        package var streamsOpen: UInt64 = 0
    }

    package struct Snapshot: Hashable, Sendable {
        /// Sorted by park.
        package var peers: [(park: String, traffic: Peer)] { traffic.sorted { $0.key < $1.key }.map { (park: $0.key, traffic: $0.value) } }
        /// Responses by HTTP status, sorted.
        package var responses: [(status: Int, count: UInt64)] {
            counts.sorted { $0.key < $1.key }.map { (status: $0.key, count: $0.value) }
        }
        package var subscriptionsOpen: UInt64 = 0
        fileprivate var traffic: [String: Peer] = [:]
        fileprivate var counts: [Int: UInt64] = [:]
    }

    private let state = Mutex(Snapshot())

    package init() {}

    package func snapshot() -> Snapshot { state.withLock { $0 } }

    func countResponse(status: Int) { state.withLock { $0.counts[status, default: 0] += 1 } }
    func setSubscriptionsOpen(_ count: Int) { state.withLock { $0.subscriptionsOpen = UInt64(count) } }

    /// - Parameter park: a configured member; the table does not grow with what strangers send.
    func update(_ park: String, _ change: (inout Peer) -> Void) {
        state.withLock { change(&$0.traffic[park, default: Peer()]) }
    }
}
