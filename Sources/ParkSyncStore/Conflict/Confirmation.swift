import ParkSyncCore
import ParkSyncReports

/// A change that somebody makes who wants the row as it is.
struct ConfirmingChange {
    var key: [UInt8]
    var causalLength: CausalLength
    var kind: IncomingChange.Kind
    /// Encoded, in ascending order of the columns.
    var values: [UInt8]
}

extension ParkStore {
    /// Confirms that the winners of conflicts are right: writes what the columns hold once more, or
    /// deletes the rows once more.
    ///
    /// A write of the column by somebody who has seen the loser settles a conflict at every node;
    /// this is one whose value is the same as before. So it is ordered, attributed and judged like
    /// any write, and whoever decides otherwise at the same time makes a conflict anew.
    ///
    /// - Parameter names: ids of records, or the first digits of one, at least `nameDigitsMin`.
    /// - Throws: `StoreError.unknownConflict`, or what keeps the node or the park from writing.
    package func confirm(_ names: [String], author: String, note: String) async throws -> ConfirmationReport {
        guard author.utf8.count <= CoreLimits.authorBytesMax, note.utf8.count <= CoreLimits.noteBytesMax else {
            throw StoreError(
                .tooLarge, "the author or the note is too long",
                remedy: "An author has at most \(CoreLimits.authorBytesMax) bytes, a note \(CoreLimits.noteBytesMax).")
        }
        return try await onQueueForClient { core in
            let (current, applier) = (core.current, core.applier)
            try current.ownLog.checkWrites()
            var outcome = ConfirmationReport(origin: current.origins[current.own].origin.name, seq: 0, ids: [])
            try core.applyTransaction { next, wall in
                try next.ownLog.checkWrites()
                let run = ConfirmationRun(applier: applier, park: core.options.origin.park)
                let chosen = try run.chosen(names, next)
                outcome.ids = chosen.resolved
                let changes = try run.changes(chosen.columns)
                outcome.seq = try applier.sealer.seal(
                    changes, &next, wallMilliseconds: wall, author: author, note: note)
                try applier.sealer.sign(&next, key: core.options.identity)
                try applier.fold(&next)
            }
            return outcome
        }
    }

    /// Shorter ones could mean another record than the one that was read.
    package static var conflictNameDigitsMin: Int { 8 }
}

/// Finds the records that are to be confirmed and makes the changes that do so, within the caller's
/// transaction.
struct ConfirmationRun {
    let applier: Applier
    let park: String

    struct RowColumns {
        var table: Int
        var key: [UInt8]
        var causalLength = CausalLength.never
        var columns: ColumnMask
    }

    /// - Returns: the columns of each row, sorted by table and key, and all records on them.
    func chosen(_ names: [String], _ state: StoreState) throws -> (columns: [RowColumns], resolved: [String]) {
        for name in names where name.count < ParkStore.conflictNameDigitsMin {
            throw StoreError(
                .invalidInput, "`\(name)` is too short to name a conflict",
                remedy:
                    "Give at least \(ParkStore.conflictNameDigitsMin) digits of the id, as syncctl conflicts shows it.")
        }
        var found: [ExactText: [String]] = [:]
        var rows: [RowColumns] = []
        var records: [(id: String, table: Int, key: [UInt8], column: Int)] = []
        let origin = { (ordinal: Int64) in state.index(ofOrdinal: ordinal).map { state.origins[$0].origin } }
        try ConflictTable.each(applier.connection, schema: applier.schema, origin: origin) { record in
            let id = record.id(applier.schema)
            records.append((id, record.table, record.key, record.column))
            for name in names where id.beginsExactly(with: name) {
                found[ExactText(name), default: []].append(id)
                if rows.last?.table != record.table || rows.last?.key != record.key {
                    rows.append(RowColumns(table: record.table, key: record.key, columns: .none))
                }
                rows[rows.count - 1].columns.insert(record.column)
            }
            return true
        }
        for name in names {
            let ids = Set(found[ExactText(name)] ?? [])
            guard ids.count == 1 else {
                throw StoreError(
                    .unknownConflict,
                    ids.isEmpty ? "no open conflict has the id \(name)" : "\(ids.count) conflicts begin with \(name)",
                    remedy: ids.isEmpty
                        ? "It may be settled already: see syncctl conflicts." : "Give more digits of the id.")
            }
        }
        for index in rows.indices {
            let table = applier.schema.tables[rows[index].table]
            rows[index].causalLength = try causalLength(rows[index], state)
            // A deletion speaks of all columns, and an append-only row is written whole.
            if !rows[index].causalLength.isAlive || table.isAppendOnly {
                rows[index].columns = .first(table.columns.count)
            }
        }
        let resolved = records.filter { record in
            rows.contains { $0.table == record.table && $0.key == record.key && $0.columns.contains(record.column) }
        }
        return (rows, resolved.map(\.id).sorted())
    }

