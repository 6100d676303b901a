import ParkSyncCore

/// The rows that are kept aside of dropped traces, each held against the entry that deleted the
/// row.
struct TraceRows {
    let connection: Connection
    let state: StoreState
    private let tables: TraceTables
    /// Which deletions were dropped, as far as the file says.
    private let dropped: VersionVector

    /// One entry's rows that are held against it at a time.
    private static let rowsAtOnce = 10_000

    /// One kept trace.
    struct Row: Hashable {
        var table: Int64
        var key: [UInt8]
        var trace: KeptTrace
    }

    /// - Parameter here: what the file keeps of what is known.
    init(_ connection: Connection, _ state: StoreState, _ here: DropKnowledge.Known) throws {
        (self.connection, self.state, dropped) = (connection, state, here.dropped)
        tables = try TraceTables(connection)
    }

    /// Calls `body` with all kept traces, entry by entry.
    ///
    /// - Parameter strange: told of rows that no entry can have made.
    static func each(
        _ connection: Connection, _ state: StoreState, strange: () throws -> Void, _ body: (Row) throws -> Void
    ) throws {
        let statement = try RawStatement(
            connection.handle,
            "SELECT tbl, key, origin, seq, stamp, causal_length FROM _parksync_dropped ORDER BY origin, seq, tbl, key")
        while try statement.step() {
            let (seq, stamp, length) = (statement.int64(3), statement.int64(4), statement.int64(5))
            guard let index = state.index(ofOrdinal: statement.int64(2)), seq > 0, stamp >= 0, length > 0 else {
                try strange()
                continue
            }
            let write = WriteID(
                stamp: Stamp(rawValue: UInt64(clamping: stamp)), origin: state.origins[index].origin,
                seq: UInt64(clamping: seq))
            let trace = KeptTrace(causalLength: CausalLength(rawValue: UInt64(clamping: length)), deletion: write)
            try body(Row(table: statement.int64(0), key: Array(statement.bytes(1)), trace: trace))
        }
    }

    func compare(_ log: ControlRows, _ tell: (String) throws -> Void) throws {
        var rows: [Row] = []
        func strange() throws {
            try tell("the file has rows in _parksync_dropped that no entry can have made, and the log does not")
        }
        try Self.each(connection, state, strange: strange) { row in
            if let first = rows.first?.trace.deletion,
                first.origin != row.trace.deletion.origin || first.seq != row.trace.deletion.seq
                    || rows.count >= Self.rowsAtOnce
            {
                try compare(rows, log, tell)
                rows = []
            }
            rows.append(row)
        }
        try compare(rows, log, tell)
    }

    /// - Parameter rows: of one entry.
    private func compare(_ rows: [Row], _ log: ControlRows, _ tell: (String) throws -> Void) throws {
        guard let write = rows.first?.trace.deletion else { return }
        let (origin, seq) = (write.origin, write.seq)
        var left: Set<Row> = []
        switch try log.said(origin, seq) {
        case .unknown: break
        case .nothing: left = Set(rows)
        case .words(let words):
            let isDropped = dropped[origin] >= seq && !log.isWithdrawn(origin, seq) && !words.isSetAside
            left = isDropped ? try unsaid(rows, words) : Set(rows)
        }
        for row in rows where left.contains(row) {
            try tell("the file says that \(tables.text(row)), and the log does not")
        }
    }

    /// Those of an entry's rows that it does not delete, or not so.
    private func unsaid(_ rows: [Row], _ words: EntryWords) throws -> Set<Row> {
        var left = Set(rows)
        guard let index = state.index(of: words.origin) else { return left }
        _ = try LogTable.withPayload(connection, ordinal: state.origins[index].ordinal, seq: words.seq) { payload in
            try EntryDeletions.each(in: payload) { name, key, length in
                guard let table = tables.ordinals[ExactText(name)] else { return }
                let write = WriteID(stamp: words.stamp, origin: words.origin, seq: words.seq)
                left.remove(Row(table: table, key: key, trace: KeptTrace(causalLength: length, deletion: write)))
            }
        }
        return left
    }
}

/// The shared tables, as kept traces name them.
struct TraceTables {
    let ordinals: [ExactText: Int64]
    private let names: [Int64: (name: String, keyColumns: Int)]

    init(_ connection: Connection) throws {
        let statement = try connection.statement(
            """
            SELECT t.ordinal, t.name, (SELECT count(*) FROM pragma_table_info(t.name) WHERE pk > 0) FROM \
            _parksync_table t
            """
        )
        defer { statement.reset() }
        var names: [Int64: (name: String, keyColumns: Int)] = [:]
        while try statement.step() {
            names[statement.int64(0)] = (statement.string(1), Int(clamping: statement.int64(2)))
        }
        self.names = names
        ordinals = Dictionary(names.map { (ExactText($0.value.name), $0.key) }, uniquingKeysWith: { first, _ in first })
    }

    /// For people, behind "says that".
    func text(_ row: TraceRows.Row) -> String {
        let deletion = row.trace.deletion
        let table = names[row.table]
        let values = row.key.withUnsafeBytes { try? KeyCoding.decode($0, count: table?.keyColumns ?? 1) }
        let key = values.map { RowNames.text($0) } ?? "x'\(Hex.encode(row.key))'"
        return
            """
            \(deletion.origin):\(deletion.seq) deleted \(table?.name ?? "a row of table \(row.table)") \(key), \
            of which a dropped trace is kept
            """
    }
}

/// The deletions in an entry.
enum EntryDeletions {
    /// Calls `body` with the table, the key and the causal length of each.
    static func each(in payload: UnsafeRawBufferPointer, _ body: (String, [UInt8], CausalLength) throws -> Void) throws
    {
        // Whatever cannot be read is set aside, and has deleted nothing.
        guard var reader = try? ChangeReader(payload) else { return }
        while let change = try? reader.next(), let block = reader.block {
            if change.kind == .delete { try body(block.name, reader.key, change.causalLength) }
        }
    }
}
