import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// What a compaction did.
package struct CompactionOutcome: Hashable, Sendable {
    /// The entry that says so; nil if there was nothing to drop.
    package var seq: UInt64?
    package var droppedRows = 0
    /// Without what lies in the archive.
    package var report: RetentionStatus
}

extension ParkStore {
    var parks: [String] { options.members.keys.sorted() }

    /// The frontier, a look at all traces of deleted rows, and what lies in the archive. How fast
    /// they grow is not known here.
    package func retention() async throws -> RetentionStatus {
        var status = try await traces()
        let archive = try await archiveReport()
        (status.archivedEntries, status.archiveSegments) = (archive.entries, archive.segments)
        (status.archiveBytes, status.archiveFaults) = (archive.fileBytes, archive.faults)
        status.at = options.clock.wallMilliseconds()
        return status
    }

    /// The same without the archive.
    private func traces() async throws -> RetentionStatus {
        let (frontier, newest) = try await onQueue { core in
            (
                Frontier(core.current, members: core.parks),
                Dictionary(
                    core.current.origins.map { ($0.origin, $0.ordinal) }, uniquingKeysWith: { first, _ in first })
            )
        }
        let survey = try await survey(frontier.compactable)
        var status = RetentionStatus(
            frontier: frontier.vector.description, tombstoneRows: survey.rows, tombstoneBytes: survey.bytes,
            droppableRows: survey.coveredRows)
        status.fenced = try await onQueue { core in frontier.fenced.filter { core.current.isOut($0) }.sorted() }
        let otherBranch = try await onQueue { core in
            let current = core.current
            let strangers = current.origins.enumerated().filter {
                $0.offset != current.own && $0.element.folded > 0 && $0.element.receipt == .otherBranch
            }
            let newest = Set(Frontier.newest(current.applied))
            return strangers.map(\.element.origin).filter { newest.contains($0) && !current.isFenced($0) }.map(\.park)
                .sorted()
        }
        let (out, proposals) = try await onQueue { core in
            (core.current.parksOut, try core.current.proposals(core.applier.connection))
        }
        status.fencing = out.subtracting(frontier.fenced).sorted()
        if !otherBranch.isEmpty { status.otherBranch = otherBranch }
        if !proposals.isEmpty { status.proposals = proposals.map { FenceProposalStatus($0.park, $0.side, $0.ballot) } }
        let holding = frontier.members.filter { !$0.seen.covers(survey.deletions) }
        let since = try await readers.read(.node) { reader in
            try holding.map { member -> UInt64? in
                guard let ordinal = member.origin.flatMap({ newest[$0] }) else { return nil }
                return try LogTable.header(reader.connection, ordinal: ordinal, seq: member.seq)?.stamp.milliseconds
            }
        }
        status.heldBy = zip(holding, since).map { RetentionStatus.Holder(park: $0.park, since: $1) }
            .sorted { ($0.since ?? 0, $0.park) < ($1.since ?? 0, $1.park) }
        return status
    }

    private func survey(_ frontier: VersionVector) async throws -> TombstoneTable.Survey {
        let ordinals = try await onQueue { $0.current.tables.map(\.ordinal) }
        return try await readers.read(.background) { [schema] reader in
            try reader.snapshot {
                try TombstoneTable.survey(
                    reader.connection, try reader.originState(), schema: schema, ordinals: ordinals, frontier: frontier)
            }
        }
    }

    /// Seals an entry that drops the traces of deleted rows which every park that counts has
    /// acknowledged, here and, when they apply it, everywhere.
    ///
    /// - Parameter author: who does so; empty for the node itself.
    /// - Throws: `StoreError.notReady` while this node may not write.
    package func compact(author: String = "") async throws -> CompactionOutcome {
        try await housekeep()
        let frontier = try await onQueue { Frontier($0.current, members: $0.parks, sealing: true).compactable }
        let before = try await survey(frontier)
        guard before.coveredRows > 0 else { return CompactionOutcome(report: try await traces()) }
        let seq = try await onQueue { core in
            try core.current.ownLog.checkWrites()
            try core.sealControls(author: author) {
                [.compaction(frontier: Frontier($0, members: core.parks, sealing: true).compactable)]
            }
            return core.current.origins[core.current.own].logged
        }
        let report = try await traces()
        return CompactionOutcome(seq: seq, droppedRows: max(0, before.rows - report.tombstoneRows), report: report)
    }

