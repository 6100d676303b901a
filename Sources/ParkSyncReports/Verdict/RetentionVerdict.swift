import ParkSyncCore

/// What is to say of what a node keeps for the other parks' sake.
package enum RetentionVerdict {
    /// A park that was silent for longer while deletions wait for it is worth a remark.
    package static let silentMillisecondsMax: UInt64 = 7 * 86_400_000

    /// - Parameter forks: proofs that a park has signed two entries with one number.
    package static func reasons(_ retention: RetentionStatus, forks: [NodeStatus.Fork] = [], now: UInt64) -> [Verdict
        .Reason]
    {
        var reasons = retention.archiveFaults.map {
            Verdict.Reason(
                .degraded, .archiveDamaged,
                "\($0). Restore the file from a copy; parks far behind need a snapshot until then.")
        }
        reasons += (retention.otherBranch ?? []).map { otherBranch($0, forks) }
        for proposal in retention.proposals ?? [] {
            let what =
                proposal.kind == .fence
                ? "take \(proposal.park) out of the zone" : "take \(proposal.park) back into the zone"
            reasons.append(
                Verdict.Reason(
                    .degraded, .fenceProposal,
                    "\(proposal.consents.joined(separator: ", ")) "
                        + "want\(proposal.consents.count == 1 ? "s" : "") to \(what): \(proposal.consents.count) of "
                        + "\(proposal.needed) parks that it takes. Speak with them; `syncctl "
                        + "\(proposal.kind.rawValue) \(proposal.park)` consents.",
                    subject: proposal.park))
        }
        for holder in retention.heldBy {
            guard let since = holder.since, now > since, now - since > silentMillisecondsMax else { continue }
            reasons.append(
                Verdict.Reason(
                    .degraded, .silentPark,
                    "\(holder.park) has written nothing for \(Elapsed.age(since, now)), and traces of deleted "
                        + "rows wait for it. "
                        + "Bring it back, or take it out with `syncctl fence \(holder.park)`.", park: holder.park))
        }
        return reasons
    }

    /// Whoever signed two entries with one number has shown one of them to each: those who believed
    /// it are not to be blamed.
    private static func otherBranch(_ park: String, _ forks: [NodeStatus.Fork]) -> Verdict.Reason {
        let remedy = "at \(park): stop the node, delete its database, start it again, and let it acknowledge."
        let forked = forks.lazy.compactMap { OriginID($0.origin)?.park }.first { $0 != park }
        guard let forked else {
            return Verdict.Reason(
                .degraded, .otherBranch,
                "\(park) acknowledges entries of a branch that was given up (`syncctl log forks`), so traces "
                    + "of deleted rows wait for it. Do this "
                    + remedy)
        }
        return Verdict.Reason(
            .degraded, .otherBranch,
            "\(forked) has signed two entries with one number (`syncctl log forks`), and \(park) has other "
                + "ones than this node, so traces of deleted rows "
                + "wait. If \(forked) did it on purpose, take it out: `syncctl fence \(forked)`. If it was an old "
                + "copy that is mended, do this "
                + remedy, park: forked)
    }
}

/// How texts are put together.
package enum Sentence {
    /// Details come with and without their full stop.
    package static func ended(_ text: String) -> String {
        guard let last = text.last, !".!?".contains(last) else { return text }
        return text + "."
    }
}

/// Lengths of time, for people.
package enum Elapsed {
    /// 0 if the clock was set back meanwhile.
    package static func between(_ from: UInt64, _ to: UInt64) -> UInt64 { to > from ? to - from : 0 }

    /// From one time to another, in Unix milliseconds; nothing if they are the wrong way round.
    package static func age(_ from: UInt64, _ to: UInt64) -> String {
        let milliseconds = to > from ? to - from : 0
        if milliseconds < 10_000 { return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s" }
        if milliseconds < 600_000 { return "\(milliseconds / 1_000) s" }
        return milliseconds < 172_800_000 ? "\(milliseconds / 60_000) min" : "\(milliseconds / 86_400_000) d"
    }
}
