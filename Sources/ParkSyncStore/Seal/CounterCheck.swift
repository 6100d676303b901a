import ParkSyncCore

/// Holds what was captured of a row's counters against what the log says of them, before it is
/// signed.
///
/// A counter travels as the difference between what it is and what capture says that it was. What
/// it was is the log's to say: its sums are in the row's clock, and in the tail. Where capture says
/// something else, a hand has changed the row past capture before a program counted on, or a
/// program has invented what was captured. The first is signed: what the program added it has
/// added, and the row goes on to differ from the log by what the hand has done, which folding
/// tells. The second would have the log differ from a row that was right: nothing of it is. What
/// the node's own transactions capture nobody can have invented.
struct CounterCheck {
    struct Outcome {
        /// What the change carries of the counters, and what not.
        var kind: IncomingChange.Kind
        /// By position among the counters.
        var deltas = CounterValues()
        /// What the log says when it has the change.
        var after: CounterTail.Row
        /// Why nothing is signed of the counters that `kind` does not carry, or carries as a zero;
        /// nil if there are none.
        var refusal: String?
        /// The row is captured as new, and the log has it in this life: its counters would be added
        /// once more everywhere else.
        var isInLog = false
    }

    let counters: ColumnMask
    private let table: SharedTable
    private let index: Int
    private let state: StoreState
    private let mayBeInvented: Bool
    private let clock: RawStatement

    /// - Parameters:
    ///   - index: of the table in the schema.
    ///   - mayBeInvented: whether programs can have written what is captured.
    /// - Returns: nil if the table has no counters.
    init?(_ table: SharedTable, _ index: Int, _ state: StoreState, mayBeInvented: Bool, on connection: Connection)
        throws
    {
        counters = table.mergeColumns.counters
        guard !counters.isEmpty else { return nil }
        (self.table, self.index, self.state, self.mayBeInvented) = (table, index, state, mayBeInvented)
        clock = try connection.statement("SELECT clock FROM \(quoted(StoreFile.clockTable(table.name))) WHERE key = ?1")
    }

    /// What the log says of a row.
    private func logged(_ key: [UInt8]) throws -> CounterTail.Row {
        let tail = state.tables[index].tailCounters
        if let row = tail[key] { return row }
        clock.bindBlob(1, copying: key)
        defer { clock.reset() }
        guard try clock.step() else {
            return CounterTail.Row(length: .never, counters: tail.isWhole ? CounterValues() : nil)
        }
        guard let stored = try? ClockCoding.decode(clock.bytes(0), state: state) else {
            return CounterTail.Row(length: .never, counters: nil)
        }
        let length = stored.clock.causalLength
        guard tail.isWhole else { return CounterTail.Row(length: length, counters: nil) }
        return CounterTail.Row(length: length, counters: length.isAlive ? stored.counters : CounterValues())
    }

    /// - Parameters:
    ///   - group: of the pending rows that came to the change.
    ///   - carried: the columns that the change carries.
    ///   - now: what the row holds in a column; nil if that is no whole number, which verification
    ///     of the rows names.
    func judge(
        _ net: NetChange, carrying carried: ColumnMask, _ pending: PendingRows, _ group: Range<Int>, key: [UInt8],
        now: (Int) -> Int64?
    ) throws -> Outcome {
        let row = try logged(key)
        let isSameLife = row.length.isAlive && row.length == net.causalLength
        var outcome = Outcome(kind: net.kind, after: CounterTail.Row(length: net.causalLength, counters: nil))
        outcome.isInLog = net.kind == .insert && net.countersBefore == nil && isSameLife
        let base = net.countersBefore == nil || (!isSameLife && row.counters != nil) ? CounterValues() : row.counters
        var (after, refused) = (base, ColumnMask.none)
        for column in carried.intersection(counters).columns {
            let position = counters.position(of: column)
            guard let now = now(column) else { continue }
            var before = try net.countersBefore.map { try pending.counter(column, before: pending.rows[$0]) } ?? 0
            if let first = net.countersBefore, let logged = base?[position], before != logged {
                if try (first..<group.upperBound).contains(where: {
                    try pending.records(logged, of: column, in: pending.rows[$0])
                }) {
                    before = logged
                } else if mayBeInvented, now == logged {
                    refused.insert(column)
                    outcome.refusal = Self.cause(table.columns[column].name, before: before, logged: logged)
                    before = now
                }
            }
            let delta = now &- before
            outcome.deltas.add(delta, at: position)
            after?.add(delta, at: position)
        }
        outcome.after.counters = after
        if case .update(let mask) = net.kind { outcome.kind = .update(mask.subtracting(refused)) }
        return outcome
    }

    private static func cause(_ name: String, before: Int64, logged: Int64) -> String {
        """
        \(name) is captured as having been \(before) before it was \(logged), and by the log it was \(logged): \
        nothing was added
        """
    }
}
