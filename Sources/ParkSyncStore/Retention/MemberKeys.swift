import Foundation
import ParkSyncCore

/// Public keys of parks, as this file remembers them: a park that was taken out of the zone need
/// not be in the configuration any more, and what it wrote must still be checked.
package enum MemberTable {
    static let create =
        "CREATE TABLE IF NOT EXISTS _parksync_member(park TEXT NOT NULL PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"

    static func keysByPark(_ connection: Connection) throws -> [String: [UInt8]] {
        // A copy that an earlier version made lacks the table.
        guard try connection.int64("SELECT count(*) FROM sqlite_master WHERE name = '_parksync_member'") == 1 else {
            return [:]
        }
        let statement = try connection.statement("SELECT park, key FROM _parksync_member ORDER BY park")
        defer { statement.reset() }
        var keysByPark: [String: [UInt8]] = [:]
        while try statement.step() { keysByPark[statement.string(0)] = Array(statement.bytes(1)) }
        return keysByPark
    }

    /// Keys by which a file is verified: the configuration's, and of parks that it does not name
    /// and that were taken out of the zone, the key that the file remembers, if those who voted for
    /// the fence name it too. The file alone is not believed: members have signed the votes.
    package static func trusted(_ connection: Connection, _ members: [String: [UInt8]]) throws -> [String: [UInt8]] {
        var result = members
        for (park, key) in try keysByPark(connection) where members[park] == nil {
            if try self.key(of: park, inVotesOf: members, connection) == key { result[park] = key }
        }
        return result
    }

    /// Keys of parks that no configuration names any more, as the votes for their fences say that
    /// were applied here.
    package static func inVotes(_ connection: Connection, _ members: [String: [UInt8]]) throws -> [String: [UInt8]] {
        let statement = try RawStatement(connection.handle, "SELECT DISTINCT park FROM _parksync_fence ORDER BY park")
        var keysByPark: [String: [UInt8]] = [:]
        while try statement.step() {
            let park = statement.string(0)
            if members[park] == nil { keysByPark[park] = try key(of: park, inVotesOf: members, connection) }
        }
        return keysByPark
    }

    /// The key that enough members name; nil if they do not.
    private static func key(of park: String, inVotesOf members: [String: [UInt8]], _ connection: Connection) throws
        -> [UInt8]?
    {
        let statement = try connection.statement(
            """
            SELECT v.origin, o.name, v.seq FROM _parksync_vote v JOIN _parksync_origin o ON o.ordinal = \
            v.origin WHERE v.park = ?1 AND v.side = 'out'
            """
        )
        var votes: [(ordinal: Int64, park: String, seq: UInt64)] = []
        do {
            defer { statement.reset() }
            statement.bindText(1, copying: park)
            while try statement.step() {
                guard let author = OriginID(statement.string(1)), members[author.park] != nil, author.park != park
                else { continue }
                votes.append(
                    (
                        try statement.ordinal(0, "a vote's origin"), author.park,
                        try statement.entryNumber(2, "a vote's entry")
                    ))
            }
        }
        var parks: [[UInt8]: Set<String>] = [:]
        for vote in votes {
            let found = try LogTable.withPayload(connection, ordinal: vote.ordinal, seq: vote.seq) {
                try key(of: park, in: $0)
            }
            if let key = found ?? nil { parks[key, default: []].insert(vote.park) }
        }
        return parks.filter { $0.value.count >= MemberWords.needed }.keys.min { $0.lexicographicallyPrecedes($1) }
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
    package static func remember(_ connection: Connection, _ members: [String: [UInt8]]) throws {
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

/// What members have said of the keys of parks that no configuration here names, until enough of
/// them have said the same.
///
/// One word is not enough: a member could make parks of its own that way, and have them vote as it
/// likes. Kept in the file's meta table.
package enum MemberWords {
    struct Word: Hashable {
        var park: String
        var key: [UInt8]
        /// The park that says so.
        var by: String
    }

    /// Parks that have to name the same key.
    static let needed = Ballot.votersMin
    /// Parks of which one member's word is kept, those that it named first.
    static let parksPerMemberMax = 16
    package static let name = "member words"

    /// Notes the keys that an entry gives beside its votes, in whatever schema the entry is, and
    /// remembers those that count from now on.
    ///
    /// - Parameter keysByPark: those that are known.
    package static func note(
        _ connection: Connection, _ payload: UnsafeRawBufferPointer, by author: String,
        known keysByPark: inout [String: [UInt8]]
    ) throws {
        let controls = ControlRecord.all(in: payload)
        let unwanted = controls.compactMap { control -> String? in
            if case .vote(let park, .out, _) = control { park } else { nil }
        }
        for case .memberKey(let park, let key) in controls
        where keysByPark[park] == nil && park != author && unwanted.contains(park) {
            guard try note(connection, Word(park: park, key: key, by: author)) else { continue }
            try MemberTable.remember(connection, [park: key])
            keysByPark[park] = key
        }
    }

    /// Notes the keys that the votes in a file give, as far as it has their entries.
    package static func note(votesIn connection: Connection) throws {
        var keysByPark = try MemberTable.keysByPark(connection)
        let statement = try RawStatement(
            connection.handle,
            "SELECT DISTINCT v.origin, v.seq, o.name FROM _parksync_vote v JOIN _parksync_origin o ON "
                + "o.ordinal = v.origin WHERE v.side = 'out' "
                + "ORDER BY v.origin, v.seq")
        while try statement.step() {
            guard let author = OriginID(statement.string(2)) else { continue }
            let (ordinal, seq) = (
                try statement.ordinal(0, "a vote's origin"), try statement.entryNumber(1, "a vote's entry")
            )
            _ = try LogTable.withPayload(connection, ordinal: ordinal, seq: seq) {
                try note(connection, $0, by: author.park, known: &keysByPark)
            }
        }
    }

    /// - Returns: whether the key counts from now on; its words are forgotten then.
    private static func note(_ connection: Connection, _ word: Word) throws -> Bool {
        var words = try load(connection)
        guard words.filter({ $0.by == word.by }).count < parksPerMemberMax, words.insert(word).inserted else {
            return false
        }
        let isEnough = words.filter { $0.park == word.park && $0.key == word.key }.count >= needed
        if isEnough { words = words.filter { $0.park != word.park } }
        let lines = words.map { "\($0.park) \(Hex.encode($0.key)) \($0.by)" }.sorted()
        try StoreFile.setMeta(connection, name, lines.isEmpty ? .null : .string(lines.joined(separator: "\n")))
        return isEnough
    }

    private static func load(_ connection: Connection) throws -> Set<Word> {
        guard case .text(let bytes)? = try StoreFile.meta(connection, name) else { return [] }
        return Set(
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard words.count == 3, let key = Hex.decode(words[1]) else { return nil }
                return Word(park: String(words[0]), key: key, by: String(words[2]))
            })
    }
}

extension ControlRecord {
    /// What an entry says about the logs; empty if it is nothing, or not canonical.
    static func all(in payload: UnsafeRawBufferPointer) -> [ControlRecord] {
        // Most entries do not have the name.
        guard has(Array(tableName.utf8), payload), var reader = try? ChangeReader(payload) else { return [] }
        var result: [ControlRecord] = []
        do {
            while let change = try reader.next(), let block = reader.block {
                guard block.name == tableName else { continue }
                guard result.count < CoreLimits.controlRecordsPerEntryMax else { return [] }
                result.append(try ControlRecord(change, block: block, key: reader.key, payload: payload))
            }
        } catch { return [] }
        return result
    }
    private static func has(_ name: [UInt8], _ payload: UnsafeRawBufferPointer) -> Bool {
        guard let base = payload.baseAddress, let first = name.first else { return false }
        var rest = payload.count
        while rest >= name.count, let found = memchr(base + (payload.count - rest), Int32(first), rest) {
            rest = payload.count - (UnsafeRawPointer(found) - base)
            if rest >= name.count, memcmp(found, name, name.count) == 0 { return true }
            rest -= 1
        }
        return false
    }
}
