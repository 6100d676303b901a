import ParkSyncCore

/// What is left of a deleted row whose trace was dropped, until no entry can come any more whose
/// author does not know that.
struct KeptTrace: Hashable {
    var causalLength: CausalLength
    var deletion: WriteID

    /// Whether a change would have had no effect on the row with its trace there.
    func holds(against change: IncomingChange) -> Bool {
        if change.causalLength != causalLength { return change.causalLength < causalLength }
        return change.write < deletion
    }
}

/// Traces that were dropped, and judge on.
///
/// A change by an author who does not know that a trace was dropped may come before the compaction
/// or after it. It comes to the same: where the trace would have stopped it, it is stopped; where
/// it would have taken the place of the trace, that is not kept any longer.
package enum KeptTraces {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_dropped(
          tbl INTEGER NOT NULL, key BLOB NOT NULL,
          origin INTEGER NOT NULL, seq INTEGER NOT NULL, -- the entry that deleted the row
          stamp INTEGER NOT NULL, causal_length INTEGER NOT NULL, PRIMARY KEY(tbl, key, origin, seq)) WITHOUT ROWID
        """

    /// Whether the file has the tables: one of an earlier format that is only read has not.
    static func areThere(_ connection: Connection) throws -> Bool {
        try connection.int64(
            """
            SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_parksync_dropped', \
            '_parksync_known')
            """
        ) == 2
    }

    /// Whether anything of dropped traces, or of who knows of them, is kept.
    static func hasAny(_ connection: Connection) throws -> Bool {
        guard try areThere(connection) else { return false }
        return try connection.int64("SELECT 1 FROM _parksync_dropped UNION ALL SELECT 1 FROM _parksync_known LIMIT 1")
            != nil
    }

    static func keep(_ connection: Connection, _ trace: KeptTrace, table: Int64, key: [UInt8], _ state: StoreState)
        throws
    {
        guard let index = state.index(of: trace.deletion.origin) else { return }
        let statement = try connection.statement(
            """
            INSERT INTO _parksync_dropped(tbl, key, origin, seq, stamp, causal_length) VALUES(?1, ?2, ?3, ?4, \
            ?5, ?6) ON CONFLICT DO NOTHING
            """
        )
        statement.bind(1, table)
        statement.bindBlob(2, copying: key)
        statement.bind(3, state.origins[index].ordinal)
        statement.bind(4, trace.deletion.seq)
        statement.bind(5, trace.deletion.stamp.rawValue)
        statement.bind(6, trace.causalLength.rawValue)
        try statement.run()
    }

    /// Judges a change by an author who may not know of all traces that were dropped.
    ///
    /// - Parameter known: deletions of which its author knows that their traces were dropped: those
    ///   judge no more.
    /// - Returns: whether a trace stops it.
    static func stop(
        _ change: IncomingChange, table: Int64, key: UnsafeRawBufferPointer, known: VersionVector,
        _ connection: Connection, _ state: StoreState
    ) throws -> Bool {
        let statement = try connection.statement(
            "SELECT origin, seq, stamp, causal_length FROM _parksync_dropped WHERE tbl = ?1 AND key = ?2")
        statement.bind(1, table)
        statement.bindBlob(2, key)
        var (isStopped, overcome) = (false, [(ordinal: Int64, seq: UInt64)]())
        do {
            defer {
                statement.reset()
                statement.bindNull(2)
            }
            while try statement.step() {
                let ordinal = try statement.ordinal(0, "the origin of a deletion")
                guard let index = state.index(ofOrdinal: ordinal) else { continue }
                let seq = try statement.entryNumber(1, "the entry of a deletion")
                let origin = state.origins[index].origin
                if known[origin] >= seq { continue }
                let deletion = WriteID(stamp: Stamp(rawValue: statement.uint64(2)), origin: origin, seq: seq)
                let trace = KeptTrace(causalLength: CausalLength(rawValue: statement.uint64(3)), deletion: deletion)
                if trace.holds(against: change) { isStopped = true } else { overcome.append((ordinal, seq)) }
            }
        }
        for deletion in overcome { try forget(connection, table: table, key: key, deletion.ordinal, deletion.seq) }
        return isStopped
    }

    private static func forget(
        _ connection: Connection, table: Int64, key: UnsafeRawBufferPointer, _ ordinal: Int64, _ seq: UInt64
    ) throws {
        let statement = try connection.statement(
            "DELETE FROM _parksync_dropped WHERE tbl = ?1 AND key = ?2 AND origin = ?3 AND seq = ?4")
        statement.bind(1, table)
        statement.bindBlob(2, key)
        statement.bind(3, ordinal)
        statement.bind(4, seq)
        defer { statement.bindNull(2) }
        try statement.run()
    }

    /// Lets those go that no entry can meet any more, and what was needed to know whom they judge.
    static func settle(_ connection: Connection, _ settled: VersionVector, _ state: inout StoreState) throws {
        state.keptUpTo = settled
        for element in settled.elements {
            guard let index = state.index(of: element.origin) else { continue }
            try connection.execute(
                "DELETE FROM _parksync_dropped WHERE origin = \(state.origins[index].ordinal) AND seq <= \(element.seq)"
            )
        }
        for (origin, first) in state.dropKnowledge.prune(settled) {
            guard let index = state.index(of: origin) else { continue }
            try connection.execute(
                "DELETE FROM _parksync_known WHERE origin = \(state.origins[index].ordinal) AND seq < \(first)")
        }
    }
}
