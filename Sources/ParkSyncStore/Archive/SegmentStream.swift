import Crypto
import Foundation
import ParkSyncCore

/// Reads a segment file from its beginning, entry by entry: of a long segment no more is in memory
/// than one entry.
final class SegmentStream {
    struct Entry {
        var seq: UInt64
        var payload: PayloadBuffer
        var hash: [UInt8]
        var signature: [UInt8]?
    }

    let header: SegmentHeader
    private let input: ZstdFile
    /// The entry that comes next.
    private(set) var seq: UInt64
    private var previous: [UInt8]
    private var lastSignature: [UInt8]?
    /// Of the content, what has come.
    private var bytes = 0

    private static let headerBytesMax = 1_024

    /// - Throws: `DecodingFailure` for what is no segment, `StoreError` if the file cannot be read.
    init(_ path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw StoreError(
                .damaged, "\(path) cannot be read",
                remedy: "Restore the file from a copy, or let those who need it take a snapshot.")
        }
        let head = try file.read(upToCount: Self.headerBytesMax) ?? Data()
        var offset = 0
        header = try head.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            let header = try SegmentHeader(from: &reader)
            offset = reader.offset
            return header
        }
        try file.seek(toOffset: UInt64(offset))
        input = try ZstdFile(file)
        (seq, previous) = (header.first, header.previousHash)
    }

    /// The next entry, checked against the chain; nil behind the last, when the whole content was
    /// checked.
    ///
    /// - Throws: `DecodingFailure`.
    func next() throws -> Entry? {
        guard let length = try begin() else { return nil }
        let payload = PayloadBuffer(count: length)
        if let target = payload.allocation {
            try input.fill(UnsafeMutableRawBufferPointer(rebasing: target[..<length]))
        }
        let number = seq
        let (hash, signature) = try end(hashOf: { EntryHash.of(payload: payload.bytes, previous: $0) })
        let entry = try EntryHeader(of: payload.bytes)
        guard entry.origin == header.origin, entry.seq == number else {
            throw DecodingFailure(
                "entry \(entry.origin):\(entry.seq) stands where \(header.origin):\(number) belongs", at: 0)
        }
        return Entry(seq: number, payload: payload, hash: hash, signature: signature)
    }

    /// Passes over an entry.
    func skip() throws {
        guard let length = try begin() else { return }
        try input.skip(length)
        _ = try end(hashOf: nil)
    }

    /// - Returns: the length of the next entry's payload; nil behind the last.
    func begin() throws -> Int? {
        guard seq <= header.last else {
            try finish()
            return nil
        }
        let length = try input.varint("a payload")
        guard length <= UInt64(CoreLimits.payloadBytesMax), Int(length) <= header.contentBytes - bytes else {
            throw DecodingFailure("a payload has \(length) bytes", at: 0)
        }
        bytes += Int(length)
        return Int(length)
    }

    /// A part of the payload that was begun.
    func part(_ count: Int) throws -> [UInt8] { try input.bytes(count) }

    private func end(hashOf payload: (([UInt8]) -> [UInt8])?) throws -> (hash: [UInt8], signature: [UInt8]?) {
        let hash = try input.bytes(EntryChain.hashBytes)
        if let payload, payload(previous) != hash { throw DecodingFailure("entry \(seq) breaks the chain", at: 0) }
        var signature: [UInt8]?
        switch try input.bytes(1).first {
        case Segment.unsigned: break
        case Segment.signed: signature = try input.bytes(EntryChain.signatureBytes)
        default: throw DecodingFailure("entry \(seq) does not say whether a signature follows", at: 0)
        }
        (previous, lastSignature) = (hash, signature)
        seq += 1
        return (hash, signature)
    }

    private func finish() throws {
        try input.expectEnd()
        guard Array(input.digest.finalize()) == header.contentDigest else {
            throw DecodingFailure("the content is not what its digest says", at: 0)
        }
        guard previous == header.headHash else { throw DecodingFailure("the last entry is not the head", at: 0) }
        guard lastSignature == header.signature else {
            throw DecodingFailure("the last entry does not carry the head's signature", at: 0)
        }
    }
}

/// What is known of the entries of a long segment besides their payloads.
package struct SegmentIndex {
    /// Bytes of each payload.
    private(set) var sizes: [Int] = []
    /// One behind the other.
    private var hashes: [UInt8] = []
    private(set) var signatures: [UInt64: [UInt8]] = [:]
    let first: UInt64

    /// Reads the whole file once, and checks all of it.
    ///
    /// - Throws: `DecodingFailure`, `StoreError`.
    init(_ stream: SegmentStream) throws {
        first = stream.header.first
        while let entry = try stream.next() {
            sizes.append(entry.payload.bytes.count)
            hashes += entry.hash
            if let signature = entry.signature { signatures[entry.seq] = signature }
        }
    }

    func size(of seq: UInt64) -> Int { sizes[Int(seq - first)] }
    func hash(of seq: UInt64) -> [UInt8] {
        let start = Int(seq - first) * EntryChain.hashBytes
        return Array(hashes[start..<start + EntryChain.hashBytes])
    }
}
