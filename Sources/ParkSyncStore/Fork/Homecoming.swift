import ParkSyncCore
import ParkSyncReplication

/// How a park goes on whose fence was lifted (docs/decisions/0020-fences-by-consent.md).
///
/// What nobody had of its log when it was fenced stays out: the others may have forgotten deletions
/// since that those entries have not seen. So it takes them back, begins a new log with an entry
/// that knows of the fence, waits until all others have seen that (`StoreState.zoneObstacle`), and
/// then writes what it took back anew, as changes of one who knows what they know.
extension Reissue {
    /// Begins the new log, within the caller's transaction.
    func comeBack(_ state: inout StoreState) throws {
        let old = state.origins[state.own]
        let keep = min(state.vouched(old.origin), old.logged)
        let origin = try begin(&state, .homecoming)
        var records: [ControlRecord] = [.incarnation(of: old.origin, after: old.logged, hash: old.headHash)]
        if keep < old.logged {
            state.withdrawals.append(Withdrawal(origin: old.origin, first: keep + 1, last: old.logged, by: origin))
            records.append(.withdrawal(of: old.origin, first: keep + 1, last: old.logged))
            try applier.rebuild(&state, wallMilliseconds: options.clock.wallMilliseconds())
        }
        var seen = VersionVector()
        for (index, other) in state.origins.enumerated() where index != state.own { seen[other.origin] = other.folded }
        if keep < old.logged { seen[old.origin] = min(seen[old.origin], keep) }
        let stamp = try state.clock.tick(wallMilliseconds: options.clock.wallMilliseconds())
        let header = EntryHeader(
            origin: origin, seq: 1, stamp: stamp, schemaNumber: applier.schema.number, dependencies: seen.elements,
            seenHash: try SeenHash.of(seen, connection, state), note: "\(old.origin.park) comes back into the zone")
        try append(header, records, &state)
        try applier.sealer.sign(&state, key: options.identity)
        try applier.applyAll(&state, wallMilliseconds: options.clock.wallMilliseconds())
        state.ownDependencies = state.origins[state.own].dependencies
        try OwnLogRecord.change(connection, park: origin.park) { $0.owesReturn = true }
    }

    /// Writes anew what was taken back, within the caller's transaction. All others have seen that
    /// this park is back.
    func finishReturn(_ state: inout StoreState) throws {
        let own = state.origins[state.own]
        try OwnLogRecord.change(connection, park: own.origin.park) { $0.owesReturn = false }
        guard let taken = state.withdrawals.first(where: { $0.by == own.origin }),
            let index = state.index(of: taken.origin)
        else { return }
        let old = state.origins[index]
        let rows = try (taken.first...taken.last).compactMap { seq in
            try LogTable.withPayload(connection, ordinal: old.ordinal, seq: seq) { payload in
                ForkTable.Row(
                    seq: seq, hash: try LogTable.hash(connection, ordinal: old.ordinal, seq: seq) ?? [],
                    payload: Array(payload))
            }
        }
        var acknowledged = old.dependencies
        acknowledged[old.origin] = taken.last
        var branch = Branch(
            rows, past: try dependencies(of: old, before: taken.first),
            rows: BranchRows(applier: applier, acknowledged: acknowledged))
        branch.past[old.origin] = taken.first - 1
        branch.said = try acknowledgeAll(state.ownDependencies, VersionVector(), &state)
        try append(&branch, isPublic: true, &state)
        state.ownDependencies = state.origins[state.own].dependencies
    }
}

extension StoreCore {
    /// Begins a new log if this park was taken back into the zone.
    ///
    /// - Returns: whether it did.
    func comeBack() throws -> Bool {
        let own = current.origins[current.own]
        guard current.fences.allSatisfy({ $0.park != own.origin.park || current.isLifted($0) }) else { return false }
        try applyTransaction { next, _ in
            try next.rewriting { try Reissue(applier: applier, options: options).comeBack(&$0) }
        }
        return true
    }

    /// Writes anew what this park took back when it came back, as soon as all others know that it
    /// is there.
    ///
    /// - Returns: whether it did.
    func finishReturn() throws -> Bool {
        let record = try OwnLogRecord.load(applier.connection, park: options.origin.park)
        guard record.owesReturn, current.ownLog.obstacle == nil else { return false }
        try applyTransaction { next, _ in
            try next.rewriting { try Reissue(applier: applier, options: options).finishReturn(&$0) }
        }
        return true
    }
}
