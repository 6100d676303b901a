import Crypto
import ParkSyncCore
import ParkSyncStore

/// Compares two parks' snapshots whose logs lack their beginnings: each is given the entries that
/// only the other has, and then all that a database takes over has to be the same in both.
///
/// Both are copies of the node's own, checked as far as their own logs and digests go. At most one
/// of the two parks lies, so what both say is so.
struct SnapshotWitness {
    let origin: OriginID
    let members: [String: [UInt8]]
    let schema: SharedSchema
    /// Entries that are too far ahead of it wait in both.
    let wallMilliseconds: UInt64

    /// - Parameters:
    ///   - path: a database that was made of the snapshot; it has the entries of both afterwards.
    ///   - other: one that was made of the witness's.
    /// - Throws: `DisagreeingSnapshots`; `StoreError` if the two cannot be brought to one vector.
    func compare(_ path: String, _ manifest: SnapshotManifest, _ other: String, _ witness: SnapshotManifest) throws {
        guard witness.schemaNumber == manifest.schemaNumber else {
            throw cannot(
                witness, "it has schema \(witness.schemaNumber), and \(manifest.park) has \(manifest.schemaNumber)")
        }
        guard witness.park != manifest.park else { throw cannot(witness, "it is the same park's") }
        let (first, second) = (try Connection(path: path, role: .builder), try Connection(path: other, role: .builder))
        let one = try bring(first, what: second, of: witness)
        let two = try bring(second, what: first, of: manifest)
        guard one.applied == two.applied, one.logged == two.logged else {
            throw cannot(
                witness,
                "with the entries of both it comes to \(two.applied), and that of \(manifest.park) to \(one.applied)")
        }
        let heads = { (state: StoreState) in
            state.origins.filter { $0.logged > 0 }.sorted { $0.origin < $1.origin }.map(\.headHash)
        }
        guard heads(one) == heads(two) else {
            throw DisagreeingSnapshots(parks: [manifest.park, witness.park], parts: ["hashes of the log"])
        }
        let parts = try SharedState(first, schema: schema).differences(from: SharedState(second, schema: schema))
        guard parts.isEmpty else { throw DisagreeingSnapshots(parks: [manifest.park, witness.park], parts: parts) }
    }

    /// Gives a database the entries that only another one has.
    private func bring(_ target: Connection, what source: Connection, of manifest: SnapshotManifest) throws
        -> StoreState
    {
        let replay = try LogReplay(target, own: origin, schema: schema, wallMilliseconds: wallMilliseconds)
        let reader = SQLReader(connection: source)
        let keysByPark = try MemberTable.trusted(source, members)
        var logs = try reader.origins().map { ordinal, origin, _ in
            let have = replay.state.index(of: origin).map { replay.state.origins[$0] }
            return OriginLog(
                reader, ordinal: ordinal, origin: origin, after: have.map { ($0.logged, $0.headHash) },
                last: LogTable.seqMax, until: nil,
                key: keysByPark[origin.park].flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) })
        }
        try replay.run(&logs)
        for index in logs.indices { try logs[index].findHead() }
        let findings = logs.flatMap(\.findings)
        guard findings.isEmpty else {
            throw cannot(manifest, findings.prefix(CopyChecks.findingsShownMax).joined(separator: "; "))
        }
        return replay.state
    }

    private func cannot(_ manifest: SnapshotManifest, _ reason: String) -> StoreError {
        StoreError(
            .invalidInput, "the snapshot of \(manifest.park) cannot be compared with another one: \(reason)",
            remedy: "Nothing was replaced. Take both anew when the parks have exchanged their entries.")
    }
}
