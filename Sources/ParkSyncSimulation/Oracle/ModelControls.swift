import ParkSyncCore

/// That a park was taken out of the zone, as a good entry says.
struct ModelFence: Hashable, Sendable {
    var park: String
    /// The entry that says so.
    var by: EntryName

    func isIn(_ vector: VersionVector) -> Bool { vector[by.origin] >= by.seq }
}

/// That traces of deleted rows are forgotten, as a good entry says.
struct ModelCompaction: Sendable {
    var by: EntryName
    /// What the author had when it said so.
    var past: VersionVector
    /// Deletions up to here are forgotten.
    var frontier: VersionVector

    func isIn(_ vector: VersionVector) -> Bool { vector[by.origin] >= by.seq }
}

/// Fences and compactions by the rules of docs/decisions/0015-retention.md, written once more.
///
/// What an entry says about the logs is judged when all that its author had is known and judged. So
/// the verdict follows from the entry's causal past, as it has to.
extension ModelOracle {
    /// Why no node may do what a readable entry says.
    func fault(of entry: ModelEntry) -> String? {
        let past = entry.past
        let park = entry.write.origin.park
        if entry.write.seq == 1, !entry.changes.isEmpty, fences.contains(where: { $0.park == park && $0.isIn(past) }) {
            return "\(park) comes back after its fence, and changes rows with its first entry"
        }
        if Self.votes(of: entry).count > CoreLimits.votesPerEntryMax { return "it has too many votes" }
        if let cause = tooManyVotes(with: entry) { return cause }
        for control in entry.controls {
            switch control {
            case .incarnation: continue
            case .memberKey(let other, _):
                if !Self.isAgainst(other, entry) { return "it gives a key of \(other), and has no word against it" }
            case .withdrawal(let origin, let first, _):
                if let cause = fault(ofWithdrawal: origin, first, by: entry) { return cause }
            case .fence(let other, let after):
                if other == park { return "\(park) fences itself" }
                if !past.covers(after) { return "it fences \(other) after \(after), of which its author had not all" }
                if let cause = shortfall(other, isOut: true, by: entry) { return cause }
            case .vote(let other, _, _): if other == park { return "\(park) votes on itself" }
            case .lift(let other, _):
                if other == park { return "\(park) takes itself back" }
                if let cause = shortfall(other, isOut: false, by: entry) { return cause }
            case .compaction(let frontier):
                if !past.covers(frontier) {
                    return "it forgets deletions up to \(frontier), of which its author had not all"
                }
                if hasSeenOthers(entry) { continue }
                if let cause = hidden(from: past, by: entry.write.origin) { return cause }
                let receipts = counted(past, by: entry.write.origin).sorted { $0.key < $1.key }
                if receipts.count < 2 { return "it forgets deletions that nobody else had acknowledged" }
                if let (behind, receipt) = receipts.first(where: { !$0.value.covers(frontier) }) {
                    return "it forgets deletions up to \(frontier), and \(behind) had acknowledged \(receipt)"
                }
            }
        }
        return nil
    }

    /// Why a past is not what its author had: of some other park it has an entry, and not all that
    /// this depends on.
    private func hidden(from past: VersionVector, by author: OriginID) -> String? {
        for origin in newest(past).values where origin != author {
            guard let last = entry(EntryName(origin, past[origin])), !past.covers(last.seen) else { continue }
            return "its author had \(last.name), and not \(last.seen), which that depends on"
        }
        return nil
    }

    /// For each park in a vector its latest incarnation.
    private func newest(_ vector: VersionVector) -> [String: OriginID] {
        var newest: [String: OriginID] = [:]
        for origin in vector.elements.map(\.origin) {
            if let other = newest[origin.park], Self.incarnation(other) > Self.incarnation(origin) { continue }
            newest[origin.park] = origin
        }
        return newest
    }

    /// Whether an entry wants a park out, or says that it is.
    private static func isAgainst(_ other: String, _ entry: ModelEntry) -> Bool {
        if other == entry.write.origin.park { return false }
        return votes(of: entry).contains { $0.park == other && $0.isOut }
            || entry.controls.contains { $0.key == "fence:\(other)" }
    }

