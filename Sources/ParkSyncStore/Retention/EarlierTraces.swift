import ParkSyncCore

extension Applier {
    /// Makes what is kept aside of dropped traces, and what authors know of them, in a file that an earlier version wrote: its tables are made
    /// anew from the log. Within the caller's transaction, with everything folded.
    ///
    /// Where the log's beginning is archived neither can be made any more; then both begin with what comes.
    func keepEarlierTraces(_ state: inout StoreState, wallMilliseconds: UInt64) throws {
        guard case .integer(1)? = try StoreFile.meta(connection, StoreFile.lacksKeptTraces), state.isFolded else { return }
        if try hasCompactions(), try state.firstLogGap(connection) == nil {
            state.mustRebuild = true
            try rebuildIfTakenBack(&state, wallMilliseconds: wallMilliseconds)
        }
        try StoreFile.setMeta(connection, StoreFile.lacksKeptTraces, .null)
    }

    /// Whether an entry of the log may say so: one that only has these words in its rows is taken for one, too.
    private func hasCompactions() throws -> Bool {
        let record = ControlRecord.compaction(frontier: VersionVector())
        return try connection.int64(
            """
            SELECT 1 FROM _parksync_log WHERE length(payload) < \(LongPayload.bytesMin) \
            AND instr(payload, CAST(\(literal(ControlRecord.tableName)) AS BLOB)) AND instr(payload, CAST(\(literal(record.key)) AS BLOB)) LIMIT 1
            """) != nil
    }
}
