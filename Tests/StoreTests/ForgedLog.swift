import Crypto
import ParkSyncCore
import ParkSyncReplication

@testable import ParkSyncStore

/// The log of a park whose software is not ours: properly chained and signed, whatever it says.
struct ForgedLog {
    struct Change {
        var key: [Value]
        var kind = IncomingChange.Kind.insert
        var length: UInt64?
        var values: [Value] = []
    }
    struct Block {
        var table: String
        var columns: Int
        var changes: [Change]
    }

    let federation: Federation
    let park: String
    /// Another origin than the park's first.
    private let incarnation: String?
    private(set) var seq: UInt64 = 0
    private var hash = EntryChain.genesis

    init(_ federation: Federation, park: String, origin: String? = nil) {
        self.federation = federation
        self.park = park
        incarnation = origin
    }

    /// Goes on behind an entry that the park has.
    mutating func goOn(after seq: UInt64, hash: [UInt8]) { (self.seq, self.hash) = (seq, hash) }

    /// The next entry, as a slice of its own.
    mutating func entry(
        _ blocks: [Block], schemaNumber: UInt64 = 1, dependencies: [VersionVector.Element] = [], trailing: [UInt8] = []
    ) throws -> LogSlice {
        let payload = try append(blocks, schemaNumber: schemaNumber, dependencies: dependencies, trailing: trailing)
        return try slice([payload])
    }

    /// The next entry, which acknowledges all that a node has applied, as an honest one does.
    mutating func entry(_ blocks: [Block], seeing store: ParkStore) throws -> LogSlice {
        let own = try federation.origin(incarnation ?? park)
        let seen = store.state().applied.elements.filter { $0.origin != own }
        let heads = try seen.map {
            (origin: $0.origin, seq: $0.seq, hash: try store.hash(of: $0.origin, seq: $0.seq) ?? [])
        }
        let hash = Array(SHA256.hash(data: EntryChain.seenMessage(heads)))
        let payload = try append(blocks, schemaNumber: 1, dependencies: seen, trailing: [], seenHash: hash)
        return try slice([payload])
    }

    /// The next entries, which change nothing, as one slice.
    ///
    /// - Parameter trailing: behind each, which makes it defective.
    mutating func emptyEntries(_ count: Int, trailing: [UInt8] = []) throws -> LogSlice {
        let payloads = try (0..<count).map { _ in try append([], schemaNumber: 1, dependencies: [], trailing: trailing)
        }
        return try slice(payloads)
    }

    private mutating func append(
        _ blocks: [Block], schemaNumber: UInt64, dependencies: [VersionVector.Element], trailing: [UInt8],
        seenHash: [UInt8]? = nil
    ) throws -> [UInt8] {
        federation.clock.advance(1)
        let origin = try federation.origin(incarnation ?? park)
        let stamp = Stamp(milliseconds: federation.clock.wallMilliseconds(), counter: 0)
        let header = EntryHeader(
            origin: origin, seq: seq + 1, stamp: stamp, schemaNumber: schemaNumber, dependencies: dependencies,
            seenHash: seenHash)
        var writer = ChangeWriter(header: header, tableCount: blocks.count)
        for block in blocks {
            writer.beginTable(
                TableBlock(name: block.table, columnCount: block.columns, changeCount: block.changes.count))
            for change in block.changes {
                var values = ByteWriter()
                for value in change.values { ValueCoding.write(value, to: &values) }
                let length = CausalLength(rawValue: change.length ?? (change.kind == .delete ? 2 : 1))
                (KeyCoding.encode(change.key) ?? []).withUnsafeBytes { key in
                    values.bytes.withUnsafeBytes {
                        writer.change(key: key, causalLength: length, kind: change.kind, values: $0)
                    }
                }
            }
        }
        let payload = writer.writer.bytes + trailing
        seq += 1
        hash = EntryHash.of(payload: payload, previous: hash)
        return payload
    }

    /// The entries that were appended last, signed at their end.
    private func slice(_ payloads: [[UInt8]]) throws -> LogSlice {
        let origin = try federation.origin(incarnation ?? park)
        var body = ByteWriter()
        for payload in payloads {
            body.varint(payload.count)
            body.raw(payload)
        }
        let message = EntryChain.headMessage(origin: origin, seq: seq, hash: hash)
        return LogSlice(
            origin: origin, first: seq + 1 - UInt64(payloads.count), count: payloads.count, body: body.bytes,
            signature: Array(try federation.key(park).signature(for: message)))
    }
}