    /// Seals an entry without changes if others wait to hear what this node has seen: of deletions
    /// whose traces are kept, of a fence, of a park that came back or goes on in a later log, of a
    /// fork, of what somebody knows more of.
    ///
    /// - Parameter news: entries that others wait for, as those know that read what is in them.
    /// - Returns: whether it did.
    package func acknowledge(_ news: VersionVector = VersionVector()) async throws -> Bool {
        var wanted = try await survey(VersionVector()).deletions
        for element in news.elements { wanted[element.origin] = max(wanted[element.origin], element.seq) }
        return try await onQueue { [wanted] in try $0.acknowledge(wanted) }
    }

    /// Notes which parks do not know this one, if nobody does, and shuts or opens the tables for
    /// programs.
    ///
    /// - Parameter parks: empty when somebody does.
    package func setExcluded(by parks: [String]) async throws {
        try await onQueue { core in
            guard core.current.excludedBy != parks else { return }
            var next = core.current
            next.excludedBy = parks
            try core.applier.connection.transaction { try core.judgeZone(&next) }
            core.current = next
            core.publish(next)
        }
    }
}

extension StoreCore {
    /// - Parameter news: the newest entries of which others wait to hear, beside those of the zone.
    fileprivate func acknowledge(_ news: VersionVector) throws -> Bool {
        let own = current.origins[current.own]
        // While the log is compared with its peers', its next number may be taken.
        guard !current.ownLog.isUncertain else { return false }
        if own.folded > 0, current.isFenced(own.origin) {
            if try comeBack() { return true }
            return try goOnAfterLoss()
        }
        if try finishReturn() { return true }
        if try decide() { return true }
        let mustBegin = own.logged == 0 && current.fences.contains { $0.park == own.origin.park }
        var wanted = news
        // Whoever has voted waits for others to know of it, and a decision is made by who has heard
        // of all votes.
        for decision in current.decisions { wanted[decision.by] = max(wanted[decision.by], decision.seq) }
        for fence in current.fences {
            wanted[fence.by] = max(wanted[fence.by], fence.seq)
            for origin in fence.returned { wanted[origin] = max(wanted[origin], 1) }
        }
        // Entries that know less than all are agreed on come to the others by who had them.
        for origin in current.origins where current.isUnaware(origin.origin) {
            wanted[origin.origin] = max(wanted[origin.origin], origin.folded)
        }
        // A fork ends when all have said which branch they have; who knows of none knows the log in
        // which its park has gone on.
        for origin in current.origins where Reissue.incarnation(origin.origin) > 1 {
            wanted[origin.origin] = max(wanted[origin.origin], 1)
        }
        for fork in try ForkTable.all(applier.connection) {
            wanted[fork.origin] = max(wanted[fork.origin], fork.last)
        }
        var acknowledged = current.ownDependencies
        acknowledged[own.origin] = own.logged
        // What was not applied here yet cannot be acknowledged; it will be.
        let applied = current.applied
        let isWaitedFor = wanted.elements.contains { acknowledged[$0.origin] < min($0.seq, applied[$0.origin]) }
        guard try mustBegin || isWaitedFor || (!wanted.elements.isEmpty && isOnOtherBranch()) else { return false }
        try sealControls { _ in [] }
        return true
    }

    /// Whether the own newest entry acknowledges other entries than those that are here: this node
    /// had another branch when it wrote it.
    private func isOnOtherBranch() throws -> Bool {
        let own = current.origins[current.own]
        guard own.logged > 0 else { return false }
        let header = try LogTable.header(applier.connection, ordinal: own.ordinal, seq: own.logged)
        return try header?.seenHash != SeenHash.of(current.ownDependencies, applier.connection, current)
    }

    /// - Parameters:
    ///   - author: who wants it so; empty for the node itself.
    ///   - records: made of the state after all that was captured is sealed and folded.
    func sealControls(author: String = "", _ records: (StoreState) throws -> [ControlRecord]) throws {
        try applyTransaction { next, wall in
            try applier.sealer.sealControls(try records(next), &next, wallMilliseconds: wall, author: author)
            try applier.sealer.sign(&next, key: options.identity)
            try applier.fold(&next)
        }
    }
}
