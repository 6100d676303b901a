import ParkSyncCore

/// Finds what the log says of parks, logs and dropped traces, and the file does not keep; and by
/// `ControlRows` the other way round.
///
/// It takes the entries as whoever reads all of the log comes by them. Of an entry that was taken
/// back, and is no longer in the list of those that were set aside, what it said of other parks may
/// be there or not.
package struct ControlHistory {
    private let connection: Connection
    private let state: StoreState
    private let quarantined: [OriginID: Set<UInt64>]
    private var said: [ControlStatement] = []
    private var firsts: [EntryWords] = []
    private var hasCompactions = false
    /// Logs of which some entries were not read.
    private var unread: Set<OriginID> = []

    /// - Parameter state: the file's origins.
    package init(_ connection: Connection, _ state: StoreState) throws {
        (self.connection, self.state) = (connection, state)
        let rows = try RawStatement(
            connection.handle,
            "SELECT o.name, q.seq FROM _parksync_quarantine q JOIN _parksync_origin o ON o.ordinal = q.origin")
        var quarantined: [OriginID: Set<UInt64>] = [:]
        while try rows.step() {
            if let origin = OriginID(rows.string(0)) { quarantined[origin, default: []].insert(rows.uint64(1)) }
        }
        self.quarantined = quarantined
    }

    /// Entries of a log are not read: they lie in segments that are not here.
    package mutating func skip(_ origin: OriginID) { unread.insert(origin) }

    /// Takes an applied entry.
    package mutating func add(_ payload: UnsafeRawBufferPointer, _ origin: OriginID, _ seq: UInt64) {
        guard let words = EntryWords(payload, origin, seq, isSetAside: quarantined[origin]?.contains(seq) == true)
        else { return }
        if seq == 1 { firsts.append(words) }
        said += words.statements
        if words.frontier != nil { hasCompactions = true }
    }

    /// - Parameter readsArchive: whether the archive is beside the file.
    package func findings(readsArchive: Bool) throws -> [String] {
        var findings = ControlFindings()
        let rows = try ControlRows(connection, state, readsArchive: readsArchive)
        try rows.compare { findings.add($0) }
        try missing { findings.add($0) }
        // What is dropped is judged by all that was written before.
        let isDropping = try KeptTraces.areThere(connection) && (hasCompactions || KeptTraces.hasAny(connection))
        if unread.isEmpty, isDropping, try UnknownTraces.load(connection) == nil {
            try DropHistory(connection, rows.state, quarantined: quarantined).compare { findings.add($0) }
        }
        return findings.all
    }

    private func missing(_ tell: (String) -> Void) throws {
        var kept: Set<ControlStatement> = []
        try KeptControls.each(connection, state, strange: { _ in }, { kept.insert($0) })
        var expected = StoreState()
        expected.withdrawals = Withdrawal.valid(
            said.compactMap { statement in
                guard case .withdrawal(let of, let first, let last) = statement.what else { return nil }
                return Withdrawal(origin: of, first: first, last: last, by: statement.by)
            })
        let withdrawals = Set(expected.withdrawals.map { ControlStatement($0) })
        let comebacks = try FenceTable.all(connection, state).flatMap { fence in
            firsts.map { ControlStatement.comesBack($0.origin, after: fence) }.filter { statement in
                firsts.contains { $0.origin == statement.by && $0.says(statement) }
            }
        }
        for statement in said + comebacks where !kept.contains(statement) {
            let isWanted =
                if case .withdrawal = statement.what {
                    withdrawals.contains(statement)
                } else {
                    !expected.isWithdrawn(statement.by, statement.seq)
                }
            if isWanted { tell("the log says that \(statement.text), and the file does not") }
        }
    }
}

/// What was found, each once, and not without end.
struct ControlFindings {
    private var found: [String] = []
    private var known: Set<ExactText> = []
    private var more = 0

    mutating func add(_ text: String) {
        guard known.count < RowNames.countMax else {
            if !known.contains(ExactText(text)) { more += 1 }
            return
        }
        if known.insert(ExactText(text)).inserted { found.append(text) }
    }

    var all: [String] {
        found + (more == 0 ? [] : ["and \(more) more of what the file keeps of fences, votes and dropped traces"])
    }
}
