import Crypto
import ParkSyncCore

/// The word of a park on another one, as an applied entry of it says.
package struct Vote: Hashable {
    var park: String
    var side: ControlRecord.Side
    /// The zone's parks, as the voter knows them.
    var members: [String]
    /// The entry that says so.
    var by: OriginID
    var seq: UInt64

    package init(park: String, side: ControlRecord.Side, members: [String], by: OriginID, seq: UInt64) {
        (self.park, self.side, self.members, self.by, self.seq) = (park, side, members, by, seq)
    }

    func isIn(_ vector: VersionVector) -> Bool { vector[by] >= seq }
    /// Stands for all that it says.
    package var digest: String {
        let text = ([park, side.rawValue, by.name, String(seq)] + members).joined(separator: " ")
        return Hex.encode(Array(SHA256.hash(data: Array(text.utf8))))
    }
    func isLater(than other: Vote) -> Bool {
        (Reissue.incarnation(by), seq) > (Reissue.incarnation(other.by), other.seq)
    }
}

/// A fence, or the end of one, that enough parks have voted for.
package struct Decision: Hashable {
    package var park: String
    package var side: ControlRecord.Side
    /// The entry that says so.
    package var by: OriginID
    package var seq: UInt64
    /// The fences that it ends.
    package var fences: VersionVector
    /// The votes that are used up by it: whoever wants something else afterwards has to say so
    /// anew.
    package var votes: VersionVector

    package init(
        park: String, side: ControlRecord.Side, by: OriginID, seq: UInt64, fences: VersionVector, votes: VersionVector
    ) {
        (self.park, self.side, self.by, self.seq) = (park, side, by, seq)
        (self.fences, self.votes) = (fences, votes)
    }

    func isIn(_ vector: VersionVector) -> Bool { vector[by] >= seq }
}

/// Counts the votes on a park, as of a vector. Depends on nothing but the entries in it, so that
/// all nodes count alike.
///
/// A majority of the others has to agree, and at least two parks: one alone, whatever list of
/// members it gives, takes nobody out. The others are the members that the voters name together,
/// and whoever has written, without those that are out.
struct Ballot: Hashable {
    /// The words of those whose newest one is this, sorted by park.
    private(set) var words: [Vote] = []
    /// Parks whose newest word is this one, sorted.
    var consents: [String] = []
    /// How many it takes.
    private(set) var needed = Self.votersMin
    private(set) var isCarried = false

    /// One liar is not enough, and a park that fears one needs a witness.
    static let votersMin = 2

    /// - Parameters:
    ///   - vector: the votes in it count, and none that was used up or taken back in it; the own
    ///     entry included for the entry that says so.
    ///   - author: whose newest entry in the vector is the one that says so. When the tables are
    ///     made anew its decision is known before it is judged.
    ///   - fresh: votes of an entry that are not in the file.
    init(
        on park: String, _ side: ControlRecord.Side, _ connection: Connection, _ state: StoreState,
        asOf vector: VersionVector,
        by author: OriginID? = nil, with fresh: [Vote] = []
    ) throws {
        var before = vector
        if let author { before[author] = max(vector[author], 1) - 1 }
        let out = state.parksOut(asOf: vector)
        let used = state.usedUp(on: park, asOf: before)
        let known = try VoteTable.newest(on: park, connection, state, asOf: vector, after: used)
        var newest: [String: Vote] = [:]
        for vote in known + fresh
        where vote.park == park && vote.isIn(vector) && vote.by.park != park && !out.contains(vote.by.park) {
            if vote.seq <= used[vote.by] || state.isWithdrawn(vote.by, vote.seq, asOf: vector) { continue }
            if let other = newest[vote.by.park], other.isLater(than: vote) { continue }
            newest[vote.by.park] = vote
        }
        words = newest.values.filter { $0.side == side }.sorted { $0.by < $1.by }
        consents = words.map(\.by.park)
        let written = Set(vector.elements.map(\.origin.park))
        var least: Int?
        for bound in words {
            let members = Set(bound.members)
            let others = members.union(written).subtracting(out).subtracting([park])
            let majority = max(Self.votersMin, others.count / 2 + 1)
            least = min(least ?? majority, majority)
            if words.filter({ members.isSuperset(of: $0.members) }).count >= majority { isCarried = true }
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
                fence.isIn(vector) && !fence.returned.contains { vector[$0] > 0 }
                    && !decisions.contains { $0.isIn(vector) && $0.lifts(fence) }
            }.map(\.park))
    }

    /// For each log the newest vote on a park that a decision in the vector has used up.
    func usedUp(on park: String, asOf vector: VersionVector) -> VersionVector {
        var result = VersionVector()
        for decision in decisions where decision.park == park && decision.isIn(vector) {
            result = result.joined(decision.votes)
        }
        return result
    }

    /// What is voted on and not decided, as far as the applied entries say, by park. Nobody is told
    /// of votes on parks that nobody knows.
    func proposals(_ connection: Connection) throws -> [(park: String, side: ControlRecord.Side, ballot: Ballot)] {
        let vector = applied
        var result: [(park: String, side: ControlRecord.Side, ballot: Ballot)] = []
        for park in memberKeys.keys.sorted() {
            for side in ControlRecord.Side.allCases where isOut(park) == (side == .back) {
                let ballot = try Ballot(on: park, side, connection, self, asOf: vector)
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
