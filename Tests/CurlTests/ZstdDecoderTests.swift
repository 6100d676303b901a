import NIOCore
import Testing

@testable import ParkSyncCurl
@testable import ParkSyncServer

/// Decompression that nobody can make take more than a piece at a time.
@Suite struct ZstdDecoderTests {
    private func compressed(_ pieces: [[UInt8]], level: Int32 = 1) throws -> [UInt8] {
        let encoder = try ZstdStream(level: level)
        var result: [UInt8] = []
        for piece in pieces {
            result += Array(try encoder.compress(ByteBuffer(bytes: piece), ending: .flush).readableBytesView)
        }
        return result + Array(try encoder.compress(ByteBuffer(), ending: .end).readableBytesView)
    }

    private func decode(_ bytes: [UInt8], pieces size: Int, with decoder: ZstdDecoder) throws -> [[UInt8]] {
        var result: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { decoder.add($0) }
            while let piece = try decoder.next() { result.append(piece) }
            #expect(!decoder.isBusy)
        }
        return result
    }

    @Test(arguments: [1, 7, 1_000, 1 << 20]) func whateverComesIsWhatWasSent(size: Int) throws {
        let text = (0..<40_000).flatMap { Array("entry \($0 % 977) of \($0)\n".utf8) }
        let frames = try compressed([Array(text.prefix(10)), [], Array(text.dropFirst(10))]) + compressed([text])
        #expect(Array(try decode(frames, pieces: size, with: ZstdDecoder()).joined()) == text + text)
    }

    @Test func aFewBytesComeInPieces() throws {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        let bomb = try compressed([[UInt8]](repeating: zeros, count: 64))
        #expect(bomb.count < 16 << 10)
        let pieces = try decode(bomb, pieces: bomb.count, with: ZstdDecoder())
        #expect(
            pieces.allSatisfy { $0.count <= ZstdDecoder.pieceBytesMax }
                && pieces.reduce(0) { $0 + $1.count } == 64 << 20)
    }

    /// The highest level of the library takes a window of 128 MiB.
    @Test func aWiderWindowIsRefused() throws {
        let wide = try compressed([[UInt8](repeating: 7, count: 1 << 20)], level: 22)
        #expect(throws: ZstdDecoder.Failure.self) { try decode(wide, pieces: wide.count, with: ZstdDecoder()) }
        #expect(throws: ZstdDecoder.Failure.self) {
            try decode(Array("no zstd at all".utf8), pieces: 100, with: ZstdDecoder())
        }
    }
}
