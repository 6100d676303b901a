import ParkSyncCore
import ParkSyncReplication

/// The entries of another branch of the own log that have come, as long as the branch is not whole.
package enum BranchTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_branch(
          seq INTEGER PRIMARY KEY, stamp INTEGER NOT NULL, hash BLOB NOT NULL,
          signature BLOB, -- NULL where a later one vouches for the entry
          payload BLOB NOT NULL)
        """

    /// What the file remembers of the task, beside the entries.
    private enum Memory {
        static let source = "branch_source"
        static let after = "branch_after"
        static let seq = "branch_seq"
        static let hash = "branch_hash"
        static let all = [source, after, seq, hash]
    }

    /// What the file remembers of the task; nil if there is none, or if it does not fit the log.
    static func load(_ connection: Connection, ordinal: Int64) throws -> BranchFetch? {
        guard case .text(let name)? = try StoreFile.meta(connection, Memory.source),
            let peer = OriginID(utf8: name[...]),
            let shared = try StoreFile.number(connection, Memory.after),
            let last = try StoreFile.number(connection, Memory.seq),
            shared < last, last <= LogTable.seqMax, case .blob(let head)? = try StoreFile.meta(connection, Memory.hash),
            head.count == EntryChain.hashBytes,
            let common = try LogTable.hash(connection, ordinal: ordinal, seq: shared)
        else { return nil }
        var branch = BranchFetch(
            source: peer, after: shared, head: LogBranch.Head(seq: last, hash: head, signature: []), fetched: shared,
            hash: common, bytes: 0)
        let statement = try connection.statement("SELECT seq, hash, length(payload) FROM _parksync_branch ORDER BY seq")
        defer { statement.reset() }
        while try statement.step() {
            guard try statement.entryNumber(0) == branch.fetched + 1 else { return nil }
            (branch.fetched, branch.hash) = (branch.fetched + 1, Array(statement.bytes(1)))
            branch.bytes += UInt64(clamping: statement.int64(2))
        }
        return branch
    }

    static func save(_ connection: Connection, _ branch: BranchFetch) throws {
        try StoreFile.setMeta(connection, Memory.source, .string(branch.source.name))
        try StoreFile.setNumber(connection, Memory.after, branch.after)
        try StoreFile.setNumber(connection, Memory.seq, branch.head.seq)
        try StoreFile.setMeta(connection, Memory.hash, .blob(branch.head.hash))
    }

    /// Forgets the task and what has come.
    static func clear(_ connection: Connection) throws {
        for name in Memory.all { try StoreFile.setMeta(connection, name, .null) }
        try cut(connection, after: 0)
    }

    static func cut(_ connection: Connection, after seq: UInt64) throws {
        let statement = try connection.statement("DELETE FROM _parksync_branch WHERE seq > ?1")
        statement.bind(1, seq)
        try statement.run()
    }

    static func hash(_ connection: Connection, seq: UInt64) throws -> [UInt8]? {
        let statement = try connection.statement("SELECT hash FROM _parksync_branch WHERE seq = ?1")
        defer { statement.reset() }
        statement.bind(1, seq)
        return try statement.step() ? Array(statement.bytes(0)) : nil
    }

    static func insert(_ connection: Connection, _ entry: DecodedEntry, signature: [UInt8]?) throws {
        let statement = try connection.statement(
            "INSERT INTO _parksync_branch(seq, stamp, hash, signature, payload) VALUES(?1, ?2, ?3, ?4, ?5)")
        statement.bind(1, entry.header.seq)
        statement.bind(2, entry.header.stamp.rawValue)
        statement.bindBlob(3, copying: entry.hash)
        if let signature { statement.bindBlob(4, copying: signature) } else { statement.bindNull(4) }
        statement.bindBlob(5, entry.payload)
        defer { statement.bindNull(5) }
        try statement.run()
    }

    /// Whether what has come is a chain from the log's entry on, with the head that was shown, and
    /// signed at its end: anybody with the file can write it.
    ///
    /// - Parameter isSigned: asked about the newest entry.
    static func isSound(
        _ connection: Connection, _ branch: BranchFetch, ordinal: Int64, isSigned: (LogBranch.Head) -> Bool
    ) throws -> Bool {
        guard var previous = try LogTable.hash(connection, ordinal: ordinal, seq: branch.after) else { return false }
        let statement = try connection.statement(
            "SELECT seq, hash, signature, payload FROM _parksync_branch ORDER BY seq")
        defer { statement.reset() }
        var newest = LogBranch.Head(seq: branch.after, hash: previous, signature: [])
        while try statement.step() {
            let entry = EntryHash.of(payload: statement.bytes(3), previous: previous)
            guard try statement.entryNumber(0) == newest.seq + 1, entry == Array(statement.bytes(1)) else {
                return false
            }
            newest = LogBranch.Head(
                seq: newest.seq + 1, hash: entry, signature: statement.isNull(2) ? [] : Array(statement.bytes(2)))
            if newest.seq == branch.head.seq, newest.hash != branch.head.hash { return false }
            previous = entry
        }
        return newest.seq == branch.fetched && newest.hash == branch.hash && branch.isWhole && isSigned(newest)
    }

    /// Adds what has come to the origin's log, which must end where the branch begins.
    static func moveIntoLog(_ connection: Connection, ordinal: Int64) throws {
        let statement = try connection.statement(
            """
            INSERT INTO _parksync_log(id, stamp, hash, signature, payload)
            SELECT (?1 << \(LogTable.seqBits)) + seq, stamp, hash, signature, payload FROM _parksync_branch ORDER BY seq
            """)
        statement.bind(1, ordinal)
        try statement.run()
    }
}
