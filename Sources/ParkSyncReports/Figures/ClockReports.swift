import ParkSyncCore

/// Own entries that the other parks hold, because their stamps are ahead of this node's clock. Part
/// of the node's status.
package struct FutureStampsStatus: Codable, Hashable, Sendable {
    package var origin: OriginID
    /// The first such entry, and the last.
    package var first: UInt64
    package var last: UInt64
    /// By how much the newest is ahead of this node's clock. 0 if it is not, and depends on one
    /// that is.
    package var aheadMilliseconds: UInt64
    package init(origin: OriginID, first: UInt64, last: UInt64, aheadMilliseconds: UInt64) {
        (self.origin, self.first, self.last, self.aheadMilliseconds) = (origin, first, last, aheadMilliseconds)
    }
    enum CodingKeys: String, CodingKey { case origin, first, last, aheadMilliseconds = "ahead_ms" }
}

extension FutureStampsStatus {
    /// The entries, for people: `south:5` or `south:5 to 7`.
    package var span: String { first == last ? "\(origin):\(first)" : "\(origin):\(first) to \(last)" }
    /// The verb that fits.
    package func verb(_ one: String, _ many: String) -> String { first == last ? one : many }
}

/// Body of `POST /v1/reissue`.
package struct ReissueRequest: Codable, Hashable, Sendable {
    /// Why, for the log.
    package var reason: String
    /// Who decided it, for the log.
    package var author: String?
    package init(reason: String, author: String? = nil) { (self.reason, self.author) = (reason, author) }
    enum CodingKeys: String, CodingKey, CaseIterable { case reason, author }
}

/// Answer of `POST /v1/reissue`: which entries were taken back, and where they are now.
package struct ReissueReport: Codable, Hashable, Sendable {
    /// Of the earliest incarnation first.
    package var taken: [FutureStampsStatus]
    package var origin: OriginID
    package var last: UInt64
    package init(taken: [FutureStampsStatus], origin: OriginID, last: UInt64) {
        (self.taken, self.origin, self.last) = (taken, origin, last)
    }
}
