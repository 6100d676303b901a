import ParkSyncCore

/// The word of a park on another one, as an applied entry of it says.
struct Vote: Hashable {
    var park: String
    var side: ControlRecord.Side
    /// The zone's parks, as the voter knows them.
    var members: [String]
    /// The entry that says so.
    var by: OriginID
    var seq: UInt64

    func isIn(_ vector: VersionVector) -> Bool { vector[by] >= seq }
    func isLater(than other: Vote) -> Bool { (Reissue.incarnation(by), seq) > (Reissue.incarnation(other.by), other.seq) }
}

/// A fence, or the end of one, that enough parks have voted for.
struct Decision: Hashable {
    var park: String
    var side: ControlRecord.Side
    /// The entry that says so.
    var by: OriginID
    var seq: UInt64
    /// The fences that it ends.
    var fences: VersionVector
    /// The votes that are used up by it: whoever wants something else afterwards has to say so anew.
    var votes: VersionVector

    func isIn(_ vector: VersionVector) -> Bool { vector[by] >= seq }
}

/// Counts the votes on a park, as of a vector. Depends on nothing but the entries in it, so that all nodes count alike.
///
/// A majority of the others has to agree, and at least two parks: one alone, whatever list of members it gives, takes nobody out. The others are the
/// members that the voters name together, and whoever has written, without those that are out.
struct Ballot: Hashable {
    /// Parks whose newest word is this one, sorted.
    var consents: [String] = []
    /// How many it takes.
    private(set) var needed = Self.votersMin
    private(set) var isCarried = false

    /// One liar is not enough, and a park that fears one needs a witness.
    static let votersMin = 2

    /// - Parameters:
    ///   - votes: all that are known, also of others.
    ///   - vector: those in it count; the own entry included for the entry that says so.
    ///   - author: whose newest entry in the vector is the one that says so. When the tables are made anew its decision is known before it is judged.
    init(
        on park: String, _ side: ControlRecord.Side, _ votes: [Vote], _ state: StoreState, asOf vector: VersionVector, by author: OriginID? = nil
    ) {
        var before = vector
        if let author { before[author] = max(vector[author], 1) - 1 }
        let out = state.parksOut(asOf: vector)
        var newest: [String: Vote] = [:]
        for vote in votes where vote.park == park && vote.isIn(vector) && vote.by.park != park && !out.contains(vote.by.park) {
            if state.isUsedUp(vote, asOf: before) || state.isWithdrawn(vote.by, vote.seq, asOf: vector) { continue }
            if let other = newest[vote.by.park], other.isLater(than: vote) { continue }
            newest[vote.by.park] = vote
        }
        let agreeing = newest.values.filter { $0.side == side }.sorted { $0.by < $1.by }
        consents = agreeing.map(\.by.park)
        let written = Set(vector.elements.map(\.origin.park))
        var least: Int?
        for bound in agreeing {
            let members = Set(bound.members)
            let others = members.union(written).subtracting(out).subtracting([park])
            let majority = max(Self.votersMin, others.count / 2 + 1)
            least = min(least ?? majority, majority)
            if agreeing.filter({ members.isSuperset(of: $0.members) }).count >= majority { isCarried = true }
        }
        needed = least ?? Self.votersMin
    }
}

extension StoreState {
    func isLifted(_ fence: Fence) -> Bool { decisions.contains { $0.lifts(fence) } }

    /// Parks that were out of the zone when a node had this vector.
    func parksOut(asOf vector: VersionVector) -> Set<String> {
        Set(
            fences.filter { fence in
                fence.isIn(vector) && !fence.returned.contains { vector[$0] > 0 } && !decisions.contains { $0.isIn(vector) && $0.lifts(fence) }
            }.map(\.park))
    }

    func isUsedUp(_ vote: Vote, asOf vector: VersionVector) -> Bool {
        decisions.contains { $0.park == vote.park && $0.isIn(vector) && $0.votes[vote.by] >= vote.seq }
    }

