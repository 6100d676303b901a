import ParkSyncCore
import ParkSyncStore

/// What ParkSync's own tables keep for this park alone: captured writes that were refused, proofs
/// of forks, and keys of parks that the configuration does not name any more.
///
/// No snapshot has any of it. Before it takes the place of a database, all of that is carried over.
struct OwnRecords {
    /// The candidate.
    let connection: Connection

    /// The name under which the old database is attached.
    private static let old = "old"

    private static let statements = [
        """
        INSERT INTO main._parksync_refused(id, found_at, tbl, row, cause) SELECT id, found_at, tbl, row, cause \
        FROM \(old)._parksync_refused
        """,
        """
        INSERT INTO main._parksync_meta(name, value) SELECT name, value FROM \(old)._parksync_meta WHERE name = \
        '\(RefusalTable.uncounted)'
        ON CONFLICT DO UPDATE SET value = excluded.value
        """,
        """
        INSERT INTO main._parksync_member(park, key) SELECT park, key FROM \(old)._parksync_member WHERE true \
        ON CONFLICT DO NOTHING
        """,
        """
        INSERT INTO main._parksync_meta(name, value) SELECT name, value FROM \(old)._parksync_meta WHERE name = \
        '\(MemberWords.name)'
        ON CONFLICT DO NOTHING
        """,
        // Each file numbers origins for itself.
        """
        INSERT INTO main._parksync_origin(name, folded, dependencies)
        SELECT name, 0, '-' FROM \(old)._parksync_origin WHERE ordinal IN (SELECT origin FROM \(old)._parksync_fork) \
        ON CONFLICT DO NOTHING
        """,
        """
        INSERT INTO main._parksync_fork(origin, seq, hash, signature, payload, first_seen, waits)
        SELECT here.ordinal, f.seq, f.hash, f.signature, f.payload, f.first_seen, f.waits FROM \(old)._parksync_fork f
        JOIN \(old)._parksync_origin there ON there.ordinal = f.origin JOIN main._parksync_origin here ON here.name = \
        there.name
        WHERE true ON CONFLICT DO NOTHING
        """,
        // What the log has as well is no fork.
        """
        DELETE FROM main._parksync_fork
        WHERE hash = (SELECT l.hash FROM main._parksync_log l WHERE l.id = (_parksync_fork.origin << \
        \(LogTable.seqBits)) + _parksync_fork.seq)
        """,
    ]

    /// - Throws: `StoreError.notReady` if own entries wait to be written anew, which no snapshot
    ///   brings.
    func carry(from path: String) throws {
        try connection.execute("ATTACH \(literal(path)) AS \(Self.old)")
        try connection.transaction {
            guard try connection.int64("SELECT EXISTS(SELECT 1 FROM \(Self.old)._parksync_fork WHERE waits = 1)") == 0
            else {
                throw StoreError(
                    .notReady, "own entries of this node wait to be written anew",
                    remedy: "Nothing was replaced. Take the snapshot when syncctl status says that the node is ready.")
            }
            for sql in Self.statements { try connection.execute(sql) }
        }
        try connection.execute("DETACH \(Self.old)")
    }
}
