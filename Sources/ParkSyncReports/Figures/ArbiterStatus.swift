/// Part of `GET /v1/status`: what the arbiter could not write. Absent while it answers every
/// request.
package struct ArbiterStatus: Codable, Hashable, Sendable {
    /// Unix milliseconds of the first failure since requests were answered last.
    package var since: UInt64
    /// Items with requests that wait for it.
    package var resources: Int
    /// One of them; absent if not even that could be read.
    package var resource: String?
    /// What failed last, and the remedy.
    package var error: String
    /// Whether it may end by itself: a lock, a full queue.
    package var isPassing: Bool
    package var nextTryAt: UInt64
    /// Requests that were set aside: the one that `error` is about, and how many there are. Absent
    /// if nothing could be decided.
    package var request: String?
    package var unanswered: Int?
    /// Whether the request itself is to blame, and not what this node's file has become.
    package var isOfRequest: Bool?

    package init(since: UInt64, resources: Int, resource: String?, error: String, isPassing: Bool, nextTryAt: UInt64) {
        (self.since, self.resources, self.resource) = (since, resources, resource)
        (self.error, self.isPassing, self.nextTryAt) = (error, isPassing, nextTryAt)
    }
    enum CodingKeys: String, CodingKey {
        case since, resources, resource, error, isPassing = "is_passing", nextTryAt = "next_try_at", request, unanswered
        case isOfRequest = "is_of_request"
    }

    /// Which request it is about, if one was set aside.
    package var subject: String? { request.map { "request \($0) for \(resource ?? "")" } }
}
