import ParkSyncCore

/// Compares each row of the tables that say which entries count, and what is left of dropped
/// traces, with the entry that has to have said so.
///
/// Any program with the file could have written there, too. The start looks, a pass of the row
/// verification, and `log verify`: by this one comparison. That the log says more than the file
/// keeps, `ControlHistory` finds, which reads all of the log.
final class ControlRows {
    enum Said {
        /// It is archived, and the archive is not read.
        case unknown
        /// There is no such entry.
        case nothing
        case words(EntryWords)
    }

    let connection: Connection
    let state: StoreState
    private let readsArchive: Bool
    private var last: (by: OriginID, seq: UInt64, said: Said)?

    /// - Parameters:
    ///   - state: the file's origins and cursors.
    ///   - readsArchive: whether entries are looked up in the archive, too. Else they are believed.
    init(_ connection: Connection, _ state: StoreState, readsArchive: Bool = false) throws {
        var state = state
        state.withdrawals = try WithdrawalTable.all(connection, state)
        (self.connection, self.state, self.readsArchive) = (connection, state, readsArchive)
    }

    /// - Parameter looksAtTraces: whether also at kept traces, of which there may be very many.
    /// - Throws: `StoreError.damaged` that names the first row that no entry stands for.
    static func check(_ connection: Connection, _ state: StoreState, looksAtTraces: Bool = true) throws {
        try ControlRows(connection, state).compare(looksAtTraces: looksAtTraces) { throw LogSoundness.damage($0) }
    }

    /// - Parameter tell: told of each row that no entry stands for.
    func compare(looksAtTraces: Bool = true, _ tell: (String) throws -> Void) throws {
        try compareWords(tell)
        guard try KeptTraces.areThere(connection) else { return }
        let knowledge = try KnownRows(connection, state)
        try knowledge.compare(self, tell)
        if looksAtTraces { try TraceRows(connection, state, knowledge.kept.here).compare(self, tell) }
    }

    /// The votes, fences, decisions and withdrawals alone.
    func compareWords(_ tell: (String) throws -> Void) throws {
        try KeptControls.each(connection, state, strange: tell) { statement in
            switch try said(statement.by, statement.seq) {
            case .unknown: break
            case .words(let words) where words.says(statement): break
            case .words, .nothing: try tell("the file says that \(statement.text), and the log does not")
            }
        }
        let valid = Set(Withdrawal.valid(state.withdrawals))
        for withdrawal in state.withdrawals where !valid.contains(withdrawal) {
            try tell(
                """
                the file says that \(ControlStatement(withdrawal).text), and the log does not: that entry is \
                taken back itself
                """
            )
        }
    }

    /// What an entry says.
    func said(_ by: OriginID, _ seq: UInt64) throws -> Said {
        if let last, last.by == by, last.seq == seq { return last.said }
        let said = try read(by, seq)
        last = (by, seq, said)
        return said
    }

    private func read(_ by: OriginID, _ seq: UInt64) throws -> Said {
        guard let index = state.index(of: by), seq > 0 else { return .nothing }
        let ordinal = state.origins[index].ordinal
        if try !LogTable.holds(connection, ordinal: ordinal, seq: seq) {
            guard try isArchived(ordinal, seq) else { return .nothing }
            if !readsArchive { return .unknown }
        }
        let isSetAside = try isQuarantined(ordinal, seq)
        // An archive that cannot be read is told elsewhere.
        guard
            let words = try LogTable.withPayload(
                connection, ordinal: ordinal, seq: seq, { EntryWords($0, by, seq, isSetAside: isSetAside) })
        else { return .unknown }
        return words.map { .words($0) } ?? .nothing
    }

    private func isArchived(_ ordinal: Int64, _ seq: UInt64) throws -> Bool {
        // A log that came in a snapshot may begin behind the last segment that its file names.
        try SegmentTable.newest(connection, ordinal: ordinal, upTo: .max).map { $0.last >= seq } == true
    }

    private func isQuarantined(_ ordinal: Int64, _ seq: UInt64) throws -> Bool {
        let statement = try connection.statement("SELECT 1 FROM _parksync_quarantine WHERE origin = ?1 AND seq = ?2")
        defer { statement.reset() }
        statement.bind(1, ordinal)
        statement.bind(2, seq)
        return try statement.step()
    }

    func isWithdrawn(_ by: OriginID, _ seq: UInt64) -> Bool { seq > 0 && state.isWithdrawn(by, seq) }
}
