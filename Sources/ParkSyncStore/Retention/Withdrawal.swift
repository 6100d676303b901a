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
}

/// The withdrawals that were applied here.
enum WithdrawalTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_withdrawal(
          origin INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, -- these entries count nowhere
          by INTEGER NOT NULL, -- the incarnation whose first entry says so
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
            result.append(
                Withdrawal(
                    origin: state.origins[origin].origin, first: try statement.entryNumber(1), last: try statement.entryNumber(2),
                    by: state.origins[by].origin))
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

extension StoreState {
    func isWithdrawn(_ origin: OriginID, _ seq: UInt64) -> Bool {
        !withdrawals.isEmpty && withdrawals.contains { $0.origin == origin && ($0.first...$0.last).contains(seq) }
    }

    /// The newest applied entry of an origin that counts; 0 if there is none.
    func newestCounting(_ index: Int) -> UInt64 {
        var seq = index == own ? origins[index].visibleOfOwn : origins[index].folded
        while seq > 0, let taken = withdrawals.first(where: { $0.origin == origins[index].origin && ($0.first...$0.last).contains(seq) }) {
            seq = taken.first - 1
        }
        return seq
    }
}
