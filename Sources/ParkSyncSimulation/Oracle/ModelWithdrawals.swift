import ParkSyncCore

/// That a park takes entries of its own log back, as a good entry says
/// (docs/decisions/0018-future-stamps.md).
struct ModelWithdrawal: Hashable, Sendable {
    var origin: OriginID
    var entries: ClosedRange<UInt64>
    /// The entry that says so.
    var by: EntryName

    func isIn(_ vector: VersionVector) -> Bool { vector[by.origin] >= by.seq }
    func takes(_ name: EntryName) -> Bool { name.origin == origin && entries.contains(name.seq) }
}

extension ModelOracle {
    /// Whether an entry counts for nothing where this vector is applied.
    func isWithdrawn(_ name: EntryName, at vector: VersionVector) -> Bool {
        // A withdrawal may be taken back in its turn, by a later incarnation.
        !withdrawals.isEmpty
            && withdrawals.contains { $0.takes(name) && $0.isIn(vector) && !isWithdrawn($0.by, at: vector) }
    }

    /// Whether its author has taken it back.
    package func isWithdrawn(_ name: EntryName) -> Bool { isWithdrawn(name, at: reached) }

    /// Whether a node that has applied `vector` goes on over this entry, fences apart: it has its
    /// past, or the entry counts for nothing there and has decides nothing about other parks.
    func isNext(_ entry: ModelEntry, at vector: VersionVector) -> Bool {
        passes(entry, at: vector) || (entry.fate != .unknownSchema && vector.covers(entry.needs))
    }

    /// Whether a node that has applied `vector` may show this entry.
    package func isShowable(_ entry: ModelEntry, at vector: VersionVector) -> Bool {
        passes(entry, at: vector) || vector.covers(entry.needs)
    }

    /// Whether an entry is passed over there without its past.
    func passes(_ entry: ModelEntry, at vector: VersionVector) -> Bool {
        !entry.isJudgedThoughTakenBack && isWithdrawn(entry.name, at: vector)
    }

    /// The newest entry of an origin, up to this one, that counts where the vector is applied.
    func newestCounting(_ element: VersionVector.Element, at vector: VersionVector) -> UInt64 {
        var seq = element.seq
        while seq > 0,
            let taken = withdrawals.first(where: {
                $0.takes(EntryName(element.origin, seq)) && $0.isIn(vector) && !isWithdrawn($0.by, at: vector)
            })
        {
            seq = taken.entries.lowerBound - 1
        }
        return seq
    }

    /// Why no node may take back what a readable entry says.
    func fault(ofWithdrawal origin: OriginID, _ first: UInt64, by entry: ModelEntry) -> String? {
        guard origin.park == entry.write.origin.park, Self.incarnation(origin) < Self.incarnation(entry.write.origin)
        else {
            return "it takes back entries of another log than its park's earlier ones"
        }
        guard entry.write.seq == 1, entry.changes.isEmpty else {
            return "it takes entries back and does not begin a log"
        }
        return entry.seen[origin] < first ? nil : "it depends on what it takes back"
    }

    /// Rows that entries changed which `next` knows to be taken back and `vector` does not.
    func rowsTakenBack(from vector: VersionVector, to next: VersionVector) -> [RowName] {
        // What an entry took back that is taken back itself counts again.
        let fresh = withdrawals.filter { $0.isIn(next) && !$0.isIn(vector) }
        let freed = withdrawals.filter { old in fresh.contains { $0.takes(old.by) } }
        return (fresh + freed).flatMap { taken in
            entries(of: taken.origin).filter { taken.takes($0.name) }.flatMap {
                $0.changes.map { RowName($0.table, $0.key) }
            }
        }
    }
}
