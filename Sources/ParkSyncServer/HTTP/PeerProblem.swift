import ParkSyncReports
import ParkSyncWire

extension PeerRefusal {
    /// What a node answers a peer with when a route throws this.
    package init(_ problem: ProblemDetails) {
        self.init(
            status: problem.status, kind: problem.code, reason: "\(problem.title): \(problem.detail)",
            remedy: problem.remedy)
    }
}
