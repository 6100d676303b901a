import ParkSyncCore
import ParkSyncReports

/// A node's status for people, the verdict first, within the width of a terminal.
enum StatusText {
    /// Where the text behind a label begins.
    static let labelColumns = 10

    static func show(_ status: NodeStatus, _ verdict: Verdict, withTables: Bool) {
        for line in lines(status, verdict, withTables: withTables) { print(line) }
    }

    static func lines(_ status: NodeStatus, _ verdict: Verdict, withTables: Bool) -> [String] {
        var lines = head(status, verdict).flatMap { TextLayout.wrap(Console.safe($0), hanging: 4) }
        lines += node(status).flatMap { TextLayout.wrap(Console.safe($0), hanging: labelColumns) }
        if withTables {
            let rows = [["table", "rows", "digest"]] + status.tables.map { [$0.name, "\($0.rows)", $0.digest.hex] }
            lines += [""] + TextLayout.fitted(rows.map { $0.map(Console.safe) })
        }
        let rows =
            [["peer", "link", "we need", "they need", "heard", "clock", "tables"]]
            + status.peers.map { PeerText.row($0, now: status.now) }
        lines += [""] + TextLayout.fitted(rows.map { $0.map(Console.safe) })
        let remarks = status.peers.flatMap { PeerText.remarks($0, status) } + PeerText.software(status.peers)
        return lines + remarks.flatMap { TextLayout.wrap(Console.safe($0), hanging: 2) }
    }

    static func head(_ status: NodeStatus, _ verdict: Verdict) -> [String] {
        let first =
            switch verdict.level {
            case .good:
                "GOOD: \(status.park) holds the same tables as all \(status.peers.count) peers at \(status.applied)"
            case .degraded: "DEGRADED: \(status.park) works, with \(verdict.reasons.count) remarks"
            case .broken: "BROKEN: \(status.park) needs an operator"
            }
        return [first] + verdict.reasons.map { "  \($0.level.rawValue): \($0.text)" } + [""]
    }

    private static func node(_ status: NodeStatus) -> [String] {
        var lines = [
            "node      \(status.origin)  \(status.phase.rawValue)  version \(status.version)  schema "
                + "\(status.schemaNumber)  "
                + size(status.databaseBytes),
            "applied   \(status.applied)",
        ]
        if status.logged != status.applied { lines.append("logged    \(status.logged)") }
        lines.append(
            """
            digest    \(status.digest.prefix(16))…  at \
            \(status.digestVector == status.applied ? "this vector" : status.digestVector)
            """
        )
        let rows = Count.sum(status.tables.map(\.rows))
        lines.append(
            """
            tables    \(status.tables.count) with \(rows) rows  conflicts \(status.conflicts)  unsealed rows \
            \(status.unsealedRows)
            """
        )
        if let database = status.database { lines += DatabaseText.lines(database) }
        if let rows = status.rows { lines.append(RowsText.line(rows, now: status.now)) }
        for entry in status.stuck where entry.state == .leftOut {
            lines.append("left out  \(entry.origin):\(entry.seq): \(entry.cause)")
        }
        for fork in status.forks where fork.isHealed {
            lines.append("healed    \(fork.origin) forked at \(fork.seq), first seen \(Console.time(fork.firstSeen))")
        }
        if let retention = status.retention { lines += RetentionText.lines(retention, now: status.now) }
        lines += ServiceText.lines(status)
        if let machine = status.machine { lines += MachineText.lines(machine, now: status.now) }
        return lines
    }

    static func size(_ bytes: Int64) -> String {
        if bytes < 1 << 20 { return "\(bytes / 1_024) KiB" }
        return bytes < 10 << 30 ? "\(bytes >> 20) MiB" : "\(bytes >> 30) GiB"
    }
}

/// What the node's machine has, for people.
enum MachineText {
    static func lines(_ machine: MachineStatus, now: UInt64) -> [String] {
        var lines: [String] = []
        if let free = machine.diskFreeBytes, let all = machine.diskBytes {
            lines.append("disk      \(StatusText.size(free)) free of \(StatusText.size(all))")
        }
        let backup = machine.lastBackupAt.map { "\(Elapsed.age($0, now)) ago" } ?? "none with syncctl"
        lines.append("backup    \(backup)  SQLite \(machine.sqliteVersion)")
        return lines
    }
}
