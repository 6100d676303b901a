import ParkSyncCore

/// Below what no trace of a deleted row is, so that a compaction which finds none need not look at
/// all. Known since the last look; not in the file.
struct TraceBounds: Hashable {
    /// Of each origin the first entry whose deletions may have left one; an origin that is not
    /// named may have one anywhere.
    private var first: [OriginID: UInt64] = [:]

    func hasNone(upTo frontier: VersionVector) -> Bool {
        frontier.elements.allSatisfy { first[$0.origin] ?? 0 > $0.seq }
    }

    /// - Parameters:
    ///   - left: of each origin the lowest entry that has a trace after a look at all.
    ///   - applied: entries whose traces were there then.
    init(left: [OriginID: UInt64] = [:], applied: [(origin: OriginID, seq: UInt64)] = []) {
        for (origin, seq) in applied { first[origin] = min(left[origin] ?? .max, seq + 1) }
    }
}

/// Traces of deleted rows: their clocks, and their causal lengths.
enum TombstoneTable {
    /// What a look at all traces finds.
    struct Survey: Hashable {
        var rows = 0
        var bytes = 0
        /// Those that the frontier covers.
        var coveredRows = 0
        /// For each origin the newest entry that deleted one of the rows.
        var deletions = VersionVector()
    }

    /// What one trace costs beside its key and clock: a second copy of the key, its number and the
    /// cells' headers.
    private static let overheadBytes = 16

    private static func dead(_ table: SharedTable) -> String {
        """
        SELECT l.key, c.clock FROM _parksync_life l JOIN \(quoted(StoreFile.clockTable(table.name))) c ON c.key = \
        l.key \
        WHERE l.tbl = ?1 AND l.causal_length % 2 = 0
        """
    }

    static func survey(
        _ connection: Connection, _ state: StoreState, schema: SharedSchema, ordinals: [Int64], frontier: VersionVector
    ) throws -> Survey {
        var survey = Survey()
        for (table, ordinal) in zip(schema.tables, ordinals) {
            let statement = try connection.statement(dead(table))
            defer { statement.reset() }
            statement.bind(1, ordinal)
            while try statement.step() {
                let write = try ClockCoding.decode(statement.bytes(1), state: state).clock.base
                survey.rows += 1
                survey.bytes += 2 * statement.bytes(0).count + statement.bytes(1).count + overheadBytes
                if frontier[write.origin] >= write.seq { survey.coveredRows += 1 }
                survey.deletions[write.origin] = max(survey.deletions[write.origin], write.seq)
            }
        }
        return survey
    }

    /// Drops the traces of the rows whose deletion `frontier` covers. What may still judge a write
    /// is kept aside.
    ///
    /// - Returns: how many.
    static func drop(_ connection: Connection, _ state: inout StoreState, schema: SharedSchema, frontier: VersionVector)
        throws -> Int
    {
        if state.traceBounds.hasNone(upTo: frontier) { return 0 }
        var (left, count) = ([OriginID: UInt64](), 0)
        for (index, table) in schema.tables.enumerated() where state.tables[index].lives > 0 {
            var dropped: [(key: [UInt8], trace: KeptTrace)] = []
            let statement = try connection.statement(dead(table))
            statement.bind(1, state.tables[index].ordinal)
            do {
                defer { statement.reset() }
                while try statement.step() {
                    let clock = try ClockCoding.decode(statement.bytes(1), state: state).clock
                    let deletion = clock.base
                    guard frontier[deletion.origin] >= deletion.seq else {
                        left[deletion.origin] = min(left[deletion.origin] ?? .max, deletion.seq)
                        continue
                    }
                    dropped.append(
                        (Array(statement.bytes(0)), KeptTrace(causalLength: clock.causalLength, deletion: deletion)))
                }
            }
            let clock = try connection.statement(
                "DELETE FROM \(quoted(StoreFile.clockTable(table.name))) WHERE key = ?1")
            let life = try connection.statement("DELETE FROM _parksync_life WHERE tbl = ?1 AND key = ?2")
            for (key, trace) in dropped {
                try KeptTraces.keep(connection, trace, table: state.tables[index].ordinal, key: key, state)
                clock.bindBlob(1, copying: key)
                try clock.run()
                life.bind(1, state.tables[index].ordinal)
                life.bindBlob(2, copying: key)
                try life.run()
            }
            state.tables[index].lives = max(0, state.tables[index].lives - Int64(dropped.count))
            count += dropped.count
        }
        state.traceBounds = TraceBounds(left: left, applied: state.origins.map { ($0.origin, $0.folded) })
        return count
    }
}
