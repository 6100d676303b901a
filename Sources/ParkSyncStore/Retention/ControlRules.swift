import ParkSyncCore

/// Judges and carries out what entries say about the logs.
package struct ControlRules {
    package let connection: Connection
    package let schema: SharedSchema

    package init(connection: Connection, schema: SharedSchema) { (self.connection, self.schema) = (connection, schema) }

    private static let foreignSoftware = "Its author runs damaged or foreign software; tell the park's operator."

    private static func authorRemedy(_ entry: DecodedEntry) -> String {
        "Nothing is to be done: it has no effect. Tell the operator of \(entry.header.origin.park)."
    }

    /// Why an entry is set aside for what it says about the logs. Depends only on the entry and its
    /// causal past, so that all nodes judge alike.
    ///
    /// - Parameters:
    ///   - entry: its turn has come, and `seen` is set.
    ///   - state: before the entry.
    package func defect(of entry: DecodedEntry, _ state: StoreState) throws -> (cause: String, remedy: String)? {
        let park = entry.header.origin.park
        if entry.header.seq == 1, !entry.changes.isEmpty,
            state.fences.contains(where: { $0.park == park && $0.isIn(entry.seen) })
        {
            return (
                "it begins a log after \(park) was fenced, and changes rows before the others have seen that",
                Self.foreignSoftware
            )
        }
        if let cause = try excess(ofVotesOf: entry, state) { return (cause, Self.authorRemedy(entry)) }
        var past = entry.seen
        past[entry.header.origin] = entry.header.seq - 1
        for control in entry.controls {
            switch control {
            case .incarnation: break
            case .memberKey(let park, _):
                if !entry.wantsOut(park) {
                    return ("it gives a key of \(park), and has no word against that park", Self.authorRemedy(entry))
                }
            case .withdrawal(let origin, let first, _):
                if let cause = Self.fault(ofWithdrawal: origin, first, entry, past: past) {
                    return (cause, Self.foreignSoftware)
                }
            case .fence(let park, let after):
                if park == entry.header.origin.park { return ("a park cannot fence itself", Self.foreignSoftware) }
                if !past.covers(after) {
                    return ("it fences \(park) after entries that its author had not seen", Self.foreignSoftware)
                }
                if let cause = try shortfall(park, .out, entry, past: past, state) { return cause }
            case .vote(let park, _, _):
                if park == entry.header.origin.park { return ("a park has no vote on itself", Self.foreignSoftware) }
            case .lift(let park, _):
                if park == entry.header.origin.park { return ("a park cannot take itself back", Self.foreignSoftware) }
                if let cause = try shortfall(park, .back, entry, past: past, state) { return cause }
            case .compaction(let frontier):
                if let cause = try excess(of: frontier, entry, past: past, state) {
                    return (cause, Self.foreignSoftware)
                }
            }
        }
        return nil
    }

    /// Why an entry has more votes than a park can have to give: they are kept, and looked through,
    /// as long as the log is.
    private func excess(ofVotesOf entry: DecodedEntry, _ state: StoreState) throws -> String? {
        let votes = entry.votes.count
        if votes == 0 { return nil }
        if votes > CoreLimits.votesPerEntryMax {
            return "it has \(votes) votes, \(CoreLimits.votesPerEntryMax) are allowed"
        }
        let before = try VoteTable.count(connection, entry.header.origin, before: entry.header.seq, state)
        guard before + votes > CoreLimits.votesPerLogMax else { return nil }
        return "it has \(votes) votes, and its log had \(before) before it; \(CoreLimits.votesPerLogMax) are allowed"
    }

    /// Why what an entry says of another park has not enough votes in its past; nil if it has.
    private func shortfall(
        _ park: String, _ side: ControlRecord.Side, _ entry: DecodedEntry, past: VersionVector, _ state: StoreState
    ) throws -> (cause: String, remedy: String)? {
        var past = past
        past[entry.header.origin] = entry.header.seq
        let ballot = try Ballot(
            on: park, side, connection, state, asOf: past, by: entry.header.origin, with: entry.votes)
        if ballot.isCarried { return nil }
        let what = side == .out ? "it takes \(park) out of the zone" : "it takes \(park) back into the zone"
        let who = ballot.consents.isEmpty ? "nobody" : ballot.consents.joined(separator: ", ")
        if try hasOtherLogs(entry, state) {
            return (
                """
                \(what), which takes \(ballot.needed) parks, and in the logs that are here only \(who) had \
                agreed; its author had another branch of one
                """,
                "A park has signed two logs: `syncctl log forks` names it; tell its operator. What was decided "
                    + "by its other log holds at "
                    + "\(entry.header.origin.park) alone, until `syncctl snapshot fetch` there."
            )
        }
        return (
            "\(what), which takes \(ballot.needed) parks, and only \(who) had agreed",
            "Nothing is to be done: it has no effect. Tell the operator of \(entry.header.origin.park)."
        )
    }

    /// Whether the author says that what it had seen are other entries than those that are here:
    /// some park has signed two logs, or the author lies.
    private func hasOtherLogs(_ entry: DecodedEntry, _ state: StoreState) throws -> Bool {
        guard let said = entry.header.seenHash, let here = try SeenHash.of(entry.seen, connection, state) else {
            return false
        }
        return said != here
    }

    /// Only an author takes back what it wrote, in the first entry of the log that it writes it to
    /// anew.
    private static func fault(
        ofWithdrawal origin: OriginID, _ first: UInt64, _ entry: DecodedEntry, past: VersionVector
    ) -> String? {
        let author = entry.header.origin
        guard origin.isOfSamePark(as: author), Reissue.incarnation(origin) < Reissue.incarnation(author) else {
            return "it takes back entries of \(origin), which are not its park's earlier ones"
        }
        guard entry.header.seq == 1, entry.changes.isEmpty else {
            return "it takes back entries of \(origin), and does not begin a log"
        }
        return past[origin] < first ? nil : "it takes back entries of \(origin) from \(first) on, and depends on them"
    }

    /// Why a frontier is higher than what the parks had acknowledged by then.
    ///
    /// The author says what it had seen, and may hide a park that way. What it has from another
    /// park says what that park had seen, which the author must have had as well; so whoever was
    /// known to one honest park is counted, and nobody's own deletions are enough.
    ///
    /// Where the author had another branch of some log it had other receipts than those that are
    /// here, and only its word tells them: it is believed. No table depends on it, since what is
    /// dropped judges on (`KeptTraces`).
    private func excess(of frontier: VersionVector, _ entry: DecodedEntry, past: VersionVector, _ state: StoreState)
        throws -> String?
    {
        let author = entry.header.origin
        guard past.covers(frontier) else { return "it drops traces of deletions that its author had not seen" }
        if try hasOtherLogs(entry, state) { return nil }
        let history = SeenHistory(connection: connection, state: state)
        let fences = state.fences.filter { $0.isIn(past) }
        let keys = Set(frontier.elements.map(\.origin) + fences.map(\.by))
        var known: [Frontier.Member] = []
        for origin in Frontier.newest(past) {
            if origin == author {
                known.append(Frontier.Member(park: origin.park, origin: origin, seq: past[origin], seen: past))
                continue
            }
            var seen = VersionVector()
            let found = try history.receipt(of: origin, at: past[origin])
            if let missing = found.seen.filter({ past[$0.key] < $0.value }).min(by: { $0.key < $1.key }) {
                return
                    """
                    its author says to have seen \(origin):\(past[origin]) and not \
                    \(missing.key):\(missing.value), on which that depends
                    """
            }
            // What the log no longer shows is taken as the author says: it has signed it.
            if found.isOfThisLog { for key in keys { seen[key] = found.seen[key] ?? past[key] } }
            // Whatever it had of others' logs, its own it had: the author counts it so, too.
            seen[origin] = past[origin]
            known.append(Frontier.Member(park: origin.park, origin: origin, seq: past[origin], seen: seen))
        }
        let counted = Frontier(known: known, fences: fences, asOf: past)
        guard counted.hasWitness else { return "it drops traces of deletions that no other park had acknowledged" }
        for member in counted.members {
            if let beyond = frontier.elements.first(where: { member.seen[$0.origin] < $0.seq }) {
                let had = member.seen[beyond.origin]
                return
                    """
                    it drops traces of deletions up to \(beyond.origin):\(beyond.seq), and \(member.park) had \
                    acknowledged \(had)
                    """
            }
        }
        return nil
    }

    /// Notes that an origin of a fenced park has begun anew, knowing of the fence.
    func noteFirst(_ entry: DecodedEntry, _ state: inout StoreState) throws {
        guard entry.header.seq == 1, !state.fences.isEmpty else { return }
        for index in state.fences.indices
        where state.fences[index].park == entry.header.origin.park && state.fences[index].isIn(entry.seen) {
            state.fences[index].returned.insert(entry.header.origin)
            try FenceTable.save(connection, state.fences[index], state)
        }
    }

    /// Does what an entry says, after its changes were merged and before any later entry is.
    func perform(_ entry: DecodedEntry, _ state: inout StoreState) throws {
        for control in entry.controls {
            switch control {
            case .incarnation, .memberKey: break
            case .withdrawal: break
            case .compaction(let frontier): try compact(frontier, entry, &state)
            case .fence(let park, let after):
                let fence = Fence(park: park, by: entry.header.origin, seq: entry.header.seq, after: after)
                try FenceTable.save(connection, fence, state)
                if !state.fences.contains(where: { $0.by == fence.by && $0.seq == fence.seq && $0.park == park }) {
                    state.fences.append(fence)
                }
                try decide(park, .out, VersionVector(), entry, &state)
            case .vote(let park, let side, let members):
                let vote = Vote(
                    park: park, side: side, members: members, by: entry.header.origin, seq: entry.header.seq)
                try VoteTable.save(connection, vote, &state)
            case .lift(let park, let fences): try decide(park, .back, fences, entry, &state)
            }
        }
        try perform(entry.withdrawals, &state)
    }

    /// Drops traces, and those that were kept aside and that no entry can meet any more.
    private func compact(_ frontier: VersionVector, _ entry: DecodedEntry, _ state: inout StoreState) throws {
        var past = entry.seen
        past[entry.header.origin] = entry.header.seq - 1
        let round = state.dropKnowledge.round(
            entry.header.origin, frontier, past: past, known: entry.known, fences: state.fences)
        let dropped = try TombstoneTable.drop(connection, &state, schema: schema, frontier: frontier)
        try DropKnowledgeTable.note(connection, entry, entry.known.joined(round), &state)
        // What is kept aside is looked through only if there is something new that may let it go.
        let settled = state.settledForAll
        if dropped > 0 || !state.keptUpTo.covers(settled) { try KeptTraces.settle(connection, settled, &state) }
        try state.settleUnknownTraces(connection)
    }

    /// Notes what was decided, and the votes that are used up by it.
    private func decide(
        _ park: String, _ side: ControlRecord.Side, _ fences: VersionVector, _ entry: DecodedEntry,
        _ state: inout StoreState
    ) throws {
        var past = entry.seen
        past[entry.header.origin] = entry.header.seq
        var votes = try VoteTable.said(on: park, connection, state, asOf: past)
        for vote in entry.votes where vote.park == park { votes[vote.by] = vote.seq }
        let decision = Decision(
            park: park, side: side, by: entry.header.origin, seq: entry.header.seq, fences: fences, votes: votes)
        try VoteTable.save(connection, decision, state)
        if !state.decisions.contains(where: { $0.by == decision.by && $0.seq == decision.seq && $0.park == park }) {
            state.decisions.append(decision)
        }
    }

    private func perform(_ withdrawals: [Withdrawal], _ state: inout StoreState) throws {
        for withdrawal in withdrawals { try WithdrawalTable.save(connection, withdrawal, state) }
        // When the tables are made anew they are known before they are met.
        let fresh = withdrawals.filter { !state.takenBack.withdrawals(of: $0.origin).contains($0) }
        guard !fresh.isEmpty else { return }
        state.withdrawals += fresh
        for withdrawal in fresh {
            guard let index = state.index(of: withdrawal.origin), state.origins[index].folded >= withdrawal.first else {
                continue
            }
            state.mustRebuild = true
            // What the park has fetched back of others was not held if those entries depended on
            // it: without them nothing does.
            if withdrawal.origin.park == state.origins[state.own].origin.park { state.judgesStampsAnew = true }
        }
    }
}

