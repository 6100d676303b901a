import Crypto
import ParkSyncCore
import ParkSyncReplication

/// A slice whose chain and signature were checked, decoded and ready for the log.
package struct VerifiedSlice: Sendable {
    var origin: OriginID
    var first: UInt64
    /// Hash of the entry before the first.
    var previousHash: [UInt8]
    package var entries: [DecodedEntry]
    /// The origin's signature of the last entry.
    var signature: [UInt8]
}

/// Checks received slices. Runs beside the store's queue: hashing and decoding must not hold up
/// writers.
package struct SliceVerifier: Sendable {
    package let schema: SharedSchema
    /// Raw Ed25519 public keys (32 bytes) by park.
    package let members: [String: [UInt8]]
    /// The longest entry that this node takes.
    var entryBytesMax: Int

    package init(schema: SharedSchema, members: [String: [UInt8]], entryBytesMax: Int = CoreLimits.payloadBytesDefault)
    {
        (self.schema, self.members, self.entryBytesMax) = (schema, members, entryBytesMax)
    }

    /// - Parameter previousHash: this node's hash of the entry before the slice.
    /// - Throws: `SliceRefused`.
    package func verify(_ slice: LogSlice, previousHash: [UInt8]) throws -> VerifiedSlice {
        func refuse(_ cause: SliceRefused.Cause, _ reason: String, _ remedy: String) -> SliceRefused {
            SliceRefused(cause, origin: slice.origin, first: slice.first, reason: reason, remedy: remedy)
        }
        guard let raw = members[slice.origin.park], let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
        else {
            throw refuse(
                .unknownOrigin, "\(slice.origin.park) is not a member",
                "Add the park and its public key to `members` in the configuration.")
        }
        let entries: [DecodedEntry]
        do {
            entries = try decode(slice, previousHash: previousHash)
        } catch let excess as EntryRoom.Excess {
            throw refuse(
                .entryTooLong,
                "entry \(excess.seq) \(excess.reason), and this node takes entries of \(entryBytesMax) bytes",
                "Set entry.bytes_max of this node to what \(slice.origin.park) has, and restart it.")
        } catch let failure as DecodingFailure {
            throw refuse(
                .malformed, "the bytes are damaged: \(failure)",
                "They are asked for again, from another park if one has them.")
        }
        guard let last = entries.last else {
            throw refuse(.malformed, "the slice is empty", "The sender runs other software; compare versions.")
        }
        let message = EntryChain.headMessage(origin: slice.origin, seq: last.header.seq, hash: last.hash)
        guard key.isValidSignature(slice.signature, for: message) else {
            throw refuse(
                .wrongSignature, "the signature of entry \(last.header.seq) does not fit",
                """
                Either the bytes were altered on the way, or this node's log of \(slice.origin) has forked from \
                its author's, or `members` has a wrong public key.
                """
            )
        }
        return VerifiedSlice(
            origin: slice.origin, first: slice.first, previousHash: previousHash, entries: entries,
            signature: slice.signature)
    }

    private func decode(_ slice: LogSlice, previousHash: [UInt8]) throws -> [DecodedEntry] {
        let buffer = PayloadBuffer(keeping: slice.body)
        let room = EntryRoom(bytesMax: entryBytesMax)
        var reader = ByteReader(buffer.bytes)
        var entries: [DecodedEntry] = []
        var hash = previousHash
        for index in 0..<slice.count {
            let start = reader.offset
            let payload = try reader.prefixed("a payload", max: CoreLimits.payloadBytesMax)
            let seq = slice.first &+ UInt64(index)
            try room.check(bytes: payload.count, seq)
            hash = EntryHash.of(payload: payload, previous: hash)
            let entry = try DecodedEntry(payload: payload, owner: buffer, hash: hash, schema: schema, room: room)
            guard entry.header.origin == slice.origin, entry.header.seq == seq else {
                throw DecodingFailure(
                    "entry \(entry.header.origin):\(entry.header.seq) stands where \(slice.origin):\(seq) belongs",
                    at: start
                )
            }
            entries.append(entry)
        }
        try reader.expectEnd("the slice")
        return entries
    }
}
