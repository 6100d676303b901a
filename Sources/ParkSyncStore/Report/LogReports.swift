import ParkSyncCore

/// One entry of the log, decoded for people.
package struct LoggedEntry: Sendable {
    package struct Change: Sendable {
        package var table: String
        package var key: [Value]
        package var kind: IncomingChange.Kind
        package var causalLength: CausalLength
        /// Column name and value, in the order of the columns; a counter carries its delta after an
        /// update.
        package var values: [(column: String, value: Value)]
    }
    package var header: EntryHeader
    package var hash: [UInt8]
    package var isSigned: Bool
    package var bytes: Int
    package var state: String
    package var changeCount: Int
    package var changes: [Change]
}

/// Decodes a payload with the names of a schema.
enum ChangeListing {
    static func list(
        _ payload: UnsafeRawBufferPointer, schema: SharedSchema, limit: Int, tables: Set<ExactText>? = nil
    ) throws -> (count: Int, changes: [LoggedEntry.Change]) {
        var reader = try ChangeReader(payload)
        var count = 0
        var changes: [LoggedEntry.Change] = []
        while let change = try reader.next() {
            count += 1
            guard changes.count < limit, let block = reader.block, tables?.contains(ExactText(block.name)) ?? true
            else { continue }
            let table = schema.index(ofTable: block.name).map { schema.tables[$0] }
            let key =
                (try? table.map { try KeyCoding.decode(reader.key, count: $0.keyColumns.count) } ?? [.blob(reader.key)])
                ?? [.blob(reader.key)]
            var values: [(String, Value)] = []
            var valueReader = ByteReader(payload, offset: change.values.lowerBound)
            for column in carried(change, columnCount: block.columnCount).columns {
                let name =
                    table.flatMap { $0.columns.indices.contains(column) ? $0.columns[column].name : nil }
                    ?? "column \(column + 1)"
                values.append((name, try ValueCoding.read(from: &valueReader).copied))
            }
            changes.append(
                LoggedEntry.Change(
                    table: block.name, key: key, kind: change.kind, causalLength: change.causalLength, values: values))
        }
        return (count, changes)
    }

    private static func carried(_ change: ChangeView, columnCount: Int) -> ColumnMask {
        switch change.kind {
        case .insert: .first(columnCount)
        case .update(let mask): mask
        case .delete: .none
        }
    }
}

extension ParkStore {
    /// Entries of one origin after a number, or of all origins the newest first.
    ///
    /// - Parameters:
    ///   - origin: nil for all.
    ///   - after: nil for the newest `limit` ones; otherwise ascending from there.
    ///   - changesMax: how many changes of each entry to decode.
    package func entries(
        origin: OriginID?, after: UInt64?, limit: Int, changesMax: Int, lane: ReaderLane = .clients
    ) async throws -> [LoggedEntry] {
        try await readers.read(lane) { [self] reader in
            try reader.snapshot {
                let origins = try reader.origins().filter { origin == nil || $0.origin == origin }
                if let origin, origins.isEmpty {
                    throw StoreError(
                        .invalidInput, "no entries of \(origin) are known",
                        remedy: "Known: \(try reader.origins().map(\.origin.name).joined(separator: ", ")).")
                }
                let applied = state().applied
                var result: [LoggedEntry] = []
                for (ordinal, name, _) in origins {
                    var count = 0
                    let take = { (view: LogEntryView) throws -> LogScan.Step in
                        result.append(
                            try reader.entry(view, schema: self.schema, changesMax: changesMax, applied: applied))
                        count += 1
                        return count < limit ? .more : .enough
                    }
                    if let after, origin != nil {
                        try LogScan.ascend(
                            reader.connection, origin: name, ordinal: ordinal, after: after, through: LogTable.seqMax,
                            take)
                    } else {
                        try LogScan.descend(reader.connection, origin: name, ordinal: ordinal, take)
                    }
                }
                return origin == nil ? Array(result.sorted { $1.header.write < $0.header.write }.prefix(limit)) : result
            }
        }
    }

    /// Entries that are visible here and that `vector` does not cover, oldest first for each
    /// origin, in causal order of their stamps: what a subscriber has missed.
    ///
    /// - Parameters:
    ///   - limit: most entries.
    ///   - bytes: no further entry is given once those before it have so many bytes in the log.
    ///   - entryBytesMax: an entry with more bytes in the log is given without its changes;
    ///     `changeCount` tells of them.
    ///   - tables: only changes of these are listed; nil for all.
    package func appliedEntries(
        after vector: VersionVector, limit: Int, bytes: Int = .max, entryBytesMax: Int = .max,
        tables: Set<ExactText>? = nil
    ) async throws -> [LoggedEntry] {
        let applied = state().applied
        return try await readers.read(.background) { [self] reader in
            try reader.snapshot {
                var result: [LoggedEntry] = []
                for (ordinal, origin, _) in try reader.origins() where applied[origin] > vector[origin] {
                    var (count, taken) = (0, 0)
                    try LogScan.ascend(
                        reader.connection, origin: origin, ordinal: ordinal, after: vector[origin],
                        through: applied[origin]
                    ) { view in
                        let changesMax = view.payload.count <= entryBytesMax ? Int.max : 0
                        var entry = try reader.entry(
                            view, schema: self.schema, changesMax: changesMax, applied: applied, tables: tables)
                        entry.changes.removeAll { $0.table.isExactly(ControlRecord.tableName) }
                        result.append(entry)
                        (count, taken) = (count + 1, taken + entry.bytes)
                        return count < limit && taken < bytes ? .more : .enough
                    }
                }
                // Each log was read until it alone had enough, so nothing is missing before the
                // place where all together have.
                var taken = 0
                let sorted = result.sorted { $0.header.write < $1.header.write }.prefix(limit)
                return sorted.prefix { entry in
                    defer { taken += entry.bytes }
                    return taken < bytes
                }
            }
        }
    }
}

extension SQLReader {
    fileprivate func entry(
        _ view: LogEntryView, schema: SharedSchema, changesMax: Int, applied: VersionVector,
        tables: Set<ExactText>? = nil
    )
        throws -> LoggedEntry
    {
        let payload = view.payload
        let header = try EntryHeader(of: payload)
        let listing = try? ChangeListing.list(payload, schema: schema, limit: changesMax, tables: tables)
        var state = header.seq <= applied[header.origin] ? "applied" : "held"
        let quarantine = try connection.statement(
            """
            SELECT 1 FROM _parksync_quarantine q JOIN _parksync_origin o ON o.ordinal = q.origin WHERE o.name = \
            ?1 AND q.seq = ?2
            """
        )
        defer { quarantine.reset() }
        quarantine.bindText(1, copying: header.origin.name)
        quarantine.bind(2, header.seq)
        if try quarantine.step() { state = "quarantined" }
        let withdrawn = try connection.statement(
            """
            SELECT 1 FROM _parksync_withdrawal w JOIN _parksync_origin o ON o.ordinal = w.origin WHERE o.name = \
            ?1 AND ?2 BETWEEN w.first AND w.last
            """
        )
        defer { withdrawn.reset() }
        withdrawn.bindText(1, copying: header.origin.name)
        withdrawn.bind(2, header.seq)
        if try withdrawn.step() { state = "withdrawn" }
        return LoggedEntry(
            header: header, hash: Array(view.hash), isSigned: view.signature != nil, bytes: payload.count, state: state,
            changeCount: listing?.count ?? 0, changes: listing?.changes ?? [])
    }
}
