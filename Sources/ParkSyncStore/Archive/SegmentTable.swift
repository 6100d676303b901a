import ParkSyncCore

/// The database's list of its segments: an entry is either in the log table or in one of these.
package enum SegmentTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_segment(
          id INTEGER PRIMARY KEY, -- that of its first entry in the log
          last INTEGER NOT NULL, -- number of its last entry
          hash BLOB NOT NULL, -- of its last entry
          digest BLOB NOT NULL, -- SHA-256 of its content
          bytes INTEGER NOT NULL) -- length of the file
        """

    package struct Row: Hashable {
        package var ordinal: Int64
        package var first: UInt64
        package var last: UInt64
        package var hash: [UInt8]
        var digest: [UInt8]
        var bytes: Int

        /// - Throws: `StoreError.damaged` if the numbers cannot be those of a segment.
        init(_ statement: RawStatement) throws {
            let id = try statement.number(0, in: 1...Int64.max, "a segment's id")
            (ordinal, first, last) = (
                LogTable.ordinal(id), LogTable.seq(id), try statement.entryNumber(1, "a segment's last entry")
            )
            guard first > 0, last >= first else {
                throw LogSoundness.damage("a segment is said to begin at \(first) and to end at \(last)")
            }
            (hash, digest) = (Array(statement.bytes(2)), Array(statement.bytes(3)))
            bytes = Int(try statement.count(4, "a segment's length"))
        }

        init(ordinal: Int64, first: UInt64, last: UInt64, hash: [UInt8], digest: [UInt8], bytes: Int) {
            (self.ordinal, self.first, self.last) = (ordinal, first, last)
            (self.hash, self.digest, self.bytes) = (hash, digest, bytes)
        }
    }

    private static let columns = "SELECT id, last, hash, digest, bytes FROM _parksync_segment"

    /// The segment that holds entry `seq`, or nil.
    package static func find(_ connection: Connection, ordinal: Int64, seq: UInt64) throws -> Row? {
        try newest(connection, ordinal: ordinal, upTo: seq).flatMap { $0.last >= seq ? $0 : nil }
    }

    /// The newest segment that begins at entry `seq` or before, or nil.
    static func newest(_ connection: Connection, ordinal: Int64, upTo seq: UInt64) throws -> Row? {
        let statement = try connection.statement(columns + " WHERE id <= ?1 AND id > ?2 ORDER BY id DESC LIMIT 1")
        defer { statement.reset() }
        statement.bind(1, LogTable.id(ordinal, seq))
        statement.bind(2, LogTable.id(ordinal, 0))
        return try statement.step() ? try Row(statement) : nil
    }

    /// An origin's segments with entries after `seq`, in order; of all origins if `ordinal` is nil.
    package static func all(_ connection: Connection, ordinal: Int64? = nil, after seq: UInt64 = 0) throws -> [Row] {
        let statement = try connection.statement(columns + " WHERE id > ?1 AND id < ?2 ORDER BY id")
        defer { statement.reset() }
        statement.bind(1, ordinal.map { LogTable.id($0, 0) } ?? 0)
        statement.bind(2, ordinal.map { LogTable.end($0) } ?? .max)
        var rows: [Row] = []
        while try statement.step() {
            let row = try Row(statement)
            if row.last > seq { rows.append(row) }
        }
        return rows
    }

    /// The first of all, or nil.
    package static func first(_ connection: Connection) throws -> Row? {
        let statement = try connection.statement(columns + " ORDER BY id LIMIT 1")
        defer { statement.reset() }
        return try statement.step() ? try Row(statement) : nil
    }

    static func insert(_ connection: Connection, _ row: Row) throws {
        let statement = try connection.statement(
            "INSERT INTO _parksync_segment(id, last, hash, digest, bytes) VALUES(?1, ?2, ?3, ?4, ?5)")
        statement.bind(1, LogTable.id(row.ordinal, row.first))
        statement.bind(2, row.last)
        statement.bindBlob(3, copying: row.hash)
        statement.bindBlob(4, copying: row.digest)
        statement.bind(5, row.bytes)
        try statement.run()
    }
}
