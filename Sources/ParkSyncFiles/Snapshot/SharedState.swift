import CSQLite
import ParkSyncCore
import ParkSyncStore

/// All that parks at one vector hold alike, as one hash for each part, whatever numbers a file
/// gives to origins and tables.
///
/// The digest that peers compare is a sum, made to be cheap: whoever may choose rows can find
/// others with the same sum, and it covers rows alone. This covers every cell that a database takes
/// over from another one: rows, clocks, causal lengths, conflicts, cursors and what they depend on,
/// entries that were set aside, kept traces, what authors know of them, fences, votes, decisions
/// and withdrawals. On the way each number is compared with its bounds.
struct SharedState {
    struct Part: Hashable {
        /// For people.
        var name: String
        var hash: [UInt8]
    }

    private(set) var parts: [Part] = []
    private let connection: Connection
    private let schema: SharedSchema
    /// Origins by ordinal.
    private let state: StoreState
    private var tables: [Int64: SharedTable] = [:]
    /// Longest value that the connection reads elsewhere.
    private let valueBytesMax: Int32
    /// Longest one that is read together with others of its row: whatever the file says, a row of
    /// those has some mebibytes at most.
    private static let valueBytesTogether: Int32 = 1 << 20

    /// Reads all of it, within the caller's transaction.
    ///
    /// - Throws: `StoreError.damaged` for what no node writes.
    init(_ connection: Connection, schema: SharedSchema) throws {
        (self.connection, self.schema) = (connection, schema)
        state = try SQLReader(connection: connection).originState()
        valueBytesMax = sqlite3_limit(connection.handle, SQLITE_LIMIT_LENGTH, -1)
        limit(Self.valueBytesTogether)
        defer { limit(valueBytesMax) }
        do {
            try checkLog()
            try readTables()
            try readOrigins()
            try readLives()
            try readKeptTraces()
            do { try readConflicts() } catch let error as StoreError where error.code == .tooLarge {
                limit(valueBytesMax)
                try readConflicts()
                limit(Self.valueBytesTogether)
            }
            try readQuarantine()
            try readControls()
            for table in schema.tables {
                try readRows(table)
                try readClocks(table)
            }
        } catch let failure as DecodingFailure {
            throw Self.damaged("something in it cannot be read: \(failure)")
        }
    }

    private func limit(_ bytes: Int32) {
        sqlite3_limit(connection.handle, SQLITE_LIMIT_LENGTH, min(bytes, valueBytesMax))
    }

    /// Names of the parts that are not the same.
    func differences(from other: SharedState) -> [String] {
        zip(parts, other.parts).filter { $0 != $1 }.map(\.0.name) + (parts.count == other.parts.count ? [] : ["tables"])
    }

    private static func damaged(_ reason: String) -> StoreError {
        StoreError(.damaged, reason, remedy: CopyChecks.remedy)
    }

    // MARK: parts

    /// Rows of the log that belong to no origin, or have no number, would lie there unseen.
    private func checkLog() throws {
        var after: Int64 = .min
        for ordinal in state.origins.map(\.ordinal).sorted() + [LogTable.ordinalMax] {
            let end = ordinal == LogTable.ordinalMax ? Int64.max : LogTable.id(ordinal, 0)
            guard
                try connection.int64("SELECT id FROM _parksync_log WHERE id >= \(after) AND id <= \(end) LIMIT 1")
                    == nil
            else {
                throw Self.damaged("its log has rows of an origin that it does not name")
            }
            after = LogTable.end(ordinal)
        }
    }

    private mutating func readTables() throws {
        let statement = try connection.statement(
            "SELECT ordinal, name, rows, digest FROM _parksync_table ORDER BY name")
        defer { statement.reset() }
        var hash = PartHash("counts of rows")
        while try statement.step() {
            let ordinal = try statement.number(0, in: 0...Int64(Int32.max), "a table's ordinal")
            guard let index = schema.index(ofTable: statement.string(1)), statement.bytes(3).count == RowDigest.bytes,
                tables[ordinal] == nil
            else {
                throw Self.damaged("it counts the rows of a table that is not shared")
            }
            tables[ordinal] = schema.tables[index]
            let rows = try statement.count(2, "a table's count of rows")
            hash.add {
                $0.prefixed(schema.tables[index].name)
                $0.fixed64(UInt64(clamping: rows))
                $0.prefixed(statement.bytes(3))
            }
        }
        guard tables.count == schema.tables.count else { throw Self.damaged("it lacks the counts of rows of a table") }
        parts.append(hash.finish())
    }

    private mutating func readOrigins() throws {
        let statement = try connection.statement(
            "SELECT ordinal, name, folded, dependencies FROM _parksync_origin ORDER BY name")
        defer { statement.reset() }
        var hash = PartHash("cursors and dependencies")
        while try statement.step() {
            _ = try statement.ordinal(0)
            guard let origin = OriginID(statement.string(1)),
                let dependencies = VersionVector(parsing: statement.string(3))
            else {
                throw Self.damaged("it has an origin, or its dependencies, that cannot be read")
            }
            let folded = try statement.entryNumber(2, "the cursor of an origin")
            // A name without entries is one that the file has heard of.
            if folded == 0 { continue }
            hash.add {
                $0.prefixed(origin.utf8)
                $0.varint(folded)
                $0.prefixed(dependencies.description)
            }
        }
        parts.append(hash.finish())
    }

