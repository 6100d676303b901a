import ParkSyncReports

/// The links to the other parks.
struct PeerMetrics {
    let status: NodeStatus

    private func each(_ value: (NodeStatus.Peer) -> String?) -> [(labels: MetricsWriter.Labels, value: String)] {
        status.peers.compactMap { peer in value(peer).map { ([("peer", peer.park)], $0) } }
    }

    func write(to writer: inout MetricsWriter) {
        writer.family(
            "parksync_link_up", "gauge", "1 when the link to a peer is open.",
            each { $0.link == .following || $0.link == .catchingUp ? "1" : "0" })
        writer.family(
            "parksync_link_failure", "gauge", "1 while a link has failed, with what kind of failure that is.",
            status.peers.compactMap { peer in
                peer.lastErrorCode.map { ([("peer", peer.park), ("code", $0.rawValue)], "1") }
            })
        writer.family(
            "parksync_entries_we_need", "gauge", "Entries that a peer has and this node has not.",
            each { peer in peer.weNeed.map { "\($0)" } })
        writer.family(
            "parksync_entries_they_need", "gauge", "Own entries that a peer has not reported as applied.",
            each { peer in peer.theyNeed.map { "\($0)" } })
        writer.family(
            "parksync_agreement", "gauge", "1 same digest at the same vector, 0 different, -1 not compared.",
            each { $0.agreement == .same ? "1" : $0.agreement == .different ? "0" : "-1" })
        writer.family(
            "parksync_peer_lies_total", "counter", "How often a peer did what no honest node does.",
            each { "\($0.lie?.count ?? 0)" })
        writer.family(
            "parksync_peer_last_contact_timestamp_seconds", "gauge", "When a peer was heard last.",
            each { peer in peer.lastContactAt.map(MetricsWriter.seconds) })
        writer.family(
            "parksync_peer_clock_offset_seconds", "gauge",
            "A peer's clock minus this node's, the way of the message included.",
            each { peer in peer.clockOffsetMilliseconds.map { "\(Double($0) / 1_000)" } })
        writer.family(
            "parksync_peer_info", "gauge", "The software that a peer runs, with the SQLite library; always 1.",
            status.peers.compactMap { peer in
                peer.version.map {
                    ([("peer", peer.park), ("version", $0), ("sqlite", peer.sqliteVersion ?? "")], "1")
                }
            })
    }
}
