import ParkSyncCore

/// What is to say of the node itself.
package enum NodeVerdict {
    package static func reasons(_ status: NodeStatus) -> [Verdict.Reason] {
        var reasons: [Verdict.Reason] = []
        func add(_ level: Verdict.Level, _ cause: Verdict.Cause, _ text: String, _ subject: String? = nil) {
            reasons.append(Verdict.Reason(level, cause, text, subject: subject))
        }
        if status.now > Stamp.millisecondsMax {
            add(
                .broken, .clockOff,
                "this machine's clock stands at \(status.now / 31_556_952_000 + 1_970), a year that no entry "
                    + "can say: nothing is sealed, and what programs "
                    + "write stays captured. Set the clock right (NTP).")
        }
        // Before the links that fail because of it.
        reasons += ServiceVerdict.reasons(status)
        if let damage = status.damage { reasons.append(damage.reason) }
        switch status.phase {
        case .ready, .damaged: break
        case .checking: reasons.append(check(status))
        case .recovering: reasons.append(recovery(status))
        case .fenced:
            add(
                .broken, .fenced,
                status.fence ?? "\(status.park) was taken out of the zone. Start it anew from a snapshot.")
        case .stopping: add(.degraded, .stopping, "\(status.park) is stopping. Start it again if that was not meant.")
        }
        reasons += status.forks.compactMap { ForkVerdict.reason($0, now: status.now) }
        for stamps in status.futureStamps ?? [] {
            add(.broken, .futureStamps, future(stamps, possibleAt: status.reissuePossibleAt), stamps.origin.name)
        }
        for stuck in status.stuck {
            let text = "\(stuck.standing): \(Sentence.ended(stuck.cause)) \(Sentence.ended(stuck.remedy))"
            switch stuck.state {
            case .held: add(.degraded, .held, text, stuck.origin)
            case .quarantined: add(.broken, .quarantined, text, stuck.origin)
            case .leftOut: break
            }
        }
        if let database = status.database { reasons += DatabaseVerdict.reasons(database, now: status.now) }
        let wait =
            DatabaseVerdict.isLocked(status)
            ? "That goes on when the write lock is free." : "Wait; it is a matter of moments."
        if status.logged != status.applied, status.stuck.isEmpty {
            add(.degraded, .unapplied, "entries up to \(status.logged) are logged and not all are applied. \(wait)")
        }
        if status.unsealedRows > 0 {
            add(
                .degraded, .unsealed,
                "\(status.unsealedRows) rows written by other programs are not in the log yet. \(wait)")
        }
        if status.digestVector != status.applied {
            add(
                .degraded, .digestBehind,
                "the digest is of an older vector. Wait; the newest entries are being folded in.")
        }
        reasons += ProgramsVerdict.reasons(status)
        if let rows = status.rows { reasons += RowsVerdict.reasons(rows) }
        if let refused = status.refusedRows { reasons += RefusedVerdict.reasons(refused) }
        if let retention = status.retention {
            reasons += RetentionVerdict.reasons(retention, forks: status.openForks, now: status.now)
        }
        if let machine = status.machine {
            reasons += MachineVerdict.reasons(machine, databaseBytes: status.databaseBytes)
        }
        if status.peers.isEmpty {
            add(.degraded, .noPeers, "there is no peer to compare with. Add the other parks to `parks` and `members`.")
        }
        return reasons
    }

    private static func future(_ stamps: FutureStampsStatus, possibleAt: UInt64?) -> String {
        let time =
            possibleAt.map {
                " (possible again at \(TimeOfDay.minute($0)): a park opens one incarnation in ten minutes)"
            } ?? ""
        return
            "\(stamps.span) \(stamps.verb("is", "are")) stamped "
            + "\(stamps.verb("", "up to "))\(TimeSpan.text(milliseconds: stamps.aheadMilliseconds)) ahead of "
            + "this node's clock: "
            + "the other parks hold \(stamps.verb("it", "them")). If this node's clock is right now, run `syncctl "
            + "reissue --reason ...` here\(time); "
            + "else set it right first."
    }

    /// A check is over in a moment, unless nobody answers.
    private static func check(_ status: NodeStatus) -> Verdict.Reason {
        guard let check = status.check else {
            return Verdict.Reason(.degraded, .checking, "\(status.park) compares its log with its peers'. Wait.")
        }
        let isAlone = check.heard.isEmpty && check.waitingFor.isEmpty
        return Verdict.Reason(
            isAlone ? .broken : .degraded, .checking,
            "\(status.park) accepts no writes: \(Sentence.ended(check.cause)) \(Sentence.ended(check.remedy))")
    }

    /// A recovery goes on as long as some peer may still answer; one look cannot tell more.
    private static func recovery(_ status: NodeStatus) -> Verdict.Reason {
        let unreachable = status.peers.filter { $0.link == .paused || ($0.link == .waiting && $0.lastError != nil) }
        let text = "\(status.park) fetches its own entries back and accepts no writes"
        if let check = status.check, unreachable.count < status.peers.count {
            return Verdict.Reason(
                .degraded, .recovering, "\(text): \(Sentence.ended(check.cause)) \(Sentence.ended(check.remedy))")
        }
        guard unreachable.count == status.peers.count, !status.peers.isEmpty else {
            return Verdict.Reason(.degraded, .recovering, text + "; it needs every peer, or recovery.accept_loss.")
        }
        return Verdict.Reason(
            .broken, .recovering,
            text
                + ", and no peer can be reached. Bring the links back; recovery.accept_loss gives up what only they "
                + "hold."
        )
    }
}