extension DecodedEntry {
    var votes: [Vote] {
        controls.compactMap { control in
            guard case .vote(let park, let side, let members) = control else { return nil }
            return Vote(park: park, side: side, members: members, by: header.origin, seq: header.seq)
        }
    }

    var withdrawals: [Withdrawal] {
        controls.compactMap { control in
            guard case .withdrawal(let origin, let first, let last) = control else { return nil }
            return Withdrawal(origin: origin, first: first, last: last, by: header.origin)
        }
    }

    /// Whether it says that its author wants a park out of the zone, or that the park is.
    func wantsOut(_ other: String) -> Bool {
        controls.contains { control in
            switch control {
            case .vote(let park, .out, _), .fence(let park, _): park == other && park != header.origin.park
            default: false
            }
        }
    }

    /// Whether it says something about who is in the zone. Its author may take the entry back; that
    /// it was said, and what came of it, stays.
    var hasWords: Bool { controls.contains(where: \.isWord) }

    /// Whether entries behind it must wait until what it says is done.
    var endsBatch: Bool {
        controls.contains { control in
            switch control {
            case .compaction, .vote, .fence, .lift, .withdrawal: true
            case .incarnation, .memberKey: false
            }
        }
    }
}

extension ControlRecord {
    /// Whether it says who is in the zone.
    var isWord: Bool {
        switch self {
        case .vote, .fence, .lift: true
        case .incarnation, .memberKey, .withdrawal, .compaction: false
        }
    }

    /// Whether it is judged by more than the entry and its own log.
    var needsPast: Bool {
        switch self {
        case .fence, .lift, .compaction: true
        case .incarnation, .memberKey, .withdrawal, .vote: false
        }
    }
}
