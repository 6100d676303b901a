import ParkSyncCore
import ParkSyncStore

/// The entries that a snapshot sets aside, judged once more: every node sets aside the same, or
/// somebody altered a file by hand.
///
/// What the other park says about them is not taken over.
struct SnapshotQuarantine {
    let connection: Connection
    let schema: SharedSchema
    let manifest: SnapshotManifest

    private struct Ruling {
        var ordinal: Int64
        var seq: UInt64
        var cause: String
        var remedy: String
    }

    /// An archived entry cannot be judged here. If it should count, the tables differ from those of
    /// all other parks, and the digests show that.
    private static let archived = (
        cause: "it was set aside when it was applied, and its bytes are in a segment",
        remedy: "Nothing to do here; syncctl log show tells more where the segment lies."
    )

    /// - Throws: `StoreError` if an entry is set aside that is sound.
    func judge() throws {
        let statement = try RawStatement(
            connection.handle, "SELECT origin, seq FROM _parksync_quarantine ORDER BY origin, seq")
        var rows: [(ordinal: Int64, seq: UInt64)] = []
        while try statement.step() { rows.append((try statement.ordinal(0), try statement.entryNumber(1))) }
        if rows.isEmpty { return }
        guard let origin = OriginID(manifest.park) else {
            throw manifest.refused("its park has no name that a log could have")
        }
        let state = try StateLoader.load(connection, origin: origin, schema: schema)
        let verdicts = try rows.map { try ruling($0.ordinal, $0.seq, state) }
        let update = try RawStatement(
            connection.handle, "UPDATE _parksync_quarantine SET cause = ?3, remedy = ?4 WHERE origin = ?1 AND seq = ?2")
        for verdict in verdicts {
            update.bind(1, verdict.ordinal)
            update.bind(2, verdict.seq)
            update.bindText(3, copying: verdict.cause)
            update.bindText(4, copying: verdict.remedy)
            try update.run()
        }
    }

    private func ruling(_ ordinal: Int64, _ seq: UInt64, _ state: StoreState) throws -> Ruling {
        let entry = try LogTable.withPayload(connection, ordinal: ordinal, seq: seq) { payload in
            let buffer = PayloadBuffer(copying: payload)
            return try DecodedEntry(payload: buffer.bytes, owner: buffer, hash: [], schema: schema)
        }
        guard let entry else {
            let isArchived = try !LogTable.holds(connection, ordinal: ordinal, seq: seq)
            guard isArchived, state.index(ofOrdinal: ordinal).map({ state.origins[$0].folded >= seq }) ?? false else {
                throw manifest.refused("it sets aside entry \(seq) of an origin, which it has not applied")
            }
            return Ruling(ordinal: ordinal, seq: seq, cause: Self.archived.cause, remedy: Self.archived.remedy)
        }
        try judgeByPast(entry, state)
        guard case .defective(let cause, let remedy) = entry.fitness else {
            throw manifest.refused("it sets aside entry \(seq) of an origin, which is sound here")
        }
        return Ruling(ordinal: ordinal, seq: seq, cause: cause, remedy: remedy)
    }

    /// What an entry says about the logs, and how often its rows have lived, are judged by what its
    /// author had seen.
    private func judgeByPast(_ entry: DecodedEntry, _ state: StoreState) throws {
        guard case .ready = entry.fitness else { return }
        let author = entry.header.origin
        let keys = Set(state.origins.map(\.origin)).subtracting([author])
        let history = try SeenHistory(connection: connection, state: state).seen(
            by: author, at: entry.header.seq, of: keys)
        entry.seen = VersionVector(history.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 })
        if let defect = try ControlRules(connection: connection, schema: schema).defect(of: entry, state) {
            entry.refuse(cause: defect.cause, remedy: defect.remedy)
        }
        entry.judgeLives()
    }
}

extension SnapshotManifest {
    package func refused(_ reason: String) -> FalseSnapshot {
        FalseSnapshot(
            park: park,
            error: StoreError(
                .damaged, "the snapshot of \(park) is refused: \(reason)",
                remedy:
                    """
                    Nothing of it was used. Take one from another park; at \(park) run syncctl verify --rows \
                    and syncctl log verify.
                    """
            ))
    }
}
