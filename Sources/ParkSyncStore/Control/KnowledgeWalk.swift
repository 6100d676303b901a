import ParkSyncCore

/// Reads all logs again, each entry after what it depends on, and finds which authors knew of which
/// compactions, as applying them does.
struct KnowledgeWalk {
    private struct Head {
        var seq: UInt64
        var dependencies: [VersionVector.Element]
        var frontier: VersionVector?
    }
    private struct Cursor {
        var origin: OriginState
        var done: UInt64 = 0
        /// The next ones, the last first.
        var ahead: [Head] = []
        /// What its author had seen at `done`, without what was taken back right before.
        var seen = VersionVector()
        /// What entries right before depended on that were taken back.
        var passed = VersionVector()
    }

    private let connection: Connection
    private let state: StoreState
    private let quarantined: [OriginID: Set<UInt64>]
    private let fences: [Fence]
    private var cursors: [Cursor]
    private(set) var knowledge = DropKnowledge()

    /// Entries of one log that are read at a time.
    private static let headsAtOnce: UInt64 = 2_000

    /// - Parameter state: with the withdrawals.
    init(_ connection: Connection, _ state: StoreState, quarantined: [OriginID: Set<UInt64>]) throws {
        (self.connection, self.state, self.quarantined) = (connection, state, quarantined)
        fences = try FenceTable.all(connection, state)
        cursors = state.origins.map { Cursor(origin: $0) }
    }

    /// - Returns: whether all that is applied could be read so.
    mutating func run() throws -> Bool {
        var hasProgress = true
        while hasProgress {
            hasProgress = false
            for index in cursors.indices { while try step(index) { hasProgress = true } }
        }
        return cursors.allSatisfy { $0.done >= $0.origin.folded }
    }

    /// Takes the next entry of a log, if its turn has come.
    private mutating func step(_ index: Int) throws -> Bool {
        if cursors[index].ahead.isEmpty { try fill(index) }
        guard let head = cursors[index].ahead.last, head.seq == cursors[index].done + 1 else { return false }
        let origin = cursors[index].origin.origin
        if state.isWithdrawn(origin, head.seq) {
            for dependency in head.dependencies { cursors[index].passed[dependency.origin] = dependency.seq }
        } else {
            var dependencies = cursors[index].passed
            for dependency in head.dependencies { dependencies[dependency.origin] = dependency.seq }
            guard dependencies.elements.allSatisfy({ done($0.origin) >= $0.seq }) else { return false }
            pass(head, of: index, dependencies.elements)
            cursors[index].passed = VersionVector()
        }
        cursors[index].done = head.seq
        cursors[index].ahead.removeLast()
        return true
    }

    private func done(_ origin: OriginID) -> UInt64 { cursors.first { $0.origin.origin == origin }?.done ?? 0 }

    private mutating func pass(_ head: Head, of index: Int, _ dependencies: [VersionVector.Element]) {
        let origin = cursors[index].origin.origin
        for dependency in dependencies { cursors[index].seen[dependency.origin] = dependency.seq }
        let known = knowledge.known(by: origin, dependencies)
        _ = knowledge.note(origin, DropKnowledge.Step(seq: head.seq, known: known))
        guard let frontier = head.frontier else { return }
        var past = cursors[index].seen
        past[origin] = head.seq - 1
        let round = knowledge.round(origin, frontier, past: past, known: known, fences: fences)
        _ = knowledge.note(origin, DropKnowledge.Step(seq: head.seq, known: known.joined(round)))
    }

    private mutating func fill(_ index: Int) throws {
        let (origin, ordinal, done) = (cursors[index].origin.origin, cursors[index].origin.ordinal, cursors[index].done)
        let last = min(cursors[index].origin.folded, done + Self.headsAtOnce)
        guard done < last else { return }
        var heads: [Head] = []
        try LogScan.ascend(connection, origin: origin, ordinal: ordinal, after: done, through: last) { entry in
            let isSetAside = quarantined[origin]?.contains(entry.seq) == true
            guard let words = EntryWords(entry.payload, origin, entry.seq, isSetAside: isSetAside) else {
                return .enough
            }
            heads.append(Head(seq: entry.seq, dependencies: words.dependencies, frontier: words.frontier))
            return .more
        }
        cursors[index].ahead = heads.reversed()
    }
}
