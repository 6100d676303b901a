/// A request that is not answered, for the status.
struct UnansweredBooking: Hashable, Sendable {
    var resource: String
    var request: String
    /// Nil if it has no revision that could be read.
    var revision: Int64?
    var cause: String
    /// The request itself is to blame, and not what this node's file has become.
    var isOfRequest: Bool
}
