import ParkSyncCore

/// The rows in which the file keeps which authors know of dropped traces, each held against its
/// entry and the rows before it.
///
/// An entry knows what its log knew before it, what those know on which it depends, and what it
/// drops itself. What a compaction shows that all are agreed on needs its author's whole past:
/// that, and rows that are missing, are left to `KnowledgeWalk`.
struct KnownRows {
    /// What the rows say together.
    let kept: DropKnowledge
    private let rows: [(origin: OriginID, step: DropKnowledge.Step)]
    private let strange: Bool

    init(_ connection: Connection, _ state: StoreState) throws {
        rows = try DropKnowledgeTable.all(connection, state)
        strange = try connection.int64("SELECT 1 FROM _parksync_known LIMIT 1 OFFSET \(rows.count)") != nil
        var kept = DropKnowledge()
        for (origin, step) in rows { _ = kept.note(origin, step) }
        self.kept = kept
    }

    func compare(_ log: ControlRows, _ tell: (String) throws -> Void) throws {
        if strange {
            try tell("the file has rows in _parksync_known that no entry can have made, and the log does not")
        }
        for (origin, step) in rows {
            let isSaid =
                switch try log.said(origin, step.seq) {
                case .unknown: true
                case .nothing: false
                case .words(let words): !log.isWithdrawn(origin, step.seq) && isPossible(step, words, log)
                }
            if !isSaid { try tell("the file says that \(Self.text(origin, step)), and the log does not") }
        }
    }

    /// For people, behind "says that".
    static func text(_ origin: OriginID, _ step: DropKnowledge.Step) -> String {
        let (known, none) = (step.known, "-")
        let (agreed, settled) = (known.agreed.description, known.settled.description)
        let rest =
            (agreed == none ? "" : ", that all agree on \(agreed)")
            + (settled == none ? "" : ", and that \(settled) is settled")
        return "\(origin):\(step.seq) knows that \(known.dropped) was dropped\(rest)"
    }

    private func isPossible(_ step: DropKnowledge.Step, _ words: EntryWords, _ log: ControlRows) -> Bool {
        let (origin, known) = (words.origin, step.known)
        guard known.dropped.covers(known.agreed), known.agreed.covers(known.settled) else { return false }
        // What entries right before it depended on that were taken back counts for it.
        if log.isWithdrawn(origin, step.seq - 1) { return true }
        guard !words.dependencies.isEmpty || words.frontier != nil else { return false }
        // Rows that tell nothing any more are forgotten. What they said is settled, as some other
        // row tells.
        let forgotten = settled(without: origin, step.seq)
        var (least, most) = (DropKnowledge.Known(), DropKnowledge.Known())
        for (other, seq) in [(origin, step.seq - 1)] + words.dependencies.map({ ($0.origin, $0.seq) }) {
            if let found = kept.steps[other]?.last(where: { $0.seq <= seq }) {
                (least, most) = (least.joined(found.known), most.joined(found.known))
            } else if kept.steps[other] != nil {
                most = most.joined(forgotten)
            }
        }
        guard let frontier = words.frontier else { return known.covers(least) && most.covers(known) }
        let round = DropKnowledge.Known(dropped: frontier)
        return known.covers(least.joined(round)) && most.joined(round).dropped.covers(known.dropped)
    }

    private func settled(without origin: OriginID, _ seq: UInt64) -> DropKnowledge.Known {
        var vector = VersionVector()
        for row in rows where row.origin != origin || row.step.seq != seq {
            vector = vector.joined(row.step.known.settled)
        }
        return DropKnowledge.Known(dropped: vector, agreed: vector, settled: vector)
    }
}
