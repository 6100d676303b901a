import CSQLite
import ParkSyncCore

/// The votes and decisions that were applied here.
package enum VoteTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_vote(
          park TEXT NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL, -- the entry that says so
          side TEXT NOT NULL, -- 'out' or 'back'
          members TEXT NOT NULL, -- the parks of the zone as the voter knows them, with spaces between
          PRIMARY KEY(park, origin, seq)) WITHOUT ROWID
        """
    static let createDecisions = """
        CREATE TABLE IF NOT EXISTS _parksync_decision(
          park TEXT NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL, -- the entry that says so
          side TEXT NOT NULL,
          fences TEXT NOT NULL, -- those that it ends, as a vector text
          votes TEXT NOT NULL, -- those that it uses up, as a vector text
          PRIMARY KEY(park, origin, seq)) WITHOUT ROWID
        """

    private static func vote(_ statement: RawStatement, _ by: OriginID, on park: String) throws -> Vote? {
        guard let side = ControlRecord.Side(rawValue: statement.string(1)) else { return nil }
        return Vote(
            park: park, side: side, members: statement.string(2).split(separator: " ").map(String.init), by: by,
            seq: try statement.entryNumber(0))
    }

    /// Of each log the newest vote on a park that is in a vector and was not taken back there.
    ///
    /// Votes are read when they are counted. A park may have given very many, and only these
    /// decide.
    /// - Parameter used: votes up to there do not count.
    static func newest(
        on park: String, _ connection: Connection, _ state: StoreState, asOf vector: VersionVector,
        after used: VersionVector
    ) throws -> [Vote] {
        try voters(on: park, connection, state).compactMap { by, ordinal -> Vote? in
            var last = vector[by]
            while last > used[by], let vote = try newest(on: park, connection, by, ordinal, through: last) {
                guard vote.seq > used[by] else { return nil }
                guard let taken = state.withdrawal(of: by, vote.seq, asOf: vector) else { return vote }
                last = taken.first - 1
            }
            return nil
        }
    }

    /// Of each log the newest vote on a park that is in a vector, whatever became of it.
    static func said(on park: String, _ connection: Connection, _ state: StoreState, asOf vector: VersionVector) throws
        -> VersionVector
    {
        var result = VersionVector()
        for (by, ordinal) in try voters(on: park, connection, state) {
            if let vote = try newest(on: park, connection, by, ordinal, through: vector[by]) { result[by] = vote.seq }
        }
        return result
    }

    private static func newest(
        on park: String, _ connection: Connection, _ by: OriginID, _ ordinal: Int64, through last: UInt64
    ) throws -> Vote? {
        let statement = try connection.statement(
            """
            SELECT seq, side, members FROM _parksync_vote WHERE park = ?1 AND origin = ?2 AND seq <= ?3 ORDER \
            BY seq DESC LIMIT 1
            """
        )
        defer { statement.reset() }
        statement.bindText(1, copying: park)
        statement.bind(2, ordinal)
        statement.bind(3, last)
        return try statement.step() ? try vote(statement, by, on: park) : nil
    }

    /// The logs that have votes on a park: one look for each of them.
    private static func voters(on park: String, _ connection: Connection, _ state: StoreState) throws -> [(
        by: OriginID, ordinal: Int64
    )] {
        var result: [(by: OriginID, ordinal: Int64)] = []
        var last: Int64 = 0
        while true {
            let statement = try connection.statement(
                "SELECT origin FROM _parksync_vote WHERE park = ?1 AND origin > ?2 ORDER BY origin LIMIT 1")
            defer { statement.reset() }
            statement.bindText(1, copying: park)
            statement.bind(2, last)
            guard try statement.step() else { return result }
            last = try statement.ordinal(0, "a vote's origin")
            if let by = state.index(ofOrdinal: last) { result.append((state.origins[by].origin, last)) }
        }
    }

    /// All votes, one after the other.
    package static func each(_ connection: Connection, _ state: StoreState, _ body: (Vote) throws -> Void) throws {
        let statement = try connection.statement(
            "SELECT seq, side, members, park, origin FROM _parksync_vote ORDER BY park, origin, seq")
        defer { statement.reset() }
        while try statement.step() {
            guard let by = state.index(ofOrdinal: try statement.ordinal(4)),
                let vote = try vote(statement, state.origins[by].origin, on: statement.string(3))
            else { continue }
            try body(vote)
        }
    }

    /// How many votes each log has.
    static func counts(_ connection: Connection, _ state: StoreState) throws -> [OriginID: Int] {
        let statement = try connection.statement("SELECT origin, count(*) FROM _parksync_vote GROUP BY origin")
        defer { statement.reset() }
        var result: [OriginID: Int] = [:]
        while try statement.step() {
            guard let by = state.index(ofOrdinal: try statement.ordinal(0)) else { continue }
            result[state.origins[by].origin] = Int(clamping: statement.int64(1))
        }
        return result
    }

    /// How many votes a log has before an entry. When the tables are made anew those behind it are
    /// known, too.
    static func count(_ connection: Connection, _ by: OriginID, before seq: UInt64, _ state: StoreState) throws -> Int {
        let known = state.voteCounts[by] ?? 0
        guard known > CoreLimits.votesPerLogMax - CoreLimits.votesPerEntryMax, let index = state.index(of: by) else {
            return known
        }
        let statement = try connection.statement("SELECT count(*) FROM _parksync_vote WHERE origin = ?1 AND seq < ?2")
        defer { statement.reset() }
        statement.bind(1, state.origins[index].ordinal)
        statement.bind(2, seq)
        return try statement.step() ? Int(clamping: statement.int64(0)) : 0
    }

    package static func decisions(_ connection: Connection, _ state: StoreState) throws -> [Decision] {
        let statement = try connection.statement(
            "SELECT park, origin, seq, side, fences, votes FROM _parksync_decision ORDER BY park, origin, seq")
        defer { statement.reset() }
        var result: [Decision] = []
        while try statement.step() {
            guard let by = state.index(ofOrdinal: try statement.ordinal(1)),
                let side = ControlRecord.Side(rawValue: statement.string(3)),
                let fences = VersionVector(parsing: statement.string(4)),
                let votes = VersionVector(parsing: statement.string(5))
            else { continue }
            result.append(
                Decision(
                    park: statement.string(0), side: side, by: state.origins[by].origin,
                    seq: try statement.entryNumber(2), fences: fences,
                    votes: votes))
        }
        return result
    }

    static func save(_ connection: Connection, _ vote: Vote, _ state: inout StoreState) throws {
        let isNew = try insert(
            connection, "_parksync_vote(park, origin, seq, side, members) VALUES(?1, ?2, ?3, ?4, ?5)", vote.park,
            vote.by, vote.seq,
            [vote.side.rawValue, vote.members.joined(separator: " ")], state)
        if isNew { state.voteCounts[vote.by, default: 0] += 1 }
    }

    static func save(_ connection: Connection, _ decision: Decision, _ state: StoreState) throws {
        try insert(
            connection, "_parksync_decision(park, origin, seq, side, fences, votes) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            decision.park, decision.by,
            decision.seq, [decision.side.rawValue, decision.fences.description, decision.votes.description], state)
    }

    /// - Returns: whether it was not there.
    @discardableResult
    private static func insert(
        _ connection: Connection, _ what: String, _ park: String, _ by: OriginID, _ seq: UInt64, _ texts: [String],
        _ state: StoreState
    ) throws -> Bool {
        guard let index = state.index(of: by) else { return false }
        let statement = try connection.statement("INSERT INTO \(what) ON CONFLICT DO NOTHING")
        statement.bindText(1, copying: park)
        statement.bind(2, state.origins[index].ordinal)
        statement.bind(3, seq)
        for (place, text) in texts.enumerated() { statement.bindText(Int32(4 + place), copying: text) }
        try statement.run()
        return sqlite3_changes(connection.handle) > 0
    }
}
