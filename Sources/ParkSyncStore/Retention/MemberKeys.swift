import ParkSyncCore

/// Public keys of parks, as this file remembers them: a park that was taken out of the zone need not be in the configuration any more, and
/// what it wrote must still be checked.
enum MemberTable {
    static let create = "CREATE TABLE IF NOT EXISTS _parksync_member(park TEXT NOT NULL PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"

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

    private static func keys(of park: String, inFencesBy members: [String: [UInt8]], _ connection: Connection) throws -> [[UInt8]] {
        let statement = try connection.statement(
            "SELECT f.origin, o.name, f.seq FROM _parksync_fence f JOIN _parksync_origin o ON o.ordinal = f.origin WHERE f.park = ?1")
        var fences: [(ordinal: Int64, seq: UInt64)] = []
        do {
            defer { statement.reset() }
            statement.bindText(1, copying: park)
            while try statement.step() {
                guard let author = OriginID(statement.string(1)), members[author.park] != nil else { continue }
                fences.append((try statement.ordinal(0, "a fence's origin"), try statement.entryNumber(2, "a fence's entry")))
            }
        }
        return try fences.compactMap { fence in
            try LogTable.withPayload(connection, ordinal: fence.ordinal, seq: fence.seq) { try key(of: park, in: $0) } ?? nil
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
