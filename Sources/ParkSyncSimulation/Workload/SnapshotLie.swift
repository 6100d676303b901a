import ParkSyncCore
import ParkSyncFiles
import ParkSyncStore

/// What a lying park does to a snapshot before it signs it: its manifest says what the file is, and
/// of most of them log and digests are as they were.
package enum SnapshotLie: String, CaseIterable, Hashable, Sendable {
    // Rows.
    case alteredRow, inventedRow, deletedRow
    // What entries say about the zone, and none has said.
    case plantedFence, plantedVote, plantedDecision, plantedWithdrawal
    // What merging goes by.
    case life, clock, conflict, count
    case ordinals, wildOrdinal, dependencies, cursor
    // Entries that are set aside, or that are not any more.
    case quarantine, pardon
    // The log itself.
    case droppedEntry, alteredEntry, otherSignatures
    // What the file brings along.
    case index, trigger
    // The manifest alone.
    case otherTables, otherVector, otherHead

    /// What it does in the file; nothing if it is in the manifest.
    ///
    /// - Parameters:
    ///   - liar: the park that tells it.
    ///   - victim: another park.
    func sql(liar: String, victim: String) -> [String] {
        let anOrigin = "FROM _parksync_origin ORDER BY ordinal LIMIT 1"
        let first = "(SELECT min(id) FROM journal)"
        return switch self {
        case .alteredRow: ["UPDATE journal SET note = 'forged' WHERE id = \(first)"]
        case .inventedRow: ["INSERT INTO owned(id, label) VALUES('\(victim):invented', 'forged')"]
        case .deletedRow: ["DELETE FROM journal WHERE id = \(first)"]
        case .plantedFence:
            ["INSERT OR IGNORE INTO _parksync_fence SELECT '\(victim)', ordinal, 1, '-', '' \(anOrigin)"]
        case .plantedVote:
            [
                """
                INSERT OR IGNORE INTO _parksync_vote SELECT '\(victim)', ordinal, 1, 'out', '\(liar) \(victim)' \
                \(anOrigin)
                """
            ]
        case .plantedDecision:
            ["INSERT OR IGNORE INTO _parksync_decision SELECT '\(victim)', ordinal, 1, 'out', '-', '-' \(anOrigin)"]
        case .plantedWithdrawal:
            ["INSERT OR IGNORE INTO _parksync_withdrawal SELECT ordinal, ordinal, 1, 2 \(anOrigin)"]
        case .life:
            [
                "UPDATE _parksync_life SET causal_length = causal_length + 2",
                """
                INSERT OR IGNORE INTO _parksync_life SELECT min(ordinal), x'20' || CAST('never' AS BLOB), 9 \
                FROM _parksync_table
                """,
            ]
        case .clock: ["UPDATE _parksync_clock_journal SET clock = substr(clock, 1, length(clock) - 1) || x'fe'"]
        case .conflict:
            [
                "UPDATE _parksync_conflict SET value = 'forged'",
                "INSERT OR IGNORE INTO _parksync_conflict SELECT t.ordinal, x'20' || CAST('never' AS BLOB), 0, "
                    + "o.ordinal, 1, 1, 'forged' "
                    + "FROM _parksync_table t, _parksync_origin o ORDER BY t.ordinal, o.ordinal LIMIT 1",
            ]
        case .count: ["UPDATE _parksync_table SET rows = rows + 1"]
        case .ordinals: ["UPDATE _parksync_origin SET ordinal = ordinal + 10 WHERE EXISTS(SELECT 1 FROM _parksync_log)"]
        case .wildOrdinal:
            ["UPDATE _parksync_origin SET ordinal = \(Int64.max) WHERE name = (SELECT max(name) FROM _parksync_origin)"]
        case .dependencies: ["UPDATE _parksync_origin SET dependencies = '\(victim):77' WHERE folded > 0"]
        case .cursor: ["UPDATE _parksync_origin SET folded = folded - 1 WHERE folded > 0"]
        case .quarantine:
            [
                """
                INSERT OR IGNORE INTO _parksync_quarantine SELECT ordinal, folded, 'forged', 'none' FROM \
                _parksync_origin WHERE folded > 0
                """
            ]
        case .pardon: ["DELETE FROM _parksync_quarantine"]
        case .droppedEntry: ["DELETE FROM _parksync_log WHERE id = (SELECT max(id) FROM _parksync_log)"]
        case .alteredEntry:
            [
                """
                UPDATE _parksync_log SET payload = zeroblob(length(payload)) WHERE id = (SELECT min(id) FROM \
                _parksync_log)
                """
            ]
        case .otherSignatures:
            ["UPDATE _parksync_log SET signature = zeroblob(length(signature)) WHERE signature IS NOT NULL"]
        case .index: ["CREATE INDEX forged ON journal(instr(hex(note), 'x'))"]
        case .trigger: ["CREATE TRIGGER forged AFTER INSERT ON journal BEGIN DELETE FROM journal; END"]
        case .otherTables, .otherVector, .otherHead: []
        }
    }

    /// - Returns: whether it could be told: what is not in the file cannot be altered.
    private func tell(in path: String, _ manifest: inout SnapshotManifest, liar: String, victim: OriginID) throws
        -> Bool
    {
        switch self {
        case .otherTables: manifest.stateHash[0] ^= 1
        case .otherVector: manifest.vector[victim] += 1
        case .otherHead:
            guard !manifest.heads.isEmpty else { return false }
            manifest.heads[0].hash[0] ^= 1
        case .index, .trigger:
            try SQLiteFile(path, canWrite: true).execute(sql(liar: liar, victim: victim.park).joined(separator: ";"))
        default:
            let file = try SQLiteFile(path, canWrite: true)
            for statement in sql(liar: liar, victim: victim.park) { try file.execute(statement) }
            return try file.rows("SELECT total_changes()") != [[.integer(0)]]
        }
        return true
    }

    /// Makes another park's snapshot the liar's own, with a lie in it.
    ///
    /// - Parameters:
    ///   - lie: nil for the truth.
    ///   - path: the file, which is altered.
    ///   - manifest: of the file as it is.
    ///   - victim: a park with entries in it.
    /// - Returns: the manifest, signed; nil if there is nothing in the file that the lie could be
    ///   about.
    static func forge(
        _ lie: SnapshotLie?, in path: String, _ manifest: SnapshotManifest, by liar: LyingPark, victim: OriginID
    ) throws -> [UInt8]? {
        var manifest = manifest
        manifest.park = liar.origin.park
        try SQLiteFile(path, canWrite: true).execute(
            "UPDATE _parksync_meta SET value = '\(liar.origin.park)' WHERE name = 'park'")
        if let lie, try !lie.tell(in: path, &manifest, liar: liar.origin.park, victim: victim) { return nil }
        (manifest.bytes, manifest.hash) = (FileSystem.bytes(path), try FileSystem.hash(path))
        return try liar.signed(manifest)
    }
}
