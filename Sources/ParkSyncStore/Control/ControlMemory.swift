import ParkSyncCore

/// What a node remembers of the tables that say which entries count. It writes them itself: where they are not so, somebody else has.
struct ControlMemory: Hashable {
    private var withdrawals: Set<Withdrawal>
    private var fences: Set<Fence>
    private var decisions: Set<Decision>
    private var votes: [OriginID: Int]
    private var known: DropKnowledge

    /// Where there are more of them only a pass of the row verification looks: this is done after each write of somebody else.
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
    }

    /// As the file says it.
    private init(_ connection: Connection, _ state: StoreState) throws {
        withdrawals = Set(try WithdrawalTable.all(connection, state))
        (fences, decisions) = (Set(try FenceTable.all(connection, state)), Set(try VoteTable.decisions(connection, state)))
        (votes, known) = (try VoteTable.counts(connection, state), try DropKnowledgeTable.load(connection, state))
    }
}
