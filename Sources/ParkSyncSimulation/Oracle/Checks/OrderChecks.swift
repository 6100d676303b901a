import ParkSyncCore

/// What was applied, and in which order.
extension Checks {
    /// Promise 3: with every entry a node shows all that the entry's author had seen.
    package static func causalOrder(_ observation: NodeObservation, oracle: ModelOracle) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        for element in observation.applied.elements {
            guard let entry = oracle.entry(EntryName(element.origin, element.seq)) else {
                result.append(
                    BrokenPromise(.causalOrder, node: observation.origin, "\(element.origin):\(element.seq) is applied, and nobody wrote it"))
                continue
            }
            for need in entry.needs.elements where observation.applied[need.origin] < need.seq {
                result.append(
                    BrokenPromise(
                        .causalOrder, node: observation.origin,
                        "\(entry.name) is applied, whose author had seen \(need.origin):\(need.seq); here it is \(observation.applied[need.origin])"))
            }
        }
        return result
    }

    /// 11: a row whose deletion every node had applied only lives again if somebody who knew of the deletion inserted it.
    ///
    /// - Parameters:
    ///   - settled: a vector that every node had applied at some time.
    ///   - vector: a later one.
    package static func resurrections(settled: VersionVector, now vector: VersionVector, oracle: ModelOracle) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        for table in oracle.schemas.last?.tables ?? [] {
            for key in oracle.keys(of: table.name) {
                guard let before = oracle.row(table, key, at: settled), !before.isAlive, let after = oracle.row(table, key, at: vector),
                    after.isAlive
                else { continue }
                let deletions = before.writes.filter { $0.change.causalLength == before.causalLength }
                let births = after.current.filter { $0.change.kind == .insert }
                let isKnown = births.contains { birth in deletions.contains { birth.entry.hasSeen($0.entry.write) } }
                if !isKnown, let culprit = (births.first ?? after.current.first)?.entry {
                    result.append(
                        BrokenPromise(
                            .noResurrection, node: culprit.write.origin,
                            "\(RowName(table.name, key)) was deleted by \(deletions.map { "\($0.entry.name)" }.sorted().joined(separator: ", ")), "
                                + "which every node had applied, and lives again by \(culprit.name), whose author had not seen that"))
                }
            }
        }
        return limited(result)
    }
}

/// Promise 5 over time: within the life of a file, a cursor never goes back.
package struct CursorWatch: Sendable {
    private struct Life: Hashable, Sendable {
        var node: OriginID
        var life: Int
    }
    private var seen: [Life: NodeObservation] = [:]
    package init() {}

    /// - Parameter life: counts up when the node's file is lost or replaced by an old one.
    package mutating func note(_ observation: NodeObservation, life: Int) -> [BrokenPromise] {
        let name = Life(node: observation.origin, life: life)
        defer {
            var kept = observation
            // Only the vectors are needed again.
            (kept.log, kept.tables) = ([:], Dump(tables: [:]))
            seen[name] = kept
        }
        var result: [BrokenPromise] = []
        for element in observation.applied.elements where element.seq > observation.logged[element.origin] {
            result.append(
                BrokenPromise(
                    .exactlyOnce, node: observation.origin,
                    "the cursor of \(element.origin) is \(element.seq), and the log ends at \(observation.logged[element.origin])"))
        }
        guard let before = seen[name] else { return result }
        for (what, old, new) in [("cursor", before.applied, observation.applied), ("log", before.logged, observation.logged)] {
            for element in old.elements where new[element.origin] < element.seq {
                result.append(
                    BrokenPromise(
                        .exactlyOnce, node: observation.origin,
                        "the \(what) of \(element.origin) went back from \(element.seq) to \(new[element.origin])"))
            }
        }
        for entry in before.quarantined where !observation.quarantined.contains(entry) {
            result.append(BrokenPromise(.exactlyOnce, node: observation.origin, "\(entry) was quarantined and is not any more"))
        }
        return result
    }
}
