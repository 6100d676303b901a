/// A request that is not answered, for the status.
struct UnansweredRequest: Hashable, Sendable {
    /// Where it is decided on.
    var subject: String
    var request: String
    var cause: String
    /// The request itself is to blame, and not what this node's file has become.
    var isOfRequest: Bool
}
