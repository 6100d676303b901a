import ParkSyncReports

/// The node's figures.
package struct MetricsText: Sendable {
    private let readTraffic: @Sendable () -> TrafficFigures
    private let refusals: @Sendable () -> [(event: String, count: UInt64)]

    /// - Parameters:
    ///   - traffic: what was sent and answered since the start.
    ///   - refusals: who was turned away, by event of the security log.
    package init(
        traffic: @escaping @Sendable () -> TrafficFigures,
        refusals: @escaping @Sendable () -> [(event: String, count: UInt64)]
    ) {
        (readTraffic, self.refusals) = (traffic, refusals)
    }

    package func render(_ status: NodeStatus) -> String {
        var writer = MetricsWriter()
        VerdictMetrics(status: status, verdict: Verdict.judge(status)).write(to: &writer)
        log(status, &writer)
        MachineMetrics(status: status).write(to: &writer)
        if let database = status.database { DatabaseMetrics(database: database, now: status.now).write(to: &writer) }
        ServiceMetrics(status: status).write(to: &writer)
        RowMetrics(status: status).write(to: &writer)
        PeerMetrics(status: status).write(to: &writer)
        traffic(&writer)
        writer.family(
            "parksync_refused_total", "counter", "Who was turned away, by event of the journal.",
            refusals().map { ([("event", $0.event)], "\($0.count)") })
        return writer.text
    }

    private func log(_ status: NodeStatus, _ writer: inout MetricsWriter) {
        writer.family(
            "parksync_applied_entry", "gauge", "Newest entry of each origin that is visible here.",
            vector(status.applied))
        writer.family(
            "parksync_logged_entry", "gauge", "Newest entry of each origin in the log.", vector(status.logged))
        writer.family(
            "parksync_rows", "gauge", "Rows of each shared table.",
            status.tables.map { ([("table", $0.name)], "\($0.rows)") })
        writer.gauge(
            "parksync_unsealed_rows", "Rows that other programs wrote and that are in no entry yet.",
            status.unsealedRows)
        writer.gauge("parksync_conflicts_open", "Open records in the conflict inbox.", status.conflicts)
        writer.family(
            "parksync_stuck_entries", "gauge", "Entries that wait or were set aside.",
            [NodeStatus.Stuck.State.held, .quarantined].map { state in
                ([("state", state.rawValue)], "\(Self.count(status.stuck, state))")
            })
    }

    private static func count(_ stuck: [NodeStatus.Stuck], _ state: NodeStatus.Stuck.State) -> UInt64 {
        stuck.reduce(0) { $0 &+ ($1.state == state ? $1.count ?? 1 : 0) }
    }

    private func traffic(_ writer: inout MetricsWriter) {
        let traffic = readTraffic()
        writer.family(
            "parksync_peer_sent_bytes_total", "counter", "Bytes sent to each peer, compressed.",
            traffic.peers.map { ([("peer", $0.park)], "\($0.traffic.sentBytes)") })
        writer.family(
            "parksync_peer_sent_raw_bytes_total", "counter", "The same before compression.",
            traffic.peers.map { ([("peer", $0.park)], "\($0.traffic.sentRawBytes)") })
        writer.family(
            "parksync_http_responses_total", "counter", "HTTP answers by status.",
            traffic.responses.map { ([("status", "\($0.status)")], "\($0.count)") })
    }

    private func vector(_ text: String) -> [(labels: MetricsWriter.Labels, value: String)] {
        text.split(separator: " ").compactMap { word in
            let parts = word.split(separator: ":")
            return parts.count == 2 ? ([("origin", String(parts[0]))], String(parts[1])) : nil
        }
    }
}
