/// Part of `GET /v1/status`: what the booking arbiter could not write. Absent while it answers every request.
package struct ArbiterStatus: Codable, Hashable, Sendable {
    /// Unix milliseconds of the first failure since requests were answered last.
    package var since: UInt64
    /// Resources with requests that wait for it.
    package var resources: Int
    /// One of them; absent if not even that could be read.
    package var resource: String?
    /// What failed last, and the remedy.
    package var error: String
    /// Whether it may end by itself: a lock, a full queue.
    package var isPassing: Bool
    package var nextTryAt: UInt64

    package init(since: UInt64, resources: Int, resource: String?, error: String, isPassing: Bool, nextTryAt: UInt64) {
        (self.since, self.resources, self.resource) = (since, resources, resource)
        (self.error, self.isPassing, self.nextTryAt) = (error, isPassing, nextTryAt)
    }
    enum CodingKeys: String, CodingKey { case since, resources, resource, error, isPassing = "is_passing", nextTryAt = "next_try_at" }
}
