import Crypto
import ParkSyncCore

/// What stands at the beginning of a segment file: consecutive entries of one origin, taken out of
/// the database.
///
/// The layout is described in docs/reference/archive-format.md.
struct SegmentHeader: Hashable {
    var origin: OriginID
    var first: UInt64
    var last: UInt64
    /// Hash of the entry before the first.
    var previousHash: [UInt8]
    /// Hash of the last entry, and its origin's signature of it.
    var headHash: [UInt8]
    var signature: [UInt8]
    /// Length of the content before compression.
    var contentBytes: Int
    /// SHA-256 of the content before compression.
    var contentDigest: [UInt8]

    static let magic = Array("PARKLOG".utf8)
    static let formatVersion: UInt8 = 1
    static let digestBytes = 32
    /// A segment ends at the first signed head behind `contentBytesTarget`; a frame from a peer is
    /// the longest run without one.
    static let contentBytesTarget = 4 << 20
    static let contentBytesMax = 1 << 30
    static let entriesMax = 1 << 20
    /// Longest file that is read.
    static let fileBytesMax = contentBytesMax + contentBytesTarget

    func write(to writer: inout ByteWriter) {
        writer.raw(Self.magic)
        writer.byte(Self.formatVersion)
        writer.prefixed(origin.utf8)
        writer.varint(first)
        writer.varint(last)
        writer.raw(previousHash)
        writer.raw(headHash)
        writer.raw(signature)
        writer.varint(contentBytes)
        writer.raw(contentDigest)
    }

    init(
        origin: OriginID, first: UInt64, last: UInt64, previousHash: [UInt8], headHash: [UInt8], signature: [UInt8],
        contentBytes: Int,
        contentDigest: [UInt8]
    ) {
        (self.origin, self.first, self.last) = (origin, first, last)
        (self.previousHash, self.headHash, self.signature) = (previousHash, headHash, signature)
        (self.contentBytes, self.contentDigest) = (contentBytes, contentDigest)
    }

    /// - Throws: `DecodingFailure`.
    init(from reader: inout ByteReader) throws {
        guard try Array(reader.raw(Self.magic.count, "the magic")) == Self.magic else {
            throw DecodingFailure("this is no segment of a log", at: 0)
        }
        let version = try reader.byte("the format version")
        guard version == Self.formatVersion else {
            throw DecodingFailure(
                "segment format \(version) is not known here (\(Self.formatVersion) is): upgrade this node",
                at: reader.offset)
        }
        origin = try reader.origin("the origin")
        first = try reader.varint("the first entry number")
        last = try reader.varint("the last entry number")
        guard first > 0, first <= last, last <= LogTable.seqMax, last - first < UInt64(Self.entriesMax) else {
            throw DecodingFailure("entries \(first) to \(last) are no segment", at: reader.offset)
        }
        previousHash = Array(try reader.raw(EntryChain.hashBytes, "the previous hash"))
        headHash = Array(try reader.raw(EntryChain.hashBytes, "the head's hash"))
        signature = Array(try reader.raw(EntryChain.signatureBytes, "the head's signature"))
        contentBytes = try reader.count("the content's length", max: Self.contentBytesMax)
        contentDigest = Array(try reader.raw(Self.digestBytes, "the content's digest"))
    }
}

