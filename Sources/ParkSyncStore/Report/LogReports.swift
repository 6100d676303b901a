import ParkSyncCore

/// One entry of the log, decoded for people.
package struct LoggedEntry: Sendable {
    package struct Change: Sendable {
        package var table: String
        package var key: [Value]
        package var kind: IncomingChange.Kind
        package var causalLength: CausalLength
        /// Column name and value, in the order of the columns; a counter carries its delta after an update.
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
        _ payload: UnsafeRawBufferPointer, schema: SharedSchema, limit: Int, tables: Set<String>? = nil
    ) throws -> (count: Int, changes: [LoggedEntry.Change]) {
        var reader = try ChangeReader(payload)
        var count = 0
        var changes: [LoggedEntry.Change] = []
        while let change = try reader.next() {
            count += 1
            guard changes.count < limit, let block = reader.block, tables?.contains(block.name) ?? true else { continue }
            let table = schema.index(ofTable: block.name).map { schema.tables[$0] }
            let key = (try? table.map { try KeyCoding.decode(reader.key, count: $0.keyColumns.count) } ?? [.blob(reader.key)]) ?? [.blob(reader.key)]
            var values: [(String, Value)] = []
            var valueReader = ByteReader(payload, offset: change.values.lowerBound)
            for column in carried(change, columnCount: block.columnCount).columns {
                let name = table.flatMap { $0.columns.indices.contains(column) ? $0.columns[column].name : nil } ?? "column \(column + 1)"
                values.append((name, try ValueCoding.read(from: &valueReader).copied))
            }
            changes.append(LoggedEntry.Change(table: block.name, key: key, kind: change.kind, causalLength: change.causalLength, values: values))
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
                let state = try reader.originState()
                var conditions: [String] = []
                if let origin {
                    guard let index = state.index(of: origin) else {
                        throw StoreError(
                            .invalidInput, "no entries of \(origin) are known",
                            remedy: "Known: \(state.origins.map(\.origin.name).sorted().joined(separator: ", ")).")
                    }
                    let ordinal = state.origins[index].ordinal
                    conditions.append("id > \(LogTable.id(ordinal, min(after ?? 0, LogTable.seqMax - 1))) AND id < \(LogTable.id(ordinal + 1, 0))")
                }
                let order = origin == nil ? "stamp DESC, id DESC" : (after == nil ? "id DESC" : "id")
                let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
                let statement = try reader.connection.statement(
                    "SELECT id, hash, signature IS NOT NULL, payload FROM _parksync_log \(filter) ORDER BY \(order) LIMIT ?1")
                defer { statement.reset() }
                statement.bind(1, limit)
                var result: [LoggedEntry] = []
                while try statement.step() {
                    result.append(try reader.entry(statement, schema: schema, changesMax: changesMax, applied: self.state().applied))
                }
                return result
            }
        }
    }

    /// Entries that are visible here and that `vector` does not cover, oldest first for each origin, in causal order of
    /// their stamps: what a subscriber has missed.
    ///
    /// - Parameter tables: only changes of these are listed; nil for all.
    package func appliedEntries(after vector: VersionVector, limit: Int, tables: Set<String>? = nil) async throws -> [LoggedEntry] {
        let applied = state().applied
        return try await readers.read(.background) { [self] reader in
            try reader.snapshot {
                var result: [LoggedEntry] = []
                for (ordinal, origin, _) in try reader.origins() where applied[origin] > vector[origin] {
                    let statement = try reader.connection.statement(
                        "SELECT id, hash, signature IS NOT NULL, payload FROM _parksync_log WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3")
                    defer { statement.reset() }
                    statement.bind(1, LogTable.id(ordinal, vector[origin]))
                    statement.bind(2, LogTable.id(ordinal, applied[origin]))
                    statement.bind(3, limit)
                    while try statement.step() {
                        result.append(try reader.entry(statement, schema: schema, changesMax: .max, applied: applied, tables: tables))
                    }
                }
                return Array(result.sorted { $0.header.write < $1.header.write }.prefix(limit))
            }
        }
    }
}

extension SQLReader {
    fileprivate func entry(_ statement: RawStatement, schema: SharedSchema, changesMax: Int, applied: VersionVector, tables: Set<String>? = nil)
        throws -> LoggedEntry
    {
        let payload = statement.bytes(3)
        var headerReader = ByteReader(payload)
        let header = try EntryHeader(from: &headerReader)
        let listing = try? ChangeListing.list(payload, schema: schema, limit: changesMax, tables: tables)
        var state = header.seq <= applied[header.origin] ? "applied" : "held"
        let quarantine = try connection.statement(
            "SELECT 1 FROM _parksync_quarantine q JOIN _parksync_origin o ON o.ordinal = q.origin WHERE o.name = ?1 AND q.seq = ?2")
        defer { quarantine.reset() }
        quarantine.bindText(1, copying: header.origin.name)
        quarantine.bind(2, header.seq)
        if try quarantine.step() { state = "quarantined" }
        return LoggedEntry(
            header: header, hash: Array(statement.bytes(1)), isSigned: statement.int64(2) != 0, bytes: payload.count, state: state,
            changeCount: listing?.count ?? 0, changes: listing?.changes ?? [])
    }
}
