import CZstd

/// Decompresses one zstd stream (RFC 8878) in pieces of bounded length: however little is sent for
/// how much, no more memory is taken than the window that senders may use and one piece, and
/// nothing is made before it is asked for.
final class ZstdDecoder {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Of 8 MiB, which content codings may use (RFC 9659, section 3). The library's own limit is
    /// sixteen times that.
    static let windowLogMax: Int32 = 23
    static let pieceBytesMax = 128 << 10

    private let context: OpaquePointer
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytesMax, alignment: 16)
    private var input: [UInt8] = []
    private var position = 0
    /// Whether the last piece was full, so that more may be ready without further input.
    private var mayHaveMore = false

    init() throws {
        guard let context = ZSTD_createDCtx() else {
            throw Failure(description: "zstd: no memory for a decompression context")
        }
        self.context = context
        try Self.check(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMax))
    }

    deinit {
        ZSTD_freeDCtx(context)
        output.deallocate()
    }

    /// Whether what was added is not decompressed yet.
    var isBusy: Bool { position < input.count || mayHaveMore }

    /// Only when `next` has given all of what was added before.
    func add(_ bytes: UnsafeRawBufferPointer) { (input, position) = (Array(bytes), 0) }

    /// - Returns: the next piece; nil if there is none without more input.
    /// - Throws: `Failure` for what is no zstd stream, or needs a larger window.
    func next() throws -> [UInt8]? {
        while isBusy {
            var into = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let code = input.withUnsafeBytes { source in
                var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
                defer { position = from.pos }
                return ZSTD_decompressStream(context, &into, &from)
            }
            try Self.check(code)
            mayHaveMore = into.pos == into.size
            if into.pos > 0 { return Array(output[..<into.pos]) }
        }
        return nil
    }

    private static func check(_ code: Int) throws {
        guard ZSTD_isError(code) == 0 else {
            throw Failure(description: "zstd: \(String(cString: ZSTD_getErrorName(code)))")
        }
    }
}