    /// What is voted on and not decided, as far as the applied entries say, by park.
    func proposals() -> [(park: String, side: ControlRecord.Side, ballot: Ballot)] {
        let vector = applied
        var result: [(park: String, side: ControlRecord.Side, ballot: Ballot)] = []
        // Nobody is told of votes on parks that nobody knows.
        for park in Set(votes.map(\.park)).sorted() where memberKeys[park] != nil {
            for side in ControlRecord.Side.allCases where isOut(park) == (side == .back) {
                let ballot = Ballot(on: park, side, votes, self, asOf: vector)
                if !ballot.consents.isEmpty { result.append((park, side, ballot)) }
            }
        }
        return result
    }

    /// The fences that keep a park out, as a lift names them.
    func fencesInForce(_ park: String) -> VersionVector {
        var result = VersionVector()
        for fence in fences where fence.park == park && fence.returned.isEmpty && !isLifted(fence) {
            result[fence.by] = max(result[fence.by], fence.seq)
        }
        return result
    }
}

extension Decision {
    func lifts(_ fence: Fence) -> Bool { side == .back && park == fence.park && fences[fence.by] >= fence.seq }
}

/// The votes and decisions that were applied here.
enum VoteTable {
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

    static func all(_ connection: Connection, _ state: StoreState) throws -> [Vote] {
        let statement = try connection.statement("SELECT park, origin, seq, side, members FROM _parksync_vote ORDER BY park, origin, seq")
        defer { statement.reset() }
        var result: [Vote] = []
        while try statement.step() {
            guard let by = state.index(ofOrdinal: try statement.ordinal(1)), let side = ControlRecord.Side(rawValue: statement.string(3)) else {
                continue
            }
            result.append(
                Vote(
                    park: statement.string(0), side: side, members: statement.string(4).split(separator: " ").map(String.init),
                    by: state.origins[by].origin, seq: try statement.entryNumber(2)))
        }
        return result
    }

    static func decisions(_ connection: Connection, _ state: StoreState) throws -> [Decision] {
        let statement = try connection.statement("SELECT park, origin, seq, side, fences, votes FROM _parksync_decision ORDER BY park, origin, seq")
        defer { statement.reset() }
        var result: [Decision] = []
        while try statement.step() {
            guard let by = state.index(ofOrdinal: try statement.ordinal(1)), let side = ControlRecord.Side(rawValue: statement.string(3)),
                let fences = VersionVector(parsing: statement.string(4)), let votes = VersionVector(parsing: statement.string(5))
            else { continue }
            result.append(
                Decision(
                    park: statement.string(0), side: side, by: state.origins[by].origin, seq: try statement.entryNumber(2), fences: fences,
                    votes: votes))
        }
        return result
    }

    static func save(_ connection: Connection, _ vote: Vote, _ state: StoreState) throws {
        try insert(
            connection, "_parksync_vote(park, origin, seq, side, members) VALUES(?1, ?2, ?3, ?4, ?5)", vote.park, vote.by, vote.seq,
            [vote.side.rawValue, vote.members.joined(separator: " ")], state)
    }

    static func save(_ connection: Connection, _ decision: Decision, _ state: StoreState) throws {
        try insert(
            connection, "_parksync_decision(park, origin, seq, side, fences, votes) VALUES(?1, ?2, ?3, ?4, ?5, ?6)", decision.park, decision.by,
            decision.seq, [decision.side.rawValue, decision.fences.description, decision.votes.description], state)
    }

    private static func insert(
        _ connection: Connection, _ what: String, _ park: String, _ by: OriginID, _ seq: UInt64, _ texts: [String], _ state: StoreState
    ) throws {
        guard let index = state.index(of: by) else { return }
        let statement = try connection.statement("INSERT INTO \(what) ON CONFLICT DO NOTHING")
        statement.bindText(1, copying: park)
        statement.bind(2, state.origins[index].ordinal)
        statement.bind(3, seq)
        for (place, text) in texts.enumerated() { statement.bindText(Int32(4 + place), copying: text) }
        try statement.run()
    }
}
