import ParkSyncCore

/// What is to say of what other programs of the park have made of the database.
enum ProgramsVerdict {
    static func reasons(_ status: NodeStatus) -> [Verdict.Reason] {
        var reasons = (status.tableObstacles ?? []).map {
            Verdict.Reason(
                .broken, .tableObstacle, "\(Sentence.ended($0.cause)) \(Sentence.ended($0.remedy))", subject: $0.table)
        }
        if let arbiter = status.arbiter { reasons.append(bookings(arbiter)) }
        return reasons
    }

    private static func bookings(_ arbiter: ArbiterStatus) -> Verdict.Reason {
        if let subject = arbiter.subject {
            let others = max(1, arbiter.unanswered ?? 1) - 1
            return Verdict.Reason(
                arbiter.isOfRequest == true ? .degraded : .broken, .bookings,
                "\(subject) is set aside, it cannot be answered: \(Sentence.ended(arbiter.error)) "
                    + (others > 0 ? "So it is with \(others) more, for \(arbiter.resources) items in all. " : "")
                    + (arbiter.isOfRequest == true
                        ? "Let its author ask anew, under another id; all others are answered."
                        : """
                        All others are answered. It is tried again, the next time at \
                        \(TimeOfDay.minute(arbiter.nextTryAt)).
                        """)
            )
        }
        let what =
            arbiter.resource.map { "requests for \(arbiter.resources) items, \($0) among them," }
            ?? "requests"
        return Verdict.Reason(
            arbiter.isPassing ? .degraded : .broken, .bookings,
            "\(what) are not answered: \(Sentence.ended(arbiter.error)) It is tried again every few seconds.")
    }
}
