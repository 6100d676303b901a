import ParkSyncCore

/// That a park has taken back entries of its own log, which count nowhere: it writes them anew under a later incarnation.
///
/// Their stamps lay in the future, so that the others held them. What they come to follows from the vector alone: with the entry that takes
/// them back in it, nothing; without it, whatever they say (docs/decisions/0018-future-stamps.md).
struct Withdrawal: Hashable {
    var origin: OriginID
    var first: UInt64
    var last: UInt64
    /// The incarnation whose first entry says so.
    var by: OriginID

    /// Those whose entries are not taken back themselves, in their order. Only a later incarnation takes an earlier one back, so the latest are
    /// judged first.
    static func valid(_ all: [Withdrawal]) -> [Withdrawal] {
        var valid: Set<Withdrawal> = []
        for withdrawal in all.sorted(by: { Reissue.incarnation($0.by) > Reissue.incarnation($1.by) })
        where !valid.contains(where: { $0.origin == withdrawal.by && $0.first == 1 }) {
            valid.insert(withdrawal)
        }
        return all.filter(valid.contains)
    }
}

/// The withdrawals that were applied here.
enum WithdrawalTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_withdrawal(
          by INTEGER NOT NULL, -- the incarnation whose first entry says so
          origin INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, -- these entries count nowhere
          PRIMARY KEY(by, origin)) WITHOUT ROWID
        """

    static func all(_ connection: Connection, _ state: StoreState) throws -> [Withdrawal] {
        let statement = try connection.statement("SELECT origin, first, last, by FROM _parksync_withdrawal ORDER BY by, origin")
        defer { statement.reset() }
        var result: [Withdrawal] = []
        while try statement.step() {
            guard let origin = state.index(ofOrdinal: try statement.ordinal(0)), let by = state.index(ofOrdinal: try statement.ordinal(3)) else {
                continue
            }
            let last = try statement.number(2, in: 1...Int64(clamping: CoreLimits.entryNumberMax), "the last entry of a withdrawal")
            let first = try statement.number(1, in: 1...last, "the first entry of a withdrawal")
            result.append(
                Withdrawal(
                    origin: state.origins[origin].origin, first: UInt64(clamping: first), last: UInt64(clamping: last), by: state.origins[by].origin
                ))
        }
        return result
    }

    static func save(_ connection: Connection, _ withdrawal: Withdrawal, _ state: StoreState) throws {
        guard let by = state.index(of: withdrawal.by) else { return }
        try StateLoader.ensureOrigin(connection, withdrawal.origin)
        let statement = try connection.statement(
            "INSERT INTO _parksync_withdrawal(origin, first, last, by) SELECT ordinal, ?2, ?3, ?4 FROM _parksync_origin WHERE name = ?1 "
                + "ON CONFLICT DO NOTHING")
        statement.bindText(1, copying: withdrawal.origin.name)
        statement.bind(2, withdrawal.first)
        statement.bind(3, withdrawal.last)
        statement.bind(4, state.origins[by].ordinal)
        try statement.run()
    }
}

extension Applier {
    /// Forgets what entries said about the logs that are taken back themselves. The withdrawals that are known say which.
    func forgetTakenBack(_ state: inout StoreState) throws {
        let valid = Withdrawal.valid(state.withdrawals)
        for withdrawal in state.withdrawals where !valid.contains(withdrawal) {
            guard let by = state.index(of: withdrawal.by) else { continue }
            try connection.execute("DELETE FROM _parksync_withdrawal WHERE by = \(state.origins[by].ordinal)")
        }
        state.withdrawals = valid
        for fence in state.fences where state.isWithdrawn(fence.by, fence.seq) {
            guard let by = state.index(of: fence.by) else { continue }
            try connection.execute("DELETE FROM _parksync_fence WHERE origin = \(state.origins[by].ordinal) AND seq = \(fence.seq)")
        }
        state.fences = state.fences.filter { !state.isWithdrawn($0.by, $0.seq) }
        for (table, by, seq) in state.votes.map({ ("vote", $0.by, $0.seq) }) + state.decisions.map({ ("decision", $0.by, $0.seq) })
        where state.isWithdrawn(by, seq) {
            guard let index = state.index(of: by) else { continue }
            try connection.execute("DELETE FROM _parksync_\(table) WHERE origin = \(state.origins[index].ordinal) AND seq = \(seq)")
        }
        state.votes = state.votes.filter { !state.isWithdrawn($0.by, $0.seq) }
        state.decisions = state.decisions.filter { !state.isWithdrawn($0.by, $0.seq) }
        for index in state.fences.indices where state.fences[index].returned.contains(where: { state.isWithdrawn($0, 1) }) {
            let returned = state.fences[index].returned.filter { !state.isWithdrawn($0, 1) }
            state.fences[index].returned = returned
            try FenceTable.save(connection, state.fences[index], state)
        }
    }
}

extension StoreState {
    func isWithdrawn(_ origin: OriginID, _ seq: UInt64) -> Bool {
        !withdrawals.isEmpty && withdrawals.contains { $0.origin == origin && ($0.first...$0.last).contains(seq) }
    }

    /// The newest applied entry of an origin that counts; 0 if there is none.
    func newestCounting(_ index: Int) -> UInt64 {
        countingEnd(origins[index].origin, from: index == own ? origins[index].visibleOfOwn : origins[index].folded)
    }

    /// The last entry up to `last` that was not taken back; 0 if there is none.
    func countingEnd(_ origin: OriginID, from last: UInt64) -> UInt64 {
        var seq = last
        while seq > 0, let taken = withdrawals.first(where: { $0.origin == origin && ($0.first...$0.last).contains(seq) }) { seq = taken.first - 1 }
        return seq
    }
}
