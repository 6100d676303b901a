import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// One row on a few nodes: every order in which they can write, acknowledge, compact and hear of one another.
///
/// The merge, the frontier and what an entry records are those of the store; only the tables and the transport are left out.
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
        /// For each origin what its author had seen at its newest entry that is applied here, that entry included.
        var seen: [VersionVector]
    }

    let origins: [OriginID]
    var nodes: [Node]
    var logs: [[Entry]]

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

    mutating func apply(_ entry: Entry, of author: Int, at node: Int) {
        switch entry.content {
        case .change(let kind, let length):
            let change = IncomingChange(write: entry.write, causalLength: length, kind: kind)
            nodes[node].clock =
                RowMerge.merge(change, into: nodes[node].clock, columns: Self.columns) {
                    $0 == entry.write.origin ? entry.write.seq - 1 : entry.seen[$0]
                }.clock
        case .acknowledgement: break
        case .compaction(let frontier):
            if let clock = nodes[node].clock, !clock.causalLength.isAlive, frontier[clock.base.origin] >= clock.base.seq { nodes[node].clock = nil }
        }
        nodes[node].applied[entry.write.origin] = entry.write.seq
        var seen = entry.seen
        seen[entry.write.origin] = entry.write.seq
        nodes[node].seen[author] = seen
    }

    /// What a node would give as frontier: the store's rule over what the others' entries say and all that is applied here.
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
        guard author != node, seq < logs[author].count, nodes[node].applied.covers(logs[author][seq].seen) else { return nil }
        return logs[author][seq]
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
            // Who confirms that the row is gone deletes it once more, also where no trace tells how often it lived.
            result = [.change(.insert, length.afterInsert), .change(.delete, max(length, CausalLength.first.afterDelete))]
        }
        var known = nodes[node].seen[node]
        known[origins[node]] = nodes[node].applied[origins[node]]
        if known != nodes[node].applied { result.append(.acknowledgement) }
        if let clock = nodes[node].clock, !clock.causalLength.isAlive {
            let frontier = frontier(node)
            if frontier[clock.base.origin] >= clock.base.seq { result.append(.compaction(frontier)) }
        }
        return result
    }

    /// What differs once all have heard everything; nil if all is well.
    func fault() -> String? {
        var end = self
        end.flush()
        guard let first = end.nodes.first else { return "no node" }
        for node in end.nodes.dropFirst() where node.applied != first.applied { return "not everything can be applied" }
        let clocks = end.nodes.map { $0.clock.flatMap { $0.causalLength.isAlive ? $0 : nil } }
        guard Set(clocks).count == 1 else { return "the nodes hold different rows: \(clocks)" }
        guard clocks[0] != nil else { return nil }
        let entries = end.logs.flatMap { $0 }
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
        var compactions = 0
        var faults: [String] = []

        /// Every world that can follow, with at most `budget` further entries.
        mutating func explore(_ world: World, budget: Int, frontier: (World, Int) -> VersionVector?) {
            guard faults.isEmpty, visited.insert(world).inserted else { return }
            if let fault = world.fault() { return faults.append("\(fault): \(world.logs)") }
            for node in world.nodes.indices {
                for author in world.nodes.indices {
                    guard let entry = world.next(of: author, at: node) else { continue }
                    var next = world
                    next.apply(entry, of: author, at: node)
                    explore(next, budget: budget, frontier: frontier)
                }
                guard budget > 0 else { continue }
                for var content in world.writes(node) {
                    if case .compaction = content { compactions += 1 }
                    if case .acknowledgement = content, let forced = frontier(world, node) { content = .compaction(forced) }
                    var next = world
                    next.write(node, content)
                    explore(next, budget: budget - 1, frontier: frontier)
                }
            }
        }
    }

    @Test(arguments: [(["a", "b"], 5), (["a", "b", "c"], 4)]) func everyOrderEndsAlike(_ names: [String], _ budget: Int) {
        var explorer = Explorer()
        explorer.explore(World(names), budget: budget) { _, _ in nil }
        #expect(explorer.faults == [])
        #expect(explorer.compactions > 100, "\(explorer.compactions) compactions in \(explorer.visited.count) worlds")
    }

    /// A frontier that does not wait for the others is caught: the search can find a fault.
    @Test func aFrontierOfOneNodeAloneIsCaught() {
        var explorer = Explorer()
        explorer.explore(World(["a", "b"]), budget: 4) { world, node in world.nodes[node].applied }
        #expect(explorer.faults.count == 1)
    }
}
