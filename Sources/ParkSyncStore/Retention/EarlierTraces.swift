import ParkSyncCore

/// That what an earlier format did not keep of dropped traces could not be read from the log,
/// because its beginning is archived and the archive is not at hand.
///
/// What a change does then cannot be told if its author may not know of a compaction that is
/// archived: its entry waits. Whoever has seen all that is archived knows of all these compactions.
/// It ends at a start that finds the archive, or when later compactions show that all know.
enum UnknownTraces {
    /// - Returns: what was archived when the file was given this format; nil if nothing is unknown,
    ///   and empty before it was looked for.
    static func load(_ connection: Connection) throws -> VersionVector? {
        switch try StoreFile.meta(connection, StoreFile.lacksKeptTraces) {
        case .integer(1)?: VersionVector()
        case .text(let bytes)?: VersionVector(parsing: String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }

    static func save(_ connection: Connection, _ archived: VersionVector?) throws {
        try StoreFile.setMeta(connection, StoreFile.lacksKeptTraces, archived.map { .string($0.description) } ?? .null)
    }

    /// For the status.
    static func text(_ archived: VersionVector) -> String {
        "what was dropped of deleted rows by entries up to \(archived) is not known, since the archive was not "
            + "at hand when this version took the file over. "
            + remedy
    }

    static let remedy =
        """
        Put the missing segments back into the archive's folder and restart the node. Without them: syncctl \
        snapshot fetch.
        """

    /// For each log the entries before the first that is in the log table.
    static func archived(_ connection: Connection, _ state: StoreState) throws -> VersionVector {
        var result = VersionVector()
        for origin in state.origins {
            guard let first = try LogTable.oldest(connection, ordinal: origin.ordinal) else { continue }
            if first > 1 { result[origin.origin] = first - 1 }
        }
        return result
    }
}

extension StoreState {
    /// Later compactions show that no entry can come any more that does not know of what is
    /// unknown.
    mutating func settleUnknownTraces(_ connection: Connection) throws {
        guard let unknown = unknownTraces, settledForAll.covers(unknown) else { return }
        try UnknownTraces.save(connection, nil)
        unknownTraces = nil
    }
}

extension Applier {
    /// Makes what is kept aside of dropped traces, and what authors know of them, in a file that an
    /// earlier version wrote: its tables are made anew from the log and the archive. Within the
    /// caller's transaction, with everything folded.
    ///
    /// Where the archive cannot be read, that is noted (`UnknownTraces`), and tried again at each
    /// start.
    func keepEarlierTraces(_ state: inout StoreState, wallMilliseconds: UInt64) throws {
        guard let before = try UnknownTraces.load(connection), state.isFolded else { return }
        guard let hasCompactions = try hasCompactions(state) else {
            let archived = try UnknownTraces.archived(connection, state)
            return try UnknownTraces.save(connection, before.elements.isEmpty ? archived : before)
        }
        // From now on they are known, also to what is applied again.
        state.unknownTraces = nil
        if hasCompactions {
            state.mustRebuild = true
            try rebuildIfTakenBack(&state, wallMilliseconds: wallMilliseconds)
        }
        try UnknownTraces.save(connection, nil)
    }

    /// Whether traces were ever dropped; nil if the log cannot be read from its beginning.
    private func hasCompactions(_ state: StoreState) throws -> Bool? {
        guard try state.firstLogGap(connection) == nil else { return nil }
        var (isFound, isWhole) = (false, true)
        for origin in state.origins {
            guard let last = try SegmentTable.newest(connection, ordinal: origin.ordinal, upTo: LogTable.seqMax)?.last
            else { continue }
            var next: UInt64 = 1
            try LogScan.ascend(
                connection, origin: origin.origin, ordinal: origin.ordinal, after: 0, through: last,
                onFault: { _ in isWhole = false }
            ) { entry in
                if entry.seq != next { isWhole = false }
                next = entry.seq + 1
                if EntryWords(entry.payload, origin.origin, entry.seq, isSetAside: false)?.frontier != nil {
                    isFound = true
                }
                return .more
            }
        }
        guard isWhole else { return nil }
        return try isFound || hasLoggedCompactions()
    }

    /// Whether an entry of the log table may say so: one that only has these words in its rows is
    /// taken for one, too.
    private func hasLoggedCompactions() throws -> Bool {
        let record = ControlRecord.compaction(frontier: VersionVector())
        return try connection.int64(
            """
            SELECT 1 FROM _parksync_log WHERE length(payload) < \(LongPayload.bytesMin) \
            AND instr(payload, CAST(\(literal(ControlRecord.tableName)) AS BLOB)) AND instr(payload, \
            CAST(\(literal(record.key)) AS BLOB)) LIMIT 1
            """) != nil
    }
}
