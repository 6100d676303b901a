/// One element of the answer of `GET /v1/conflicts`: a value that lost against a write its author
/// had not seen.
package struct ConflictReport: Codable, Hashable, Sendable {
    /// An entry of a conflict. Author and note are empty where the entry is no longer kept.
    package struct Side: Codable, Hashable, Sendable {
        package var origin: String
        package var seq: UInt64
        /// Unix milliseconds.
        package var writtenAt: UInt64
        package var author: String
        package var note: String
        package init(origin: String, seq: UInt64, writtenAt: UInt64, author: String, note: String) {
            (self.origin, self.seq, self.writtenAt, self.author, self.note) = (origin, seq, writtenAt, author, note)
        }
        enum CodingKeys: String, CodingKey { case origin, seq, writtenAt = "written_at", author, note }
    }
    /// The same on every node: table, key, column and losing entry, hashed.
    package var id: String
    package var table: String
    package var key: [JSONValue]
    package var column: String
    package var lost: JSONValue
    /// The entry that lost, who wrote it and why.
    package var origin: String
    package var seq: UInt64
    package var writtenAt: UInt64
    package var author: String
    package var note: String
    /// What the column holds now; absent when the row is deleted.
    package var current: JSONValue?
    /// Who wrote what the column holds now, or deleted the row; absent when the trace of the
    /// deletion was dropped.
    package var winner: Side?
    /// - Parameter loser: the entry that lost.
    package init(
        id: String, table: String, key: [JSONValue], column: String, lost: JSONValue, loser: Side, current: JSONValue?,
        winner: Side?
    ) {
        (self.id, self.table, self.key, self.column, self.lost) = (id, table, key, column, lost)
        (self.origin, self.seq, self.writtenAt, self.author, self.note) = (
            loser.origin, loser.seq, loser.writtenAt, loser.author, loser.note
        )
        (self.current, self.winner) = (current, winner)
    }
    enum CodingKeys: String, CodingKey {
        case id, table, key, column, lost, origin, seq, writtenAt = "written_at", author, note, current, winner
    }
}

/// Body of `POST /v1/confirmations`.
package struct ConfirmationRequest: Codable, Hashable, Sendable {
    /// Ids of conflicts, or their first digits.
    package var ids: [String]
    package var author: String?
    package var note: String?
    package init(ids: [String], author: String? = nil, note: String? = nil) {
        (self.ids, self.author, self.note) = (ids, author, note)
    }
    enum CodingKeys: String, CodingKey, CaseIterable { case ids, author, note }
}

/// Answer of `POST /v1/confirmations`: the entry that settles the conflicts at every node.
package struct ConfirmationReport: Codable, Hashable, Sendable {
    package var origin: String
    package var seq: UInt64
    /// Whole ids of all records that it settles, sorted.
    package var ids: [String]
    package init(origin: String, seq: UInt64, ids: [String]) { (self.origin, self.seq, self.ids) = (origin, seq, ids) }
}
