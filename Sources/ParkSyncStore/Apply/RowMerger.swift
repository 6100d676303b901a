import ParkSyncCore

/// Merges the changes of one row, one after the other, and writes the result once.
struct RowMerger {
    private let connection: Connection
    private let schema: SharedSchema
    private let mode: MergeRun.Mode
    private let statements: [TableStatements]
    private let rule: MergeRule

    private var table = 0
    private var columns = MergeColumns(all: .none, counters: .none)
    private var cells = RowCells()
    private var clockBytes = ByteWriter(reserving: 128)
    /// The clock as it lay in the file, and as it is after the changes so far.
    private var stored: StoredClock?
    private var clock: RowClock?
    /// Whether `cells` hold the row as it is after the changes so far.
    private var isLoaded = false
    /// Columns whose cells differ from the file.
    private var dirty = ColumnMask.none
    private var authors: AuthorColumns
    /// What the log says of the row's counters after the changes so far; nil if it is not alive,
    /// has none, or that is not known.
    private var sums: CounterValues?

    init(
        connection: Connection, schema: SharedSchema, mode: MergeRun.Mode, statements: [TableStatements],
        rule: MergeRule
    ) {
        self.rule = rule
        self.connection = connection
        self.schema = schema
        authors = AuthorColumns(connection: connection, schema: schema)
        self.mode = mode
        self.statements = statements
    }

    private var wasAlive: Bool { stored?.clock.causalLength.isAlive ?? false }

    mutating func begin(table: Int, key: UnsafeRawBufferPointer, state: StoreState) throws {
        self.table = table
        let found = statements[table]
        columns = found.table.mergeColumns
        cells.begin(columns: found.table.columns.count)
        (isLoaded, dirty, stored) = (false, .none, nil)
        let read = found.readClock
        read.bindBlob(1, key)
        defer {
            read.reset()
            read.bindNull(1)
        }
        if try read.step() { stored = try ClockCoding.decode(read.bytes(0), state: state) }
        clock = stored?.clock
        sums = stored?.counters
    }

    /// Inserts that were taken for those of new rows, and how many were not.
    private var (freshRows, knownRows) = (0, 0)
    /// So many more misses than hits end the guessing: a batch of replaced rows is better read
    /// first.
    private static let missesMax = 64

    /// Takes the only change of its row in this run if it is the first that is heard of the row:
    /// nothing is read then, the clock's insert finds out by itself.
    ///
    /// - Returns: false if the row is known, or the change is none of this kind; nothing was done
    ///   then.
    mutating func mergeFresh(
        _ change: DecodedChange, of entry: DecodedEntry, table: Int, key: UnsafeRawBufferPointer,
        state: inout StoreState
    ) throws
        -> Bool
    {
        guard let digest = change.digest, change.causalLength == .first, !entry.isUnaware,
            knownRows <= freshRows + Self.missesMax,
            state.tables[table].conflicts == 0
        else { return false }
        let fresh = StoredClock(clock: RowClock(causalLength: .first, base: entry.header.write), digest: digest)
        try runClock(statements[table].insertFreshClock, fresh, key: key, state: state)
        guard connection.changes > 0 else {
            knownRows += 1
            return false
        }
        freshRows += 1
        if mode == .apply {
            try TableRefusal.telling(table, on: connection) {
                try insertRow(
                    statements[table], key, values: UnsafeRawBufferPointer(rebasing: entry.payload[change.values]))
            }
        }
        state.tables[table].digest.add(digest)
        state.tables[table].rows += 1
        return true
    }

    /// Inserts a row whose values lie one behind the other, as an author with the same columns
    /// wrote them.
    private func insertRow(_ found: TableStatements, _ key: UnsafeRawBufferPointer, values: UnsafeRawBufferPointer)
        throws
    {
        let insert = try found.insertRow
        try KeyBinder.bind(key, of: found.table, to: insert)
        var reader = ByteReader(values)
        let first = Int32(found.table.keyColumns.count) + 1
        for column in found.table.columns.indices {
            insert.bind(first + Int32(column), view: try ValueCoding.read(from: &reader))
        }
        try insert.run()
    }

    mutating func merge(
        _ change: DecodedChange, of entry: DecodedEntry, key: UnsafeRawBufferPointer, state: inout StoreState
    ) throws {
        let write = entry.header.write
        let seen = { (origin: OriginID) -> UInt64 in origin == write.origin ? write.seq - 1 : entry.seen[origin] }
        let incoming = IncomingChange(write: write, causalLength: change.causalLength, kind: change.kind)
        if state.tables[table].conflicts > 0 {
            let origins = state.origins
            let known = state
            let resolved = try ConflictTable.resolve(
                connection, table: state.tables[table].ordinal, key: key, columns: incoming.columns(of: columns.all)
            ) { ordinal, seq in known.index(ofOrdinal: ordinal).map { seen(origins[$0].origin) >= seq } ?? false }
            // Somebody may have put records there since they were counted.
            state.tables[table].conflicts = max(0, state.tables[table].conflicts - resolved)
        }
        if mode == .apply, entry.isUnaware, try isStopped(incoming, entry, key, state) {
            if change.kind != .delete {
                try recordLost(incoming.columns(of: columns.plain), of: change, entry: entry, key: key, state: &state)
            }
            return
        }
        let outcome = rule.merge(incoming, clock, columns, seen)
        for group in outcome.currentLost {
            try load(key)
            for column in group.columns.columns {
                try record(column, group.write, try cells.value(column), key: key, state: &state)
            }
        }
        if !outcome.incomingLost.isEmpty {
            try recordLost(outcome.incomingLost, of: change, entry: entry, key: key, state: &state)
        }
        if !columns.counters.isEmpty { try addSums(outcome, change, entry.payload) }
        try perform(outcome, change, entry.payload, key)
        clock = outcome.clock
    }

