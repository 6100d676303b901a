import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// One row on a few nodes: every order in which they can write, acknowledge, compact and hear of
/// one another.
///
/// The merge, the frontier and what an entry records are those of the store; only the tables and
/// the transport are left out.
private struct World: Hashable {
    struct Entry: Hashable {
        enum Content: Hashable {
            case change(IncomingChange.Kind, CausalLength)
            case acknowledgement
            case compaction(VersionVector)
        }
        var write: WriteID
        var seen: VersionVector
        var content: Content
    }

    struct Node: Hashable {
        var applied = VersionVector()
        var clock: RowClock?
        /// What is left of it where its trace was dropped, and what authors know of that.
        var kept: Set<KeptTrace> = []
        var knowledge = DropKnowledge()
        /// For each origin what its author had seen at its newest entry that is applied here, that
        /// entry included.
        var seen: [VersionVector]
    }

    let origins: [OriginID]
    var nodes: [Node]
    var logs: [[Entry]]
    /// The node whose software is not ours, and how many lies it has told.
    var liar: Int?
    var lies = 0
    /// Whether traces that are dropped judge on.
    var keepsTraces = true

    private static let columns = MergeColumns(all: .first(1), counters: .none)

    /// The row exists and all know of it and of one another.
    init(_ names: [String]) {
        origins = names.compactMap { OriginID($0) }
        nodes = names.map { _ in Node(seen: names.map { _ in VersionVector() }) }
        logs = names.map { _ in [] }
        write(0, .change(.insert, .first))
        flush()
        for node in nodes.indices.dropFirst() { write(node, .acknowledgement) }
        flush()
        for node in nodes.indices { write(node, .acknowledgement) }
        flush()
    }

    /// The first node has deleted the row, all have acknowledged that, and the last one lies from
    /// now on.
    static func beforeALie(_ names: [String]) -> World {
        var world = World(names)
        world.write(0, .change(.delete, CausalLength.first.afterDelete))
        world.flush()
        for node in world.nodes.indices.dropFirst() { world.write(node, .acknowledgement) }
        world.flush()
        world.liar = names.count - 1
        return world
    }

    mutating func write(_ node: Int, _ content: Entry.Content) {
        var seen = nodes[node].applied
        let seq = seen[origins[node]] + 1
        seen[origins[node]] = 0
        // As a hybrid clock does: later than everything that was seen.
        let newest = nodes[node].applied.elements.compactMap { element in
            origins.firstIndex(of: element.origin).map { logs[$0][Int(element.seq) - 1].write.stamp.rawValue }
        }
        let stamp = Stamp(rawValue: (newest.max() ?? 0) + 1)
        let entry = Entry(write: WriteID(stamp: stamp, origin: origins[node], seq: seq), seen: seen, content: content)
        logs[node].append(entry)
        apply(entry, of: node, at: node)
    }

    /// An entry that says of its past what its author likes.
    mutating func lie(
        _ node: Int, _ kind: IncomingChange.Kind, _ length: CausalLength, seen: VersionVector, stamp: Stamp
    ) {
        let write = WriteID(stamp: stamp, origin: origins[node], seq: nodes[node].applied[origins[node]] + 1)
        let entry = Entry(write: write, seen: seen, content: .change(kind, length))
        logs[node].append(entry)
        lies += 1
        apply(entry, of: node, at: node)
    }

    /// Whether a trace that was dropped stops the change.
    private mutating func stops(_ change: IncomingChange, _ known: VersionVector, at node: Int) -> Bool {
        let judging = nodes[node].kept.filter { known[$0.deletion.origin] < $0.deletion.seq }
        let stopping = judging.filter { $0.holds(against: change) }
        nodes[node].kept.subtract(judging.subtracting(stopping))
        return !stopping.isEmpty
    }

    private mutating func compact(_ entry: Entry, _ frontier: VersionVector, _ known: DropKnowledge.Known, at node: Int)
    {
        let (origin, seq) = (entry.write.origin, entry.write.seq)
        var past = entry.seen
        past[origin] = seq - 1
        let round = nodes[node].knowledge.round(origin, frontier, past: past, known: known, fences: [])
        if let clock = nodes[node].clock, !clock.causalLength.isAlive, frontier[clock.base.origin] >= clock.base.seq {
            if keepsTraces {
                nodes[node].kept.insert(KeptTrace(causalLength: clock.causalLength, deletion: clock.base))
            }
            nodes[node].clock = nil
        }
        nodes[node].kept = nodes[node].kept.filter { round.settled[$0.deletion.origin] < $0.deletion.seq }
        _ = nodes[node].knowledge.note(origin, DropKnowledge.Step(seq: seq, known: known.joined(round)))
        _ = nodes[node].knowledge.prune(nodes[node].knowledge.here.settled)
    }

