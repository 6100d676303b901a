import ParkSyncReports

/// What a node keeps for the other parks' sake, for people.
enum RetentionText {
    static func lines(_ retention: RetentionStatus, now: UInt64) -> [String] {
        // Without traces that wait for it nobody asks for the frontier.
        var lines =
            (retention.tombstoneRows > 0 ? ["frontier  \(retention.frontier)"] : []) + waiting(retention, now: now)
        if retention.archiveSegments > 0 {
            lines.append(
                """
                archive   \(retention.archivedEntries) entries in \(retention.archiveSegments) segments, \
                \(retention.archiveBytes) bytes
                """
            )
        }
        if !retention.fenced.isEmpty { lines.append("fenced    \(retention.fenced.joined(separator: ", "))") }
        if !retention.fencing.isEmpty {
            lines.append("fencing   \(retention.fencing.joined(separator: ", ")): not all parks have acknowledged it")
        }
        for proposal in retention.proposals ?? [] {
            let side = proposal.kind == .fence ? "out" : "back"
            lines.append(
                """
                proposal  \(proposal.park) \(side): \(proposal.consents.count) of \(proposal.needed), \
                \(proposal.consents.joined(separator: ", "))
                """
            )
        }
        return lines
    }

    /// Traces of deleted rows, what they cost, and who holds them back.
    static func waiting(_ retention: RetentionStatus, now: UInt64) -> [String] {
        guard retention.tombstoneRows > 0 else { return [] }
        let growth = retention.bytesPerDay.map { "\($0) bytes a day" } ?? "growth unknown"
        let full =
            retention.diskFullAt.map { "the disk is full in \(Elapsed.age(now, $0))" }
            ?? "when the disk is full is unknown"
        let size =
            """
            of \(retention.tombstoneRows) deleted rows, \(retention.tombstoneBytes) bytes; \
            \(retention.droppableRows) can be dropped
            """
        var lines = ["traces    \(size); \(growth); \(full)"]
        for holder in retention.heldBy {
            lines.append(
                """
                          held back by \(holder.park), \
                \(holder.since.map { "silent for \(Elapsed.age($0, now))" } ?? "which has never written")
                """
            )
        }
        return lines
    }
}
