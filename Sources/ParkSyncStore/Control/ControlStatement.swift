import ParkSyncCore

/// What a row says in which the file keeps the words of an entry on logs and parks, and the entry
/// that has to have said so.
struct ControlStatement: Hashable {
    enum What: Hashable {
        case withdrawal(of: OriginID, first: UInt64, last: UInt64)
        case fence(park: ExactText, after: VersionVector)
        /// The entry begins a log of the park, and its author had seen the fence.
        case comesBack(park: ExactText, fencedBy: OriginID, seq: UInt64)
        case decision(park: ExactText, side: ControlRecord.Side, fences: VersionVector)
        /// With a hash of all that the vote says.
        case vote(park: ExactText, side: ControlRecord.Side, digest: String)
        /// A decision uses the entry's vote up.
        case usedVote(park: ExactText)
    }
    var by: OriginID
    var seq: UInt64
    var what: What

    /// For people, behind "says that".
    var text: String {
        let words =
            switch what {
            case .withdrawal(let of, let first, let last): "takes \(of):\(first) to \(last) back"
            case .fence(let park, let after): "fences \(park) after \(after)"
            case .comesBack(let park, let fencedBy, let seq): "brings \(park) back, which \(fencedBy):\(seq) fenced"
            case .decision(let park, let side, _): "takes \(park) \(side.rawValue)"
            case .vote(let park, let side, _): "wants \(park) \(side.rawValue)"
            case .usedVote(let park): "votes on \(park), as a decision says"
            }
        return "\(by):\(seq) \(words)"
    }

    init(_ by: OriginID, _ seq: UInt64, _ what: What) { (self.by, self.seq, self.what) = (by, seq, what) }

    init(_ withdrawal: Withdrawal) {
        self.init(withdrawal.by, 1, .withdrawal(of: withdrawal.origin, first: withdrawal.first, last: withdrawal.last))
    }

    init(_ fence: Fence) { self.init(fence.by, fence.seq, .fence(park: ExactText(fence.park), after: fence.after)) }

    init(_ decision: Decision) {
        self.init(
            decision.by, decision.seq,
            .decision(park: ExactText(decision.park), side: decision.side, fences: decision.fences))
    }

    init(_ vote: Vote) {
        self.init(vote.by, vote.seq, .vote(park: ExactText(vote.park), side: vote.side, digest: vote.digest))
    }

    /// That the log `by` is one with which a fenced park came back.
    static func comesBack(_ by: OriginID, after fence: Fence) -> ControlStatement {
        ControlStatement(by, 1, .comesBack(park: ExactText(fence.park), fencedBy: fence.by, seq: fence.seq))
    }
}

/// What an entry says of logs and parks: what all that compares the file with the log has from it.
struct EntryWords {
    let origin: OriginID
    let seq: UInt64
    let stamp: Stamp
    /// What its author had seen beside what it had at the entry before; of the first entry, all.
    let dependencies: [VersionVector.Element]
    let isSetAside: Bool
    /// Nothing if the entry is set aside.
    let controls: [ControlRecord]

    /// - Parameter isSetAside: whether nothing that it says counts, but for what its author had
    ///   seen.
    /// - Returns: nil if not even the header can be read.
    init?(_ payload: UnsafeRawBufferPointer, _ origin: OriginID, _ seq: UInt64, isSetAside: Bool) {
        guard let header = try? EntryHeader(of: payload) else { return nil }
        (self.origin, self.seq, stamp, dependencies) = (origin, seq, header.stamp, header.dependencies)
        self.isSetAside = isSetAside
        controls = isSetAside ? [] : ControlRecord.all(in: payload)
    }

    /// What the file has to keep of it.
    var statements: [ControlStatement] {
        controls.flatMap { control -> [ControlStatement] in
            switch control {
            case .fence(let park, let after):
                [
                    ControlStatement(Fence(park: park, by: origin, seq: seq, after: after)),
                    ControlStatement(
                        origin, seq, .decision(park: ExactText(park), side: .out, fences: VersionVector())),
                ]
            case .lift(let park, let fences):
                [ControlStatement(origin, seq, .decision(park: ExactText(park), side: .back, fences: fences))]
            case .vote(let park, let side, let members):
                [ControlStatement(Vote(park: park, side: side, members: members, by: origin, seq: seq))]
            case .withdrawal(let of, let first, let last):
                [ControlStatement(origin, seq, .withdrawal(of: of, first: first, last: last))]
            case .incarnation, .memberKey, .compaction: []
            }
        }
    }

    /// The frontier of a compaction, if it is one.
    var frontier: VersionVector? {
        for case .compaction(let frontier) in controls { return frontier }
        return nil
    }

    func says(_ statement: ControlStatement) -> Bool {
        switch statement.what {
        case .comesBack(let park, let fencedBy, let fence):
            seq == 1 && origin.park.isExactly(park.text)
                && dependencies.contains { $0.origin == fencedBy && $0.seq >= fence }
        case .usedVote(let park):
            controls.contains { if case .vote(let other, _, _) = $0 { other.isExactly(park.text) } else { false } }
        case .withdrawal, .fence, .decision, .vote: statements.contains(statement)
        }
    }
}