    mutating func apply(_ entry: Entry, of author: Int, at node: Int) {
        let known = nodes[node].knowledge.known(by: entry.write.origin, entry.seen.elements)
        _ = nodes[node].knowledge.note(entry.write.origin, DropKnowledge.Step(seq: entry.write.seq, known: known))
        switch entry.content {
        case .change(let kind, let length):
            let change = IncomingChange(write: entry.write, causalLength: length, kind: kind)
            if stops(change, known.dropped, at: node) { break }
            nodes[node].clock =
                RowMerge.merge(change, into: nodes[node].clock, columns: Self.columns) {
                    $0 == entry.write.origin ? entry.write.seq - 1 : entry.seen[$0]
                }.clock
        case .acknowledgement: break
        case .compaction(let frontier): compact(entry, frontier, known, at: node)
        }
        nodes[node].applied[entry.write.origin] = entry.write.seq
        var seen = entry.seen
        seen[entry.write.origin] = entry.write.seq
        nodes[node].seen[author] = seen
    }

    /// What a node would give as frontier: the store's rule over what the others' entries say and
    /// all that is applied here.
    func frontier(_ node: Int) -> VersionVector {
        let known = origins.indices.map { index -> Frontier.Member in
            Frontier.Member(
                park: origins[index].park, origin: origins[index], seq: nodes[node].applied[origins[index]],
                seen: index == node ? nodes[node].applied : nodes[node].seen[index])
        }
        return Frontier(known: known, fences: [], asOf: nodes[node].applied).vector
    }

    /// The next entry of `author` that `node` could apply.
    func next(of author: Int, at node: Int) -> Entry? {
        let seq = Int(nodes[node].applied[origins[author]])
        guard author != node, seq < logs[author].count, nodes[node].applied.covers(logs[author][seq].seen) else {
            return nil
        }
        return logs[author][seq]
    }

    var hasHeardAll: Bool {
        nodes.indices.allSatisfy { node in nodes.indices.allSatisfy { next(of: $0, at: node) == nil } }
    }

    mutating func flush() {
        var moved = true
        while moved {
            moved = false
            for node in nodes.indices {
                for author in nodes.indices {
                    while let entry = next(of: author, at: node) {
                        apply(entry, of: author, at: node)
                        moved = true
                    }
                }
            }
        }
    }

    /// What a node can write now.
    func writes(_ node: Int) -> [Entry.Content] {
        var result: [Entry.Content] = []
        let length = nodes[node].clock?.causalLength ?? .never
        if length.isAlive {
            result = [.change(.update(.first(1)), length), .change(.delete, length.afterDelete)]
        } else {
            // Who confirms that the row is gone deletes it once more, also where no trace tells how
            // often it lived.
            result = [
                .change(.insert, length.afterInsert), .change(.delete, max(length, CausalLength.first.afterDelete)),
            ]
        }
        var known = nodes[node].seen[node]
        known[origins[node]] = nodes[node].applied[origins[node]]
        if known != nodes[node].applied { result.append(.acknowledgement) }
        if let clock = nodes[node].clock, !clock.causalLength.isAlive {
            let frontier = frontier(node)
            if frontier[clock.base.origin] >= clock.base.seq { result.append(.compaction(frontier)) }
        } else if liar != nil, !nodes[node].kept.isEmpty {
            // As if another row's trace could go.
            result.append(.compaction(frontier(node)))
        }
        return result
    }

    /// What a liar can say of the row: that it was written in any life, by a clock that is behind
    /// or not, by somebody who had seen of each other log no more than its beginning, or all.
    func eachLie(_ body: (World) -> Void) {
        guard let liar else { return }
        var pasts = [VersionVector()]
        for origin in origins where origin != origins[liar] {
            pasts = Set([1, nodes[liar].applied[origin]]).sorted().flatMap { seq in
                pasts.map { past in
                    var past = past
                    past[origin] = seq
                    return past
                }
            }
        }
        let changes: [(IncomingChange.Kind, UInt64)] = [
            (.insert, 1), (.update(.first(1)), 1), (.delete, 2), (.insert, 3), (.update(.first(1)), 3), (.delete, 4),
        ]
        let newest = logs.flatMap { $0 }.map(\.write.stamp.rawValue).max() ?? 0
        for past in pasts {
            for (kind, length) in changes {
                for stamp in [1, newest + 1] {
                    var next = self
                    next.lie(liar, kind, CausalLength(rawValue: length), seen: past, stamp: Stamp(rawValue: stamp))
                    body(next)
                }
            }
        }
    }

