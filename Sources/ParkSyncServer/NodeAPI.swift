import ParkSyncReports

/// What the local routes need of the node: for each room of them what stands beside its table.
/// Errors thrown are `ProblemDetails` where the cause is known. The author of a request is, here,
/// whom the kernel or a token vouches for.
package protocol NodeAPI: ProgramAPI, ReportAPI, OperatorAPI {
    /// Text of `/metrics`: Prometheus exposition format 0.0.4.
    func metrics() async throws -> String
    /// Whether writes are accepted, for `/readyz`; the reason if not.
    func readiness() -> Readiness
}

/// A node that refuses in one way whatever it does not answer itself: one whose database is
/// damaged, and those that tests put behind the routes. The node that answers everything is not one
/// of these, so that it does not compile as long as it lacks a function.
package protocol RefusingNode: NodeAPI {
    var refusal: any Error { get }
}

/// An event and the vector (text form) after it, so that a subscriber can resume there.
package struct SubscriptionEvent: Sendable {
    package var vector: String
    package var event: ChangeEvent
    package init(vector: String, event: ChangeEvent) {
        self.vector = vector
        self.event = event
    }
}

package enum Readiness: Sendable, Hashable {
    case ready
    case notReady(reason: String)
}
