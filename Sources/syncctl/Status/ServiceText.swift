import ParkSyncReports

/// How long the node's certificates last, for people.
enum ServiceText {
    static func lines(_ status: NodeStatus) -> [String] {
        guard !status.certificates.isEmpty else { return [] }
        let parts = status.certificates.map { certificate -> String in
            let days = certificate.daysLeft(at: status.now)
            return "\(certificate.role) \(days < 0 ? "has ended" : "ends in \(days) days")"
        }
        return ["certs     \(parts.joined(separator: ", "))"]
    }
}
