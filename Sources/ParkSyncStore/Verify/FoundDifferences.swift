import ParkSyncCore

extension Applier {
    /// Keeps those of the rows that folding and applying came upon which are not what the log says.
    /// Within the caller's transaction, with everything sealed and folded: in between, a row may be
    /// ahead of what is folded of it.
    func keepDifferences(_ state: inout StoreState, wallMilliseconds: UInt64) throws {
        guard !state.suspects.isEmpty, state.isFolded else { return }
        let suspects = state.suspects.sorted()
        state.suspects = []
        // The log is about to be compared anew; what is seen now may be a matter of moments.
        guard !state.ownLog.isUncertain else { return }
        let comparison = RowComparison(connection: connection, schema: schema, state: state)
        for row in suspects where try comparison.look(table: row.table, key: row.key).kind != nil {
            try DifferenceTable.insert(
                connection, table: state.tables[row.table].ordinal, key: row.key, wallMilliseconds: wallMilliseconds)
            if connection.changes > 0 { state.differencesFound &+= 1 }
        }
    }
}

/// Gives the clocks of a file that an earlier version wrote what the log says of counters: what the
/// rows say that fit their clocks.
struct EarlierCounters {
    let connection: Connection
    let schema: SharedSchema
    let state: StoreState

    /// Within the caller's transaction, with everything folded.
    func note() throws {
        guard state.isFolded, case .integer(1)? = try StoreFile.meta(connection, StoreFile.lacksCounters) else {
            return
        }
        for table in schema.tables where table.columns.contains(where: \.isCounter) { try note(table) }
        try StoreFile.setMeta(connection, StoreFile.lacksCounters, .null)
    }

    private func note(_ table: SharedTable) throws {
        let names = (table.columns + table.keyColumns).map { quoted($0.name) }.joined(separator: ", ")
        let rows = try RawStatement(connection.handle, "SELECT \(names) FROM \(quoted(table.name))")
        let statements = try TableStatements(table, on: connection)
        while try rows.step() {
            let values = table.columns.indices.map { rows.view(Int32($0)).copied }
            let components = table.keyColumns.indices.map { rows.view(Int32(table.columns.count + $0)).copied }
            guard let counters = table.counters(of: values), let key = KeyCoding.encode(components) else { continue }
            guard var stored = try clock(key, statements.readClock), stored.counters == nil else { continue }
            guard stored.clock.causalLength.isAlive, stored.digest == RowComparison.digest(values, key: key) else {
                continue
            }
            stored.counters = counters
            var writer = ByteWriter(reserving: 128)
            ClockCoding.encode(stored, state: state, to: &writer)
            statements.updateClock.bindBlob(1, copying: key)
            statements.updateClock.bindBlob(2, copying: writer.bytes)
            try statements.updateClock.run()
        }
    }

    private func clock(_ key: [UInt8], _ statement: RawStatement) throws -> StoredClock? {
        statement.bindBlob(1, copying: key)
        defer { statement.reset() }
        return try statement.step() ? try? ClockCoding.decode(statement.bytes(0), state: state) : nil
    }
}
