import CZstd
import NIOCore

/// A zstd frame that is made chunk by chunk, with one compression context from beginning to end.
final class ZstdStream {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    enum Ending {
        /// All that was given can be decompressed by the receiver.
        case flush
        /// The same, and the frame is complete.
        case end
    }

    /// Fastest of the regular levels: the link is slower than the compressor, but the processor is
    /// shared with the store.
    static let level: Int32 = 1

    private let context: OpaquePointer

    /// - Throws: `Failure` when there is no memory for the context, or the level is unknown.
    init(level: Int32 = ZstdStream.level) throws {
        guard let context = ZSTD_createCCtx() else {
            throw Failure(description: "zstd: no memory for a compression context")
        }
        self.context = context
        try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Compresses the readable bytes of `input`.
    /// - Returns: bytes that decompress to all of `input` on their own position in the stream.
    func compress(_ input: ByteBuffer, ending: Ending) throws -> ByteBuffer {
        var output = ByteBuffer()
        output.reserveCapacity(ZSTD_compressBound(input.readableBytes))
        let directive = ending == .end ? ZSTD_e_end : ZSTD_e_flush
        try input.withUnsafeReadableBytes { source in
            var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            var remaining = 1
            while remaining != 0 || from.pos < from.size {
                try output.writeWithUnsafeMutableBytes(minimumWritableBytes: ZSTD_CStreamOutSize()) { target in
                    var into = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    remaining = try Self.check(ZSTD_compressStream2(context, &into, &from, directive))
                    return into.pos
                }
            }
        }
        return output
    }

    @discardableResult
    private static func check(_ code: Int) throws -> Int {
        guard ZSTD_isError(code) == 0 else {
            throw Failure(description: "zstd: \(String(cString: ZSTD_getErrorName(code)))")
        }
        return code
    }
}
