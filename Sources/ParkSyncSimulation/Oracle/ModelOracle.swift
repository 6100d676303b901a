import ParkSyncCore

/// The judge: an independent merge that is meant to be obvious and not fast.
///
/// It keeps every change that was ever made to a row, with its stamp, its causal length and what
/// its author had seen, and derives the row from them by definition (`ModelRow`). It shares the
/// reader of payloads with the store, and nothing of the merge, the clocks, the digests or the
/// order in which entries came.
package struct ModelOracle: Sendable {
    /// The shared tables after each schema file, in the order of their numbers.
    package let schemas: [SharedSchema]
    private var logs: [OriginID: [ModelEntry]] = [:]
    private var rows: [String: [[Value]: ModelRow]] = [:]
    /// For each origin, the highest stamp of its entries up to each one.
    private var highestStamps: [OriginID: [Stamp]] = [:]
    /// Entries with changes whose stamp is not above all that their author had seen, which no
    /// honest clock issues. What counts as a conflict is not defined then; the tables are.
    package private(set) var stampedInThePast: Set<EntryName> = []
    /// Entries all of whose past is known: each is judged for good, and its changes count. The
    /// others count for nothing yet.
    private(set) var reached = VersionVector()
    private var unreached = 0
    /// Of good entries that are reached, each behind those in its past.
    private(set) var fences: [ModelFence] = []
    private(set) var compactions: [ModelCompaction] = []
    private(set) var withdrawals: [ModelWithdrawal] = []
    private(set) var votes: [ModelVote] = []
    private(set) var decisions: [ModelDecision] = []

    /// - Parameter schemas: the shared tables after each schema file.
    package init(schemas: [SharedSchema]) { self.schemas = schemas.sorted { $0.number < $1.number } }

    /// A payload that cannot be the next one of any log.
    package struct Unreadable: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// All entries that the model knows.
    package var vector: VersionVector { VersionVector(logs.map { ($0.key, UInt64($0.value.count)) }) }
    package var origins: [OriginID] { logs.keys.sorted() }

    package func entry(_ name: EntryName) -> ModelEntry? {
        guard let log = logs[name.origin], name.seq >= 1, name.seq <= UInt64(log.count) else { return nil }
        return log[Int(name.seq) - 1]
    }

    /// The entries of one origin in order.
    package func entries(of origin: OriginID) -> [ModelEntry] { logs[origin] ?? [] }

    /// Takes the next entry of its origin's log.
    ///
    /// - Throws: `Unreadable` unless the payload has a header that says so; no node takes such a
    ///   payload into its log.
    @discardableResult
    package mutating func add(_ payload: [UInt8]) throws -> ModelEntry {
        let header: EntryHeader
        do {
            header = try payload.withUnsafeBytes {
                var reader = ByteReader($0)
                return try EntryHeader(from: &reader)
            }
        } catch { throw Unreadable(description: "\(error)") }
        let log = logs[header.origin] ?? []
        guard header.seq == UInt64(log.count) + 1 else {
            throw Unreadable(description: "\(header.origin):\(header.seq) follows \(header.origin):\(log.count)")
        }
        // Dependencies are differences: what is not named stays as it was.
        var seen = log.last?.seen ?? VersionVector()
        for element in header.dependencies { seen[element.origin] = element.seq }
        var judged = ModelReader.judge(payload, header: header, schemas: schemas)
        // One entry can add so many births and deaths to a row; nobody can have counted more than
        // all entries together.
        let entries = seen.elements.filter { $0.origin != header.origin }.reduce(UInt128(header.seq)) {
            $0 + UInt128($1.seq)
        }
        if judged.changes.contains(where: { UInt128($0.causalLength) > 400_000 * entries }) {
            judged = ModelReader.Judged(fate: .defective("a row lived longer than it can have"))
        }
        let next = ModelEntry(
            write: header.write, schemaNumber: header.schemaNumber, payload: payload,
            hash: SpecEncoding.entryHash(payload, after: log.last?.hash ?? [UInt8](repeating: 0, count: 32)),
            seen: seen, seenHash: header.seenHash,
            needs: (log.last?.needs ?? VersionVector()).joined(seen), judged: judged)
        noteStamp(of: next)
        logs[header.origin, default: []].append(next)
        unreached += 1
        reach(next.write.origin)
        return entry(next.name) ?? next
    }

    /// Goes on to every entry whose past is known now that another entry of `origin` is.
    private mutating func reach(_ origin: OriginID) {
        guard advance(origin), unreached > 0 else { return }
        let origins = origins
        var isMoving = true
        while isMoving {
            isMoving = false
            for other in origins where advance(other) { isMoving = true }
        }
    }

    private mutating func advance(_ origin: OriginID) -> Bool {
        let before = reached[origin]
        while let next = entry(EntryName(origin, reached[origin] + 1)), isNext(next, at: reached) {
            judge(next)
            reached[origin] = next.write.seq
            unreached -= 1
        }
        return reached[origin] > before
    }

    /// Takes what a readable entry does, or sets it aside.
    private mutating func judge(_ entry: ModelEntry) {
        guard entry.fate == .good else { return }
        // What was taken back before it was met may lack its past, by which it would be judged. Its
        // rows count where it is not taken back. Words on other parks are judged in any case, and
        // what was decided stays.
        let isTakenBack = isWithdrawn(entry.name)
        if !isTakenBack || entry.hasWords, let cause = fault(of: entry) {
            logs[entry.write.origin]?[Int(entry.write.seq) - 1] = ModelEntry(entry, setAside: cause)
            return
        }
        var past = entry.past
        past[entry.write.origin] = entry.write.seq
        // A vote that was taken back counts for whoever had seen it and not that.
        votes += Self.votes(of: entry)
        for control in isTakenBack ? entry.controls.filter(ModelEntry.isWord) : entry.controls {
            switch control {
            case .incarnation, .memberKey: break
            case .withdrawal(let origin, let first, let last):
                withdrawals.append(ModelWithdrawal(origin: origin, entries: first...last, by: entry.name))
            case .vote: break
            case .fence(let park, _):
                fences.append(ModelFence(park: park, by: entry.name))
                decisions.append(ModelDecision(park: park, by: entry.name, ends: nil, past: past))
            case .lift(let park, let ends):
                decisions.append(ModelDecision(park: park, by: entry.name, ends: ends, past: past))
            case .compaction(let frontier):
                compactions.append(ModelCompaction(by: entry.name, past: entry.past, frontier: frontier))
            }
        }
        for change in entry.changes {
            rows[change.table, default: [:]][change.key, default: ModelRow()].writes.append(
                ModelRow.Write(entry: entry, change: change))
        }
    }

    private mutating func noteStamp(of entry: ModelEntry) {
        let origin = entry.write.origin
        let before = highestStamps[origin]?.last ?? .zero
        let others = entry.seen.elements.compactMap { element -> Stamp? in
            let stamps = highestStamps[element.origin] ?? []
            let last = min(stamps.count, Int(clamping: newestCounting(element, at: entry.seen)))
            return last == 0 ? nil : stamps[last - 1]
        }
        if !entry.changes.isEmpty, entry.write.stamp <= max(before, others.max() ?? .zero) {
            stampedInThePast.insert(entry.name)
        }
        highestStamps[origin, default: []].append(max(before, entry.write.stamp))
    }

    /// The row by definition, from the entries that `vector` covers; nil if nothing was ever
    /// written to it.
    package func row(_ table: SharedTable, _ key: [Value], at vector: VersionVector) -> ModelRow? {
        guard var row = rows[table.name]?[key] else { return nil }
        row.writes.removeAll {
            $0.entry.write.seq > vector[$0.entry.write.origin] || isWithdrawn($0.entry.name, at: vector)
        }
        if !compactions.isEmpty { row.forgotten = forgotten(row.writes, at: vector) }
        return row.writes.isEmpty ? nil : row
    }

    /// Every key of a table that anybody ever wrote.
    package func keys(of table: String) -> [[Value]] { rows[table].map { Array($0.keys) } ?? [] }

    /// Rows that were deleted by a write of which `isMeant` says so.
    func deletions(_ isMeant: (WriteID) -> Bool) -> [RowName] {
        rows.flatMap { table, found in
            found.filter { $0.value.writes.contains { $0.change.kind == .delete && isMeant($0.id) } }.map {
                RowName(table, $0.key)
            }
        }
    }

    /// All contents at a vector, derived from nothing.
    package func contents(at vector: VersionVector, schema: SharedSchema) -> ModelView {
        var view = ModelView(schema: schema)
        view.advance(to: vector, in: self)
        return view
    }

    /// Entries that the vector covers and that no node may apply.
    package func quarantined(at vector: VersionVector) -> [EntryName: String] {
        var result: [EntryName: String] = [:]
        for element in vector.elements {
            for entry in entries(of: element.origin).prefix(Int(clamping: element.seq)) {
                if case .defective(let cause) = entry.fate, !isWithdrawn(entry.name, at: vector) {
                    result[entry.name] = cause
                }
            }
        }
        return result
    }
}
