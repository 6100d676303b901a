import ParkSyncCore

/// Holds what the file keeps of dropped traces, and of who knows of them, against the whole log.
struct DropHistory {
    private let connection: Connection
    private let state: StoreState
    private let quarantined: [OriginID: Set<UInt64>]

    /// - Parameter state: with the withdrawals. All of the log can be read.
    init(_ connection: Connection, _ state: StoreState, quarantined: [OriginID: Set<UInt64>]) {
        (self.connection, self.state, self.quarantined) = (connection, state, quarantined)
    }

    func compare(_ tell: (String) throws -> Void) throws {
        var walk = try KnowledgeWalk(connection, state, quarantined: quarantined)
        // Where the log has gaps they are told elsewhere.
        guard try walk.run() else { return }
        try compare(walk.knowledge, tell)
        let tables = try TraceTables(connection)
        var rows: Set<TraceRows.Row> = []
        try TraceRows.each(connection, state, strange: {}, { rows.insert($0) })
        var history = TraceHistory(rows, walk.knowledge, tables)
        try scan { history.add($0, $1) }
        for (row, by) in history.beaten {
            try tell(
                "the file says that \(tables.text(row)), and the log does not: \(by.origin):\(by.seq) took its place")
        }
        guard !history.absent.isEmpty else { return }
        var absent = TraceHistory(history.absent, walk.knowledge, tables)
        absent.findsAbsent = false
        try scan { absent.add($0, $1) }
        for row in absent.unbeaten { try tell("the log says that \(tables.text(row)), and the file does not") }
    }

    /// Rows of what is settled may have been forgotten, or not.
    private func compare(_ knowledge: DropKnowledge, _ tell: (String) throws -> Void) throws {
        let settled = knowledge.here.settled
        let kept = try DropKnowledgeTable.load(connection, state).shared(without: settled)
        let said = knowledge.shared(without: settled)
        for origin in Set(kept.keys).union(said.keys).sorted() {
            let (here, there) = (kept[origin] ?? [], said[origin] ?? [])
            for step in here where !there.contains(step) {
                try tell("the file says that \(KnownRows.text(origin, step)), and the log does not")
            }
            for step in there where !here.contains(step) {
                try tell("the log says that \(KnownRows.text(origin, step)), and the file does not")
            }
        }
    }

    /// All entries that count, log by log.
    private func scan(_ body: (EntryWords, UnsafeRawBufferPointer) -> Void) throws {
        for origin in state.origins where origin.folded > 0 {
            try LogScan.ascend(
                connection, origin: origin.origin, ordinal: origin.ordinal, after: 0, through: origin.folded
            ) { entry in
                let isSetAside =
                    quarantined[origin.origin]?.contains(entry.seq) == true
                    || state.isWithdrawn(origin.origin, entry.seq)
                if !isSetAside, let words = EntryWords(entry.payload, origin.origin, entry.seq, isSetAside: false) {
                    body(words, entry.payload)
                }
                return .more
            }
        }
    }
}

/// Judges traces by the changes of the whole log. One is kept as long as no change takes its place
/// whose author does not know that it was dropped: in whatever order the change and the compaction
/// came.
struct TraceHistory {
    private struct Place: Hashable {
        var table: Int64
        var key: [UInt8]
    }

    private let knowledge: DropKnowledge
    private let tables: TraceTables
    private let rows: [Place: [TraceRows.Row]]
    private var winners: [TraceRows.Row: WriteID] = [:]
    /// Deletions that were dropped, are not settled, and are not among the rows.
    private(set) var absent: Set<TraceRows.Row> = []
    var findsAbsent = true

    /// More are not looked for: what is said of these is enough.
    private static let absentMax = 100_000

    init(_ rows: Set<TraceRows.Row>, _ knowledge: DropKnowledge, _ tables: TraceTables) {
        (self.knowledge, self.tables) = (knowledge, tables)
        self.rows = Dictionary(grouping: rows) { Place(table: $0.table, key: $0.key) }
    }

    mutating func add(_ words: EntryWords, _ payload: UnsafeRawBufferPointer) {
        guard var reader = try? ChangeReader(payload) else { return }
        let write = WriteID(stamp: words.stamp, origin: words.origin, seq: words.seq)
        let here = knowledge.here
        let isDropped = findsAbsent && here.dropped[write.origin] >= write.seq && here.settled[write.origin] < write.seq
        let known = known(words).dropped
        var (name, table) = ("", Int64?.none)
        while let change = try? reader.next(), let block = reader.block {
            if !block.name.isExactly(name) { (name, table) = (block.name, tables.ordinals[ExactText(block.name)]) }
            guard let table else { continue }
            let place = Place(table: table, key: reader.key)
            let incoming = IncomingChange(write: write, causalLength: change.causalLength, kind: change.kind)
            let kept = rows[place] ?? []
            judge(incoming, kept, known)
            guard isDropped, change.kind == .delete, absent.count < Self.absentMax else { continue }
            let row = TraceRows.Row(
                table: table, key: place.key, trace: KeptTrace(causalLength: change.causalLength, deletion: write))
            if !kept.contains(row) { absent.insert(row) }
        }
    }

    /// What the author knew without what the entry itself drops.
    private func known(_ words: EntryWords) -> DropKnowledge.Known {
        guard words.frontier != nil else { return knowledge.known(words.origin, at: words.seq) }
        var known = knowledge.known(words.origin, at: words.seq - 1)
        for dependency in words.dependencies {
            known = known.joined(knowledge.known(dependency.origin, at: dependency.seq))
        }
        return known
    }

    private mutating func judge(_ change: IncomingChange, _ kept: [TraceRows.Row], _ known: VersionVector) {
        for row in kept where row.trace.deletion != change.write && winners[row] == nil {
            let deletion = row.trace.deletion
            if known[deletion.origin] >= deletion.seq || row.trace.holds(against: change) { continue }
            winners[row] = change.write
        }
    }

    /// Rows that cannot be kept, and the entry that took their place. A key that was deleted,
    /// dropped and deleted again has several traces; which of them a change has met follows from
    /// the order in which they came.
    var beaten: [(row: TraceRows.Row, by: WriteID)] {
        rows.filter { $0.value.count == 1 }.compactMap { place -> (row: TraceRows.Row, by: WriteID)? in
            guard let row = place.value.first, let winner = winners[row] else { return nil }
            let earlier = knowledge.known(row.trace.deletion.origin, at: row.trace.deletion.seq).dropped
            return earlier[winner.origin] >= winner.seq ? nil : (row, winner)
        }.sorted { $0.by < $1.by }
    }

    /// Rows whose place nothing has taken.
    var unbeaten: [TraceRows.Row] {
        rows.values.joined().filter { winners[$0] == nil }.sorted { $0.trace.deletion < $1.trace.deletion }
    }
}
