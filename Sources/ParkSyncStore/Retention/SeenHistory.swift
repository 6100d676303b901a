import ParkSyncCore

/// What the author of an earlier entry had seen, for a few origins.
///
/// Entries record where the vector differs from that of the entry before, and the store keeps the
/// sum at the newest one. An origin that no later entry names has not moved since; for the others
/// the log is read backwards to where it was named last.
package struct SeenHistory {
    package let connection: Connection
    package let state: StoreState

    package init(connection: Connection, state: StoreState) { (self.connection, self.state) = (connection, state) }

    /// - Returns: for each of `keys` what the author of `origin`:`seq` had seen; without those
    ///   whose record is no longer kept.
    package func seen(by origin: OriginID, at seq: UInt64, of keys: Set<OriginID>) throws -> [OriginID: UInt64] {
        guard let index = state.index(of: origin) else { return [:] }
        let found = state.origins[index]
        var result: [OriginID: UInt64] = [:]
        for key in keys { result[key] = key == origin ? seq : found.dependencies[key] }
        // The sum leaves out what was passed over, since its author has taken it back. Here it
        // counts: that it was taken back says nothing about what the author had seen when it wrote
        // it.
        var moved: Set<OriginID> = !state.takenBack.withdrawals(of: origin).isEmpty ? keys.subtracting([origin]) : []
        var later = seq
        while later < found.folded, moved.count < keys.count {
            later += 1
            for element in try dependencies(found.ordinal, later) ?? [] where keys.contains(element.origin) {
                moved.insert(element.origin)
            }
        }
        for key in moved { result[key] = 0 }
        var earlier = seq
        while earlier > 0, !moved.isEmpty {
            guard let named = try dependencies(found.ordinal, earlier) else {
                for key in moved { result[key] = nil }
                return result
            }
            for element in named where moved.contains(element.origin) {
                result[element.origin] = element.seq
                moved.remove(element.origin)
            }
            earlier -= 1
        }
        return result
    }

    /// What an entry acknowledges.
    struct Receipt {
        /// Without those whose record is no longer kept.
        var seen: [OriginID: UInt64]
        /// Whether it acknowledges entries of the logs that are here; what cannot be compared any
        /// more counts as such.
        var isOfThisLog: Bool

        func with(_ origin: OriginID, _ seq: UInt64) -> Receipt {
            var result = self
            result.seen[origin] = seq
            return result
        }
    }

    func receipt(of origin: OriginID, at seq: UInt64) throws -> Receipt {
        let others = Set(state.origins.map(\.origin)).subtracting([origin])
        var receipt = Receipt(seen: try seen(by: origin, at: seq, of: others), isOfThisLog: true)
        guard receipt.seen.count == others.count, let index = state.index(of: origin) else {
            return receipt.with(origin, seq)
        }
        let header = try LogTable.header(connection, ordinal: state.origins[index].ordinal, seq: seq)
        let vector = VersionVector(
            receipt.seen.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        guard let header, let here = try SeenHash.of(vector, connection, state) else {
            return receipt.with(origin, seq)
        }
        receipt.isOfThisLog = header.seenHash == here
        return receipt.with(origin, seq)
    }

    private func dependencies(_ ordinal: Int64, _ seq: UInt64) throws -> [VersionVector.Element]? {
        try LogTable.header(connection, ordinal: ordinal, seq: seq)?.dependencies
    }
}
