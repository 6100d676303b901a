import ParkSyncCore

/// Differences that were found and not repaired yet: keys only, so that they are known again after
/// a restart. What differs is looked up when somebody asks.
package enum DifferenceTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_difference(
          tbl INTEGER NOT NULL, key BLOB NOT NULL, found_at INTEGER NOT NULL, -- Unix milliseconds
          PRIMARY KEY(tbl, key)) WITHOUT ROWID
        """

    struct Row {
        var table: Int64
        var key: [UInt8]
        var foundAt: UInt64
    }

    static func count(_ connection: Connection) throws -> Int64 {
        try connection.int64("SELECT count(*) FROM _parksync_difference") ?? 0
    }

    /// Keeps a difference unless there are too many: a table that was rebuilt may have lost all its
    /// rows.
    static func insert(_ connection: Connection, table: Int64, key: [UInt8], wallMilliseconds: UInt64) throws {
        let statement = try connection.statement(
            """
            INSERT INTO _parksync_difference(tbl, key, found_at) SELECT ?1, ?2, ?3
            WHERE (SELECT count(*) FROM _parksync_difference) < \(VerificationLimits.differencesMax) ON CONFLICT DO \
            NOTHING
            """)
        statement.bind(1, table)
        statement.bindBlob(2, copying: key)
        statement.bind(3, wallMilliseconds)
        try statement.run()
    }

    /// - Returns: whether it was there.
    @discardableResult
    static func remove(_ connection: Connection, table: Int64, key: [UInt8]) throws -> Bool {
        let statement = try connection.statement("DELETE FROM _parksync_difference WHERE tbl = ?1 AND key = ?2")
        statement.bind(1, table)
        statement.bindBlob(2, copying: key)
        try statement.run()
        return connection.changes > 0
    }

    /// In the order of tables and keys.
    ///
    /// - Parameters:
    ///   - table: the ordinal of the only table; nil for all.
    ///   - after: keys of that table after this one.
    static func rows(_ connection: Connection, table: Int64? = nil, after: [UInt8] = [], limit: Int) throws -> [Row] {
        let condition = table == nil ? "" : "WHERE tbl = ?1 AND key > ?2"
        let statement = try connection.statement(
            "SELECT tbl, key, found_at FROM _parksync_difference \(condition) ORDER BY tbl, key LIMIT ?3")
        defer { statement.reset() }
        if let table {
            statement.bind(1, table)
            statement.bindBlob(2, copying: after)
        }
        statement.bind(3, limit)
        var result: [Row] = []
        while try statement.step() {
            result.append(Row(table: statement.int64(0), key: Array(statement.bytes(1)), foundAt: statement.uint64(2)))
        }
        return result
    }
}