    /// Whether a trace that was dropped stops the change of an author who does not know that.
    private func isStopped(
        _ incoming: IncomingChange, _ entry: DecodedEntry, _ key: UnsafeRawBufferPointer, _ state: StoreState
    ) throws -> Bool {
        try KeptTraces.stop(
            incoming, table: state.tables[table].ordinal, key: key, known: entry.known.dropped, connection, state)
    }

    /// Changes the cells as the merge decided. When folding, the file has the row's final state and
    /// nothing is tracked, except for a row written whole, whose cells need not be read back.
    private mutating func perform(
        _ outcome: MergeOutcome, _ change: DecodedChange, _ payload: UnsafeRawBufferPointer,
        _ key: UnsafeRawBufferPointer
    )
        throws
    {
        switch outcome.effect {
        case .none: break
        case .delete: (isLoaded, dirty) = (false, .none)
        case .replace:
            let table = statements[table].table
            cells.begin(columns: table.columns.count)
            try setCells(change, payload) { _ in true }
            for column in table.columns.indices where !carries(change, column) {
                cells.set(column, table.columns[column].absentValue)
            }
            (isLoaded, dirty) = (true, columns.all)
        case .update:
            if mode == .fold {
                isLoaded = false
                return
            }
            try load(key)
            let (taken, added) = (outcome.taken, outcome.added)
            try setCells(change, payload) { taken.contains($0) || added.contains($0) }
            // An insert writes the whole row, also the columns that its author's table did not have
            // yet.
            let described = statements[table].table.columns
            for column in taken.columns where !carries(change, column) {
                cells.set(column, described[column].absentValue)
            }
            dirty = dirty.union(taken).union(added)
        }
    }

    /// Adds up what a change says of the counters, as the merge decided.
    private mutating func addSums(_ outcome: MergeOutcome, _ change: DecodedChange, _ payload: UnsafeRawBufferPointer)
        throws
    {
        switch outcome.effect {
        case .none: return
        case .delete:
            sums = nil
            return
        case .replace: sums = CounterValues()
        case .update: if sums == nil || outcome.added.isEmpty { return }
        }
        var reader = ByteReader(payload, offset: change.values.lowerBound)
        for column in carried(change).columns {
            let value = try ValueCoding.read(from: &reader)
            if outcome.added.contains(column), case .integer(let delta) = value {
                sums?.add(delta, at: columns.counters.position(of: column))
            }
        }
    }

    /// Has the cells say what the log says of the counters: the row's digest follows the log,
    /// whatever the row was given past capture.
    ///
    /// - Returns: whether they said so already.
    private mutating func applySums() throws -> Bool {
        guard let sums else { return true }
        var isSame = true
        for (position, column) in columns.counters.columns.enumerated() {
            let logged = Value.integer(sums[position])
            if try cells.value(column) == logged { continue }
            cells.set(column, logged)
            isSame = false
        }
        return isSame
    }

    private func carries(_ change: DecodedChange, _ column: Int) -> Bool {
        switch change.kind {
        case .insert: column < Int(change.columnCount)
        case .update(let mask): mask.contains(column)
        case .delete: false
        }
    }

    private mutating func setCells(
        _ change: DecodedChange, _ payload: UnsafeRawBufferPointer, where isWanted: (Int) -> Bool
    ) throws {
        var reader = ByteReader(payload, offset: change.values.lowerBound)
        for column in carried(change).columns {
            let start = reader.offset
            let value = try ValueCoding.read(from: &reader)
            guard isWanted(column) else { continue }
            if columns.counters.contains(column), case .integer(let delta) = value {
                try cells.add(column, delta)
            } else {
                cells.set(column, UnsafeRawBufferPointer(rebasing: payload[start..<reader.offset]))
            }
        }
    }

    private func carried(_ change: DecodedChange) -> ColumnMask {
        switch change.kind {
        case .insert: .first(Int(change.columnCount))
        case .update(let mask): mask
        case .delete: .none
        }
    }

    /// Reads the row from its table unless the cells hold it already.
    private mutating func load(_ key: UnsafeRawBufferPointer) throws {
        if isLoaded { return }
        let found = statements[table]
        let read = try found.readRow
        try KeyBinder.bind(key, of: found.table, to: read)
        defer { read.reset() }
        cells.begin(columns: found.table.columns.count)
        if try read.step() {
            cells.load(row: read)
        } else {
            // The clock says that there is a row. Its absence is damage, which verify reports;
            // defaults keep the apply going.
            for (column, described) in found.table.columns.enumerated() { cells.set(column, described.absentValue) }
            dirty = columns.all
        }
        isLoaded = true
    }

