/// What a node has sent and answered since it was started: for its metrics.
package struct TrafficFigures: Codable, Hashable, Sendable {
    /// Traffic with one park. Bytes are those of bodies, without the framing of HTTP and TLS.
    package struct Peer: Codable, Hashable, Sendable {
        package var receivedBytes: UInt64 = 0
        /// As sent, after compression.
        package var sentBytes: UInt64 = 0
        /// Before compression.
        package var sentRawBytes: UInt64 = 0
        package var streamsOpened: UInt64 = 0
        package var streamsOpen: UInt64 = 0
        package init() {}
    }

    /// By park: configured members alone.
    package var byPark: [String: Peer] = [:]
    /// How many answers had which HTTP status.
    package var byStatus: [Int: UInt64] = [:]
    package var subscriptionsOpen: UInt64 = 0
    package init() {}

    /// Sorted by park.
    package var peers: [(park: String, traffic: Peer)] {
        byPark.sorted { $0.key < $1.key }.map { (park: $0.key, traffic: $0.value) }
    }
    /// Answers by HTTP status, sorted.
    package var responses: [(status: Int, count: UInt64)] {
        byStatus.sorted { $0.key < $1.key }.map { (status: $0.key, count: $0.value) }
    }
}
