import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

/// Takes own entries back whose stamps lie in the future, and writes them anew under a new
/// incarnation with stamps of now.
///
/// The others hold those entries, so they lose nothing. Whoever has applied them (this node, and
/// who had a wrong clock as well) makes its tables anew without them when it applies the entry that
/// takes them back: what is so follows from the vector alone
/// (docs/decisions/0018-future-stamps.md). This node also holds again what it had applied of others
/// by a clock that was ahead, as they do: nothing that it writes from now on depends on that.
extension Reissue {
    /// - Parameter reason: kept in the entry's note.
    func takeBack(reason: String, author: String, _ state: inout StoreState) throws -> ReissueReport {
        try checkTables()
        let (old, wall) = (state.origins[state.own], options.clock.wallMilliseconds())
        let ahead = try Self.ahead(connection, state, limit: wall &+ CoreLimits.clockAheadMillisecondsMax)
        guard !ahead.isEmpty else {
            throw StoreError(
                .invalidInput, "no entry of \(old.origin.park) is stamped ahead of this node's clock",
                remedy:
                    """
                    Nothing is to be written anew. If syncctl status says otherwise, set this node's clock \
                    right first.
                    """
            )
        }
        let (applied, earlier) = (state.applied, state.withdrawals)
        let origin = try begin(&state, .reissue)
        var taking = Taking(ahead, by: origin)
        taking.addWithdrawn(by: state.withdrawals)
        state.withdrawals += taking.withdrawals
        try applier.forgetTakenBack(&state)
        // First as the others have it, who hold what is ahead and all that depends on it: only of
        // that the new log may speak.
        state.withdrawals.removeAll { $0.by == origin }
        try applier.rebuild(&state, wallMilliseconds: wall, judgesStamps: true)
        try checkTables()
        let shared = VersionVector(
            state.origins.enumerated().map { ($0.element.origin, state.newestCounting($0.offset)) })
        // They are saved when their entry is applied.
        state.withdrawals += taking.withdrawals
        try applier.applyAll(&state, wallMilliseconds: wall)
        // What still waits has seen what other parks wrote in the future.
        for index in Self.ownLogs(state) where state.origins[index].folded < applied[state.origins[index].origin] {
            taking.add(
                state.origins[index].origin, from: state.origins[index].folded + 1,
                through: applied[state.origins[index].origin])
        }
        state.withdrawals = state.withdrawals.filter { $0.by != origin } + taking.withdrawals
        try applier.applyAll(&state, wallMilliseconds: wall)
        var acknowledged = old.dependencies
        acknowledged[old.origin] = old.folded
        var branch = try branch(
            taking, notOf: earlier, seen: shared, state, BranchRows(applier: applier, acknowledged: acknowledged))
        branch.clock = state.clock
        let header = EntryHeader(
            origin: origin, seq: 1, stamp: try branch.clock?.tick(wallMilliseconds: wall) ?? .zero,
            schemaNumber: applier.schema.number,
            dependencies: branch.said.elements, seenHash: try SeenHash.of(branch.said, connection, state),
            author: author, note: reason)
        let controls = taking.withdrawals.map {
            ControlRecord.withdrawal(of: $0.origin, first: $0.first, last: $0.last)
        }
        try append(header, [.incarnation(of: old.origin, after: old.logged, hash: old.headHash)] + controls, &state)
        try append(&branch, isPublic: true, &state)
        state.ownDependencies = state.origins[state.own].dependencies
        return ReissueReport(taken: taking.stamps, origin: origin, last: state.origins[state.own].logged)
    }

    /// - Throws: `StoreError.schema` if entries wait for a table: it would not be known which wait
    ///   for the clock.
    private func checkTables() throws {
        let obstacles = applier.obstacles.merging(applier.refusals.byTable) { first, _ in first }
        guard let (table, difference) = obstacles.min(by: { $0.key < $1.key }) else { return }
        throw StoreError(
            .schema,
            """
            table \(applier.schema.tables[table].name) of this node \(difference.reason), so that the tables \
            cannot be made anew
            """,
            remedy: difference.remedy)
    }

