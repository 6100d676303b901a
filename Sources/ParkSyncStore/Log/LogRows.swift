import ParkSyncCore

/// Which entries of an origin are in the table. Archived ones are not; what gives them as well is
/// in `LogTable` and `LogScan`.
extension LogTable {
    /// What an entry says about itself, also an archived one; nil if it is not kept or cannot be
    /// read in the archive.
    package static func header(_ connection: Connection, ordinal: Int64, seq: UInt64) throws -> EntryHeader? {
        try withPayload(connection, ordinal: ordinal, seq: seq) { try EntryHeader(of: $0) }
    }

    /// The number of the newest entry; 0 if there is none.
    package static func newest(_ connection: Connection, ordinal: Int64) throws -> UInt64 {
        let sql = "SELECT max(id) FROM _parksync_log WHERE id > ?1 AND id < ?2"
        return try number(connection, sql, after: id(ordinal, 0), before: end(ordinal)) ?? 0
    }

    /// The newest entry, with its signature if it has one of its own; nil if there is none.
    package static func newestEntry(_ connection: Connection, ordinal: Int64) throws -> LogBranch.Head? {
        let statement = try connection.statement(
            "SELECT id, hash, signature FROM _parksync_log WHERE id > ?1 AND id < ?2 ORDER BY id DESC LIMIT 1")
        defer { statement.reset() }
        statement.bind(1, id(ordinal, 0))
        statement.bind(2, end(ordinal))
        guard try statement.step() else { return nil }
        return LogBranch.Head(
            seq: seq(statement.int64(0)), hash: Array(statement.bytes(1)), signature: Array(statement.bytes(2)))
    }

    /// The number of the first entry; nil if there is none.
    static func oldest(_ connection: Connection, ordinal: Int64) throws -> UInt64? {
        let sql = "SELECT min(id) FROM _parksync_log WHERE id > ?1 AND id < ?2"
        return try number(connection, sql, after: id(ordinal, 0), before: end(ordinal))
    }

    /// The number of the newest entry up to `seq` that has a signature of its own; 0 if there is
    /// none.
    static func newestSigned(_ connection: Connection, ordinal: Int64, upTo seq: UInt64 = LogTable.seqMax) throws
        -> UInt64
    {
        let sql =
            """
            SELECT id FROM _parksync_log WHERE id > ?1 AND id < ?2 AND length(signature) = \
            \(EntryChain.signatureBytes) ORDER BY id DESC LIMIT 1
            """
        return try number(connection, sql, after: id(ordinal, 0), before: id(ordinal, seq) + 1) ?? 0
    }

    private static func number(_ connection: Connection, _ sql: String, after first: Int64, before last: Int64) throws
        -> UInt64?
    {
        let statement = try connection.statement(sql)
        defer { statement.reset() }
        statement.bind(1, first)
        statement.bind(2, last)
        return try statement.step() && !statement.isNull(0) ? seq(statement.int64(0)) : nil
    }

    /// How many of these entries there are.
    static func count(_ connection: Connection, ordinal: Int64, _ range: ClosedRange<UInt64>) throws -> Int64 {
        let statement = try connection.statement("SELECT count(*) FROM _parksync_log WHERE id >= ?1 AND id <= ?2")
        defer { statement.reset() }
        statement.bind(1, id(ordinal, range.lowerBound))
        statement.bind(2, id(ordinal, range.upperBound))
        return try statement.step() ? statement.int64(0) : 0
    }

    /// Takes entries out of the table.
    ///
    /// - Returns: how many there were.
    @discardableResult
    static func remove(
        _ connection: Connection, ordinal: Int64, after seq: UInt64, through last: UInt64 = LogTable.seqMax
    ) throws -> Int {
        let statement = try connection.statement("DELETE FROM _parksync_log WHERE id > ?1 AND id <= ?2")
        statement.bind(1, id(ordinal, seq))
        statement.bind(2, id(ordinal, last))
        try statement.run()
        return connection.changes
    }

    /// Calls `body` with the numbers and stamps of entries up to `seq`, the newest first, until it
    /// has enough.
    static func descend(
        _ connection: Connection, ordinal: Int64, upTo seq: UInt64,
        _ body: (_ seq: UInt64, _ stamp: Int64) throws -> LogScan.Step
    ) throws {
        let statement = try connection.statement(
            "SELECT id, stamp FROM _parksync_log WHERE id > ?1 AND id <= ?2 ORDER BY id DESC")
        defer { statement.reset() }
        statement.bind(1, id(ordinal, 0))
        statement.bind(2, id(ordinal, seq))
        while try statement.step() {
            guard case .more = try body(LogTable.seq(statement.int64(0)), statement.int64(1)) else { return }
        }
    }

    /// The least ordinal that entries have; nil if none is left.
    ///
    /// - Parameter ordinal: the one to go on after; nil to begin.
    static func nextOrdinal(_ connection: Connection, after ordinal: Int64?) throws -> Int64? {
        let statement = try connection.statement("SELECT min(id) FROM _parksync_log WHERE id >= ?1")
        defer { statement.reset() }
        statement.bind(1, ordinal.map(end) ?? .min)
        return try statement.step() && !statement.isNull(0) ? LogTable.ordinal(statement.int64(0)) : nil
    }
}
