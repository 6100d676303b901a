import ParkSyncCore
import ParkSyncReports

/// What `syncctl status` makes of the node, and why.
struct VerdictMetrics {
    let status: NodeStatus
    let verdict: Verdict

    func write(to writer: inout MetricsWriter) {
        writer.gauge("parksync_ready", "1 when the node accepts writes.", status.phase == .ready ? 1 : 0)
        writer.gauge("parksync_verdict", "What syncctl status says: 0 good, 1 degraded, 2 broken.", Int(verdict.exit))
        // One sample for each cause, level and peer, however many reasons there are.
        var counts: [String: (labels: MetricsWriter.Labels, count: Int)] = [:]
        for reason in verdict.reasons {
            let labels = [
                ("cause", reason.cause.rawValue), ("level", reason.level.rawValue), ("peer", park(of: reason) ?? ""),
            ]
            counts[labels.map(\.1).joined(separator: " "), default: (labels, 0)].count += 1
        }
        writer.family(
            "parksync_verdict_reasons", "gauge", "Reasons why the verdict is not good; none if it is.",
            counts.sorted { $0.key < $1.key }.map { ($0.value.labels, "\($0.value.count)") })
    }

    /// Causes whose subject is a log: what is wrong in it is for its park to answer.
    private static let causesOfLogs: Set<Verdict.Cause> = [.fork, .quarantined, .held]

    /// The peer that a reason is about, or whose log it is about.
    private func park(of reason: Verdict.Reason) -> String? {
        if let park = reason.park { return park }
        guard Self.causesOfLogs.contains(reason.cause), let park = reason.subject.flatMap({ OriginID($0) })?.park else {
            return nil
        }
        return status.peers.contains { $0.park == park } ? park : nil
    }
}