    /// - Returns: the changes of each table, in the order of the schema, which is that of the log.
    func changes(_ rows: [RowColumns]) throws -> [(table: Int, changes: [ConfirmingChange])] {
        var result: [(table: Int, changes: [ConfirmingChange])] = []
        for row in rows {
            if result.last?.table != row.table { result.append((row.table, [])) }
            result[result.count - 1].changes.append(try change(row))
        }
        return result
    }

    private func change(_ row: RowColumns) throws -> ConfirmingChange {
        let statements = applier.statements[row.table]
        let table = statements.table
        let length = row.causalLength
        let kind: IncomingChange.Kind = !length.isAlive ? .delete : table.isAppendOnly ? .insert : .update(row.columns)
        if let refusal = table.refusal(
            of: kind, key: try KeyCoding.decode(row.key, count: table.keyColumns.count), by: park)
        {
            throw StoreError(.constraint, refusal, remedy: "Let that park confirm it; nothing was written.")
        }
        guard length.isAlive else {
            return ConfirmingChange(key: row.key, causalLength: length, kind: kind, values: [])
        }
        let values = try values(row, statements)
        try checkAllowed(kind, row.key, values, table)
        return ConfirmingChange(key: row.key, causalLength: length, kind: kind, values: values)
    }

    /// A value may have been allowed when it was written, and be none that may be written now.
    private func checkAllowed(_ kind: IncomingChange.Kind, _ key: [UInt8], _ values: [UInt8], _ table: SharedTable)
        throws
    {
        let (key, number) = (try KeyCoding.decode(key, count: table.keyColumns.count), applier.schema.number)
        let found = try values.withUnsafeBytes {
            try table.disallowed(kind, key: key, at: number, encoded: $0, columnCount: table.columns.count)
        }
        guard let found else { return }
        throw StoreError(
            .constraint, DisallowedWords.cause(found, key, table, at: number),
            remedy: "Write what is allowed now, which settles the conflict as well; nothing was written.")
    }

    /// Nothing tells any more how often a row lived whose trace was dropped; that it is dead is
    /// enough.
    private func causalLength(_ row: RowColumns, _ state: StoreState) throws -> CausalLength {
        let statements = applier.statements[row.table]
        defer {
            statements.readClock.reset()
            statements.readClock.bindNull(1)
        }
        return try row.key.withUnsafeBytes { key in
            statements.readClock.bindBlob(1, key)
            guard try statements.readClock.step() else { return CausalLength.first.afterDelete }
            return try ClockCoding.decode(statements.readClock.bytes(0), state: state).clock.causalLength
        }
    }

    private func values(_ row: RowColumns, _ statements: TableStatements) throws -> [UInt8] {
        let read = try statements.readRow
        defer { read.reset() }
        try row.key.withUnsafeBytes { try KeyBinder.bind($0, of: statements.table, to: read) }
        guard try read.step() else {
            throw StoreError(
                .damaged, "a row of \(statements.table.name) is missing that the log has",
                remedy: "Run syncctl log verify; the row has to be brought back first.")
        }
        var writer = ByteWriter(reserving: 128)
        // Counters never conflict, and append-only tables have none: no value is added to anything.
        for column in row.columns.columns { read.encode(Int32(column), to: &writer) }
        return writer.bytes
    }
}

extension Sealer {
    /// Seals changes that were not captured, since they change nothing in the tables.
    ///
    /// Captured rows must have been sealed, and own entries folded, in the same transaction.
    ///
    /// - Parameter blocks: in the order of the tables' names, their changes in that of the keys.
    /// - Returns: the entry's number.
    /// - Throws: `StoreError.tooLarge` if they do not fit one entry.
    func seal(
        _ blocks: [(table: Int, changes: [ConfirmingChange])], _ state: inout StoreState, wallMilliseconds: UInt64,
        author: String, note: String
    ) throws -> UInt64 {
        let stamp = try state.clock.tick(wallMilliseconds: wallMilliseconds)
        let (header, seen) = nextHeader(state, stamp: stamp, author: author, note: note)
        var writer = ChangeWriter(header: header, tableCount: blocks.count)
        for block in blocks {
            let table = schema.tables[block.table]
            writer.beginTable(
                TableBlock(name: table.name, columnCount: table.columns.count, changeCount: block.changes.count))
            for change in block.changes {
                change.key.withUnsafeBytes { key in
                    change.values.withUnsafeBytes {
                        writer.change(key: key, causalLength: change.causalLength, kind: change.kind, values: $0)
                    }
                }
            }
        }
        let payload = writer.writer.bytes
        guard payload.count <= entryBytesMax else {
            throw StoreError(
                .tooLarge,
                "the confirmation comes to \(payload.count) bytes, the limit of an entry is \(entryBytesMax)",
                remedy: "Confirm fewer conflicts at a time.")
        }
        try append(payload, stamp: header.stamp, to: &state)
        state.ownDependencies = seen
        return header.seq
    }
}
