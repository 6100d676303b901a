import ParkSyncCore

/// What was applied, and in which order.
extension Checks {
    /// Promise 3: with every entry a node shows all that the entry's author had seen.
    package static func causalOrder(_ observation: NodeObservation, oracle: ModelOracle) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        for element in observation.applied.elements {
            guard let entry = oracle.entry(EntryName(element.origin, element.seq)) else {
                result.append(
                    BrokenPromise(
                        .causalOrder, node: observation.origin,
                        "\(element.origin):\(element.seq) is applied, and nobody wrote it"))
                continue
            }
            if oracle.isShowable(entry, at: observation.applied) { continue }
            for need in entry.needs.elements where observation.applied[need.origin] < need.seq {
                result.append(
                    BrokenPromise(
                        .causalOrder, node: observation.origin,
                        """
                        \(entry.name) is applied, whose author had seen \(need.origin):\(need.seq); here it is \
                        \(observation.applied[need.origin])
                        """
                    ))
            }
        }
        return result
    }

    /// 11: no row that was deleted is there: of the inserts that its life began with, one at least
    /// was seen by nobody who deleted the row.
    ///
    /// Where nothing is ever forgotten this follows from causal lengths; a compaction that goes too
    /// far breaks it, also where all nodes agree.
    package static func resurrections(
        at vector: VersionVector, schema: SharedSchema, oracle: ModelOracle, liars: Set<OriginID> = []
    )
        -> [BrokenPromise]
    {
        var result: [BrokenPromise] = []
        for table in schema.tables {
            for key in oracle.keys(of: table.name) {
                guard let row = oracle.row(table, key, at: vector), row.isAlive,
                    row.writes.contains(where: { $0.change.kind == .insert })
                else {
                    continue
                }
                let deletions = row.writes.filter { $0.change.kind == .delete }
                let births = row.current.filter { $0.change.kind == .insert }
                let isKept = births.contains { birth in !deletions.contains { $0.entry.hasSeen(birth.id) } }
                guard !isKept, let culprit = row.current.max(by: { $0.id < $1.id })?.entry,
                    !liars.contains(culprit.write.origin)
                else { continue }
                result.append(
                    BrokenPromise(
                        .noResurrection, node: culprit.write.origin,
                        "\(RowName(table.name, key)) was deleted by "
                            + "\(deletions.map { "\($0.entry.name)" }.sorted().joined(separator: ", ")), "
                            + "and is there again by \(culprit.name)"))
            }
        }
        return limited(result)
    }

    /// Promise 5, for those who write: no transaction became two entries. A row of `journal` is
    /// inserted once and never deleted.
    ///
    /// - Parameter spared: parks as which two nodes wrote: both seal what was captured when the
    ///   file was copied.
    package static func sealedOnce(_ oracle: ModelOracle, sparing spared: Set<String> = []) -> [BrokenPromise] {
        var names: [String: [EntryName]] = [:]
        for origin in oracle.origins where !spared.contains(origin.park) {
            // What was taken back is written anew.
            for entry in oracle.entries(of: origin) where !oracle.isWithdrawn(entry.name) {
                for change in entry.changes where change.table == "journal" {
                    names["\(origin.park) \(ModelReader.show(change.key))", default: []].append(entry.name)
                }
            }
        }
        let twice = names.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
        return limited(
            twice.map { row, names in
                BrokenPromise(
                    .exactlyOnce, node: names[0].origin,
                    "journal \(row) was sealed by \(names.map(\.description).joined(separator: " and "))")
            })
    }
}
