import ParkSyncCore

/// What the file keeps of votes, fences, decisions, and entries that were taken back, row by row.
enum KeptControls {
    /// - Parameter strange: told of a table that has rows which no entry can have made.
    static func each(
        _ connection: Connection, _ state: StoreState, strange: (String) throws -> Void,
        _ body: (ControlStatement) throws -> Void
    ) throws {
        let withdrawals = try WithdrawalTable.all(connection, state)
        try expect(withdrawals.count, "_parksync_withdrawal", connection, strange)
        for withdrawal in withdrawals { try body(ControlStatement(withdrawal)) }
        let fences = try FenceTable.all(connection, state)
        try expect(fences.count, "_parksync_fence", connection, strange)
        for fence in fences {
            try body(ControlStatement(fence))
            for origin in fence.returned.sorted() { try body(.comesBack(origin, after: fence)) }
        }
        let decisions = try VoteTable.decisions(connection, state)
        try expect(decisions.count, "_parksync_decision", connection, strange)
        for decision in decisions {
            try body(ControlStatement(decision))
            for vote in decision.votes.elements {
                try body(ControlStatement(vote.origin, vote.seq, .usedVote(park: ExactText(decision.park))))
            }
        }
        var votes = 0
        try VoteTable.each(connection, state) { vote in
            votes += 1
            try body(ControlStatement(vote))
        }
        try expect(votes, "_parksync_vote", connection, strange)
    }

    /// - Parameter count: the rows that could be read.
    private static func expect(
        _ count: Int, _ table: String, _ connection: Connection, _ strange: (String) throws -> Void
    ) throws {
        if try connection.int64("SELECT 1 FROM \(table) LIMIT 1 OFFSET \(count)") != nil {
            try strange("the file has rows in \(table) that no entry can have made, and the log does not")
        }
    }
}
