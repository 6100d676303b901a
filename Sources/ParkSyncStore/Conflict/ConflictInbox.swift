import ParkSyncCore
import ParkSyncReports

/// A record as it lies in the table.
struct ConflictRecord {
    /// Index into the schema.
    var table: Int
    var key: [UInt8]
    var column: Int
    var write: WriteID
    var lost: Value

    func id(_ schema: SharedSchema) -> String {
        ConflictTable.id(
            table: schema.tables[table].name, key: key, column: schema.tables[table].columns[column].name,
            origin: write.origin, seq: write.seq)
    }
}

extension ConflictTable {
    /// Calls `body` with each record, by table, key, column and entry, until it returns false.
    static func each(
        _ connection: Connection, schema: SharedSchema, origin: (Int64) -> OriginID?,
        _ body: (ConflictRecord) throws -> Bool
    ) throws {
        let statement = try connection.statement(
            """
            SELECT t.name, c.key, c.column, c.origin, c.seq, c.stamp, c.value FROM _parksync_conflict c JOIN \
            _parksync_table t ON t.ordinal = c.tbl
            ORDER BY t.name, c.key, c.column, c.stamp, c.origin
            """)
        defer { statement.reset() }
        while try statement.step() {
            let column = Int(truncatingIfNeeded: statement.int64(2))
            guard let table = schema.index(ofTable: statement.string(0)), let origin = origin(statement.int64(3)),
                schema.tables[table].columns.indices.contains(column)
            else { continue }
            let write = WriteID(stamp: Stamp(rawValue: statement.uint64(5)), origin: origin, seq: statement.uint64(4))
            let record = ConflictRecord(
                table: table, key: Array(statement.bytes(1)), column: column, write: write,
                lost: statement.view(6).copied)
            guard try body(record) else { return }
        }
    }
}

extension ParkStore {
    /// Open conflicts, sorted by table, key, column and entry. Unfolded own entries are folded
    /// first, so that the winner is who wrote last.
    ///
    /// - Parameter includesEqual: whether records are listed whose value is what the row holds now.
    package func conflicts(limit: Int, includesEqual: Bool = false) async throws -> [ConflictReport] {
        try await housekeep()
        return try await readers.read(.clients) { [schema] reader in
            try reader.snapshot {
                let state = try reader.originState()
                var result: [ConflictReport] = []
                try ConflictTable.each(
                    reader.connection, schema: schema,
                    origin: { state.index(ofOrdinal: $0).map { state.origins[$0].origin } }
                ) {
                    record in
                    guard result.count < limit else { return false }
                    let table = schema.tables[record.table]
                    let current = try reader.row(table, key: record.key)?[record.column]
                    if current == record.lost, !includesEqual { return true }
                    let clock = try reader.clock(table, key: record.key, state)
                    result.append(
                        ConflictReport(
                            id: record.id(schema), table: table.name,
                            key: try KeyCoding.decode(record.key, count: table.keyColumns.count).map(JSONValue.init),
                            column: table.columns[record.column].name, lost: JSONValue(record.lost),
                            loser: try reader.side(record.write, state),
                            current: current.map(JSONValue.init),
                            winner: try clock.map {
                                try reader.side($0.causalLength.isAlive ? $0.winner(of: record.column) : $0.base, state)
                            }))
                    return true
                }
                return result
            }
        }
    }
}

extension SQLReader {
    /// The row's clock; nil if there is none, or no more.
    fileprivate func clock(_ table: SharedTable, key: [UInt8], _ state: StoreState) throws -> RowClock? {
        let statement = try connection.statement(
            "SELECT clock FROM \(quoted(StoreFile.clockTable(table.name))) WHERE key = ?1")
        defer { statement.reset() }
        statement.bindBlob(1, copying: key)
        return try statement.step() ? try ClockCoding.decode(statement.bytes(0), state: state).clock : nil
    }

    /// Author and note are empty where the entry is no longer kept.
    fileprivate func side(_ write: WriteID, _ state: StoreState) throws -> ConflictReport.Side {
        let header = try header(of: write, in: state)
        return ConflictReport.Side(
            origin: write.origin.name, seq: write.seq, writtenAt: write.stamp.milliseconds,
            author: header?.author ?? "", note: header?.note ?? "")
    }
}
