/// Answer of `GET /v1/blame`: who wrote each column of one row last.
package struct BlameReport: Codable, Hashable, Sendable {
    package struct Column: Codable, Hashable, Sendable {
        package var name: String
        /// The value now; absent when the row is deleted.
        package var value: JSONValue?
        package var origin: String
        package var seq: UInt64
        /// Unix milliseconds.
        package var writtenAt: UInt64
        /// Author and note are empty where the entry is no longer kept.
        package var author: String
        package var note: String
        package init(
            name: String, value: JSONValue?, origin: String, seq: UInt64, writtenAt: UInt64, author: String,
            note: String
        ) {
            self.name = name
            self.value = value
            self.origin = origin
            self.seq = seq
            self.writtenAt = writtenAt
            self.author = author
            self.note = note
        }
        enum CodingKeys: String, CodingKey { case name, value, origin, seq, writtenAt = "written_at", author, note }
    }
    package var table: String
    package var key: [JSONValue]
    package var causalLength: UInt64
    package var isAlive: Bool
    /// The row's columns; for a deleted row one element named `(row)` that tells who deleted it.
    package var columns: [Column]
    package init(table: String, key: [JSONValue], causalLength: UInt64, isAlive: Bool, columns: [Column]) {
        self.table = table
        self.key = key
        self.causalLength = causalLength
        self.isAlive = isAlive
        self.columns = columns
    }
    enum CodingKeys: String, CodingKey {
        case table, key, causalLength = "causal_length", isAlive = "is_alive", columns
    }
}

/// One element of the answer of `GET /v1/log`.
package struct EntryReport: Codable, Hashable, Sendable {
    package struct Change: Codable, Hashable, Sendable {
        package var table: String
        package var key: [JSONValue]
        /// `insert`, `update` or `delete`.
        package var kind: String
        package var causalLength: UInt64
        /// Column name to value; a counter column carries its delta.
        package var values: [String: JSONValue]
        package init(table: String, key: [JSONValue], kind: String, causalLength: UInt64, values: [String: JSONValue]) {
            self.table = table
            self.key = key
            self.kind = kind
            self.causalLength = causalLength
            self.values = values
        }
        enum CodingKeys: String, CodingKey { case table, key, kind, causalLength = "causal_length", values }
    }
    package var origin: String
    package var seq: UInt64
    package var writtenAt: UInt64
    package var stamp: String
    package var hash: String
    package var isSigned: Bool
    package var schemaNumber: UInt64
    package var dependencies: String
    package var author: String
    package var note: String
    package var bytes: Int
    /// `applied`, `held` or `quarantined`.
    package var state: String
    package var changeCount: Int
    /// The first changes, if asked for.
    package var changes: [Change]?
    package init(
        origin: String, seq: UInt64, writtenAt: UInt64, stamp: String, hash: String, isSigned: Bool,
        schemaNumber: UInt64,
        dependencies: String, author: String, note: String, bytes: Int, state: String, changeCount: Int,
        changes: [Change]?
    ) {
        self.origin = origin
        self.seq = seq
        self.writtenAt = writtenAt
        self.stamp = stamp
        self.hash = hash
        self.isSigned = isSigned
        self.schemaNumber = schemaNumber
        self.dependencies = dependencies
        self.author = author
        self.note = note
        self.bytes = bytes
        self.state = state
        self.changeCount = changeCount
        self.changes = changes
    }
    enum CodingKeys: String, CodingKey {
        case origin, seq, writtenAt = "written_at", stamp, hash, isSigned = "is_signed", schemaNumber = "schema_number",
            dependencies
        case author, note, bytes, state, changeCount = "change_count", changes
    }
}

/// One element of the answer of `GET /v1/forks`: two different entries of one origin with one
/// number, both vouched for by the park's key. Hashes and signatures are hexadecimal.
package struct ForkReport: Codable, Hashable, Sendable {
    package var origin: String
    package var seq: UInt64
    /// The entry that the log has; absent if the log ends before it.
    package var keptHash: String?
    /// Absent where a later head vouches for the entry.
    package var keptSignature: String?
    package var otherHash: String
    package var otherSignature: String?
    /// Unix milliseconds of this node's clock.
    package var firstSeen: UInt64
    package init(
        origin: String, seq: UInt64, keptHash: String?, keptSignature: String?, otherHash: String,
        otherSignature: String?, firstSeen: UInt64
    ) {
        self.origin = origin
        self.seq = seq
        self.keptHash = keptHash
        self.keptSignature = keptSignature
        self.otherHash = otherHash
        self.otherSignature = otherSignature
        self.firstSeen = firstSeen
    }
    enum CodingKeys: String, CodingKey {
        case origin, seq, keptHash = "kept_hash", keptSignature = "kept_signature", otherHash = "other_hash",
            otherSignature = "other_signature"
        case firstSeen = "first_seen"
    }
}

/// Answer of `POST /v1/verify`: what was checked, and what was found wrong. Nothing is listed as
/// good that was not checked.
package struct VerifyReport: Codable, Hashable, Sendable {
    package struct Origin: Codable, Hashable, Sendable {
        package var origin: String
        package var entries: UInt64
        package var signedHeads: UInt64
        package var headSeq: UInt64
        package var headHash: String
        package init(origin: String, entries: UInt64, signedHeads: UInt64, headSeq: UInt64, headHash: String) {
            self.origin = origin
            self.entries = entries
            self.signedHeads = signedHeads
            self.headSeq = headSeq
            self.headHash = headHash
        }
        enum CodingKeys: String, CodingKey {
            case origin, entries, signedHeads = "signed_heads", headSeq = "head_seq", headHash = "head_hash"
        }
    }
    package var origins: [Origin]
    /// Tables whose digest was recomputed by reading every row.
    package var tables: [TableFigures]
    package var vector: String
    /// Empty when everything checked is sound.
    package var findings: [String]
    /// Rows that refer to nothing, as the log has them: two parks changed what belongs together
    /// without knowing of each other, or a program wrote without checking references. The first
    /// hundred of them; absent from reports of earlier versions.
    package var dangling: [DanglingReference]?
    /// How many there are.
    package var danglingCount: Int?
    package init(origins: [Origin], tables: [TableFigures], vector: String, findings: [String]) {
        self.origins = origins
        self.tables = tables
        self.vector = vector
        self.findings = findings
    }
    enum CodingKeys: String, CodingKey {
        case origins, tables, vector, findings, dangling, danglingCount = "dangling_count"
    }
}

/// One event of `GET /v1/changes` (server-sent events, event name `entry`, id the vector after it).
package struct ChangeEvent: Codable, Hashable, Sendable {
    package var origin: String
    package var seq: UInt64
    package var writtenAt: UInt64
    package var author: String
    package var note: String
    package var changes: [EntryReport.Change]
    /// How many changes an entry has that is too long to be sent to subscribers; nil if `changes`
    /// has them.
    package var omitted: Int?
    package init(
        origin: String, seq: UInt64, writtenAt: UInt64, author: String, note: String, changes: [EntryReport.Change],
        omitted: Int? = nil
    ) {
        self.origin = origin
        self.seq = seq
        self.writtenAt = writtenAt
        self.author = author
        self.note = note
        self.changes = changes
        self.omitted = omitted
    }
    enum CodingKeys: String, CodingKey { case origin, seq, writtenAt = "written_at", author, note, changes, omitted }
}
