import ParkSyncCore

/// What is to say of a log that has forked.
package enum ForkVerdict {
    /// After so long without a write in a log that its park has left, a second node is not running.
    package static let secondNodeMillisecondsMax: UInt64 = 86_400_000

    package static func reason(_ fork: NodeStatus.Fork, now: UInt64) -> Verdict.Reason? {
        func reason(_ level: Verdict.Level, _ text: String) -> Verdict.Reason {
            Verdict.Reason(level, .fork, "\(fork.origin) has forked at \(fork.seq)" + text, subject: fork.origin)
        }
        guard let waitsFor = fork.waitsFor else {
            return reason(.broken, ", see `syncctl log forks`. \(fork.remedy)")
        }
        if !waitsFor.isEmpty {
            return reason(
                .degraded,
                """
                 and its park has gone on; \(waitsFor.joined(separator: ", ")) \(waitsFor.count == 1 ? "has" : "have") \
                yet to acknowledge the entries that it kept. Wait; the next entry of each park says so.
                """)
        }
        guard let written = fork.alsoWrittenAt, Elapsed.between(written, now) < secondNodeMillisecondsMax else {
            return nil
        }
        return reason(
            .degraded,
            """
            , its park has gone on in a later log, and somebody wrote in this one \(Elapsed.age(written, now)) ago. \
            See that one node alone runs as \(OriginID(fork.origin)?.park ?? fork.origin).
            """)
    }
}