    /// The parks that count as of a past, each with what it had acknowledged by then.
    ///
    /// - Parameter author: has just sealed an entry that has this past: that is its receipt.
    private func counted(_ past: VersionVector, by author: OriginID) -> [String: VersionVector] {
        let newest = newest(past)
        var receipts = newest.mapValues { origin in
            var receipt = origin == author ? past : acknowledged(by: EntryName(origin, past[origin]))
            receipt[origin] = past[origin]
            return receipt
        }
        // Out are all parks that can be: each has a fence that everybody who stays has
        // acknowledged.
        let known = fences.filter { fence in
            fence.isIn(past) && newest[fence.park].map { knows($0, fence) } != true
        }
        var out = Set(known.map(\.park))
        while true {
            let stays = receipts.filter { !out.contains($0.key) }
            let early = out.filter { park in
                !known.contains { fence in fence.park == park && stays.values.allSatisfy { fence.isIn($0) } }
            }
            if early.isEmpty { break }
            out.subtract(early)
        }
        for park in out { receipts[park] = nil }
        return receipts
    }

    /// Whether an entry speaks of other entries than those with these numbers here.
    private func hasSeenOthers(_ entry: ModelEntry) -> Bool {
        let heads = entry.seen.elements.compactMap { element in
            self.entry(EntryName(element.origin, element.seq)).map {
                (origin: element.origin, seq: element.seq, hash: $0.hash)
            }
        }
        guard let said = entry.seenHash, heads.count == entry.seen.elements.count else { return false }
        return SpecEncoding.seenHash(heads) != said
    }

    /// What an entry acknowledges: nothing, if the entries that it names are others than those with
    /// these numbers here.
    private func acknowledged(by name: EntryName) -> VersionVector {
        guard let entry = entry(name) else { return VersionVector() }
        let heads = entry.seen.elements.compactMap { element in
            self.entry(EntryName(element.origin, element.seq)).map {
                (origin: element.origin, seq: element.seq, hash: $0.hash)
            }
        }
        return heads.count == entry.seen.elements.count && SpecEncoding.seenHash(heads) == entry.seenHash
            ? entry.seen : VersionVector()
    }

    /// 1 for `south`, 2 for `south~2`.
    static func incarnation(_ origin: OriginID) -> Int {
        origin.name == origin.park ? 1 : Int(origin.name.dropFirst(origin.park.count + 1)) ?? 1
    }

    /// Whether an origin began after a fence and with the knowledge of it.
    func knows(_ origin: OriginID, _ fence: ModelFence) -> Bool {
        entry(EntryName(origin, 1)).map { fence.isIn($0.seen) } ?? false
    }

    // MARK: what can be applied

    /// How far each origin's entries are applied at a node that has all entries that the model
    /// knows, and whose schema is the newest.
    ///
    /// An entry is applied when what its author had is. Entries of a fenced park, unless it came
    /// back, are applied only as far as a park that is not fenced depends on them. What is beyond
    /// is held for ever, by all nodes but its author's own.
    ///
    /// A node that had more of a park's entries than others before it heard of the fence must have
    /// said so by an entry (it acknowledges each fence): until then it has applied more than this.
    /// - Parameter own: the origin that the node writes as. It has applied its own entries in any
    ///   case.
    package func appliedEverywhere(writingAs own: OriginID? = nil) -> VersionVector {
        var result = reached
        if !fences.isEmpty { result = appliedUnderFences() }
        if let own { result[own] = vector[own] }
        return result
    }

    /// Which fences count depends on which entries are applied, and the other way round.
    private func appliedUnderFences() -> VersionVector {
        var counted = fences
        for _ in 0...2 * fences.count {
            let vector = applicable(under: counted)
            let applied = fences.filter { $0.isIn(vector) }
            if applied == counted { return vector }
            counted = applied
        }
        // Parks that fence one another while nobody else had heard of either: what nodes come to
        // depends on what they heard first.
        return applicable(under: fences)
    }

    private func applicable(under fences: [ModelFence]) -> VersionVector {
        let out = Set(origins.filter { origin in fences.contains { $0.park == origin.park && !knows(origin, $0) } })
        var result = VersionVector()
        var isMoving = true
        while isMoving {
            isMoving = false
            for origin in origins {
                let vouched = out.contains(origin) ? vouched(origin, out, result) : .max
                while let next = entry(EntryName(origin, result[origin] + 1)), isNext(next, at: result),
                    next.write.seq <= vouched || passes(next, at: result)
                {
                    result[origin] = next.write.seq
                    isMoving = true
                }
            }
        }
        return result
    }

