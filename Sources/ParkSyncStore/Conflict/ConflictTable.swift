import Crypto
import ParkSyncCore

/// The conflict inbox: values that lost against a write their author had not seen, until somebody
/// who has seen them writes the same column again. What is in it depends only on the vector, not on
/// the order of arrival.
enum ConflictTable {
    static func insert(
        _ connection: Connection, table: Int64, key: UnsafeRawBufferPointer, column: Int, write: WriteID,
        ordinal: Int64, value: Value
    ) throws -> Bool {
        let statement = try connection.statement(
            """
            INSERT INTO _parksync_conflict(tbl, key, column, origin, seq, stamp, value) VALUES(?1, ?2, ?3, ?4, \
            ?5, ?6, ?7) ON CONFLICT DO NOTHING
            """
        )
        statement.bind(1, table)
        statement.bindBlob(2, key)
        statement.bind(3, column)
        statement.bind(4, ordinal)
        statement.bind(5, write.seq)
        statement.bind(6, write.stamp.rawValue)
        statement.bind(7, copying: value)
        defer { statement.bindNull(2) }
        try statement.run()
        return connection.changes > 0
    }

    /// Removes the records on `columns` of a row whose writes `seen` covers.
    ///
    /// - Returns: how many were removed.
    static func resolve(
        _ connection: Connection, table: Int64, key: UnsafeRawBufferPointer, columns: ColumnMask,
        seen: (Int64, UInt64) -> Bool
    ) throws -> Int64 {
        let find = try connection.statement(
            "SELECT column, origin, seq FROM _parksync_conflict WHERE tbl = ?1 AND key = ?2")
        find.bind(1, table)
        find.bindBlob(2, key)
        var found: [(column: Int64, origin: Int64, seq: UInt64)] = []
        while try find.step() {
            let (column, origin, seq) = (find.int64(0), find.int64(1), find.uint64(2))
            if (0..<63).contains(column), columns.contains(Int(column)), seen(origin, seq) {
                found.append((column, origin, seq))
            }
        }
        find.reset()
        guard !found.isEmpty else { return 0 }
        let remove = try connection.statement(
            "DELETE FROM _parksync_conflict WHERE tbl = ?1 AND key = ?2 AND column = ?3 AND origin = ?4 AND seq = ?5")
        defer { remove.bindNull(2) }
        for record in found {
            remove.bind(1, table)
            remove.bindBlob(2, key)
            remove.bind(3, record.column)
            remove.bind(4, record.origin)
            remove.bind(5, record.seq)
            try remove.run()
        }
        return Int64(found.count)
    }

    /// The record's name, the same on every node: 16 bytes of SHA-256 over table, key, column and
    /// losing entry, in hexadecimal.
    static func id(table: String, key: [UInt8], column: String, origin: OriginID, seq: UInt64) -> String {
        var writer = ByteWriter(reserving: 128)
        writer.raw("parksync/conflict/1".utf8)
        writer.prefixed(table)
        writer.prefixed(key)
        writer.prefixed(column)
        writer.prefixed(origin.utf8)
        writer.fixed64(seq)
        return Hex.encode(Array(SHA256.hash(data: writer.bytes)).prefix(16))
    }
}