    private mutating func readLives() throws {
        let statement = try connection.statement(
            """
            SELECT t.name, l.key, l.causal_length, l.tbl FROM _parksync_life l
            LEFT JOIN _parksync_table t ON t.ordinal = l.tbl ORDER BY t.name, l.key
            """)
        defer { statement.reset() }
        var hash = PartHash("causal lengths")
        while try statement.step() {
            let table = try table(statement, 3)
            try checkKey(statement.bytes(1), table)
            let length = try statement.number(2, in: 1...Int64.max, "a causal length")
            hash.add {
                $0.prefixed(table.name)
                $0.prefixed(statement.bytes(1))
                $0.varint(UInt64(clamping: length))
            }
        }
        parts.append(hash.finish())
    }

    /// Without those that are settled, which each node lets go when it likes.
    private mutating func readKeptTraces() throws {
        let settled = try DropKnowledgeTable.load(connection, state).here.settled
        let columns = WriteColumns(
            table: "_parksync_dropped", number: "causal_length", value: "NULL",
            words: ("a causal length", "the entry of a deletion", "the stamp of a deletion"))
        try readWrites("kept traces", columns, numbers: { _ in 1...Int64.max }, isShared: { settled[$0] < $1 })
    }

    private mutating func readConflicts() throws {
        let columns = WriteColumns(
            table: "_parksync_conflict", number: "column", value: "value",
            words: ("a conflict's column", "a conflict's entry", "a conflict's stamp"))
        try readWrites("conflicts", columns, numbers: { 0...Int64($0.columns.count) }, isShared: { _, _ in true })
    }

    /// Where what is kept of single writes stands.
    private struct WriteColumns {
        var table: String
        /// A number beside the key.
        var number: String
        var value: String
        /// For people.
        var words: (number: StaticString, entry: StaticString, stamp: StaticString)
    }

    /// - Parameters:
    ///   - numbers: those that rows of a table may have.
    ///   - isShared: whether the rows of an entry are the same at all nodes.
    private mutating func readWrites(
        _ name: String, _ columns: WriteColumns, numbers: (SharedTable) -> ClosedRange<Int64>,
        isShared: (OriginID, UInt64) -> Bool
    ) throws {
        let statement = try connection.statement(
            """
            SELECT t.name, w.key, w.\(columns.number), o.name, w.seq, w.stamp, \(columns.value), w.tbl, w.origin
            FROM \(columns.table) w
            LEFT JOIN _parksync_table t ON t.ordinal = w.tbl LEFT JOIN _parksync_origin o ON o.ordinal = w.origin
            ORDER BY t.name, w.key, w.\(columns.number), o.name, w.seq
            """)
        defer { statement.reset() }
        var hash = PartHash(name)
        while try statement.step() {
            let table = try table(statement, 7)
            try checkKey(statement.bytes(1), table)
            let number = try statement.number(2, in: numbers(table), columns.words.number)
            let origin = try origin(statement, 8)
            let seq = try statement.entryNumber(4, columns.words.entry)
            let stamp = try statement.number(5, in: 0...Int64.max, columns.words.stamp)
            guard isShared(origin, seq) else { continue }
            hash.add {
                $0.prefixed(table.name)
                $0.prefixed(statement.bytes(1))
                $0.varint(UInt64(clamping: number))
                $0.prefixed(origin.utf8)
                $0.varint(seq)
                $0.fixed64(UInt64(clamping: stamp))
                statement.encode(6, to: &$0)
            }
        }
        parts.append(hash.finish())
    }

    /// Why an entry was set aside is told in each node's own words.
    private mutating func readQuarantine() throws {
        let statement = try connection.statement(
            """
            SELECT o.name, q.seq, q.origin FROM _parksync_quarantine q
            LEFT JOIN _parksync_origin o ON o.ordinal = q.origin ORDER BY o.name, q.seq
            """
        )
        defer { statement.reset() }
        var hash = PartHash("entries that were set aside")
        while try statement.step() {
            let origin = try origin(statement, 2)
            let seq = try statement.entryNumber(1)
            hash.add {
                $0.prefixed(origin.utf8)
                $0.varint(seq)
            }
        }
        parts.append(hash.finish())
    }

