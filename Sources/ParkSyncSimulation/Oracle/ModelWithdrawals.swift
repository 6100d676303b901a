import ParkSyncCore

/// That a park takes entries of its own log back, as a good entry says (docs/decisions/0018-future-stamps.md).
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
    func isWithdrawn(_ name: EntryName, at vector: VersionVector) -> Bool { withdrawals.contains { $0.takes(name) && $0.isIn(vector) } }

    /// Whether its author has taken it back.
    package func isWithdrawn(_ name: EntryName) -> Bool { withdrawals.contains { $0.takes(name) } }

    /// The newest entry of an origin, up to this one, that counts where the vector is applied.
    func newestCounting(_ element: VersionVector.Element, at vector: VersionVector) -> UInt64 {
        var seq = element.seq
        while seq > 0, let taken = withdrawals.first(where: { $0.takes(EntryName(element.origin, seq)) && $0.isIn(vector) }) {
            seq = taken.entries.lowerBound - 1
        }
        return seq
    }

    /// Why no node may take back what a readable entry says.
    func fault(ofWithdrawal origin: OriginID, _ first: UInt64, by entry: ModelEntry) -> String? {
        guard origin.park == entry.write.origin.park, Self.incarnation(origin) < Self.incarnation(entry.write.origin) else {
            return "it takes back entries of another log than its park's earlier ones"
        }
        guard entry.write.seq == 1, entry.changes.isEmpty else { return "it takes entries back and does not begin a log" }
        return entry.seen[origin] < first ? nil : "it depends on what it takes back"
    }

    /// Rows that entries changed which `next` knows to be taken back and `vector` does not.
    func rowsTakenBack(from vector: VersionVector, to next: VersionVector) -> [RowName] {
        withdrawals.filter { $0.isIn(next) && !$0.isIn(vector) }.flatMap { taken in
            entries(of: taken.origin).filter { taken.takes($0.name) }.flatMap { $0.changes.map { RowName($0.table, $0.key) } }
        }
    }
}