    /// The entries that are to be written anew, each with what its author had seen of what all
    /// share.
    ///
    /// - Parameters:
    ///   - earlier: what was taken back before. It was written anew then, also where that is taken
    ///     back in its turn.
    ///   - shared: what all have who have received the logs.
    private func branch(
        _ taking: Taking, notOf earlier: [Withdrawal], seen shared: VersionVector, _ state: StoreState,
        _ rows: BranchRows
    ) throws -> Branch {
        var (entries, pasts): ([ForkTable.Row], [VersionVector]) = ([], [])
        for taken in taking.stamps {
            guard let index = state.index(of: taken.origin) else { continue }
            let log = state.origins[index]
            var seen = try dependencies(of: log, before: taken.first)
            for seq in taken.first...taken.last {
                let row = try LogTable.withPayload(connection, ordinal: log.ordinal, seq: seq) { payload in
                    ForkTable.Row(
                        seq: seq, hash: try LogTable.hash(connection, ordinal: log.ordinal, seq: seq) ?? [],
                        payload: Array(payload))
                }
                guard let row else { continue }
                for element in try header(row).header.dependencies { seen[element.origin] = element.seq }
                if earlier.contains(where: { $0.origin == taken.origin && ($0.first...$0.last).contains(seq) }) {
                    continue
                }
                var past = VersionVector(shared.elements.map { ($0.origin, min($0.seq, seen[$0.origin])) })
                past[taken.origin] = shared[taken.origin]
                entries.append(row)
                pasts.append(past)
            }
        }
        var branch = Branch(entries, past: VersionVector(), rows: rows)
        branch.pasts = pasts
        branch.said = shared
        return branch
    }

    /// Which entries of the park's earlier logs are taken back.
    private struct Taking {
        let by: OriginID
        private(set) var stamps: [FutureStampsStatus]
        var withdrawals: [Withdrawal] {
            stamps.map { Withdrawal(origin: $0.origin, first: $0.first, last: $0.last, by: by) }
        }

        init(_ stamps: [FutureStampsStatus], by: OriginID) { (self.stamps, self.by) = (stamps, by) }

        mutating func add(_ origin: OriginID, from first: UInt64, through last: UInt64) {
            if let index = stamps.firstIndex(where: { $0.origin == origin }) {
                (stamps[index].first, stamps[index].last) = (
                    min(stamps[index].first, first), max(stamps[index].last, last)
                )
            } else {
                stamps.append(FutureStampsStatus(origin: origin, first: first, last: last, aheadMilliseconds: 0))
            }
            stamps.sort { Reissue.incarnation($0.origin) < Reissue.incarnation($1.origin) }
        }

        /// An entry that takes others back may be ahead itself, if the clock was set back twice.
        /// What it took back is still ahead.
        mutating func addWithdrawn(by earlier: [Withdrawal]) {
            // The latest first: it may take back what took back.
            for withdrawal in earlier.sorted(by: { Reissue.incarnation($0.by) > Reissue.incarnation($1.by) })
            where stamps.contains(where: { $0.origin == withdrawal.by && $0.first == 1 }) {
                add(withdrawal.origin, from: withdrawal.first, through: withdrawal.last)
            }
        }
    }
}

extension ParkStore {
    /// Takes those entries back and writes them anew, in one transaction.
    ///
    /// - Parameters:
    ///   - reason: why, for the log.
    ///   - author: who decided it.
    /// - Throws: `StoreError.invalidInput` if there are none, `StoreError.notReady` while this node
    ///   may not write, `StoreError.damaged` if its log does not reach back to the first entries.
    package func reissueFuture(reason: String, author: String = "") async throws -> ReissueReport {
        guard reason.utf8.count <= CoreLimits.noteBytesMax, author.utf8.count <= CoreLimits.authorBytesMax else {
            throw StoreError(
                .tooLarge, "the reason or the author is too long",
                remedy: "An author has at most \(CoreLimits.authorBytesMax) bytes, a reason \(CoreLimits.noteBytesMax)."
            )
        }
        return try await onQueue { core in
            try core.current.ownLog.checkWrites()
            var outcome: ReissueReport?
            try core.applyTransaction { next, _ in
                outcome = try next.rewriting {
                    try Reissue(applier: core.applier, options: core.options).takeBack(
                        reason: reason, author: author, &$0)
                }
            }
            guard let outcome else {
                throw StoreError(.internalState, "nothing was written anew", remedy: "Try again.")
            }
            return outcome
        }
    }
}
