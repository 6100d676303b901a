import ParkSyncCore

/// Every write that a simulated program was told is done, kept outside all nodes.
package struct Ledger: Sendable {
    package struct Acknowledged: Hashable, Sendable {
        package var origin: OriginID
        /// The entry that the write became, if it was told; a foreign program is not.
        package var seq: UInt64?
        /// 32 bytes, if known.
        package var hash: [UInt8]?
        /// The id of the row of `journal` that the transaction inserted.
        package var marker: String?
        /// What it was, for people.
        package var label: String
        package init(origin: OriginID, seq: UInt64?, hash: [UInt8]? = nil, marker: String?, label: String) {
            self.origin = origin
            self.seq = seq
            self.hash = hash
            self.marker = marker
            self.label = label
        }
    }

    package private(set) var writes: [Acknowledged] = []
    /// Entries that an operator gave up (`recovery.accept_loss`): they are not missed.
    package var givenUp: Set<EntryName> = []
    package init() {}

    /// Notes a transaction that succeeded. One that left nothing to find again (no entry, no marker) is not noted.
    package mutating func acknowledge(_ activity: Activity, at origin: OriginID, seq: UInt64?, hash: [UInt8]? = nil) {
        guard seq != nil || activity.marker != nil else { return }
        writes.append(Acknowledged(origin: origin, seq: seq, hash: hash, marker: activity.marker, label: activity.label))
    }

    /// The entries of one origin that were acknowledged, with their hashes where known.
    package func entries(of origin: OriginID) -> [(seq: UInt64, hash: [UInt8]?)] {
        writes.filter { $0.origin == origin }.compactMap { write in write.seq.map { ($0, write.hash) } }.sorted { $0.seq < $1.seq }
    }
}

extension Checks {
    /// Promise 1, once a federation has come to rest: everything acknowledged is in the log of every node, with the hash that it had
    /// when it was acknowledged, and among what the model merges.
    ///
    /// - Parameter observations: of the nodes that are connected, with their logs.
    package static func nothingLost(_ ledger: Ledger, observations: [NodeObservation], oracle: ModelOracle) -> [BrokenPromise] {
        var result: [BrokenPromise] = []
        var markers: [String: [EntryName]] = [:]
        for origin in oracle.origins {
            for entry in oracle.entries(of: origin) {
                for change in entry.changes where change.table == "journal" {
                    if case .text(let id)? = change.key.first { markers[String(decoding: id, as: UTF8.self), default: []].append(entry.name) }
                }
            }
        }
        for write in ledger.writes {
            var names = write.seq.map { [EntryName(write.origin, $0)] } ?? []
            if names.contains(where: { ledger.givenUp.contains($0) }) { continue }
            if let marker = write.marker {
                let found = (markers[marker] ?? []).filter { $0.origin == write.origin }
                guard let entry = found.first, write.seq == nil || entry.seq == write.seq else {
                    let where_ = write.seq.map { "entry \($0)" } ?? "any entry"
                    result.append(
                        BrokenPromise(
                            .nothingLost, node: write.origin, "\(write.label) was acknowledged, and journal '\(marker)' is not in \(where_)"))
                    continue
                }
                if found.count > 1 {
                    result.append(
                        BrokenPromise(
                            .exactlyOnce, node: write.origin,
                            "journal '\(marker)' was sealed by \(found.map(\.description).joined(separator: " and "))"))
                }
                names = [entry]
            }
            for name in names { for observation in observations { result += missing(name, write, observation, oracle) } }
        }
        return limited(result)
    }

    private static func missing(
        _ name: EntryName, _ write: Ledger.Acknowledged, _ observation: NodeObservation, _ oracle: ModelOracle
    ) -> [BrokenPromise] {
        guard let logged = observation.entry(name) else {
            return [BrokenPromise(.nothingLost, node: observation.origin, "\(name) (\(write.label)) was acknowledged and is not in the log")]
        }
        guard let hash = write.hash ?? oracle.entry(name)?.hash, hash != logged.hash else { return [] }
        return [
            BrokenPromise(
                .nothingLost, node: observation.origin,
                "\(name) (\(write.label)) was acknowledged with the hash \(Hex.encode(hash)), the log has \(Hex.encode(logged.hash))")
        ]
    }

    /// Promise 9: a node that came back with an old file does not number its entries anew.
    ///
    /// - Parameters:
    ///   - node: the node that came back.
    ///   - acceptsWrites: whether it says that it is ready.
    ///   - others: the other nodes, with their logs.
    package static func oldBackup(
        _ node: NodeObservation, acceptsWrites: Bool, ledger: Ledger, others: [NodeObservation]
    ) -> [BrokenPromise] {
        let own = node.origin
        var published: [UInt64: (hash: [UInt8], known: String)] = [:]
        for other in others { for entry in other.log[own] ?? [] { published[entry.seq] = (entry.hash, "\(other.origin) has it") } }
        for (seq, hash) in ledger.entries(of: own) where !ledger.givenUp.contains(EntryName(own, seq)) {
            if let hash { published[seq] = (hash, "it was acknowledged") }
        }
        var result: [BrokenPromise] = []
        for (seq, (hash, known)) in published.sorted(by: { $0.key < $1.key }) {
            let name = EntryName(own, seq)
            if let entry = node.entry(name) {
                guard entry.hash != hash else { continue }
                result.append(
                    BrokenPromise(
                        .oldBackup, node: own,
                        "\(name) was given twice: here it has the hash \(Hex.encode(entry.hash)), as \(known) \(Hex.encode(hash))"))
            } else if acceptsWrites {
                result.append(BrokenPromise(.oldBackup, node: own, "\(name) is not here though \(known), and writes are accepted"))
            }
        }
        return limited(result)
    }
}

extension NodeObservation {
    /// An entry of the log, if it was read and is there.
    package func entry(_ name: EntryName) -> LoggedEntry? {
        guard let log = log[name.origin], let first = log.first?.seq, name.seq >= first else { return nil }
        let index = Int(clamping: name.seq - first)
        if log.indices.contains(index), log[index].seq == name.seq { return log[index] }
        return log.first { $0.seq == name.seq }
    }
}
