import ParkSyncCore
import ParkSyncReports
import ParkSyncServer

/// Writes families of samples in Prometheus' text format (version 0.0.4).
struct MetricsWriter {
    private(set) var text = ""

    typealias Labels = [(String, String)]

    mutating func family(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: Labels, value: String)]) {
        // A family without samples would only say that it exists.
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
            text += name + (labels.isEmpty ? "" : "{\(labels)}") + " \(sample.value)\n"
        }
    }

    mutating func gauge(_ name: String, _ help: String, _ value: some Numeric & CustomStringConvertible) {
        family(name, "gauge", help, [([], "\(value)")])
    }

    /// Unix milliseconds as the seconds that Prometheus reckons with.
    static func seconds(_ milliseconds: UInt64) -> String {
        let rest = "\(milliseconds % 1_000)"
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    static func escaped(_ text: String) -> String {
        text.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : $0 == "\n" || $0 == "\r\n" ? "\\n" : String($0) }.joined()
    }
}

/// The node's figures.
struct MetricsText: Sendable {
    let counters: ServerCounters
    /// Who was turned away, by event of the security log.
    let refusals: @Sendable () -> [(event: String, count: UInt64)]

    func render(_ status: NodeStatus) -> String {
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
            "parksync_applied_entry", "gauge", "Newest entry of each origin that is visible here.", vector(status.applied))
        writer.family("parksync_logged_entry", "gauge", "Newest entry of each origin in the log.", vector(status.logged))
        writer.family("parksync_rows", "gauge", "Rows of each shared table.", status.tables.map { ([("table", $0.name)], "\($0.rows)") })
        writer.gauge("parksync_unsealed_rows", "Rows that other programs wrote and that are in no entry yet.", status.unsealedRows)
        writer.gauge("parksync_conflicts_open", "Open records in the conflict inbox.", status.conflicts)
        writer.family(
            "parksync_stuck_entries", "gauge", "Entries that wait or were set aside.",
            [NodeStatus.Stuck.State.held, .quarantined].map { state in ([("state", state.rawValue)], "\(Self.count(status.stuck, state))") })
    }

    private static func count(_ stuck: [NodeStatus.Stuck], _ state: NodeStatus.Stuck.State) -> UInt64 {
        stuck.reduce(0) { $0 &+ ($1.state == state ? $1.count ?? 1 : 0) }
    }

    private func traffic(_ writer: inout MetricsWriter) {
        let traffic = counters.snapshot()
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
            let labels = [("cause", reason.cause.rawValue), ("level", reason.level.rawValue), ("peer", park(of: reason) ?? "")]
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
        guard Self.causesOfLogs.contains(reason.cause), let park = reason.subject.flatMap({ OriginID($0) })?.park else { return nil }
        return status.peers.contains { $0.park == park } ? park : nil
    }
}

/// Disk, backups and versions.
struct MachineMetrics {
    let status: NodeStatus

    func write(to writer: inout MetricsWriter) {
        writer.gauge("parksync_database_bytes", "Size of the database file with its write-ahead log.", status.databaseBytes)
        guard let machine = status.machine else { return }
        writer.family(
            "parksync_build_info", "gauge", "Versions of the node and of the SQLite library that it runs with; always 1.",
            [([("version", status.version), ("sqlite", machine.sqliteVersion), ("park", status.park)], "1")])
        if let free = machine.diskFreeBytes { writer.gauge("parksync_disk_free_bytes", "Free space where the database lies.", free) }
        if let all = machine.diskBytes { writer.gauge("parksync_disk_size_bytes", "Size of the file system where the database lies.", all) }
        // 0 and not absent: an alert has to see a node that was never backed up.
        writer.family(
            "parksync_last_backup_timestamp_seconds", "gauge", "When syncctl backup last kept a copy; 0 if it never did.",
            [([], MetricsWriter.seconds(machine.lastBackupAt ?? 0))])
    }
}

/// Rows and whether they are what the log says.
struct RowMetrics {
    let status: NodeStatus

    func write(to writer: inout MetricsWriter) {
        writer.gauge(
            "parksync_rows_refused", "Captured writes that were not signed, because no park would apply them.", status.refusedRows?.count ?? 0)
        guard let rows = status.rows else { return }
        writer.gauge("parksync_rows_differing", "Rows that are not what the log says; at most 1,000 are kept.", rows.differing)
        // 0 and not absent: an alert has to see a node whose rows were never verified.
        writer.family(
            "parksync_rows_verified_timestamp_seconds", "gauge", "When all rows were compared with the log last; 0 if never.",
            [([], MetricsWriter.seconds(rows.verifiedAt ?? 0))])
    }
}

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
            status.peers.compactMap { peer in peer.lastErrorCode.map { ([("peer", peer.park), ("code", $0.rawValue)], "1") } })
        writer.family(
            "parksync_entries_we_need", "gauge", "Entries that a peer has and this node has not.", each { peer in peer.weNeed.map { "\($0)" } })
        writer.family(
            "parksync_entries_they_need", "gauge", "Own entries that a peer has not reported as applied.",
            each { peer in peer.theyNeed.map { "\($0)" } })
        writer.family(
            "parksync_agreement", "gauge", "1 same digest at the same vector, 0 different, -1 not compared.",
            each { $0.agreement == .same ? "1" : $0.agreement == .different ? "0" : "-1" })
        writer.family(
            "parksync_peer_lies_total", "counter", "How often a peer did what no honest node does.", each { "\($0.lie?.count ?? 0)" })
        writer.family(
            "parksync_peer_last_contact_timestamp_seconds", "gauge", "When a peer was heard last.",
            each { peer in peer.lastContactAt.map(MetricsWriter.seconds) })
        writer.family(
            "parksync_peer_clock_offset_seconds", "gauge", "A peer's clock minus this node's, the way of the message included.",
            each { peer in peer.clockOffsetMilliseconds.map { "\(Double($0) / 1_000)" } })
        writer.family(
            "parksync_peer_info", "gauge", "The software that a peer runs, with the SQLite library; always 1.",
            status.peers.compactMap { peer in
                peer.version.map { ([("peer", peer.park), ("version", $0), ("sqlite", peer.sqliteVersion ?? "")], "1") }
            })
    }
}
