import CZstd
import Foundation
import ParkSyncCore

/// Reads archived entries from outside, as docs/reference/archive-format.md describes their files,
/// and checks all that a node must check before it uses one.
enum ArchiveWitness {
    /// A segment as the database lists it.
    struct Segment: Hashable, CustomStringConvertible {
        var origin: OriginID
        var first: UInt64
        var last: UInt64
        /// Of the last entry.
        var hash: [UInt8]
        /// Of the content before compression.
        var digest: [UInt8]
        /// Length of the file.
        var bytes: Int
        var description: String { "\(origin):\(first) to \(last)" }
    }

    struct Fault: Error, Hashable, CustomStringConvertible { var description: String }

    private static let magic = Array("PARKLOG".utf8) + [1]
    private static let contentBytesMax = 1 << 30
    private static let entriesMax: UInt64 = 1 << 20

    /// - Parameter folder: with a folder for each origin.
    /// - Throws: `Fault`, or a `DecodingFailure` where the file ends early.
    static func read(_ segment: Segment, in folder: String) throws -> [NodeObservation.LoggedEntry] {
        let path = "\(folder)/\(segment.origin)/\(segment.first)-\(segment.last).parklog"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Fault(description: "\(path) is missing")
        }
        try require(data.count == segment.bytes, "\(path) has \(data.count) bytes, the database says \(segment.bytes)")
        return try Array(data).withUnsafeBytes { try Self.read($0, segment) }
    }

    private static func require(_ holds: Bool, _ fault: @autoclosure () -> String) throws {
        if !holds { throw Fault(description: fault()) }
    }

    private static func read(_ file: UnsafeRawBufferPointer, _ segment: Segment) throws -> [NodeObservation.LoggedEntry]
    {
        var reader = ByteReader(file)
        try require(Array(try reader.raw(magic.count, "the magic")) == magic, "it is no segment of format 1")
        let origin = try reader.origin("the origin")
        let (first, last) = (try reader.varint("the first number"), try reader.varint("the last number"))
        try require(
            origin == segment.origin && first == segment.first && last == segment.last,
            "it says to be \(origin):\(first) to \(last)")
        try require(first >= 1 && first <= last && last - first < entriesMax, "it has too many entries, or none")
        let previous = Array(try reader.raw(32, "the hash before"))
        let (head, signature) = (Array(try reader.raw(32, "the head")), Array(try reader.raw(64, "its signature")))
        try require(
            head == segment.hash, "its head is \(Hex.encode(head)), the database says \(Hex.encode(segment.hash))")
        let length = try reader.count("the content's length", max: contentBytesMax)
        let digest = Array(try reader.raw(32, "the content's digest"))
        try require(
            digest == segment.digest,
            "its digest is \(Hex.encode(digest)), the database says \(Hex.encode(segment.digest))")
        let content = try decompress(try reader.raw(reader.remaining, "the content"), length: length)
        try require(SpecEncoding.sha256(content) == digest, "its content has another digest than it says")
        let entries = try content.withUnsafeBytes { try Self.entries($0, origin, first...last, after: previous) }
        try require(
            entries.last?.hash == head && entries.last?.signature == signature,
            "its last entry is not the head that it names")
        return entries
    }

    private static func decompress(_ frame: UnsafeRawBufferPointer, length: Int) throws -> [UInt8] {
        var written = 0
        let content = [UInt8](unsafeUninitializedCapacity: length) { target, count in
            written = ZSTD_decompress(target.baseAddress, length, frame.baseAddress, frame.count)
            count = ZSTD_isError(written) == 0 ? min(written, length) : 0
        }
        try require(
            ZSTD_isError(written) == 0 && content.count == length, "its content does not come to \(length) bytes")
        return content
    }

    /// The chain leads from the hash before through each entry in turn.
    private static func entries(
        _ content: UnsafeRawBufferPointer, _ origin: OriginID, _ numbers: ClosedRange<UInt64>, after previous: [UInt8]
    ) throws -> [NodeObservation.LoggedEntry] {
        var reader = ByteReader(content)
        var hash = previous
        var result: [NodeObservation.LoggedEntry] = []
        for seq in numbers {
            let payload = Array(try reader.prefixed("a payload", max: CoreLimits.payloadBytesMax))
            hash = SpecEncoding.entryHash(payload, after: hash)
            try require(Array(try reader.raw(32, "a hash")) == hash, "the chain breaks at entry \(seq)")
            let header = try payload.withUnsafeBytes {
                var payloadReader = ByteReader($0)
                return try EntryHeader(from: &payloadReader)
            }
            try require(
                header.origin == origin && header.seq == seq,
                "\(header.origin):\(header.seq) stands where \(origin):\(seq) belongs")
            let isSigned = try reader.byte("whether a signature follows")
            try require(isSigned <= 1, "\(isSigned) does not say whether a signature follows")
            let signature = isSigned == 1 ? Array(try reader.raw(64, "a signature")) : nil
            result.append(NodeObservation.LoggedEntry(seq: seq, hash: hash, signature: signature, payload: payload))
        }
        try reader.expectEnd("the segment")
        return result
    }
}
