import Crypto
import ParkSyncCore
import ParkSyncFiles
import ParkSyncStore

/// What files that are carried from park to park begin with, and what is in them.
enum FileTargets {
    static let all: [FuzzTarget] = [
        FuzzTarget("bundle-manifest", seeds: { [bundle.encoded] }, run: bundleManifest),
        FuzzTarget("bundle-section", seeds: { [section] }, run: bundleSection),
        FuzzTarget("segment", seeds: { try segments() }, run: segment),
        FuzzTarget(
            "snapshot-manifest", seeds: { [Array(try snapshot.signed(by: key()).dropLast(EntryChain.signatureBytes))] },
            run: snapshotManifest),
    ]

    // MARK: bundles

    private static let bundle = BundleManifest(
        from: "west", to: "south", madeAt: 1_795_500_000_000, schemaNumber: 1, schemaHash: Samples.hash,
        before: VersionVector(),
        after: Samples.vector,
        sections: [BundleManifest.Section(entries: 3, rawBytes: 500, bytes: 300, hash: Samples.hash)])

    private static func bundleManifest(_ bytes: [UInt8]) throws {
        let manifest = try bytes.withUnsafeBytes { try BundleManifest(decoding: $0) }
        guard manifest.encoded == bytes else {
            throw FuzzBreach("the manifest of a bundle was read that is written otherwise")
        }
    }

    private static let section: [UInt8] = {
        var bytes: [UInt8] = []
        for slice in Samples.slices { BundleFrames.append(slice, to: &bytes) }
        return bytes
    }()

    private static func bundleSection(_ bytes: [UInt8]) throws {
        var again: [UInt8] = []
        for slice in try BundleFrames.slices(bytes) { BundleFrames.append(slice, to: &again) }
        guard again == bytes else { throw FuzzBreach("a section of a bundle was read that is written otherwise") }
    }

    // MARK: segments

    /// Begins an input that has payloads, each with its length before it: damage gets past no hash,
    /// so theirs are made behind the damage.
    private static let payloadsMark: UInt8 = 0

    private static func segments() throws -> [[UInt8]] {
        guard let header = Samples.headers.first else { return [] }
        let payloads = [header.seq, header.seq + 1].map { seq in
            var next = header
            next.seq = seq
            return ChangeWriter(header: next, tableCount: 0).writer.bytes
        }
        var input = ByteWriter()
        for payload in payloads { input.prefixed(payload) }
        return [[payloadsMark] + input.bytes, try file(payloads)]
    }

    private static func file(_ payloads: [[UInt8]]) throws -> [UInt8] {
        guard let header = Samples.headers.first, !payloads.isEmpty else { throw DecodingFailure("no payloads", at: 0) }
        var content = ByteWriter()
        var hash = Samples.hash
        for (index, payload) in payloads.enumerated() {
            hash = EntryHash.of(payload: payload, previous: hash)
            payload.withUnsafeBytes { payload in
                hash.withUnsafeBytes { hash in
                    Samples.signature.withUnsafeBytes { signature in
                        let isLast = index == payloads.count - 1
                        Segment.append(payload: payload, hash: hash, signature: isLast ? signature : nil, to: &content)
                    }
                }
            }
        }
        return try Segment.encode(
            origin: header.origin, first: header.seq, last: header.seq + UInt64(payloads.count - 1),
            previousHash: Samples.hash, headHash: hash,
            signature: Samples.signature, content: content.bytes)
    }

    private static func segment(_ bytes: [UInt8]) throws {
        var whole = bytes
        if bytes.first == payloadsMark {
            whole = try file(
                try bytes.dropFirst().withUnsafeBytes { buffer in
                    var reader = ByteReader(buffer)
                    var payloads: [[UInt8]] = []
                    while !reader.isAtEnd {
                        payloads.append(Array(try reader.prefixed("a payload", max: CoreLimits.payloadBytesMax)))
                    }
                    return payloads
                })
        }
        _ = try whole.withUnsafeBytes { try Segment(decoding: $0) }
    }

    // MARK: snapshots

    private static func key() throws -> Curve25519.Signing.PrivateKey {
        try Curve25519.Signing.PrivateKey(rawRepresentation: Samples.hash)
    }

    private static let snapshot = SnapshotManifest(
        park: "west", id: [UInt8](repeating: 7, count: 16), madeAt: 1_795_500_000_000, schemaNumber: 1,
        schemaHash: Samples.hash,
        vector: Samples.vector,
        heads: Samples.vector.elements.map {
            VerifiedCopy.Head(origin: $0.origin, seq: $0.seq, hash: Samples.hash, signature: Samples.signature)
        }, stateHash: Samples.hash, bytes: 4_096, hash: Samples.hash)

    /// The bytes are signed by a member, who may sign anything.
    private static func snapshotManifest(_ bytes: [UInt8]) throws {
        let key = try key()
        let signed = bytes + Array(try key.signature(for: bytes))
        _ = try SnapshotManifest(
            reading: signed, from: "west", members: ["west": Array(key.publicKey.rawRepresentation)])
    }
}
