import ParkSyncCore
import ParkSyncReplication

/// Where this node's own stamps stand against its clock.
package struct FutureStamps: Hashable, Sendable {
    package var origin: OriginID
    /// The first own entry that the others hold, and the last.
    package var first: UInt64
    package var last: UInt64
    /// By how much the newest one is ahead of this node's clock.
    package var aheadMilliseconds: UInt64
}

/// What writing entries anew came to.
package struct FutureReissue: Hashable, Sendable {
    package var taken: FutureStamps
    /// The incarnation that the entries are in now.
    package var origin: OriginID
    /// Its last entry.
    package var last: UInt64
}

/// Takes own entries back whose stamps lie in the future, and writes them anew under a new incarnation with stamps of now.
///
/// The others hold those entries, so they lose nothing. Whoever has applied them (this node, and who had a wrong clock as well) makes
/// its tables anew without them when it applies the entry that takes them back: what is so follows from the vector alone
/// (docs/decisions/0018-future-stamps.md).
extension Reissue {
    private var limit: UInt64 { options.clock.wallMilliseconds() &+ CoreLimits.clockAheadMillisecondsMax }

    /// Own entries that the others hold; nil if there are none. Own stamps grow along the log, so they are its end.
    static func ahead(_ connection: Connection, _ own: OriginState, limit: UInt64) throws -> FutureStamps? {
        let statement = try connection.statement("SELECT id, stamp FROM _parksync_log WHERE id > ?1 AND id < ?2 ORDER BY id DESC")
        defer { statement.reset() }
        statement.bind(1, LogTable.id(own.ordinal, 0))
        statement.bind(2, LogTable.end(own.ordinal))
        var found: FutureStamps?
        while try statement.step() {
            let stamp = Stamp(rawValue: statement.uint64(1))
            guard stamp.milliseconds > limit else { break }
            let seq = LogTable.seq(statement.int64(0))
            if found == nil {
                let wall = limit - CoreLimits.clockAheadMillisecondsMax
                found = FutureStamps(origin: own.origin, first: seq, last: seq, aheadMilliseconds: stamp.milliseconds - wall)
            }
            found?.first = seq
        }
        return found
    }

    /// - Parameter reason: kept in the entry's note.
    func takeBack(reason: String, author: String, _ state: inout StoreState) throws -> FutureReissue {
        let old = state.origins[state.own]
        let limit = limit
        guard let taken = try Self.ahead(connection, old, limit: limit) else {
            throw StoreError(
                .invalidInput, "no entry of \(old.origin) is stamped ahead of this node's clock",
                remedy: "Nothing is to be written anew. If syncctl status says otherwise, set this node's clock right first.")
        }
        let rows = try rows(old, taken)
        let origin = try begin(&state)
        let withdrawal = Withdrawal(origin: old.origin, first: taken.first, last: taken.last, by: origin)
        // Known before the tables are made anew; it is saved when its entry is applied.
        state.withdrawals.append(withdrawal)
        try applier.rebuild(&state, wallMilliseconds: options.clock.wallMilliseconds())
        var acknowledged = state.origins[state.index(of: old.origin) ?? state.own].dependencies
        acknowledged[old.origin] = taken.last
        var branch = Branch(
            rows, past: try dependencies(of: old, before: taken.first), rows: BranchRows(applier: applier, acknowledged: acknowledged))
        branch.past[old.origin] = taken.first - 1
        var clock = try clockWithin(limit, state)
        let seen = try shared(state, taken, limit)
        let header = EntryHeader(
            origin: origin, seq: 1, stamp: clock.tick(wallMilliseconds: options.clock.wallMilliseconds()), schemaNumber: applier.schema.number,
            dependencies: seen.elements, seenHash: try SeenHash.of(seen, connection, state), author: author, note: reason)
        branch.clock = clock
        branch.said = seen
        try append(
            header,
            [.incarnation(of: old.origin, after: old.logged, hash: old.headHash), .withdrawal(of: old.origin, first: taken.first, last: taken.last)],
            &state)
        try append(&branch, isPublic: true, &state)
        state.origins[state.own].isRecovering = false
        state.ownDependencies = state.origins[state.own].dependencies
        return FutureReissue(taken: taken, origin: origin, last: state.origins[state.own].logged)
    }

