import ParkSyncCore

/// The word of a park on another one, as a good entry says.
struct ModelVote: Hashable, Sendable {
    var park: String
    var isOut: Bool
    var members: Set<String>
    var by: EntryName

    func isIn(_ vector: VersionVector) -> Bool { vector[by.origin] >= by.seq }
}

/// A fence, or the end of some, as a good entry says.
struct ModelDecision: Hashable, Sendable {
    var park: String
    var by: EntryName
    /// The fences that it ends; nil if it is one.
    var ends: VersionVector?
    /// What its author had when it said so, this entry included.
    var past: VersionVector

    func isIn(_ vector: VersionVector) -> Bool { vector[by.origin] >= by.seq }
    func ends(_ fence: ModelFence) -> Bool {
        park == fence.park && (ends.map { $0[fence.by.origin] >= fence.by.seq } ?? false)
    }
}

/// Votes by the rules of docs/decisions/0020-fences-by-consent.md, written once more.
extension ModelOracle {
    /// Why an entry that takes a park out, or back, has no effect: its past has not enough votes.
    func shortfall(_ park: String, isOut: Bool, by entry: ModelEntry) -> String? {
        var past = entry.past
        past[entry.write.origin] = entry.write.seq
        let fresh = (votes + Self.votes(of: entry)).filter { vote in
            vote.park == park && vote.isIn(past) && vote.by.origin.park != park && !isWithdrawn(vote.by, at: past)
                && !decisions.contains { $0.park == park && $0.isIn(past) && vote.isIn($0.past) }
        }
        let out = parksOut(at: past)
        // The newest word of each park.
        var words: [String: ModelVote] = [:]
        for vote in fresh.sorted(by: {
            (Self.incarnation($0.by.origin), $0.by.seq) < (Self.incarnation($1.by.origin), $1.by.seq)
        })
        where !out.contains(vote.by.origin.park) { words[vote.by.origin.park] = vote }
        let agreeing = words.values.filter { $0.isOut == isOut }
        let written = Set(past.elements.map(\.origin.park))
        let isEnough = agreeing.contains { bound in
            let electors = bound.members.union(written).subtracting(out).subtracting([park])
            let voters = agreeing.filter { $0.members.isSubset(of: bound.members) }.count
            return voters >= 2 && 2 * voters > electors.count
        }
        return isEnough ? nil : "\(agreeing.count) parks want \(park) \(isOut ? "out" : "back"), which is too few"
    }

    /// Why a log has more votes with an entry than any may have.
    func tooManyVotes(with entry: ModelEntry) -> String? {
        let fresh = Self.votes(of: entry).count
        if fresh == 0 { return nil }
        let before = votes.filter { $0.by.origin == entry.write.origin && $0.by.seq < entry.write.seq }.count
        return before + fresh > CoreLimits.votesPerLogMax ? "its log has too many votes" : nil
    }

    static func votes(of entry: ModelEntry) -> [ModelVote] {
        entry.controls.compactMap { control in
            guard case .vote(let park, let side, let members) = control else { return nil }
            return ModelVote(park: park, isOut: side == .out, members: Set(members), by: entry.name)
        }
    }

    private func parksOut(at vector: VersionVector) -> Set<String> {
        Set(
            fences.filter { fence in
                fence.isIn(vector) && !decisions.contains { $0.isIn(vector) && $0.ends(fence) }
                    && !vector.elements.contains { $0.origin.park == fence.park && knows($0.origin, fence) }
            }.map(\.park))
    }

    /// Whether a fence keeps its park out for good, as far as the model knows.
    func isInForce(_ fence: ModelFence) -> Bool {
        !decisions.contains { $0.ends(fence) } && !origins.contains { $0.park == fence.park && knows($0, fence) }
    }
}

extension ModelEntry {
    /// Whether a record says something about who is in the zone.
    static func isWord(_ control: ControlRecord) -> Bool {
        switch control {
        case .vote, .fence, .lift: true
        case .incarnation, .memberKey, .withdrawal, .compaction: false
        }
    }

    /// Whether a record is judged by more than its own log.
    static func needsPast(_ control: ControlRecord) -> Bool {
        switch control {
        case .fence, .lift, .compaction: true
        case .incarnation, .memberKey, .withdrawal, .vote: false
        }
    }
}
