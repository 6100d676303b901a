import ParkSyncServer
import ParkSyncWire

/// The node's figures in Prometheus' text format (version 0.0.4).
struct MetricsText: Sendable {
    let counters: ServerCounters

    private struct Writer {
        var text = ""
        mutating func family(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: [(String, String)], value: String)]) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
            for sample in samples {
                let labels = sample.labels.map { "\($0)=\"\(MetricsText.escaped($1))\"" }.joined(separator: ",")
                text += name + (labels.isEmpty ? "" : "{\(labels)}") + " \(sample.value)\n"
            }
        }
    }

    static func escaped(_ text: String) -> String {
        text.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : $0 == "\n" ? "\\n" : String($0) }.joined()
    }

    func render(_ status: NodeStatus) -> String {
        var writer = Writer()
        writer.family("parksync_ready", "gauge", "1 when the node accepts writes.", [([], status.phase == .ready ? "1" : "0")])
        writer.family(
            "parksync_applied_entry", "counter", "Newest entry of each origin that is visible here.", vector(status.applied))
        writer.family("parksync_logged_entry", "counter", "Newest entry of each origin in the log.", vector(status.logged))
        writer.family("parksync_rows", "gauge", "Rows of each shared table.", status.tables.map { ([("table", $0.name)], "\($0.rows)") })
        writer.family("parksync_conflicts_open", "gauge", "Open records in the conflict inbox.", [([], "\(status.conflicts)")])
        writer.family(
            "parksync_stuck_entries", "gauge", "Entries that wait or were set aside.",
            ["held", "quarantined"].map { state in ([("state", state)], "\(status.stuck.filter { $0.state == state }.count)") })
        writer.family("parksync_database_bytes", "gauge", "Size of the database file with its write-ahead log.", [([], "\(status.databaseBytes)")])
        writer.family(
            "parksync_link_up", "gauge", "1 when the link to a peer is open.",
            status.peers.map { ([("peer", $0.park)], $0.link == .following || $0.link == .catchingUp ? "1" : "0") })
        writer.family(
            "parksync_entries_we_need", "gauge", "Entries that a peer has and this node has not.",
            status.peers.compactMap { peer in peer.weNeed.map { ([("peer", peer.park)], "\($0)") } })
        writer.family(
            "parksync_entries_they_need", "gauge", "Own entries that a peer has not reported as applied.",
            status.peers.compactMap { peer in peer.theyNeed.map { ([("peer", peer.park)], "\($0)") } })
        writer.family(
            "parksync_agreement", "gauge", "1 same digest at the same vector, 0 different, -1 not compared.",
            status.peers.map { ([("peer", $0.park)], $0.agreement == .same ? "1" : $0.agreement == .different ? "0" : "-1") })
        let traffic = counters.snapshot()
        writer.family(
            "parksync_peer_sent_bytes", "counter", "Bytes sent to each peer, compressed.",
            traffic.peers.map { ([("peer", $0.park)], "\($0.traffic.sentBytes)") })
        writer.family(
            "parksync_peer_sent_raw_bytes", "counter", "The same before compression.",
            traffic.peers.map { ([("peer", $0.park)], "\($0.traffic.sentRawBytes)") })
        writer.family(
            "parksync_http_responses", "counter", "HTTP answers by status.", traffic.responses.map { ([("status", "\($0.status)")], "\($0.count)") })
        return writer.text
    }

    private func vector(_ text: String) -> [(labels: [(String, String)], value: String)] {
        text.split(separator: " ").compactMap { word in
            let parts = word.split(separator: ":")
            return parts.count == 2 ? ([("origin", String(parts[0]))], String(parts[1])) : nil
        }
    }
}
