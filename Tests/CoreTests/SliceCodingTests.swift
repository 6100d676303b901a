import Testing

@testable import ParkSyncCore

/// Frames with entries, and vectors: of whatever bytes, a value with one encoding or a refusal.
@Suite struct SliceCodingTests {
    private static let signature = (0..<EntryChain.signatureBytes).map { UInt8(truncatingIfNeeded: $0) }

    private static func head(first: UInt64, count: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.prefixed("west".utf8)
        writer.varint(first)
        writer.varint(count)
        writer.raw(signature)
        return writer.bytes
    }

    private static func slice(_ bytes: [UInt8]) throws -> LogSlice {
        try bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            return try SliceCoding.slice(from: &reader)
        }
    }

    private static func vector(_ elements: [(name: String, seq: UInt64)]) throws -> VersionVector {
        var writer = ByteWriter()
        writer.varint(elements.count)
        for element in elements {
            writer.prefixed(element.name)
            writer.varint(element.seq)
        }
        return try writer.bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            let vector = try VectorCoding.vector("a vector", from: &reader)
            try reader.expectEnd("the vector")
            var again = ByteWriter()
            VectorCoding.write(vector, to: &again)
            #expect(again.bytes == writer.bytes)
            return vector
        }
    }

    @Test func aSliceComesBack() throws {
        let slice = LogSlice(
            origin: .known("west~2"), first: 300, count: 2, body: [1, 7, 0], signature: Self.signature)
        let bytes = SliceCoding.frame(slice)
        try bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            let (kind, bodyBytes) = try FrameCoding.header(from: &reader)
            #expect(
                kind == FrameCoding.entriesKind && bodyBytes == reader.remaining
                    && reader.offset == FrameCoding.headerBytes)
            var frame = ByteReader(try reader.raw(bodyBytes, "the body"))
            #expect(try SliceCoding.slice(from: &frame) == slice)
        }
        // In two pieces it is the same frame.
        var head = slice
        head.body = []
        #expect(SliceCoding.frame(head, followedBy: slice.body.count) + slice.body == bytes)
        #expect(bytes.count - FrameCoding.headerBytes - slice.body.count <= SliceCoding.headBytesMax)
    }

    @Test func theLongestHeadHasItsRoom() {
        let slice = LogSlice(
            origin: .known("park-12345678~99"), first: .max, count: .max, body: [], signature: Self.signature)
        var writer = ByteWriter()
        SliceCoding.writeHead(of: slice, to: &writer)
        #expect(
            slice.origin.name.utf8.count == CoreLimits.originNameBytesMax
                && writer.bytes.count <= SliceCoding.headBytesMax)
    }

    @Test func numbersThatNoLogHasAreRefused() throws {
        let max = CoreLimits.entryNumberMax
        let refused: [[UInt8]] = [
            Self.head(first: 0, count: 1) + [0], Self.head(first: 1, count: 0), Self.head(first: 1, count: 3) + [0, 0],
            Self.head(first: max, count: 1) + [0], Self.head(first: max + 1, count: 1) + [0],
            Self.head(first: .max, count: 1) + [0],
            Self.head(first: max - 2, count: 3) + [0, 0, 0], Self.head(first: 1, count: .max) + [0],
        ]
        for bytes in refused { #expect(throws: DecodingFailure.self, "\(bytes)") { try Self.slice(bytes) } }
        #expect(try Self.slice(Self.head(first: max - 2, count: 2) + [0, 0]).last == max - 1)
        let whole = Self.head(first: 1, count: 1) + [0]
        for length in 0..<whole.count {
            #expect(throws: DecodingFailure.self) { try Self.slice(Array(whole.prefix(length))) }
        }
    }

    /// Of a frame that is too long only the beginning is at hand; its length tells how many entries
    /// it can have.
    @Test func theHeadIsReadWithoutTheEntries() throws {
        let bytes = Self.head(first: 1, count: 500)
        try bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            let head = try SliceCoding.head(from: &reader, bodyBytes: bytes.count + 500)
            #expect(head.count == 500)
            for bodyBytes in [bytes.count + 499, bytes.count, 0, -1] {
                var reader = ByteReader(buffer)
                #expect(throws: DecodingFailure.self) { try SliceCoding.head(from: &reader, bodyBytes: bodyBytes) }
            }
        }
    }

    @Test func aVectorHasOneEncoding() throws {
        let max = CoreLimits.entryNumberMax
        #expect(try Self.vector([]) == VersionVector())
        #expect(
            try Self.vector([("south", 1), ("south~2", max), ("west", 128)]).description
                == "south:1 south~2:\(max) west:128")
        let refused: [[(name: String, seq: UInt64)]] = [
            [("west", 1), ("south", 1)], [("west", 1), ("west", 2)], [("west", 0)], [("west", max + 1)], [("West", 1)],
            [("", 1)],
            (0...CoreLimits.vectorOriginsMax).map { ("a\(10_000 + $0)", 1) },
        ]
        for elements in refused {
            #expect(throws: DecodingFailure.self, "\(elements.prefix(3))") { try Self.vector(elements) }
        }
        #expect(
            try Self.vector((1...CoreLimits.vectorOriginsMax).map { ("a\(10_000 + $0)", 1) }).elements.count
                == CoreLimits.vectorOriginsMax)
    }
}
