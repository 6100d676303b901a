import Foundation
import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// docs/reference/archive-format.md shows the beginning of a segment byte by byte.
@Suite struct ArchiveFormatDocumentTests {
    private static func shown() throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/reference/archive-format.md"), encoding: .utf8)
        let block = page.components(separatedBy: "```")[1]
        return block.split(separator: "\n").flatMap { line in
            (String(line).components(separatedBy: "  ").first ?? "").split(separator: " ").compactMap {
                UInt8($0, radix: 16)
            }
        }
    }

    private func sample() throws -> (entries: [(payload: [UInt8], hash: [UInt8])], file: [UInt8]) {
        let origin = try #require(OriginID("south"))
        var hash = EntryChain.genesis
        var entries: [(payload: [UInt8], hash: [UInt8])] = []
        var content = ByteWriter()
        let signature = [UInt8](repeating: 7, count: EntryChain.signatureBytes)
        for seq in UInt64(1)...2 {
            let header = EntryHeader(
                origin: origin, seq: seq, stamp: Stamp(milliseconds: 1_795_500_000_000 + seq, counter: 0),
                schemaNumber: 1)
            let payload = ChangeWriter(header: header, tableCount: 0).writer.bytes
            hash = EntryHash.of(payload: payload, previous: hash)
            entries.append((payload, hash))
            payload.withUnsafeBytes { payload in
                hash.withUnsafeBytes { hash in
                    signature.withUnsafeBytes {
                        Segment.append(payload: payload, hash: hash, signature: seq == 2 ? $0 : nil, to: &content)
                    }
                }
            }
        }
        let file = try Segment.encode(
            origin: origin, first: 1, last: 2, previousHash: EntryChain.genesis, headHash: hash, signature: signature,
            content: content.bytes)
        // The content as the page describes it.
        var described = ByteWriter()
        for (index, entry) in entries.enumerated() {
            described.prefixed(entry.payload)
            described.raw(entry.hash)
            described.byte(index == 1 ? 1 : 0)
            if index == 1 { described.raw(signature) }
        }
        #expect(described.bytes == content.bytes)
        return (entries, file)
    }

    @Test func theFileIsAsThePageShows() throws {
        let (entries, file) = try sample()
        let shown = try Self.shown()
        #expect(shown.count == 48 && Array(file.prefix(shown.count)) == shown)
        let last = try #require(entries.last)
        #expect(Array(file[48..<80]) == last.hash)
        #expect(file[80..<144].allSatisfy { $0 == 7 })
        let segment = try file.withUnsafeBytes { try Segment(decoding: $0) }
        #expect(segment.entries.map { Array(segment.content[$0.payload]) } == entries.map(\.payload))
    }

    @Test func everyCutAndEveryChangedByteIsNoticed() throws {
        let (_, file) = try sample()
        for length in 0..<file.count {
            #expect(throws: DecodingFailure.self) { try file[..<length].withUnsafeBytes { try Segment(decoding: $0) } }
        }
        let sound = try file.withUnsafeBytes { try Segment(decoding: $0) }
        for position in file.indices {
            var damaged = file
            damaged[position] ^= 0xFF
            // What is taken nevertheless says the same: zstd has more than one way to do so.
            if let read = try? damaged.withUnsafeBytes({ try Segment(decoding: $0) }) {
                #expect(read.content == sound.content, "byte \(position)")
            }
        }
        #expect(throws: DecodingFailure.self) { try (file + [0]).withUnsafeBytes { try Segment(decoding: $0) } }
    }
}
