import ParkSyncCore

/// Which authors know of which traces of deleted rows that they were dropped
/// (docs/decisions/0015-retention.md, Kept aside).
///
/// An entry knows of the compactions in its causal past: of those that its own log knew of before
/// it, and of those that the entries knew of that it names. What a log has known once it knows for
/// good, whatever a later entry of it says of its past.
package struct DropKnowledge: Hashable {
    package struct Known: Hashable {
        /// Deletions up to here have left no trace: the frontiers of the compactions, together.
        package var dropped = VersionVector()
        /// Of these, what every park that counts knew to be dropped in the past of one of the
        /// compactions.
        package var agreed = VersionVector()
        /// Of these, what every such park knew to be agreed on: no entry of theirs can come any
        /// more that is judged by it.
        package var settled = VersionVector()

        func joined(_ other: Known) -> Known {
            if covers(other) { return self }
            return Known(
                dropped: dropped.joined(other.dropped), agreed: agreed.joined(other.agreed),
                settled: settled.joined(other.settled))
        }

        func covers(_ other: Known) -> Bool {
            dropped.covers(other.dropped) && agreed.covers(other.agreed) && settled.covers(other.settled)
        }
    }

    /// An entry whose author knew more than at the one before.
    package struct Step: Hashable {
        package var seq: UInt64
        package var known: Known
    }

    /// Of each origin, in the order of the entries.
    private(set) var steps: [OriginID: [Step]] = [:]
    /// What all entries together know that are applied here.
    package private(set) var here = Known()

    /// What the author of an entry knew, itself included.
    func known(_ origin: OriginID, at seq: UInt64) -> Known { steps[origin]?.last { $0.seq <= seq }?.known ?? Known() }

    /// What the author of an origin's next entry knows.
    ///
    /// - Parameter dependencies: what the entry depends on beside what the one before it did. All
    ///   of it is applied.
    func known(by origin: OriginID, _ dependencies: [VersionVector.Element]) -> Known {
        guard !steps.isEmpty else { return Known() }
        var known = steps[origin]?.last?.known ?? Known()
        for element in dependencies { known = known.joined(self.known(element.origin, at: element.seq)) }
        return known
    }

    /// Notes what the author of an origin's newest entry knows.
    ///
    /// - Returns: whether that is more than before.
    mutating func note(_ origin: OriginID, _ step: Step) -> Bool {
        let before = steps[origin]?.last
        guard step.known != before?.known ?? Known() else { return false }
        if before?.seq == step.seq { steps[origin]?.removeLast() }
        steps[origin, default: []].append(step)
        here = here.joined(step.known)
        return true
    }

    /// Forgets steps that tell nothing any more: up to the last one of an origin that knows only
    /// what is gone. Whoever names an entry before it counts as if that knew of nothing.
    ///
    /// - Parameter gone: deletions of which nothing is kept here any more.
    /// - Returns: for each origin of which there were some, the first entry that is left.
    mutating func prune(_ gone: VersionVector) -> [(origin: OriginID, first: UInt64)] {
        var result: [(origin: OriginID, first: UInt64)] = []
        for (origin, all) in steps {
            guard let first = all.lastIndex(where: { gone.covers($0.known.dropped) }), first > 0 else { continue }
            steps[origin]?.removeFirst(first)
            result.append((origin, all[first].seq))
        }
        return result
    }

    /// The steps as they are the same at all nodes that have applied the same entries: who hears of
    /// a compaction late may know of some of what is settled that others have forgotten.
    package var shared: [OriginID: [Step]] { shared(without: here.settled) }

    /// - Parameter settled: deletions of which it makes no difference who knows.
    func shared(without settled: VersionVector) -> [OriginID: [Step]] {
        let base = Known(dropped: settled, agreed: settled, settled: settled)
        return steps.compactMapValues { all in
            var result: [Step] = []
            for step in all {
                let known = step.known.joined(base)
                if known != result.last?.known ?? base { result.append(Step(seq: step.seq, known: known)) }
            }
            return result.isEmpty ? nil : result
        }
    }

    /// What a compaction shows that its author's past comes to.
    ///
    /// - Parameters:
    ///   - past: of the entry, without itself.
    ///   - known: what its author knows.
    /// - Returns: deletions up to the frontier; what every park that counts knew to be dropped; and
    ///   what each of them knew to be agreed on, so that no entry can come any more whose author
    ///   does not know that it was dropped.
    func round(_ author: OriginID, _ frontier: VersionVector, past: VersionVector, known: Known, fences: [Fence])
        -> Known
    {
        let members = Frontier.newest(past).filter { origin in
            !fences.contains { $0.park == origin.park && $0.isIn(past) && !$0.returned.contains(origin) }
        }
        guard members.count > 1 else { return Known(dropped: frontier) }
        let all = members.map { $0 == author ? known : self.known($0, at: past[$0]) }
        return Known(
            dropped: frontier, agreed: Frontier.meet(all.map(\.dropped)), settled: Frontier.meet(all.map(\.agreed)))
    }
}

