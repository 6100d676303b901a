import ParkSyncWire

/// A node's status for people, the verdict first.
enum StatusText {
    static func show(_ status: NodeStatus, _ verdict: Verdict, withTables: Bool) {
        for line in head(status, verdict) + node(status) { print(Console.safe(line)) }
        if withTables {
            print("")
            Console.table([["table", "rows", "digest"]] + status.tables.map { [$0.name, "\($0.rows)", $0.digest] })
        }
        print("")
        Console.table(
            [["peer", "link", "we need", "known for", "they need", "oldest", "heard", "clock", "tables", "next try"]]
                + status.peers.map { row($0, now: status.now) })
        for line in status.peers.flatMap({ remarks($0, status) }) { print(Console.safe(line)) }
    }

    static func head(_ status: NodeStatus, _ verdict: Verdict) -> [String] {
        let first =
            switch verdict.level {
            case .good: "GOOD: \(status.park) holds the same tables as all \(status.peers.count) peers at \(status.applied)"
            case .degraded: "DEGRADED: \(status.park) works, with \(verdict.reasons.count) remarks"
            case .broken: "BROKEN: \(status.park) needs an operator"
            }
        return [first] + verdict.reasons.map { "  \($0.level.rawValue): \($0.text)" } + [""]
    }

    private static func node(_ status: NodeStatus) -> [String] {
        var lines = [
            "node      \(status.origin)  \(status.phase.rawValue)  version \(status.version)  schema \(status.schemaNumber)  "
                + size(status.databaseBytes),
            "applied   \(status.applied)",
        ]
        if status.logged != status.applied { lines.append("logged    \(status.logged)") }
        lines.append("digest    \(status.digest.prefix(16))…  at \(status.digestVector == status.applied ? "this vector" : status.digestVector)")
        let rows = status.tables.reduce(Int64(0)) { $0 &+ $1.rows }
        lines.append("tables    \(status.tables.count) with \(rows) rows  conflicts \(status.conflicts)  unsealed rows \(status.unsealedRows)")
        if let retention = status.retention { lines += RetentionText.lines(retention, now: status.now) }
        return lines
    }

    private static func row(_ peer: NodeStatus.Peer, now: UInt64) -> [String] {
        [
            peer.park, peer.link.rawValue, peer.weNeed.map(String.init) ?? "?", peer.weNeedSince.map { age($0, now) } ?? "-",
            peer.theyNeed.map(String.init) ?? "?",
            peer.theyNeedSince.map { age($0, now) } ?? "-",
            peer.lastContactAt.map { age($0, now) + " ago" } ?? "never", peer.clockOffsetMilliseconds.map { "\($0) ms" } ?? "?",
            agreement(peer),
            peer.nextTryAt.map { $0 > now ? "in \(age(now, $0))" : "now" } ?? "-",
        ]
    }

    private static func agreement(_ peer: NodeStatus.Peer) -> String {
        switch peer.agreement {
        case .same: "same"
        case .different: "DIFFERENT"
        case .unknown: "?"
        }
    }

    /// What has no place in the table and is not said among the reasons.
    static func remarks(_ peer: NodeStatus.Peer, _ status: NodeStatus) -> [String] {
        var lines: [String] = []
        if let error = peer.lastError, peer.link == .connecting || peer.link == .catchingUp || peer.link == .paused {
            lines.append("\(peer.park) failed last: \(error)")
        }
        if peer.agreement != .unknown, let vector = peer.agreementVector, vector != status.applied {
            let when = peer.agreementAt.map { ", \(age($0, status.now)) ago" } ?? ""
            lines.append("\(peer.park) was compared at \(vector)\(when): \(peer.agreement.rawValue)")
        }
        if !peer.relays.isEmpty { lines.append("\(peer.park) relays \(peer.relays.joined(separator: ", "))") }
        return lines
    }

    static func age(_ from: UInt64, _ to: UInt64) -> String {
        let milliseconds = to > from ? to - from : 0
        if milliseconds < 10_000 { return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s" }
        if milliseconds < 600_000 { return "\(milliseconds / 1_000) s" }
        return milliseconds < 172_800_000 ? "\(milliseconds / 60_000) min" : "\(milliseconds / 86_400_000) d"
    }

    static func size(_ bytes: Int64) -> String { bytes < 1 << 20 ? "\(bytes / 1_024) KiB" : "\(bytes >> 20) MiB" }
}
