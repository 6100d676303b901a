/// What an entry says about itself, before its changes.
package struct EntryHeader: Hashable, Sendable {
    package var origin: OriginID
    /// The entry's number in its origin's log, from 1, without gaps.
    package var seq: UInt64
    package var stamp: Stamp
    /// The number of the schema the author had when it sealed the entry.
    package var schemaNumber: UInt64
    /// Where the author's vector differs from the one of its previous entry; never names the origin
    /// itself.
    package var dependencies: [VersionVector.Element]
    /// SHA-256 over what the author had seen, entry by entry (`SeenHash`): two branches of one log
    /// have the same numbers, and not the same hashes. Nil for an entry of format 1, which vouches
    /// for nothing.
    package var seenHash: [UInt8]?
    /// Who wrote, as given to the API; empty if not given.
    package var author: String
    /// Why, as given to the API; empty if not given.
    package var note: String

    package init(
        origin: OriginID, seq: UInt64, stamp: Stamp, schemaNumber: UInt64, dependencies: [VersionVector.Element] = [],
        seenHash: [UInt8]? = nil, author: String = "", note: String = ""
    ) {
        self.origin = origin
        self.seq = seq
        self.stamp = stamp
        self.schemaNumber = schemaNumber
        self.dependencies = dependencies
        self.seenHash = seenHash
        self.author = author
        self.note = note
    }

    package var write: WriteID { WriteID(stamp: stamp, origin: origin, seq: seq) }

    /// The first byte of every payload: the version of this encoding.
    package static let formatVersion: UInt8 = 2
    /// The same without `seenHash`.
    package static let firstFormatVersion: UInt8 = 1

    package func write(to writer: inout ByteWriter) {
        writer.byte(seenHash == nil ? Self.firstFormatVersion : Self.formatVersion)
        writer.prefixed(origin.utf8)
        writer.varint(seq)
        writer.fixed64(stamp.rawValue)
        writer.varint(schemaNumber)
        VectorCoding.write(dependencies, to: &writer)
        if let seenHash { writer.raw(seenHash) }
        writer.prefixed(author)
        writer.prefixed(note)
    }

    /// Reads the header at the beginning of a payload; what follows it is not looked at.
    package init(of payload: UnsafeRawBufferPointer) throws {
        var reader = ByteReader(payload)
        try self.init(from: &reader)
    }

    package init(from reader: inout ByteReader) throws {
        let version = try reader.byte("the format version")
        guard version == Self.formatVersion || version == Self.firstFormatVersion else {
            throw DecodingFailure(
                "log format \(version) is not known here (\(Self.formatVersion) is): upgrade this node", at: 0)
        }
        origin = try reader.origin("the origin")
        seq = try reader.varint("the entry number")
        guard seq > 0, seq <= CoreLimits.entryNumberMax else {
            throw DecodingFailure("entry number \(seq) is out of range", at: reader.offset)
        }
        stamp = Stamp(rawValue: try reader.fixed64("the stamp"))
        guard stamp.rawValue <= UInt64(Int64.max) else {
            throw DecodingFailure("the stamp is after the year 6429", at: reader.offset)
        }
        schemaNumber = try reader.varint("the schema number")
        let start = reader.offset
        dependencies = try VectorCoding.elements("the dependencies", from: &reader)
        for element in dependencies where element.origin == origin {
            throw DecodingFailure("an entry depends on entry \(element.seq) of its own log", at: start)
        }
        seenHash =
            version == Self.formatVersion
            ? Array(try reader.raw(EntryChain.hashBytes, "the hash of what was seen")) : nil
        author = try reader.string("the author", max: CoreLimits.authorBytesMax)
        note = try reader.string("the note", max: CoreLimits.noteBytesMax)
    }
}

/// What is hashed and signed. The hashing itself is done by the store, which has a cryptography
/// library.
package enum EntryChain {
    package static let hashBytes = 32
    package static let signatureBytes = 64
    /// Stands for the hash before an origin's first entry.
    package static let genesis = [UInt8](repeating: 0, count: hashBytes)
    /// An entry's hash is SHA-256 of this, the previous entry's hash, and the payload.
    package static let hashDomain = Array("parksync/entry/1".utf8)

    /// What the hash of an entry's past begins with: see `seenMessage`.
    package static let seenDomain = Array("parksync/seen/1".utf8)

    /// The bytes whose SHA-256 binds a vector to the very entries that it names: the domain and,
    /// for each origin in order, its name (prefixed), the number of its entry (fixed64) and that
    /// entry's hash (32 bytes).
    package static func seenMessage(_ heads: [(origin: OriginID, seq: UInt64, hash: [UInt8])]) -> [UInt8] {
        var writer = ByteWriter(reserving: seenDomain.count + heads.count * 64)
        writer.raw(seenDomain)
        for head in heads {
            head.origin.write(to: &writer)
            writer.fixed64(head.seq)
            writer.raw(head.hash)
        }
        return writer.bytes
    }

    /// The bytes that an origin signs (Ed25519, RFC 8032) to vouch for its log up to and including
    /// entry `seq`.
    package static func headMessage(origin: OriginID, seq: UInt64, hash: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reserving: 96)
        writer.raw("parksync/head/1".utf8)
        writer.prefixed(origin.utf8)
        writer.fixed64(seq)
        writer.raw(hash)
        return writer.bytes
    }
}
