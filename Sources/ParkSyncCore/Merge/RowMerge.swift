/// One change to one row, without its values: what the merge needs to decide.
package struct IncomingChange: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The row was inserted or replaced: every column is written.
        case insert
        /// These columns of a row that was alive were written.
        case update(ColumnMask)
        case delete
    }

    package var write: WriteID
    /// The row's causal length after the change. Odd for `insert` and `update`, even for `delete`.
    package var causalLength: CausalLength
    package var kind: Kind

    package init(write: WriteID, causalLength: CausalLength, kind: Kind) {
        self.write = write
        self.causalLength = causalLength
        self.kind = kind
    }

    /// The columns the change speaks of; a delete speaks of all of them.
    package func columns(of all: ColumnMask) -> ColumnMask {
        switch kind {
        case .insert, .delete: all
        case .update(let mask): mask.intersection(all)
        }
    }
}

/// What the merge of one change decided about its row.
package struct MergeOutcome: Hashable, Sendable {
    package enum RowEffect: Hashable, Sendable {
        /// The row stays as it is.
        case none
        /// The row is (re)born: it consists of the change's columns, and of defaults where the
        /// change has none.
        case replace
        /// The row stays and takes `taken`; counter columns in `added` are added up.
        case update
        /// The row dies.
        case delete
    }

    package var clock: RowClock
    package var effect: RowEffect
    /// Plain columns whose value becomes the change's.
    package var taken: ColumnMask = .none
    /// Counter columns to which the change's delta is added.
    package var added: ColumnMask = .none
    /// Plain columns of the change that lost against a write its author had not seen.
    package var incomingLost: ColumnMask = .none
    /// Plain columns of the row whose value is overwritten although the change's author had not
    /// seen it, with their writers.
    package var currentLost: [RowClock.Group] = []
}

/// The columns of one table as the merge sees them.
package struct MergeColumns: Hashable, Sendable {
    package var all: ColumnMask
    package var counters: ColumnMask
    package init(all: ColumnMask, counters: ColumnMask) {
        self.all = all
        self.counters = counters
    }
    package var plain: ColumnMask { all.subtracting(counters) }
}

/// The merge rules as pure functions. Changes must arrive in causal order, each once (counter
/// columns add up).
///
/// - The higher causal length wins the row outright; equal lengths merge column by column, last
///   writer by `(stamp, origin)`; a lower length is ignored.
/// - A losing value that was written *concurrently* is reported, so that the caller can put it into
///   the conflict inbox. Because of causal order, a change that loses on arrival is always
///   concurrent with the winner: had the winner's author seen it, it would have arrived first. A
///   value that is overwritten is concurrent when the change's author had not seen it, which `seen`
///   answers.
package enum RowMerge {
    /// - Parameters:
    ///   - current: the row's clock, or nil if the row has never existed here.
    ///   - seen: for an origin, the highest entry that the change's author had applied.
    package static func merge(
        _ change: IncomingChange, into current: RowClock?, columns: MergeColumns, seen: (OriginID) -> UInt64
    ) -> MergeOutcome {
        guard let current else { return reborn(change, over: nil, columns: columns, seen: seen) }
        if change.write == current.base { return MergeOutcome(clock: current, effect: .none) }
        if change.causalLength > current.causalLength {
            return reborn(change, over: current, columns: columns, seen: seen)
        }
        if change.causalLength < current.causalLength {
            var outcome = MergeOutcome(clock: current, effect: .none)
            if change.kind != .delete { outcome.incomingLost = change.columns(of: columns.plain) }
            return outcome
        }
        return columnByColumn(change, current: current, columns: columns, seen: seen)
    }

    private static func reborn(
        _ change: IncomingChange, over current: RowClock?, columns: MergeColumns, seen: (OriginID) -> UInt64
    ) -> MergeOutcome {
        var clock = RowClock(causalLength: change.causalLength, base: change.write)
        if case .update(let mask) = change.kind {
            // Its author speaks of a row that it never saw. It must not claim the columns that it
            // does not carry: another park's insert into the same life would win or lose them by
            // its place in the order.
            clock.base = .nobody
            clock.assign(mask.intersection(columns.all), to: change.write)
        }
        var outcome = MergeOutcome(clock: clock, effect: change.kind == .delete ? .delete : .replace)
        if change.kind != .delete {
            outcome.taken = change.columns(of: columns.plain)
            outcome.added = change.columns(of: columns.counters)
        }
        if let current, current.causalLength.isAlive {
            outcome.currentLost = unseen(columns.plain, of: current, seen: seen)
        }
        return outcome
    }

    private static func columnByColumn(
        _ change: IncomingChange, current: RowClock, columns: MergeColumns, seen: (OriginID) -> UInt64
    ) -> MergeOutcome {
        var outcome = MergeOutcome(clock: current, effect: .none)
        if change.kind == .delete {
            if current.base < change.write { outcome.clock.base = change.write }
            return outcome
        }
        let offered = change.columns(of: columns.all)
        let won = winning(offered, for: change.write, in: current)
        outcome.taken = won.intersection(columns.plain)
        outcome.added = offered.intersection(columns.counters)
        if current.groups.contains(where: { $0.write == change.write }) { outcome.added = .none }
        outcome.currentLost = unseen(outcome.taken, of: current, seen: seen)
        outcome.incomingLost = lost(offered.subtracting(won).intersection(columns.plain), by: change.write, in: current)
        outcome.effect = outcome.taken.isEmpty && outcome.added.isEmpty ? .none : .update
        if change.kind == .insert, current.base < change.write {
            outcome.clock.base = change.write
            outcome.clock.groups.removeAll { $0.write < change.write }
        } else {
            outcome.clock.assign(won, to: change.write)
        }
        return outcome
    }

    private static func winning(_ offered: ColumnMask, for write: WriteID, in current: RowClock) -> ColumnMask {
        guard current.base < write else { return .none }
        var won = offered
        for group in current.groups where !(group.write < write) { won = won.subtracting(group.columns) }
        return won
    }

    /// Columns that lost against another write; a column that this very write already holds has not
    /// lost.
    private static func lost(_ offered: ColumnMask, by write: WriteID, in current: RowClock) -> ColumnMask {
        var result = offered
        for group in current.groups where group.write == write { result = result.subtracting(group.columns) }
        return result
    }

    private static func unseen(_ columns: ColumnMask, of clock: RowClock, seen: (OriginID) -> UInt64) -> [RowClock
        .Group]
    {
        var result: [RowClock.Group] = []
        var rest = columns
        for group in clock.groups {
            let shared = group.columns.intersection(columns)
            rest = rest.subtracting(group.columns)
            if !shared.isEmpty, seen(group.write.origin) < group.write.seq {
                result.append(RowClock.Group(columns: shared, write: group.write))
            }
        }
        if !rest.isEmpty, seen(clock.base.origin) < clock.base.seq {
            result.append(RowClock.Group(columns: rest, write: clock.base))
        }
        return result
    }
}
