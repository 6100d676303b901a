import ParkSyncCore

/// The parts that the messages of the peer protocol share.
enum PeerCoding {
    /// Latest wall clock that is believed: what fits a stamp.
    static let wallMillisecondsMax: UInt64 = (1 << 48) - 1

    static func seq(_ what: StaticString, from reader: inout ByteReader) throws -> UInt64 {
        let start = reader.offset
        let value = try reader.varint(what)
        guard value <= CoreLimits.entryNumberMax else { throw DecodingFailure("\(what) is out of range", at: start) }
        return value
    }

    static func wall(from reader: inout ByteReader) throws -> UInt64 {
        let start = reader.offset
        let value = try reader.varint("the wall clock")
        guard value <= wallMillisecondsMax else {
            throw DecodingFailure("the wall clock is after the year 10889", at: start)
        }
        return value
    }

    static func hash(_ what: StaticString, from reader: inout ByteReader) throws -> [UInt8] {
        Array(try reader.raw(EntryChain.hashBytes, what))
    }

    /// Writes exactly 32 bytes, whatever the caller holds: a message of the wrong shape would be
    /// refused far from its cause.
    static func writeHash(_ hash: [UInt8], to writer: inout ByteWriter) {
        writer.raw(hash.count == EntryChain.hashBytes ? hash : EntryChain.genesis)
    }

    /// The same with exactly 64 bytes.
    static func writeSignature(_ signature: [UInt8], to writer: inout ByteWriter) {
        let isWhole = signature.count == EntryChain.signatureBytes
        writer.raw(isWhole ? signature : [UInt8](repeating: 0, count: EntryChain.signatureBytes))
    }

    /// Everything but the origin, which messages write first.
    static func writeRest(of state: NodeState, to writer: inout ByteWriter) {
        writer.varint(state.schemaNumber)
        writeHash(state.schemaHash, to: &writer)
        VectorCoding.write(state.applied, to: &writer)
        VectorCoding.write(state.logged, to: &writer)
        guard let digest = state.digest else { return writer.byte(0) }
        writer.byte(1)
        VectorCoding.write(digest.vector, to: &writer)
        writer.varint(digest.schemaNumber)
        writeHash(digest.hash, to: &writer)
    }

    static func state(of origin: OriginID, from reader: inout ByteReader) throws -> NodeState {
        var state = unknownState(of: origin)
        state.schemaNumber = try reader.varint("the schema number")
        state.schemaHash = try hash("the schema hash", from: &reader)
        state.applied = try VectorCoding.vector("the applied vector", from: &reader)
        state.logged = try VectorCoding.vector("the logged vector", from: &reader)
        let start = reader.offset
        switch try reader.byte("the digest flag") {
        case 0: break
        case 1:
            state.digest = StateDigest(
                vector: try VectorCoding.vector("the digest's vector", from: &reader),
                schemaNumber: try reader.varint("the digest's schema number"),
                hash: try hash("the digest", from: &reader))
        case let flag: throw DecodingFailure("the digest flag is \(flag), 0 or 1 is required", at: start)
        }
        return state
    }

    /// What is known of a peer that speaks another version of the protocol.
    static func unknownState(of origin: OriginID) -> NodeState {
        NodeState(
            origin: origin, schemaNumber: 0, schemaHash: EntryChain.genesis, applied: VersionVector(),
            logged: VersionVector(), digest: nil)
    }
}
