import ParkSyncCore

/// What a node remembers of the tables that say which entries count. It writes them itself: where
/// they are not so, somebody else has.
struct ControlMemory: Hashable {
    private var withdrawals: Set<Withdrawal>
    private var fences: Set<Fence>
    private var decisions: Set<Decision>
    private var votes: [OriginID: Int]
    private var known: DropKnowledge
    /// All rows of these tables, also those that cannot be read.
    private var rows: Int

    /// Where there are more of them only a pass of the row verification looks: this is done after
    /// each write of somebody else.
    private static let rowsMax = 1_000

    /// Whether the file has other rows than the node remembers.
    static func isOther(_ connection: Connection, _ state: StoreState) throws -> Bool {
        guard state.withdrawals.count + state.voteCounts.values.reduce(0, +) <= rowsMax else { return false }
        return try ControlMemory(state) != ControlMemory(connection, state)
    }

    /// As the node knows it.
    private init(_ state: StoreState) {
        withdrawals = Set(state.withdrawals)
        (fences, decisions) = (Set(state.fences), Set(state.decisions))
        (votes, known) = (state.voteCounts, state.dropKnowledge)
        rows = Self.rows(withdrawals.count, fences.count, decisions.count, votes, known)
    }

    /// As the file says it.
    private init(_ connection: Connection, _ state: StoreState) throws {
        withdrawals = Set(try WithdrawalTable.all(connection, state))
        (fences, decisions) = (
            Set(try FenceTable.all(connection, state)), Set(try VoteTable.decisions(connection, state))
        )
        (votes, known) = (try VoteTable.counts(connection, state), try DropKnowledgeTable.load(connection, state))
        let counts = Self.tables.map { "(SELECT count(*) FROM _parksync_\($0))" }.joined(separator: " + ")
        rows = Int(clamping: try connection.int64("SELECT \(counts)") ?? 0)
    }

    private static let tables = ["withdrawal", "fence", "decision", "vote", "known"]

    private static func rows(
        _ withdrawals: Int, _ fences: Int, _ decisions: Int, _ votes: [OriginID: Int], _ known: DropKnowledge
    ) -> Int {
        withdrawals + fences + decisions + votes.values.reduce(0, +) + known.steps.values.reduce(0) { $0 + $1.count }
    }
}