    private mutating func recordLost(
        _ lost: ColumnMask, of change: DecodedChange, entry: DecodedEntry, key: UnsafeRawBufferPointer,
        state: inout StoreState
    ) throws {
        var reader = ByteReader(entry.payload, offset: change.values.lowerBound)
        for column in carried(change).columns {
            let value = try ValueCoding.read(from: &reader)
            if lost.contains(column) { try record(column, entry.header.write, value.copied, key: key, state: &state) }
        }
    }

    private mutating func record(
        _ column: Int, _ write: WriteID, _ value: Value, key: UnsafeRawBufferPointer, state: inout StoreState
    ) throws {
        guard let origin = state.index(of: write.origin) else { return }
        // Nobody wrote, and nobody loses, the NULL of a column that the author's table did not
        // have.
        if value == .null, try !authors.hadColumn(column, of: table, write, ordinal: state.origins[origin].ordinal) {
            return
        }
        let isNew = try ConflictTable.insert(
            connection, table: state.tables[table].ordinal, key: key, column: column, write: write,
            ordinal: state.origins[origin].ordinal,
            value: value)
        if isNew { state.tables[table].conflicts += 1 }
    }

    mutating func finish(key: UnsafeRawBufferPointer, state: inout StoreState) throws {
        guard let clock, clock != stored?.clock || !dirty.isEmpty || sums != stored?.counters else { return }
        var digest = RowDigest()
        if clock.causalLength.isAlive {
            // A counter's cell holds a delta when folding, so the row is read; otherwise the cells
            // hold it.
            if mode == .fold, !columns.counters.isEmpty { isLoaded = false }
            try load(key)
            if mode == .apply { try TableRefusal.telling(table, on: connection) { try writeRow(key) } }
            if try !applySums() { state.suspect(RowPlace(table: table, key: Array(key))) }
            digest = cells.digest(key: key)
            state.tables[table].digest.add(digest)
            if !wasAlive { state.tables[table].rows += 1 }
        } else if wasAlive {
            if mode == .apply { try TableRefusal.telling(table, on: connection) { try deleteRow(key) } }
            state.tables[table].rows -= 1
        }
        if wasAlive, let stored { state.tables[table].digest.subtract(stored.digest) }
        try writeClock(StoredClock(clock: clock, digest: digest, counters: sums), key: key, state: &state)
    }

    private func writeRow(_ key: UnsafeRawBufferPointer) throws {
        let found = statements[table]
        let keyCount = Int32(found.table.keyColumns.count)
        if wasAlive {
            guard !dirty.isEmpty else { return }
            let (update, written) = try found.update(dirty)
            try KeyBinder.bind(key, of: found.table, to: update)
            try cells.bind(written, to: update, first: keyCount + 1) { try update.run() }
            if connection.changes > 0 { return }
        }
        try insertRow(key)
    }

    private func insertRow(_ key: UnsafeRawBufferPointer) throws {
        let found = statements[table]
        let insert = try found.insertRow
        try KeyBinder.bind(key, of: found.table, to: insert)
        try cells.bind(columns.all, to: insert, first: Int32(found.table.keyColumns.count) + 1) { try insert.run() }
    }

    private func deleteRow(_ key: UnsafeRawBufferPointer) throws {
        let found = statements[table]
        let delete = try found.deleteRow
        try KeyBinder.bind(key, of: found.table, to: delete)
        try delete.run()
    }

    private mutating func runClock(
        _ statement: RawStatement, _ clock: StoredClock, key: UnsafeRawBufferPointer, state: StoreState
    ) throws {
        clockBytes.bytes.removeAll(keepingCapacity: true)
        ClockCoding.encode(clock, state: state, to: &clockBytes)
        try clockBytes.bytes.withUnsafeBytes { bytes in
            statement.bindBlob(1, key)
            statement.bindBlob(2, bytes)
            defer {
                statement.bindNull(1)
                statement.bindNull(2)
            }
            try statement.run()
        }
    }

    private mutating func writeClock(_ new: StoredClock, key: UnsafeRawBufferPointer, state: inout StoreState) throws {
        try runClock(
            stored == nil ? statements[table].insertClock : statements[table].updateClock, new, key: key, state: state)
        let length = new.clock.causalLength
        guard length != .first, length != stored?.clock.causalLength else { return }
        let life = try connection.statement(
            """
            INSERT INTO _parksync_life(tbl, key, causal_length) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET \
            causal_length = excluded.causal_length
            """
        )
        life.bind(1, state.tables[table].ordinal)
        life.bindBlob(2, key)
        life.bind(3, length.rawValue)
        defer { life.bindNull(2) }
        try life.run()
        if stored == nil || stored?.clock.causalLength == .first { state.tables[table].lives += 1 }
    }
}