    /// What differs although all have heard everything; nil if all is well.
    func fault() -> String? {
        guard let first = nodes.first else { return "no node" }
        for node in nodes.dropFirst() where node.applied != first.applied { return "not everything can be applied" }
        let clocks = nodes.map(\.clock)
        guard Set(clocks).count == 1 else { return "the nodes hold different rows: \(clocks)" }
        guard Set(nodes.map(\.kept)).count == 1 else { return "the nodes keep different traces: \(nodes.map(\.kept))" }
        guard Set(nodes.map(\.knowledge.shared)).count == 1 else { return "the nodes know different things" }
        guard lies == 0, first.clock?.causalLength.isAlive == true else { return nil }
        let entries = logs.flatMap { $0 }
        let deletes = entries.filter { if case .change(.delete, _) = $0.content { true } else { false } }
        let inserts = entries.filter { if case .change(.insert, _) = $0.content { true } else { false } }
        let survives = inserts.contains { insert in
            !deletes.contains { delete in
                delete.write.origin == insert.write.origin
                    ? delete.write.seq > insert.write.seq : delete.seen[insert.write.origin] >= insert.write.seq
            }
        }
        return survives ? nil : "a row came back although each of its inserts was deleted"
    }
}

@Suite struct CompactionExhaustiveTests {
    private struct Explorer {
        var visited: Set<World> = []
        var liesMax = 0
        var compactions = 0
        var faults: [String] = []

        /// Every world that can follow, with at most `budget` further entries.
        mutating func explore(_ world: World, budget: Int, frontier: (World, Int) -> VersionVector?) {
            guard faults.isEmpty, visited.insert(world).inserted else { return }
            // Where something can still be heard, what it comes to is found where all of it has
            // been heard: that lies on the way from here.
            if world.hasHeardAll, let fault = world.fault() { return faults.append("\(fault): \(world.logs)") }
            for node in world.nodes.indices {
                for author in world.nodes.indices {
                    guard let entry = world.next(of: author, at: node) else { continue }
                    var next = world
                    next.apply(entry, of: author, at: node)
                    explore(next, budget: budget, frontier: frontier)
                }
                guard budget > 0 else { continue }
                if node == world.liar, world.lies < liesMax {
                    world.eachLie { explore($0, budget: budget - 1, frontier: frontier) }
                }
                for var content in world.writes(node) {
                    if case .compaction = content { compactions += 1 }
                    if case .acknowledgement = content, let forced = frontier(world, node) {
                        content = .compaction(forced)
                    }
                    var next = world
                    next.write(node, content)
                    explore(next, budget: budget - 1, frontier: frontier)
                }
            }
        }
    }

    /// - Returns: what was found in all that can follow, how many compactions there were, and in
    ///   how many worlds.
    private static func explore(
        _ names: [String], budget: Int, beforeALie: Bool = false, lies: Int = 0
    ) async -> (faults: [String], compactions: Int, worlds: Int) {
        await aside {
            var explorer = Explorer()
            explorer.liesMax = lies
            explorer.explore(beforeALie ? World.beforeALie(names) : World(names), budget: budget) { _, _ in nil }
            return (explorer.faults, explorer.compactions, explorer.visited.count)
        }
    }

    @Test(arguments: [(["a", "b"], 5), (["a", "b", "c"], 4)]) func everyOrderEndsAlike(_ names: [String], _ budget: Int)
        async
    {
        let found = await Self.explore(names, budget: budget)
        #expect(found.faults == [])
        #expect(found.compactions > 100, "\(found.compactions) compactions in \(found.worlds) worlds")
    }

    /// One node lies about what it had seen, once or twice, after it has acknowledged a deletion.
    @Test(arguments: [(["a", "b"], 4, 1), (["a", "b"], 3, 2), (["a", "b", "c"], 2, 1)])
    func aLieAboutARowThatIsCompactedComesToTheSame(_ names: [String], _ budget: Int, _ lies: Int) async {
        let found = await Self.explore(names, budget: budget, beforeALie: true, lies: lies)
        #expect(found.faults == [])
        #expect(found.compactions > 20, "\(found.compactions) compactions in \(found.worlds) worlds")
    }

    /// Without what is kept aside of dropped traces such a lie makes a difference.
    @Test(arguments: [["a", "b"], ["a", "b", "c"]]) func aLieIsCaughtWhereDroppedTracesAreForgotten(_ names: [String]) {
        var explorer = Explorer()
        explorer.liesMax = 1
        var world = World.beforeALie(names)
        world.keepsTraces = false
        explorer.explore(world, budget: 2) { _, _ in nil }
        #expect(explorer.faults.count == 1)
    }

    /// A frontier that does not wait for the others is caught where dropped traces are forgotten:
    /// the search can find a fault.
    @Test func aFrontierOfOneNodeAloneIsCaught() {
        var explorer = Explorer()
        var world = World(["a", "b"])
        world.keepsTraces = false
        explorer.explore(world, budget: 4) { world, node in world.nodes[node].applied }
        #expect(explorer.faults.count == 1)
    }
}
