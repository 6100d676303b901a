import ParkSyncCore
import ParkSyncReports

extension SQLReader {
    package func origins() throws -> [(ordinal: Int64, origin: OriginID, folded: UInt64)] {
        let statement = try connection.statement("SELECT ordinal, name, folded FROM _parksync_origin ORDER BY name")
        defer { statement.reset() }
        var result: [(Int64, OriginID, UInt64)] = []
        while try statement.step() {
            if let origin = OriginID(statement.string(1)) {
                result.append(
                    (try statement.ordinal(0), origin, try statement.entryNumber(2, "the cursor of an origin")))
            }
        }
        return result
    }

    /// A state that only knows the origins, enough to decode clocks.
    package func originState() throws -> StoreState {
        var state = StoreState()
        state.origins = try origins().sorted { $0.ordinal < $1.ordinal }.map {
            OriginState(
                ordinal: $0.ordinal, origin: $0.origin, folded: $0.folded, logged: $0.folded,
                headHash: EntryChain.genesis, signed: 0,
                dependencies: VersionVector())
        }
        return state
    }

    /// Runs `body` in one read transaction, so that everything it reads belongs together.
    package func snapshot<T>(_ body: () throws -> T) throws -> T {
        try connection.execute("BEGIN")
        defer { try? connection.execute("COMMIT") }
        return try body()
    }

    /// The current row's non-key columns, or nil if there is no such row.
    func row(_ table: SharedTable, key: [UInt8]) throws -> [Value]? {
        let columns = table.columns.map { quoted($0.name) }
        let sql =
            """
            SELECT \(columns.isEmpty ? "1" : columns.joined(separator: ", ")) FROM \(quoted(table.name)) WHERE \
            \(TableStatements.whereKey(table))
            """
        let statement = try connection.statement(sql)
        defer { statement.reset() }
        try key.withUnsafeBytes { bytes in
            for (index, value) in try KeyCoding.decode(bytes, count: table.keyColumns.count).enumerated() {
                statement.bind(Int32(index + 1), copying: value)
            }
        }
        guard try statement.step() else { return nil }
        return table.columns.indices.map { statement.view(Int32($0)).copied }
    }

    func header(of write: WriteID, in state: StoreState) throws -> EntryHeader? {
        guard let index = state.index(of: write.origin) else { return nil }
        return try LogTable.header(connection, ordinal: state.origins[index].ordinal, seq: write.seq)
    }
}

extension ParkStore {
    package func sharedTable(_ name: String) throws -> SharedTable {
        guard let index = schema.index(ofTable: name) else {
            let known = schema.tables.map(\.name).joined(separator: ", ")
            let question = Nearest.question(name, in: schema.tables.map(\.name))
            throw StoreError(
                .unknownTable, "no shared table is named \(name)", remedy: "\(question)Shared tables: \(known).")
        }
        return schema.tables[index]
    }

    /// Who wrote each column of a row last, from the row's clock. Unfolded own entries are folded
    /// first.
    ///
    /// - Throws: `StoreError.unknownTable`, `StoreError.unknownRow`.
    package func blame(table name: String, key: [JSONValue]) async throws -> BlameReport {
        let table = try sharedTable(name)
        guard key.count == table.keyColumns.count, let encoded = KeyCoding.encode(key.map(\.value)) else {
            let wanted = table.keyColumns.map(\.name).joined(separator: ", ")
            throw StoreError(
                .invalidInput, "\(name) has the key (\(wanted))", remedy: "Give one value for each of them.")
        }
        try await housekeep()
        return try await readers.read(.node) { reader in
            try reader.snapshot {
                let state = try reader.originState()
                let statement = try reader.connection.statement(
                    "SELECT clock FROM \(quoted(StoreFile.clockTable(name))) WHERE key = ?1")
                defer { statement.reset() }
                statement.bindBlob(1, copying: encoded)
                guard try statement.step() else {
                    throw StoreError(
                        .unknownRow, "\(name) has no row with this key, and never had", remedy: "Check the key.")
                }
                let clock = try ClockCoding.decode(statement.bytes(0), state: state).clock
                let row = try reader.row(table, key: encoded)
                func blame(_ column: String, _ value: Value?, _ write: WriteID) throws -> BlameReport.Column {
                    let header = try reader.header(of: write, in: state)
                    return BlameReport.Column(
                        name: column, value: value.map(JSONValue.init), origin: write.origin.name, seq: write.seq,
                        writtenAt: write.stamp.milliseconds, author: header?.author ?? "", note: header?.note ?? "")
                }
                let isAlive = clock.causalLength.isAlive
                let columns =
                    isAlive && !table.columns.isEmpty
                    ? try table.columns.enumerated().map { try blame($1.name, row?[$0], clock.winner(of: $0)) }
                    : [try blame("(row)", nil, clock.base)]
                return BlameReport(
                    table: name, key: key, causalLength: clock.causalLength.rawValue, isAlive: isAlive, columns: columns
                )
            }
        }
    }
}

extension ParkStore {
    /// Captured rows of other programs' writes that are not in an entry yet.
    package func unsealedRows() async throws -> Int64 {
        let counts = schema.tables.map { "(SELECT count(*) FROM \(quoted(CaptureTriggers.pendingTable($0.name))))" }
        guard !counts.isEmpty else { return 0 }
        return try await readers.read(.node) {
            try $0.connection.int64("SELECT \(counts.joined(separator: " + "))") ?? 0
        }
    }
}