    /// How far parks that are in depend on an origin: with what is applied of them, and with the
    /// entry that waits behind that.
    private func vouched(_ origin: OriginID, _ out: Set<OriginID>, _ applied: VersionVector) -> UInt64 {
        var result: UInt64 = 0
        for other in origins where other.park != origin.park && !out.contains(other) {
            for seq in [applied[other], applied[other] + 1] where !isWithdrawn(EntryName(other, seq), at: applied) {
                result = max(result, entry(EntryName(other, seq))?.needs[origin] ?? 0)
            }
        }
        return result
    }

    // MARK: what is forgotten

    /// The writes to a row, by their places, that compactions in a vector drop from it.
    ///
    /// A compaction drops a row's writes in its past, all of them, if they leave the row deleted,
    /// and the deletion is in the frontier. A write outside its past is by an author who had that
    /// deletion (every park that counts has acknowledged it in the past), so it gives the row a
    /// further life: of a higher length, or of length 1 if its author had dropped the trace. A node
    /// that hears of it before the compaction finds the row alive, or deleted anew by a deletion
    /// outside of the frontier, and leaves it; one that hears of it afterwards begins the row anew.
    /// Either way the writes of the past decide nothing any more, which is what dropping them says.
    /// An author who lies about its past writes as if it had not had the deletion. Whoever knows of
    /// no compaction that covers it is judged by it for good, wherever the write comes: what the
    /// row's trace would have stopped goes with the writes of the past.
    func forgotten(_ writes: [ModelRow.Write], at vector: VersionVector) -> Set<Int> {
        guard writes.contains(where: { $0.change.kind == .delete }) else { return [] }
        var dropped: [(compaction: ModelCompaction, writes: Set<Int>)] = []
        // Each comes after those in its past.
        for compaction in compactions where compaction.isIn(vector) {
            let before = dropped.filter { $0.compaction.isIn(compaction.past) }.reduce(into: Set<Int>()) {
                $0.formUnion($1.writes)
            }
            let past = writes.indices.filter {
                compaction.past[writes[$0].id.origin] >= writes[$0].id.seq && !before.contains($0)
            }
            let length = past.map { writes[$0].change.causalLength }.max() ?? 0
            let last = past.map { writes[$0] }.filter { $0.change.causalLength == length }.map(\.id).max()
            guard length % 2 == 0, let last, compaction.frontier[last.origin] >= last.seq else { continue }
            let stopped = writes.indices.filter { index in
                let write = writes[index]
                guard compaction.past[write.id.origin] < write.id.seq, !before.contains(index) else { return false }
                let loses = write.change.causalLength == length ? write.id < last : write.change.causalLength < length
                return loses && !knows(write.entry, droppedUpTo: last)
            }
            dropped.append((compaction, Set(past + stopped)))
        }
        return dropped.reduce(into: Set<Int>()) { $0.formUnion($1.writes) }
    }

    /// Whether a compaction that covers a deletion is in an entry's causal past.
    private func knows(_ entry: ModelEntry, droppedUpTo deletion: WriteID) -> Bool {
        let covering = compactions.filter { $0.frontier[deletion.origin] >= deletion.seq }
        var past = entry.needs.joined(entry.past)
        if covering.contains(where: { $0.isIn(past) }) { return true }
        while true {
            var wider = past
            for element in past.elements {
                guard let named = self.entry(EntryName(element.origin, element.seq)) else { continue }
                wider = wider.joined(named.needs)
            }
            if wider == past { return covering.contains { $0.isIn(past) } }
            past = wider
        }
    }

    /// Rows of which a compaction that `next` covers and `vector` does not may drop writes.
    func rowsToForget(from vector: VersionVector, to next: VersionVector) -> [RowName] {
        let fresh = compactions.filter { $0.isIn(next) && !$0.isIn(vector) }
        if fresh.isEmpty { return [] }
        return deletions { write in fresh.contains { $0.frontier[write.origin] >= write.seq } }
    }
}

extension ModelEntry {
    /// All that the author had when it sealed the entry, its own entries included.
    var past: VersionVector {
        var result = seen
        result[write.origin] = write.seq - 1
        return result
    }
}
