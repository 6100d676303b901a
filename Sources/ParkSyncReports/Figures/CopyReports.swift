/// Answer of `POST /v1/backups`: a copy of the database that was made and verified, and waits to be
/// fetched.
package struct BackupReport: Codable, Hashable, Sendable {
    package struct Head: Codable, Hashable, Sendable {
        package var origin: String
        package var seq: UInt64
        package var hash: String
        package init(origin: String, seq: UInt64, hash: String) {
            self.origin = origin
            self.seq = seq
            self.hash = hash
        }
    }
    /// Names the copy in `GET /v1/copies/{id}`; absent when `syncctl` made the file itself.
    package var id: String?
    package var park: String
    package var bytes: UInt64
    /// Of the file, hexadecimal.
    package var sha256: String
    /// Entries in the tables.
    package var vector: String
    package var stateHash: String
    package var schemaNumber: UInt64
    /// Sorted by origin.
    package var heads: [Head]
    package var tables: [TableFigures]
    package init(
        id: String?, park: String, bytes: UInt64, sha256: String, vector: String, stateHash: String,
        schemaNumber: UInt64, heads: [Head],
        tables: [TableFigures]
    ) {
        self.id = id
        self.park = park
        self.bytes = bytes
        self.sha256 = sha256
        self.vector = vector
        self.stateHash = stateHash
        self.schemaNumber = schemaNumber
        self.heads = heads
        self.tables = tables
    }
    enum CodingKeys: String, CodingKey {
        case id, park, bytes, sha256, vector, stateHash = "state_hash", schemaNumber = "schema_number", heads, tables
    }
}
