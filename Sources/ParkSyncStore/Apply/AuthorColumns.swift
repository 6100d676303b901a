import ParkSyncCore

/// Answers whether the author of a write had a column when it sealed the entry: tables grow by
/// schema files, and row clocks do not say how wide a row was when it was written.
struct AuthorColumns {
    let connection: Connection
    let schema: SharedSchema
    /// Schema numbers of entries that were looked up.
    private var known: [WriteID: UInt64] = [:]
    private static let knownMax = 1_024

    init(connection: Connection, schema: SharedSchema) {
        self.connection = connection
        self.schema = schema
    }

    /// - Parameters:
    ///   - column: position outside the key.
    ///   - table: index in the schema.
    ///   - ordinal: of the write's origin.
    /// - Returns: true also for an entry that the log does not keep any more.
    mutating func hadColumn(_ column: Int, of table: Int, _ write: WriteID, ordinal: Int64) throws -> Bool {
        let name = schema.tables[table].name
        // Few tables ever get a column, so most questions need no look at the log.
        guard schema.earlier.values.contains(where: { $0[ExactText(name)].map { $0 <= column } ?? false }) else {
            return true
        }
        if known[write] == nil {
            if known.count >= Self.knownMax { known.removeAll(keepingCapacity: true) }
            known[write] = try LogTable.header(connection, ordinal: ordinal, seq: write.seq)?.schemaNumber
        }
        guard let number = known[write], let count = schema.columnCount(ofTable: name, at: number) else { return true }
        return column < count
    }
}