/// The entries of a segment, read and checked.
package struct Segment {
    struct Entry {
        /// Ranges in `content`.
        var payload: Range<Int>
        var hash: Range<Int>
        var signature: Range<Int>?
    }
    let header: SegmentHeader
    let content: [UInt8]
    let entries: [Entry]

    static let unsigned: UInt8 = 0
    static let signed: UInt8 = 1

    /// Appends one entry as it lies in the log.
    package static func append(
        payload: UnsafeRawBufferPointer, hash: UnsafeRawBufferPointer, signature: UnsafeRawBufferPointer?,
        to writer: inout ByteWriter
    ) {
        writer.varint(payload.count)
        writer.raw(payload)
        writer.raw(hash)
        writer.byte(signature == nil ? unsigned : signed)
        if let signature { writer.raw(signature) }
    }

    /// The same, piece by piece.
    static func pieces(of entry: LogEntryView, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var length = ByteWriter()
        length.varint(entry.payload.count)
        try length.bytes.withUnsafeBytes(body)
        try body(entry.payload)
        try body(entry.hash)
        try [entry.signature == nil ? unsigned : signed].withUnsafeBytes(body)
        if let signature = entry.signature { try body(signature) }
    }

    /// The file's bytes.
    package static func encode(
        origin: OriginID, first: UInt64, last: UInt64, previousHash: [UInt8], headHash: [UInt8], signature: [UInt8],
        content: [UInt8]
    ) throws -> [UInt8] {
        let header = SegmentHeader(
            origin: origin, first: first, last: last, previousHash: previousHash, headHash: headHash,
            signature: signature,
            contentBytes: content.count, contentDigest: Array(SHA256.hash(data: content)))
        let compressed = try Zstd.compress(content)
        var writer = ByteWriter(reserving: compressed.count + 256)
        header.write(to: &writer)
        writer.raw(compressed)
        return writer.bytes
    }

    /// Reads a file's bytes and checks everything but the signatures: the content's digest, the
    /// number and hash of each entry, and that the chain leads from the hash before to the head.
    ///
    /// - Throws: `DecodingFailure`.
    package init(decoding file: UnsafeRawBufferPointer) throws {
        var reader = ByteReader(file)
        let header = try SegmentHeader(from: &reader)
        let compressed = try reader.raw(reader.remaining, "the content")
        let content = try Zstd.decompress(compressed, length: header.contentBytes)
        guard Array(SHA256.hash(data: content)) == header.contentDigest else {
            throw DecodingFailure("the content is not what its digest says", at: reader.offset)
        }
        (self.header, self.content) = (header, content)
        entries = try content.withUnsafeBytes { try Self.entries($0, header) }
    }

    private static func entries(_ content: UnsafeRawBufferPointer, _ header: SegmentHeader) throws -> [Entry] {
        var reader = ByteReader(content)
        var entries: [Entry] = []
        var previous = header.previousHash
        for seq in header.first...header.last {
            let payload = try reader.prefixed("a payload", max: CoreLimits.payloadBytesMax)
            let payloadRange = reader.offset - payload.count..<reader.offset
            let hash = Array(try reader.raw(EntryChain.hashBytes, "a hash"))
            let hashRange = reader.offset - hash.count..<reader.offset
            guard EntryHash.of(payload: payload, previous: previous) == hash else {
                throw DecodingFailure("entry \(seq) breaks the chain", at: reader.offset)
            }
            let entry = try EntryHeader(of: payload)
            guard entry.origin == header.origin, entry.seq == seq else {
                throw DecodingFailure(
                    "entry \(entry.origin):\(entry.seq) stands where \(header.origin):\(seq) belongs", at: reader.offset
                )
            }
            var signatureRange: Range<Int>?
            switch try reader.byte("whether a signature follows") {
            case unsigned: break
            case signed:
                _ = try reader.raw(EntryChain.signatureBytes, "a signature")
                signatureRange = reader.offset - EntryChain.signatureBytes..<reader.offset
            case let other:
                throw DecodingFailure("\(other) does not say whether a signature follows", at: reader.offset)
            }
            entries.append(Entry(payload: payloadRange, hash: hashRange, signature: signatureRange))
            previous = hash
        }
        try reader.expectEnd("the segment")
        guard previous == header.headHash else {
            throw DecodingFailure("the last entry is not the head", at: reader.offset)
        }
        guard let head = entries.last?.signature, Array(content[head]) == header.signature else {
            throw DecodingFailure("the last entry does not carry the head's signature", at: reader.offset)
        }
        return entries
    }
}