    private mutating func readControls() throws {
        try add("fences", "_parksync_fence", try FenceTable.all(connection, state)) {
            "\($0.park) \($0.by):\($0.seq) after \($0.after), returned \($0.returned.sorted().map(\.name))"
        }
        var votes: [String] = []
        // As digests: of each vote there is a list of parks.
        try VoteTable.each(connection, state) { votes.append($0.digest) }
        try add("votes", "_parksync_vote", votes) { $0 }
        try add("decisions", "_parksync_decision", try VoteTable.decisions(connection, state)) {
            "\($0.park) \($0.side.rawValue) \($0.by):\($0.seq) ends \($0.fences) by \($0.votes)"
        }
        try add("withdrawals", "_parksync_withdrawal", try WithdrawalTable.all(connection, state)) {
            "\($0.by) takes \($0.origin):\($0.first) to \($0.last) back"
        }
        let known = try DropKnowledgeTable.load(connection, state).shared.flatMap { origin, steps in
            steps.map {
                "\(origin):\($0.seq) knows \($0.known.dropped), agreed \($0.known.agreed), settled \($0.known.settled)"
            }
        }
        try add(
            "what parks know to be dropped", "_parksync_known", try DropKnowledgeTable.all(connection, state).count,
            known)
    }

    /// - Parameter records: those that could be read: all of them, or something else stands among
    ///   them.
    private mutating func add<Record>(_ name: String, _ table: String, _ records: [Record], _ text: (Record) -> String)
        throws
    {
        try add(name, table, records.count, records.map(text))
    }

    private mutating func add(_ name: String, _ table: String, _ count: Int, _ lines: [String]) throws {
        guard try connection.int64("SELECT 1 FROM \(table) LIMIT 1 OFFSET \(count)") == nil else {
            throw Self.damaged("it has \(name) that no entry can have made")
        }
        var hash = PartHash(name)
        for line in lines.sorted() { hash.add { $0.prefixed(line) } }
        parts.append(hash.finish())
    }

    /// Row by row; where cells are long, column by column, so that one of them is in memory at a
    /// time. Both come to the same.
    private mutating func readRows(_ table: SharedTable) throws {
        let columns = (table.keyColumns.map(\.name) + table.columns.map(\.name)).map(quoted)
        var hashes = columns.map { _ in PartHash("a column") }
        do {
            try each(columns, of: table) { statement in
                for index in columns.indices { hashes[index].add(Int32(index), of: statement) }
            }
        } catch let error as StoreError where error.code == .tooLarge {
            hashes = columns.map { _ in PartHash("a column") }
            for index in columns.indices {
                // No key is long.
                limit(index < table.keyColumns.count ? Self.valueBytesTogether : valueBytesMax)
                try each([columns[index]], of: table) { hashes[index].add(0, of: $0) }
            }
            limit(Self.valueBytesTogether)
        }
        var hash = PartHash("rows of \(table.name)")
        for index in hashes.indices {
            let column = hashes[index].finish().hash
            hash.add { $0.raw(column) }
        }
        parts.append(hash.finish())
    }

    private func each(_ columns: [String], of table: SharedTable, _ body: (RawStatement) -> Void) throws {
        let keys = table.keyColumns.map { quoted($0.name) }.joined(separator: ", ")
        let statement = try RawStatement(
            connection.handle, "SELECT \(columns.joined(separator: ", ")) FROM \(quoted(table.name)) ORDER BY \(keys)")
        while try statement.step() { body(statement) }
    }

    private mutating func readClocks(_ table: SharedTable) throws {
        let statement = try RawStatement(
            connection.handle, "SELECT key, clock FROM \(quoted(StoreFile.clockTable(table.name))) ORDER BY key")
        var hash = PartHash("clocks of \(table.name)")
        while try statement.step() {
            try checkKey(statement.bytes(0), table)
            let stored = try ClockCoding.decode(statement.bytes(1), state: state)
            guard stored.clock.causalLength > .never else {
                throw Self.damaged("a row of \(table.name) has never lived")
            }
            hash.add {
                $0.prefixed(statement.bytes(0))
                $0.fixed64(stored.digest.high)
                $0.fixed64(stored.digest.low)
                $0.varint(stored.clock.causalLength.rawValue)
                Self.write(stored.clock.base, to: &$0)
                $0.varint(stored.clock.groups.count)
                for group in stored.clock.groups {
                    $0.varint(group.columns.rawValue)
                    Self.write(group.write, to: &$0)
                }
            }
        }
        parts.append(hash.finish())
    }

    private static func write(_ id: WriteID, to writer: inout ByteWriter) {
        writer.fixed64(id.stamp.rawValue)
        writer.prefixed(id.origin.utf8)
        writer.varint(id.seq)
    }

    // MARK: cells

    private func table(_ statement: RawStatement, _ column: Int32) throws -> SharedTable {
        guard let table = tables[try statement.number(column, in: 0...Int64(Int32.max), "a table's ordinal")] else {
            throw Self.damaged("it speaks of a table that it does not count")
        }
        return table
    }

    private func origin(_ statement: RawStatement, _ column: Int32) throws -> OriginID {
        guard let index = state.index(ofOrdinal: try statement.ordinal(column)) else {
            throw Self.damaged("it speaks of an origin that it does not name")
        }
        return state.origins[index].origin
    }

    private func checkKey(_ bytes: UnsafeRawBufferPointer, _ table: SharedTable) throws {
        _ = try KeyCoding.decode(bytes, count: table.keyColumns.count)
    }
}
