import ParkSyncWire

/// A node's status for people, the verdict first.
enum StatusText {
    static func show(_ status: NodeStatus, _ verdict: Verdict) {
        switch verdict.level {
        case .good: print("GOOD: \(status.park) holds the same tables as all \(status.peers.count) peers at \(status.applied)")
        case .degraded: print("DEGRADED: \(status.park) works, with \(verdict.reasons.count) remarks")
        case .broken: print("BROKEN: \(status.park) needs an operator")
        }
        for reason in verdict.reasons { print("  \(reason.level.rawValue): \(reason.text)") }
        print("")
        print(
            "node      \(status.origin)  \(status.phase.rawValue)  version \(status.version)  schema \(status.schemaNumber)  \(size(status.databaseBytes))"
        )
        print("applied   \(status.applied)")
        if status.logged != status.applied { print("logged    \(status.logged)") }
        print("digest    \(status.digest.prefix(16))…  at \(status.digestVector == status.applied ? "this vector" : status.digestVector)")
        let rows = status.tables.reduce(0) { $0 + $1.rows }
        print("tables    \(status.tables.count) with \(rows) rows  conflicts \(status.conflicts)  unsealed rows \(status.unsealedRows)")
        print("")
        Console.table(
            [["peer", "link", "we need", "they need", "oldest", "heard", "clock", "tables", "next try"]]
                + status.peers.map { row($0, now: status.now) })
        for peer in status.peers where !peer.relays.isEmpty { print("\(peer.park) relays \(peer.relays.joined(separator: ", "))") }
    }

    private static func row(_ peer: NodeStatus.Peer, now: UInt64) -> [String] {
        [
            peer.park, peer.link.rawValue, peer.weNeed.map(String.init) ?? "?", peer.theyNeed.map(String.init) ?? "?",
            peer.theyNeedSince.map { age($0, now) } ?? "-",
            peer.lastContactAt.map { age($0, now) + " ago" } ?? "never", peer.clockOffsetMilliseconds.map { "\($0) ms" } ?? "?", agreement(peer),
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

    static func age(_ from: UInt64, _ to: UInt64) -> String {
        let milliseconds = to > from ? to - from : 0
        if milliseconds < 10_000 { return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s" }
        if milliseconds < 600_000 { return "\(milliseconds / 1_000) s" }
        return milliseconds < 172_800_000 ? "\(milliseconds / 60_000) min" : "\(milliseconds / 86_400_000) d"
    }

    static func size(_ bytes: Int64) -> String { bytes < 1 << 20 ? "\(bytes / 1_024) KiB" : "\(bytes >> 20) MiB" }
}
