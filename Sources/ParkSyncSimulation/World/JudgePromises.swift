import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// What is promised to those who write, through crashes, lost files and old copies.
extension Judge {
    struct Promises {
        /// The highest own entries that the node has acknowledged.
        var acknowledged = VersionVector()
        /// Rows of `journal` that acknowledged transactions made, also those of other programs.
        var marks: Set<String> = []
    }

    func promises(of park: SimulatedPark) -> Promises { promises[park.index] }
    func isMakingGood(_ park: SimulatedPark) -> Bool { makingGood.contains(park.index) }

    mutating func acknowledge(_ park: SimulatedPark, _ origin: OriginID, _ seq: UInt64, mark: String?) {
        let before = promises[park.index].acknowledged[origin]
        promises[park.index].acknowledged[origin] = max(before, seq)
        acknowledge(park, mark: mark)
    }
    /// By the row of `journal` that the transaction made.
    mutating func acknowledge(_ park: SimulatedPark, mark: String?) {
        if let mark { promises[park.index].marks.insert(mark) }
    }
    /// What the node's tables were when it last folded.
    func contents(_ park: SimulatedPark) -> Dump { views[park.index].dump }

    // MARK: starts

    mutating func startFailed(_ park: SimulatedPark, _ error: any Error) { startFailures[park.index] = "\(error)" }

    mutating func started(_ park: SimulatedPark, _ store: ParkStore, others: [SimulatedPark]) {
        startFailures[park.index] = nil
        let state = store.state()
        if isMakingGood(park) {
            // It died when its recovery had ended and nobody had heard of it.
            if !withOldCopy.contains(park.index), !store.counts.isRecovering { recovered(park, store, others: others) }
            return
        }
        for origin in origins(of: park) {
            let (published, told, own) = (
                oracle.vector[origin], promises[park.index].acknowledged[origin], state.logged[origin]
            )
            if own < max(published, told) {
                fail(
                    1,
                    """
                    \(park.origin) starts with \(own) entries of \(origin); it has published \(published) and \
                    acknowledged \(told)
                    """
                )
            }
        }
        for element in logged[park.index].elements where state.logged[element.origin] < element.seq {
            fail(
                1,
                """
                \(park.origin) starts with \(state.logged[element.origin]) entries of \(element.origin), it had \
                \(element.seq)
                """
            )
        }
    }

    /// All that the park has ever written as.
    private func origins(of park: SimulatedPark) -> [OriginID] {
        Set(oracle.origins + promises[park.index].acknowledged.elements.map(\.origin)).filter {
            $0.park == park.origin.park
        }.sorted()
    }

    // MARK: files that are not what they were

    /// The node's file is gone: what only it had, may be lost.
    mutating func lost(_ park: SimulatedPark) {
        makingGood.insert(park.index)
        everLost.insert(park.index)
        withOldCopy.remove(park.index)
        models.lost(park.index)
        logged[park.index] = VersionVector()
        // The numbers that it gives from now on may mean other entries.
        views[park.index] = ModelView(schema: views[park.index].schema)
    }

    /// The node's file is an old one. What was promised later, and what only the newer file had,
    /// may be lost; what this file has, may not.
    mutating func wentBack(_ park: SimulatedPark, to copy: Promises) {
        lost(park)
        withOldCopy.insert(park.index)
        withCopies.insert(park.origin.park)
        promises[park.index] = copy
    }

    /// The node accepts writes again.
    mutating func recovered(_ park: SimulatedPark, _ store: ParkStore, others: [SimulatedPark]) {
        makingGood.remove(park.index)
        let hadFile = withOldCopy.remove(park.index) != nil
        for origin in oracle.origins where origin.park == park.origin.park {
            // Other programs may have written since, and their entry has the number of one that is
            // lost.
            var own = min(store.state().logged[origin], oracle.vector[origin])
            while own > 0, Self.hash(store, origin, own) != oracle.entry(EntryName(origin, own))?.hash { own -= 1 }
            for other in others where other.index != park.index && logged[other.index][origin] > own {
                fail(
                    9,
                    """
                    \(park.origin) accepts writes with \(own) entries of \(origin), \(other.origin) has \
                    \(logged[other.index][origin])
                    """
                )
            }
            forget(origin, after: own, of: park)
        }
        // Those of an old copy are in its file, and written anew where they have to be.
        if !hadFile { promises[park.index].marks.formIntersection(marks(of: park)) }
    }

    /// A faulty disk keeps the judge from reading a few times in a row.
    private static func hash(_ store: ParkStore, _ origin: OriginID, _ seq: UInt64) -> [UInt8]? {
        for _ in 0..<20 { if let found = try? store.hash(of: origin, seq: seq) { return found } }
        return nil
    }

    /// Entries of the node that are nowhere any more.
    private mutating func forget(_ origin: OriginID, after seq: UInt64, of park: SimulatedPark) {
        promises[park.index].acknowledged[origin] = min(promises[park.index].acknowledged[origin], seq)
        guard oracle.vector[origin] > seq else { return }
        do { try models.forget(origin, after: seq) } catch { fail(7, "an entry is no entry any more: \(error)") }
    }

    /// The marks that are in the park's entries.
    func marks(of park: SimulatedPark) -> Set<String> {
        Set(
            oracle.origins.filter { $0.park == park.origin.park }.flatMap { oracle.entries(of: $0) }.flatMap(Self.marks)
        )
    }

    private static func marks(in entry: ModelEntry) -> [String] {
        entry.changes.compactMap { change in
            guard change.table == "journal", case .text(let bytes)? = change.key.first else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
