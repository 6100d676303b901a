import ParkSyncCore

/// That a park has taken back entries of its own log, which count nowhere: it writes them anew
/// under a later incarnation.
///
/// Their stamps lay in the future, so that the others held them. What they come to follows from the
/// vector alone: with the entry that takes them back in it, nothing; without it, whatever they say
/// (docs/decisions/0018-future-stamps.md).
package struct Withdrawal: Hashable {
    package var origin: OriginID
    package var first: UInt64
    package var last: UInt64
    /// The incarnation whose first entry says so.
    package var by: OriginID

    package init(origin: OriginID, first: UInt64, last: UInt64, by: OriginID) {
        (self.origin, self.first, self.last, self.by) = (origin, first, last, by)
    }

    /// Those whose entries are not taken back themselves, in their order. Only a later incarnation
    /// takes an earlier one back, so the latest are judged first.
    static func valid(_ all: [Withdrawal]) -> [Withdrawal] {
        var valid: Set<Withdrawal> = []
        var takenFromTheFirst: Set<OriginID> = []
        for withdrawal in all.sorted(by: { Reissue.incarnation($0.by) > Reissue.incarnation($1.by) })
        where !takenFromTheFirst.contains(withdrawal.by) {
            valid.insert(withdrawal)
            if withdrawal.first == 1 { takenFromTheFirst.insert(withdrawal.origin) }
        }
        return all.filter(valid.contains)
    }
}

/// Which entries were taken back, by log. A park can have thousands of withdrawals, and each entry
/// is asked about: none of them is looked at that is of another log, and those that meet are one.
struct TakenBack {
    private var saidOf: [OriginID: [Withdrawal]] = [:]
    /// Apart from one another, in their order.
    private var ranges: [OriginID: [ClosedRange<UInt64>]] = [:]

    init(_ all: [Withdrawal] = []) {
        saidOf = Dictionary(grouping: all, by: \.origin)
        for (origin, said) in saidOf {
            var apart: [ClosedRange<UInt64>] = []
            for range in said.map({ $0.first...$0.last }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let last = apart.last, range.lowerBound <= last.upperBound || range.lowerBound - 1 == last.upperBound
                {
                    apart[apart.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
                } else {
                    apart.append(range)
                }
            }
            ranges[origin] = apart
        }
    }

    /// What was said of a log, one for each incarnation that said so.
    func withdrawals(of origin: OriginID) -> [Withdrawal] { saidOf[origin] ?? [] }

    /// The entries of a log around `seq` that were taken back; nil if `seq` was not.
    func range(of origin: OriginID, around seq: UInt64) -> ClosedRange<UInt64>? {
        guard let apart = ranges[origin] else { return nil }
        // The last that begins at `seq` or before.
        var (low, high) = (0, apart.count)
        while low < high {
            let middle = (low + high) / 2
            if apart[middle].lowerBound <= seq { low = middle + 1 } else { high = middle }
        }
        guard low > 0, apart[low - 1].contains(seq) else { return nil }
        return apart[low - 1]
    }
}

/// The withdrawals that were applied here.
package enum WithdrawalTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_withdrawal(
          by INTEGER NOT NULL, -- the incarnation whose first entry says so
          origin INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, -- these entries count nowhere
          PRIMARY KEY(by, origin)) WITHOUT ROWID
        """

    package static func all(_ connection: Connection, _ state: StoreState) throws -> [Withdrawal] {
        let statement = try connection.statement(
            "SELECT origin, first, last, by FROM _parksync_withdrawal ORDER BY by, origin")
        defer { statement.reset() }
        var result: [Withdrawal] = []
        while try statement.step() {
            guard let origin = state.index(ofOrdinal: try statement.ordinal(0)),
                let by = state.index(ofOrdinal: try statement.ordinal(3))
            else {
                continue
            }
            let last = try statement.number(
                2, in: 1...Int64(clamping: CoreLimits.entryNumberMax), "the last entry of a withdrawal")
            let first = try statement.number(1, in: 1...last, "the first entry of a withdrawal")
            result.append(
                Withdrawal(
                    origin: state.origins[origin].origin, first: UInt64(clamping: first), last: UInt64(clamping: last),
                    by: state.origins[by].origin
                ))
        }
        return result
    }

    static func save(_ connection: Connection, _ withdrawal: Withdrawal, _ state: StoreState) throws {
        guard let by = state.index(of: withdrawal.by) else { return }
        try OriginTable.add(connection, withdrawal.origin)
        let statement = try connection.statement(
            "INSERT INTO _parksync_withdrawal(origin, first, last, by) SELECT ordinal, ?2, ?3, ?4 FROM "
                + "_parksync_origin WHERE name = ?1 "
                + "ON CONFLICT DO NOTHING")
        statement.bindText(1, copying: withdrawal.origin.name)
        statement.bind(2, withdrawal.first)
        statement.bind(3, withdrawal.last)
        statement.bind(4, state.origins[by].ordinal)
        try statement.run()
    }
}

extension Applier {
    /// Forgets which entries were taken back, and which parks came back, by entries that are taken
    /// back themselves. What was said about who is in the zone stays: others may have relied on it.
    func forgetTakenBack(_ state: inout StoreState) throws {
        let valid = Withdrawal.valid(state.withdrawals)
        for withdrawal in Set(state.withdrawals).subtracting(valid) {
            guard let by = state.index(of: withdrawal.by) else { continue }
            try connection.execute("DELETE FROM _parksync_withdrawal WHERE by = \(state.origins[by].ordinal)")
        }
        state.withdrawals = valid
        for index in state.fences.indices
        where state.fences[index].returned.contains(where: { state.isWithdrawn($0, 1) }) {
            let returned = state.fences[index].returned.filter { !state.isWithdrawn($0, 1) }
            state.fences[index].returned = returned
            try FenceTable.save(connection, state.fences[index], state)
        }
    }
}

extension StoreState {
    func isWithdrawn(_ origin: OriginID, _ seq: UInt64) -> Bool {
        !withdrawals.isEmpty && takenBack.range(of: origin, around: seq) != nil
    }

    /// Whether an entry was taken back as far as an author with this past knew.
    func isWithdrawn(_ origin: OriginID, _ seq: UInt64, asOf past: VersionVector) -> Bool {
        withdrawal(of: origin, seq, asOf: past) != nil
    }

    func withdrawal(of origin: OriginID, _ seq: UInt64, asOf past: VersionVector) -> Withdrawal? {
        withdrawals.isEmpty
            ? nil : takenBack.withdrawals(of: origin).first { ($0.first...$0.last).contains(seq) && past[$0.by] > 0 }
    }

    /// The newest applied entry of an origin that counts; 0 if there is none.
    func newestCounting(_ index: Int) -> UInt64 {
        countingEnd(origins[index].origin, from: index == own ? visibleOfOwn : origins[index].folded)
    }

    /// The last entry up to `last` that was not taken back; 0 if there is none.
    func countingEnd(_ origin: OriginID, from last: UInt64) -> UInt64 {
        takenBack.range(of: origin, around: last).map { $0.lowerBound - 1 } ?? last
    }
}
