import ParkSyncCore

/// Public keys of parks, as this file remembers them: a park that was taken out of the zone need not be in the configuration any more, and
/// what it wrote must still be checked.
enum MemberTable {
    static let create = "CREATE TABLE IF NOT EXISTS _parksync_member(park TEXT NOT NULL PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"

    /// What parks have said of keys that the configuration does not name, as it came into the log.
    static let createWords = """
        CREATE TABLE IF NOT EXISTS _parksync_member_word(
          by TEXT NOT NULL, park TEXT NOT NULL, -- who said it, of whom
          key BLOB NOT NULL, PRIMARY KEY(by, park)) WITHOUT ROWID
        """

    /// How many parks have to say the same key: one may lie.
    static let witnessesMin = 2

    /// Notes what a park says of the key of another one.
    ///
    /// - Returns: whether enough parks have said the same by now. Entries come into the log in any order, so each node may know at another moment;
    ///   no verdict on an entry depends on it.
    static func isWitnessed(_ connection: Connection, _ park: String, _ key: [UInt8], by witness: String) throws -> Bool {
        let noted = try connection.statement(
            """
            INSERT INTO _parksync_member_word(by, park, key) SELECT ?1, ?2, ?3
            WHERE (SELECT count(*) FROM _parksync_member_word WHERE by = ?1) < \(CoreLimits.controlRecordsPerEntryMax)
            ON CONFLICT DO UPDATE SET key = excluded.key
            """)
        noted.bindText(1, copying: witness)
        noted.bindText(2, copying: park)
        noted.bindBlob(3, copying: key)
        try noted.run()
        var witnesses: Set<String> = [witness]
        do {
            let said = try connection.statement("SELECT by FROM _parksync_member_word WHERE park = ?1 AND key = ?2")
            defer { said.reset() }
            said.bindText(1, copying: park)
            said.bindBlob(2, copying: key)
            while try said.step() { witnesses.insert(said.string(0)) }
        }
        if witnesses.count < witnessesMin {
            // A file that was made of a log has noted nothing on the way.
            for word in try words(of: park, connection) where word.key == key { witnesses.insert(word.by) }
        }
        return witnesses.count >= witnessesMin
    }

    static func keysByPark(_ connection: Connection) throws -> [String: [UInt8]] {
        // A copy that an earlier version made lacks the table.
        guard try connection.int64("SELECT count(*) FROM sqlite_master WHERE name = '_parksync_member'") == 1 else { return [:] }
        let statement = try connection.statement("SELECT park, key FROM _parksync_member ORDER BY park")
        defer { statement.reset() }
        var keysByPark: [String: [UInt8]] = [:]
        while try statement.step() { keysByPark[statement.string(0)] = Array(statement.bytes(1)) }
        return keysByPark
    }

    /// Keys by which a file is verified: the configuration's, and of parks that it does not name and that were taken out of the zone, the key that
    /// the file remembers, if the fence names it too. The file alone is not believed: the fence is signed by a member.
    static func vouched(_ connection: Connection, _ members: [String: [UInt8]]) throws -> [String: [UInt8]] {
        var result = members
        for (park, key) in try keysByPark(connection) where members[park] == nil {
            if try keys(of: park, inFencesBy: members, connection).contains(key) { result[park] = key }
        }
        return result
    }

    /// Keys of parks that no configuration names any more, as the fences say that were applied here.
    static func inFences(_ connection: Connection, _ members: [String: [UInt8]]) throws -> [String: [UInt8]] {
        let statement = try RawStatement(connection.handle, "SELECT DISTINCT park FROM _parksync_fence ORDER BY park")
        var keysByPark: [String: [UInt8]] = [:]
        while try statement.step() {
            let park = statement.string(0)
            if members[park] == nil { keysByPark[park] = try keys(of: park, inFencesBy: members, connection).first }
        }
        return keysByPark
    }

    /// Keys that enough members have given beside their words against the park.
    private static func keys(of park: String, inFencesBy members: [String: [UInt8]], _ connection: Connection) throws -> [[UInt8]] {
        var witnesses: [[UInt8]: Set<String>] = [:]
        for word in try words(of: park, connection) where members[word.by] != nil { witnesses[word.key, default: []].insert(word.by) }
        return witnesses.filter { $0.value.count >= witnessesMin }.keys.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// What applied entries say of a park's key, and whose they are.
    private static func words(of park: String, _ connection: Connection) throws -> [(by: String, key: [UInt8])] {
        let statement = try connection.statement(
            """
            SELECT e.origin, o.name, e.seq FROM (
              SELECT origin, seq FROM _parksync_fence WHERE park = ?1 UNION SELECT origin, seq FROM _parksync_vote WHERE park = ?1 AND side = 'out'
            ) e JOIN _parksync_origin o ON o.ordinal = e.origin
            """)
        var entries: [(by: String, ordinal: Int64, seq: UInt64)] = []
        do {
            defer { statement.reset() }
            statement.bindText(1, copying: park)
            while try statement.step() {
                guard let author = OriginID(statement.string(1)), author.park != park else { continue }
                entries.append((author.park, try statement.ordinal(0, "a word's origin"), try statement.entryNumber(2, "a word's entry")))
            }
        }
        return try entries.compactMap { entry in
            let key = try LogTable.withPayload(connection, ordinal: entry.ordinal, seq: entry.seq) { try key(of: park, in: $0) } ?? nil
            return key.map { (entry.by, $0) }
        }
    }

    private static func key(of park: String, in payload: UnsafeRawBufferPointer) throws -> [UInt8]? {
        var reader = try ChangeReader(payload)
        while let change = try reader.next(), let block = reader.block {
            guard block.name == ControlRecord.tableName else { continue }
            let record = try ControlRecord(change, block: block, key: reader.key, payload: payload)
            if case .memberKey(park, let key) = record { return key }
        }
        return nil
    }

    /// What the configuration says takes the place of what was remembered.
    static func remember(_ connection: Connection, _ members: [String: [UInt8]]) throws {
        let known = try keysByPark(connection)
        for (park, key) in members.sorted(by: { $0.key < $1.key }) where known[park] != key {
            let statement = try connection.statement(
                "INSERT INTO _parksync_member(park, key) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET key = excluded.key")
            statement.bindText(1, copying: park)
            statement.bindBlob(2, copying: key)
            try statement.run()
        }
    }
}