    private func rows(_ own: OriginState, _ taken: FutureStamps) throws -> [ForkTable.Row] {
        try (taken.first...taken.last).compactMap { seq in
            try LogTable.withPayload(connection, ordinal: own.ordinal, seq: seq) { payload in
                ForkTable.Row(seq: seq, hash: try LogTable.hash(connection, ordinal: own.ordinal, seq: seq) ?? [], payload: Array(payload))
            }
        }
    }

    /// What the others can have applied: entries that they hold for their stamps are left out.
    private func shared(_ state: StoreState, _ taken: FutureStamps, _ limit: UInt64) throws -> VersionVector {
        var vector = VersionVector()
        for (index, origin) in state.origins.enumerated() where index != state.own {
            var seq = origin.origin == taken.origin ? taken.first - 1 : origin.folded
            while seq > 0, !state.isWithdrawn(origin.origin, seq), try stamp(origin, seq).milliseconds > limit { seq -= 1 }
            vector[origin.origin] = seq
        }
        return vector
    }

    private func stamp(_ origin: OriginState, _ seq: UInt64) throws -> Stamp {
        let found = try connection.int64("SELECT stamp FROM _parksync_log WHERE id = \(LogTable.id(origin.ordinal, seq))")
        // An archived entry is old.
        return Stamp(rawValue: UInt64(max(0, found ?? 0)))
    }

    /// A clock behind all that is applied here and not in the future. Applied entries of another park that is yet to take its own back would
    /// take this one along.
    private func clockWithin(_ limit: UInt64, _ state: StoreState) throws -> HybridLogicalClock {
        if state.clock.last.milliseconds <= limit { return state.clock }
        var clock = HybridLogicalClock()
        for (index, origin) in state.origins.enumerated() {
            var seq = state.newestCounting(index)
            while seq > 0 {
                let stamp = try stamp(origin, seq)
                if stamp.milliseconds <= limit {
                    clock.observe(stamp)
                    break
                }
                seq -= 1
            }
        }
        return clock
    }
}

extension ParkStore {
    /// Own entries that the others hold because their stamps are ahead of this node's clock; nil if there are none.
    package func futureStamps() async throws -> FutureStamps? {
        try await onQueue { [self] in
            try Reissue.ahead(
                applier.connection, current.origins[current.own],
                limit: options.clock.wallMilliseconds() &+ CoreLimits.clockAheadMillisecondsMax)
        }
    }

    /// Takes those entries back and writes them anew, in one transaction.
    ///
    /// - Parameters:
    ///   - reason: why, for the log.
    ///   - author: who decided it.
    /// - Throws: `StoreError.invalidInput` if there are none, `StoreError.notReady` while this node may not write, `StoreError.damaged` if its log
    ///   does not reach back to the first entries.
    package func reissueFuture(reason: String, author: String = "") async throws -> FutureReissue {
        guard reason.utf8.count <= CoreLimits.noteBytesMax, author.utf8.count <= CoreLimits.authorBytesMax else {
            throw StoreError(
                .tooLarge, "the reason or the author is too long",
                remedy: "An author has at most \(CoreLimits.authorBytesMax) bytes, a reason \(CoreLimits.noteBytesMax).")
        }
        return try await onQueue { [self] in
            try checkMayWrite(current)
            var outcome: FutureReissue?
            try applyTransaction { next, _ in
                outcome = try Reissue(applier: applier, options: options).takeBack(reason: reason, author: author, &next)
            }
            guard let outcome else { throw StoreError(.internalState, "nothing was written anew", remedy: "Try again.") }
            return outcome
        }
    }
}
