/// Consecutive entries of one origin, as they travel and as they lie in the log.
///
/// `body` holds each entry's payload preceded by its length as a varint, exactly as received from
/// the author: neither the store nor a relay re-encodes it. The last entry is a signed head, which
/// vouches for all before it.
package struct LogSlice: Hashable, Sendable {
    package var origin: OriginID
    /// Number of the first entry.
    package var first: UInt64
    package var count: Int
    package var body: [UInt8]
    /// The origin's Ed25519 signature of the last entry's `EntryChain.headMessage`; 64 bytes.
    package var signature: [UInt8]

    package init(origin: OriginID, first: UInt64, count: Int, body: [UInt8], signature: [UInt8]) {
        self.origin = origin
        self.first = first
        self.count = count
        self.body = body
        self.signature = signature
    }

    /// Number of the last entry.
    package var last: UInt64 { first &+ UInt64(max(count, 1)) &- 1 }
}

/// The hash of all shared tables at a vector: equal vectors must have equal hashes.
package struct StateDigest: Hashable, Sendable {
    package var vector: VersionVector
    package var schemaNumber: UInt64
    /// 32 bytes: SHA-256 over the tables' names, row counts and digests.
    package var hash: [UInt8]

    package init(vector: VersionVector, schemaNumber: UInt64, hash: [UInt8]) {
        self.vector = vector
        self.schemaNumber = schemaNumber
        self.hash = hash
    }
}

/// What a node says about itself when a stream begins and whenever it changed.
package struct NodeState: Hashable, Sendable {
    package var origin: OriginID
    package var schemaNumber: UInt64
    /// SHA-256 of `SharedSchema.canonicalBytes`.
    package var schemaHash: [UInt8]
    /// Entries applied to the shared tables (or visibly quarantined).
    package var applied: VersionVector
    /// Entries in the log, applied or held; covers `applied`.
    package var logged: VersionVector
    /// The newest digest that was computed, if any.
    package var digest: StateDigest?

    package init(
        origin: OriginID, schemaNumber: UInt64, schemaHash: [UInt8], applied: VersionVector, logged: VersionVector,
        digest: StateDigest?
    ) {
        self.origin = origin
        self.schemaNumber = schemaNumber
        self.schemaHash = schemaHash
        self.applied = applied
        self.logged = logged
        self.digest = digest
    }
}