/// What authors know, as the file keeps it: the headers that would tell it may be archived.
package enum DropKnowledgeTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_known(
          origin INTEGER NOT NULL, seq INTEGER NOT NULL, -- the entry since which its author knows
          dropped TEXT NOT NULL, -- deletions whose traces were dropped, as a vector text
          agreed TEXT NOT NULL, -- those of which all knew it, as a vector text
          settled TEXT NOT NULL, -- those of which all knew that, as a vector text
          PRIMARY KEY(origin, seq)) WITHOUT ROWID
        """

    package static func load(_ connection: Connection, _ state: StoreState) throws -> DropKnowledge {
        var result = DropKnowledge()
        for (origin, step) in try all(connection, state) { _ = result.note(origin, step) }
        return result
    }

    package static func all(_ connection: Connection, _ state: StoreState) throws -> [(OriginID, DropKnowledge.Step)] {
        let statement = try connection.statement(
            "SELECT origin, seq, dropped, agreed, settled FROM _parksync_known ORDER BY origin, seq")
        defer { statement.reset() }
        var result: [(OriginID, DropKnowledge.Step)] = []
        while try statement.step() {
            guard let index = state.index(ofOrdinal: try statement.ordinal(0, "the origin of what an author knows")),
                let dropped = VersionVector(parsing: statement.string(2)),
                let agreed = VersionVector(parsing: statement.string(3)),
                let settled = VersionVector(parsing: statement.string(4))
            else { continue }
            let seq = try statement.entryNumber(1, "the entry of what an author knows")
            let known = DropKnowledge.Known(dropped: dropped, agreed: agreed, settled: settled)
            result.append((state.origins[index].origin, DropKnowledge.Step(seq: seq, known: known)))
        }
        return result
    }

    /// Notes what the author of an entry knew whose turn has come.
    ///
    /// - Parameter dependencies: what it depends on beside what the entry before it did.
    static func noteTurn(
        _ connection: Connection, _ entry: DecodedEntry, _ dependencies: [VersionVector.Element],
        _ state: inout StoreState
    ) throws {
        entry.known = state.dropKnowledge.known(by: entry.header.origin, dependencies)
        entry.isUnaware = !entry.known.dropped.covers(state.dropKnowledge.here.dropped)
        try note(connection, entry, entry.known, &state)
    }

    /// - Parameter known: what its author knows from this entry on.
    static func note(
        _ connection: Connection, _ entry: DecodedEntry, _ known: DropKnowledge.Known, _ state: inout StoreState
    ) throws {
        let (origin, seq) = (entry.header.origin, entry.header.seq)
        guard let index = state.index(of: origin),
            state.dropKnowledge.note(origin, DropKnowledge.Step(seq: seq, known: known))
        else { return }
        let statement = try connection.statement(
            "INSERT INTO _parksync_known(origin, seq, dropped, agreed, settled) VALUES(?1, ?2, ?3, ?4, ?5) "
                + "ON CONFLICT DO UPDATE SET dropped = excluded.dropped, agreed = excluded.agreed, settled = "
                + "excluded.settled"
        )
        statement.bind(1, state.origins[index].ordinal)
        statement.bind(2, seq)
        statement.bindText(3, copying: known.dropped.description)
        statement.bindText(4, copying: known.agreed.description)
        statement.bindText(5, copying: known.settled.description)
        try statement.run()
    }
}

extension StoreState {
    /// Deletions of which nothing need be kept here: those that are settled, and of which every
    /// member that this node knows has shown that it knows them to be dropped, also one that had
    /// never written before. That is this node's own decision, on which nothing depends that nodes
    /// compare; a copy that knows of no members keeps all.
    var settledForAll: VersionVector {
        let (vector, out) = (applied, parksOut)
        let newest = Dictionary(Frontier.newest(vector).map { ($0.park, $0) }, uniquingKeysWith: { first, _ in first })
        let parks = memberKeys.keys.filter { !out.contains($0) }
        let known = parks.map { park in
            newest[park].map { dropKnowledge.known($0, at: vector[$0]).dropped } ?? VersionVector()
        }
        return known.isEmpty ? VersionVector() : Frontier.meet([dropKnowledge.here.settled] + known)
    }

    /// Whether a log is not the only one of its park, or not the newest. What such a log knows is
    /// counted nowhere for sure: its entries with changes have to know what all that count are
    /// agreed on.
    func isOneOfSeveral(_ origin: OriginID) -> Bool {
        let own = Reissue.incarnation(origin)
        return own > 1
            || origins.contains {
                $0.folded > 0 && $0.origin.isOfSamePark(as: origin) && Reissue.incarnation($0.origin) > own
            }
    }

    /// Whether entries of such a log are applied here that know less than all are agreed on.
    func isUnaware(_ origin: OriginID) -> Bool {
        let agreed = dropKnowledge.here.agreed
        guard !agreed.elements.isEmpty, isOneOfSeveral(origin), let index = index(of: origin), origins[index].folded > 0
        else { return false }
        return !dropKnowledge.known(origin, at: origins[index].folded).dropped.covers(agreed)
    }
}
