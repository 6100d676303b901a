import ParkSyncCore
import ParkSyncReports

/// Entries that stand beside the log: other entries with the same number, kept as proof, and own
/// ones that wait to be written anew.
package enum ForkTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_fork(
          origin INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
          signature BLOB, -- of this entry as a head; NULL where a later one vouches for it
          payload BLOB NOT NULL, -- empty where only the entry's signed head came
          first_seen INTEGER NOT NULL, -- Unix milliseconds
          waits INTEGER NOT NULL, -- 1: own, to be written anew; 2: was, without some changes, and proves nothing
          PRIMARY KEY(origin, seq, hash)) WITHOUT ROWID
        """

    struct Row {
        var seq: UInt64
        var hash: [UInt8]
        var payload: [UInt8]
    }

    /// Takes an origin's entries after `seq` out of the log. Own ones wait to be written anew.
    ///
    /// - Returns: how many there were.
    static func move(_ connection: Connection, ordinal: Int64, after seq: UInt64, wallMilliseconds: UInt64, waits: Bool)
        throws -> Int
    {
        let copy = try connection.statement(
            """
            INSERT INTO _parksync_fork(origin, seq, hash, signature, payload, first_seen, waits)
            SELECT ?1, id & \(LogTable.seqMax), hash, signature, payload, ?4, ?5 FROM _parksync_log WHERE id > ?2 AND \
            id < ?3
            ON CONFLICT DO UPDATE SET waits = max(waits, excluded.waits)
            """)
        copy.bind(1, ordinal)
        copy.bind(2, LogTable.id(ordinal, seq))
        copy.bind(3, LogTable.end(ordinal))
        copy.bind(4, wallMilliseconds)
        copy.bind(5, waits ? 1 : 0)
        try copy.run()
        return try LogTable.remove(connection, ordinal: ordinal, after: seq)
    }

    /// Keeps an entry that the log has another one for.
    static func keep(
        _ connection: Connection, ordinal: Int64, seq: UInt64, hash: [UInt8], signature: [UInt8]?,
        payload: UnsafeRawBufferPointer,
        wallMilliseconds: UInt64
    ) throws {
        let statement = try connection.statement(
            """
            INSERT INTO _parksync_fork(origin, seq, hash, signature, payload, first_seen, waits) VALUES(?1, ?2, ?3, \
            ?4, ?5, ?6, 0)
            ON CONFLICT DO UPDATE SET signature = ifnull(signature, excluded.signature)
            """)
        statement.bind(1, ordinal)
        statement.bind(2, seq)
        statement.bindBlob(3, copying: hash)
        if let signature { statement.bindBlob(4, copying: signature) } else { statement.bindNull(4) }
        statement.bindBlob(5, payload)
        statement.bind(6, wallMilliseconds)
        defer { statement.bindNull(5) }
        try statement.run()
    }

    static func count(_ connection: Connection, ordinal: Int64) throws -> Int64 {
        try connection.int64("SELECT count(*) FROM _parksync_fork WHERE origin = \(ordinal)") ?? 0
    }

    /// Whether there is proof that the origin has forked. Own entries that wait to be written anew
    /// are none.
    static func isForked(_ connection: Connection, ordinal: Int64) throws -> Bool {
        try connection.int64("SELECT EXISTS(SELECT 1 FROM _parksync_fork WHERE origin = \(ordinal) AND waits = 0)") == 1
    }

    /// A log that has forked.
    struct Fork {
        var origin: OriginID
        var ordinal: Int64
        /// The first and the last number of which another entry is known.
        var first: UInt64
        var last: UInt64
        var firstSeen: UInt64
    }

    /// The logs of which there is proof that they have forked, by name.
    static func all(_ connection: Connection) throws -> [Fork] {
        let statement = try connection.statement(
            """
            SELECT o.name, o.ordinal, f.seq, f.first_seen,
              (SELECT max(seq) FROM _parksync_fork WHERE origin = o.ordinal AND waits = 0)
            FROM _parksync_origin o JOIN _parksync_fork f ON f.origin = o.ordinal
            WHERE (f.seq, f.hash) = (SELECT seq, hash FROM _parksync_fork WHERE origin = o.ordinal AND waits = 0
                ORDER BY seq, hash LIMIT 1)
            ORDER BY o.name
            """)
        defer { statement.reset() }
        var result: [Fork] = []
        while try statement.step() {
            guard let origin = OriginID(statement.string(0)) else { continue }
            result.append(
                Fork(
                    origin: origin, ordinal: try statement.ordinal(1), first: try statement.entryNumber(2),
                    last: try statement.entryNumber(4), firstSeen: statement.uint64(3)))
        }
        return result
    }

    /// Own entries that wait to be written anew, in order.
    static func waiting(_ connection: Connection, ordinal: Int64) throws -> [Row] {
        let statement = try connection.statement(
            "SELECT seq, hash, payload FROM _parksync_fork WHERE origin = ?1 AND waits = 1 ORDER BY seq")
        defer { statement.reset() }
        statement.bind(1, ordinal)
        var rows: [Row] = []
        while try statement.step() {
            rows.append(
                Row(
                    seq: try statement.entryNumber(0), hash: Array(statement.bytes(1)),
                    payload: Array(statement.bytes(2))))
        }
        return rows
    }

    /// Whether the entry that stands beside the log waits to be written anew; nil if there is no
    /// such entry.
    static func waits(_ connection: Connection, ordinal: Int64, seq: UInt64, hash: [UInt8]) throws -> Bool? {
        let statement = try connection.statement(
            "SELECT waits FROM _parksync_fork WHERE origin = ?1 AND seq = ?2 AND hash = ?3")
        defer { statement.reset() }
        statement.bind(1, ordinal)
        statement.bind(2, seq)
        statement.bindBlob(3, copying: hash)
        return try statement.step() ? statement.int64(0) != 0 : nil
    }

    /// The first own entry up to `last` that waits to be written anew and is another one than the
    /// log's; nil if there is none.
    static func firstOther(_ connection: Connection, ordinal: Int64, through last: UInt64) throws -> UInt64? {
        let statement = try connection.statement(
            """
            SELECT min(seq) FROM _parksync_fork WHERE origin = ?1 AND waits = 1 AND seq <= ?2
              AND hash IS NOT (SELECT hash FROM _parksync_log WHERE id = (?1 << \(LogTable.seqBits)) + seq)
            """)
        defer { statement.reset() }
        statement.bind(1, ordinal)
        statement.bind(2, last)
        return try statement.step() && !statement.isNull(0) ? try statement.entryNumber(0) : nil
    }

    /// What the log has as well is no fork.
    static func forgetSame(_ connection: Connection, ordinal: Int64) throws {
        let statement = try connection.statement(
            """
            DELETE FROM _parksync_fork WHERE origin = ?1 AND hash = (SELECT hash FROM _parksync_log WHERE id = \
            (?1 << \(LogTable.seqBits)) + seq)
            """
        )
        statement.bind(1, ordinal)
        try statement.run()
    }

    /// Own entries that were written anew: those with a signature over them stay as proof; a number
    /// that nobody has ever seen proves nothing.
    ///
    /// - Parameter shortened: numbers of those that were written anew without some of their
    ///   changes: they stay in any case.
    static func conclude(_ connection: Connection, ordinal: Int64, keeping isPublic: Bool, shortened: [UInt64]) throws {
        for seq in isPublic ? [] : shortened {
            let statement = try connection.statement(
                "UPDATE _parksync_fork SET waits = 2 WHERE origin = ?1 AND seq = ?2 AND waits = 1")
            statement.bind(1, ordinal)
            statement.bind(2, seq)
            try statement.run()
        }
        let sql =
            isPublic
            ? "UPDATE _parksync_fork SET waits = CASE WHEN seq <= (SELECT max(seq) FROM _parksync_fork WHERE "
                + "origin = ?1 AND waits = 1 "
                + "AND signature IS NOT NULL) THEN 0 ELSE 2 END WHERE origin = ?1 AND waits = 1"
            : "DELETE FROM _parksync_fork WHERE origin = ?1 AND waits = 1"
        let statement = try connection.statement(sql)
        statement.bind(1, ordinal)
        try statement.run()
    }
}

extension ParkStore {
    /// The first fork of each origin, for the status.
    package func firstForks() async throws -> [NodeStatus.Fork] {
        let (state, parks, own) = (publishedState, parks, options.origin.park)
        return try await readers.read(.node) { reader in
            try reader.snapshot {
                try ForkTable.all(reader.connection).map { fork in
                    let healing = ForkHealing(fork.origin, first: fork.first, last: fork.last, state, parks: parks)
                    let late = try healing.lateEntry.flatMap {
                        try LogTable.header(reader.connection, ordinal: fork.ordinal, seq: $0)
                    }
                    return NodeStatus.Fork(
                        origin: fork.origin.name, seq: fork.first, firstSeen: fork.firstSeen,
                        remedy: Self.remedy(ofForkAt: fork.origin.park, own: own), waitsFor: healing.waitsFor,
                        alsoWrittenAt: late?.stamp.milliseconds)
                }
            }
        }
    }

    private static func remedy(ofForkAt park: String, own: String) -> String {
        guard park == own else { return "Tell the operator of \(park): an old copy or a second node was in use there." }
        return """
            Nothing that was acknowledged is lost. See that no second node runs as \(park), and how an old copy came \
            to be used.
            """
    }

    /// The proofs of forks that this node holds, by origin and number.
    package func forks(limit: Int) async throws -> [ForkReport] {
        try await readers.read(.node) { reader in
            try reader.snapshot {
                let statement = try reader.connection.statement(
                    """
                    SELECT o.name, f.seq, l.hash, l.signature, f.hash, f.signature, f.first_seen FROM _parksync_fork f
                    JOIN _parksync_origin o ON o.ordinal = f.origin LEFT JOIN _parksync_log l ON l.id = (f.origin << \
                    \(LogTable.seqBits)) + f.seq
                    WHERE f.waits = 0 ORDER BY o.name, f.seq, f.hash LIMIT ?1
                    """)
                defer { statement.reset() }
                statement.bind(1, limit)
                var result: [ForkReport] = []
                func hex(_ column: Int32) -> String? {
                    statement.isNull(column) ? nil : Hex.encode(statement.bytes(column))
                }
                while try statement.step() {
                    guard let origin = OriginID(statement.string(0)) else { continue }
                    result.append(
                        ForkReport(
                            origin: origin.name, seq: try statement.entryNumber(1), keptHash: hex(2),
                            keptSignature: hex(3), otherHash: hex(4) ?? "",
                            otherSignature: hex(5), firstSeen: statement.uint64(6)))
                }
                return result
            }
        }
    }
}
