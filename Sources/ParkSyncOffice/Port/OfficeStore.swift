import ParkSyncCatalog
import ParkSyncReports

/// What the office needs of a node. A program that stands beside the node implements it over the
/// local API, the node itself over its store, a test over a database in memory.
package protocol OfficeStore: Sendable {
    /// The park whose node this is, as in `south`.
    var park: String { get }

    /// Rows of one query, as they were at one moment.
    func read(_ query: SQLStatement) async throws -> OfficeRows

    /// All statements in one durable transaction, or none.
    ///
    /// - Parameters:
    ///   - author: whose act it is, for the log.
    ///   - note: why, for the log.
    /// - Returns: how many rows each statement has inserted, updated or deleted.
    /// - Throws: `ProblemDetails` with the code `constraint` for what the schema refuses, its
    ///   sentence in `detail`.
    func write(_ statements: [SQLStatement], author: String?, note: String?) async throws -> [Int]

    /// What this node has of the other parks.
    func standing() async throws -> ZoneStanding

    /// The clock of the node, and numbers drawn at random: ids that nobody else has.
    func now() -> Instant
    func draw() -> UInt64
}

/// A query's answer.
package struct OfficeRows: Hashable, Sendable {
    package var columns: [String]
    package var rows: [[JSONValue]]

    package init(columns: [String], rows: [[JSONValue]]) { (self.columns, self.rows) = (columns, rows) }
}

/// How far this node is behind, at one moment.
package struct ZoneStanding: Hashable, Sendable {
    /// The vector of the tables, as in `south:12 west:7`.
    package var applied: String
    package var at: Instant
    /// All parks but this one.
    package var parks: [Park]

    package struct Park: Hashable, Sendable {
        package var park: String
        /// Whether its node is heard now.
        package var inReach: Bool
        package var lastHeard: Instant?
        /// Entries that it has and this node lacks; nil before the first contact.
        package var lacking: UInt64?

        package init(park: String, inReach: Bool, lastHeard: Instant?, lacking: UInt64?) {
            (self.park, self.inReach, self.lastHeard, self.lacking) = (park, inReach, lastHeard, lacking)
        }
    }

    package init(applied: String, at: Instant, parks: [Park]) {
        (self.applied, self.at, self.parks) = (applied, at, parks)
    }

    /// A node that follows another hears it every few seconds.
    package static let heardMillisecondsMax: UInt64 = 15_000

    /// - Parameter status: of the node, as the local API answers it.
    package init(_ status: NodeStatus) {
        let parks = status.peers.map { peer in
            let isHeard = peer.lastContactAt.map { $0 + Self.heardMillisecondsMax >= status.now } ?? false
            return Park(
                park: peer.park, inReach: [.following, .catchingUp].contains(peer.link) && isHeard,
                lastHeard: peer.lastContactAt.map { Instant(seconds: Int64(clamping: $0 / 1_000)) },
                lacking: peer.weNeed)
        }
        self.init(
            applied: status.applied, at: Instant(seconds: Int64(clamping: status.now / 1_000)), parks: parks)
    }
}
