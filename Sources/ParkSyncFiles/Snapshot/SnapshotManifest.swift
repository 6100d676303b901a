import Crypto
import ParkSyncCore
import ParkSyncStore

/// What a snapshot is, signed by the park that made it.
package struct SnapshotManifest: Hashable, Sendable {
    /// First bytes of every version of it.
    package static let magic = "parksync-snapshot"
    package static let formatVersion: UInt64 = 1
    package static let idBytes = 16
    /// Longest manifest: a head and an element of the vector for each origin.
    package static let bytesMax = 256 << 10

    /// The park that made the snapshot.
    package var park: String
    /// Names it for the time that it is kept.
    package var id: [UInt8]
    /// Unix milliseconds.
    package var madeAt: UInt64
    package var schemaNumber: UInt64
    package var schemaHash: [UInt8]
    /// Entries in the tables.
    package var vector: VersionVector
    /// Of the log, sorted by origin; some of its entries may not be in the tables yet.
    package var heads: [VerifiedCopy.Head]
    /// Of all tables at the vector.
    package var stateHash: [UInt8]
    package var bytes: UInt64
    /// SHA-256 of the file.
    package var hash: [UInt8]

    /// Everything that is signed.
    private var content: [UInt8] {
        var writer = ByteWriter(reserving: 1_024)
        writer.raw(Self.magic.utf8)
        writer.varint(Self.formatVersion)
        writer.prefixed(park)
        writer.raw(id)
        writer.varint(madeAt)
        writer.varint(schemaNumber)
        writer.raw(schemaHash)
        VectorCoding.write(vector, to: &writer)
        writer.varint(heads.count)
        for head in heads {
            writer.prefixed(head.origin.utf8)
            writer.varint(head.seq)
            writer.raw(head.hash)
            writer.raw(head.signature)
        }
        writer.raw(stateHash)
        writer.varint(bytes)
        writer.raw(hash)
        return writer.bytes
    }

    /// The manifest with the park's signature behind it.
    package func signed(by key: Curve25519.Signing.PrivateKey) throws -> [UInt8] {
        let content = content
        return content + Array(try key.signature(for: content))
    }

    /// - Parameters:
    ///   - park: who was asked for it, and must have signed it.
    ///   - members: raw public keys by park.
    /// - Throws: `StoreError` if it is another version's, damaged, or not signed by that park.
    package init(reading bytes: [UInt8], from park: String, members: [String: [UInt8]]) throws {
        do {
            guard bytes.count > EntryChain.signatureBytes, bytes.count <= Self.bytesMax else {
                throw DecodingFailure("the length is wrong", at: 0)
            }
            self = try bytes.dropLast(EntryChain.signatureBytes).withUnsafeBytes { buffer in
                var reader = ByteReader(buffer)
                return try SnapshotManifest(from: &reader)
            }
        } catch let failure as DecodingFailure {
            throw StoreError(
                .damaged, "the manifest of the snapshot from \(park) is damaged: \(failure)",
                remedy: "Ask again, or ask another park.")
        }
        let key = members[park].flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
        guard self.park == park, let key,
            key.isValidSignature(Array(bytes.suffix(EntryChain.signatureBytes)), for: content)
        else {
            throw StoreError(
                .damaged, "the snapshot that \(park) sent is not signed by \(park)",
                remedy: "Ask another park, and check the public key of \(park) in the configuration.")
        }
    }

    /// Without the signature, for another process of the same node.
    package var unsigned: [UInt8] { content }

    /// - Parameter bytes: what `unsigned` gave to a process that had looked at the signature.
    /// - Throws: `DecodingFailure`.
    package init(unsigned bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            return try SnapshotManifest(from: &reader)
        }
    }

    private init(from reader: inout ByteReader) throws {
        let start = Array(try reader.raw(Self.magic.utf8.count, "the beginning"))
        guard start == Array(Self.magic.utf8) else { throw DecodingFailure("it does not begin as a manifest", at: 0) }
        try FormatVersion.check(
            Int64(clamping: try reader.varint("the format version")), known: Int64(Self.formatVersion),
            of: "the manifest of the snapshot")
        park = try reader.string("the park", max: CoreLimits.parkNameBytesMax)
        id = Array(try reader.raw(Self.idBytes, "the name"))
        madeAt = try reader.varint("the time")
        schemaNumber = try reader.varint("the schema number")
        schemaHash = Array(try reader.raw(EntryChain.hashBytes, "the schema hash"))
        vector = try VectorCoding.vector("the vector", from: &reader)
        heads = []
        for _ in 0..<(try reader.count("the heads", max: CoreLimits.vectorOriginsMax)) {
            let origin = try reader.origin("a head")
            let seq = try reader.varint("a head")
            heads.append(
                VerifiedCopy.Head(
                    origin: origin, seq: seq, hash: Array(try reader.raw(EntryChain.hashBytes, "a head's hash")),
                    signature: Array(try reader.raw(EntryChain.signatureBytes, "a head's signature"))))
        }
        stateHash = Array(try reader.raw(EntryChain.hashBytes, "the state hash"))
        bytes = try reader.varint("the length")
        hash = Array(try reader.raw(EntryChain.hashBytes, "the file's hash"))
        try reader.expectEnd("the manifest")
    }

    package init(
        park: String, id: [UInt8], madeAt: UInt64, schemaNumber: UInt64, schemaHash: [UInt8], vector: VersionVector,
        heads: [VerifiedCopy.Head],
        stateHash: [UInt8], bytes: UInt64, hash: [UInt8]
    ) {
        self.park = park
        self.id = id
        self.madeAt = madeAt
        self.schemaNumber = schemaNumber
        self.schemaHash = schemaHash
        self.vector = vector
        self.heads = heads
        self.stateHash = stateHash
        self.bytes = bytes
        self.hash = hash
    }

    /// Entries of all origins in the log.
    package var entries: UInt64 { heads.reduce(0) { $0 &+ $1.seq } }
}
