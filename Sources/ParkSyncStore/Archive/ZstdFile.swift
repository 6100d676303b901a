import CZstd
import Crypto
import Foundation
import ParkSyncCore

/// A file whose rest is one zstd stream (RFC 8878), decompressed piece by piece: no more of it is
/// in memory than two pieces and the window.
final class ZstdFile {
    /// Of 8 MiB; `Zstd.level` takes 2.
    private static let windowLogMax: Int32 = 23
    private static let pieceBytes = 128 << 10

    private let file: FileHandle
    private let context: OpaquePointer
    private var packed = Data()
    private var packedOffset = 0
    private var plain = [UInt8](repeating: 0, count: pieceBytes)
    private var (plainOffset, plainCount) = (0, 0)
    private var hasEnded = false
    /// Of all that was decompressed.
    private(set) var digest = SHA256()

    /// - Parameter file: stands where the stream begins.
    init(_ file: FileHandle) throws {
        guard let context = ZSTD_createDCtx() else {
            throw StoreError(
                .internalState, "zstd: no memory for a decompression context", remedy: "Give the node more memory.")
        }
        (self.file, self.context) = (file, context)
        _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMax)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Fills the target with what comes next, or passes over as much.
    ///
    /// - Throws: `DecodingFailure` if there is not so much, or it is no zstd; `StoreError` if the
    ///   file cannot be read.
    func fill(_ target: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        try read(target.count) { piece in
            UnsafeMutableRawBufferPointer(rebasing: target[done...]).copyMemory(from: piece)
            done += piece.count
        }
    }

    func skip(_ count: Int) throws { try read(count) { _ in } }

    func bytes(_ count: Int) throws -> [UInt8] {
        var result = [UInt8]()
        result.reserveCapacity(count)
        try read(count) { result.append(contentsOf: $0) }
        return result
    }

    func varint(_ what: StaticString) throws -> UInt64 {
        var encoded: [UInt8] = []
        repeat { encoded += try bytes(1) } while encoded.last.map({ $0 & 0x80 != 0 }) ?? false && encoded.count < 10
        return try encoded.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            return try reader.varint(what)
        }
    }

    /// - Throws: `DecodingFailure` if there is anything left.
    func expectEnd() throws {
        guard plainOffset == plainCount, try !decompress() else {
            throw DecodingFailure("there is more than was announced", at: 0)
        }
    }

    private func read(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        var left = count
        while left > 0 {
            if plainOffset == plainCount, try !decompress() {
                throw DecodingFailure("the content ends too early", at: 0)
            }
            let length = min(left, plainCount - plainOffset)
            plain.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[plainOffset..<plainOffset + length])) }
            plainOffset += length
            left -= length
        }
    }

    /// - Returns: false at the end.
    private func decompress() throws -> Bool {
        (plainOffset, plainCount) = (0, 0)
        while plainCount == 0 {
            if packedOffset == packed.count {
                (packed, packedOffset) = (try next(), 0)
                if packed.isEmpty {
                    guard hasEnded else { throw DecodingFailure("the compressed content ends too early", at: 0) }
                    return false
                }
            }
            let code = packed.withUnsafeBytes { source in
                plain.withUnsafeMutableBytes { target in
                    var into = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: packedOffset)
                    defer { (packedOffset, plainCount) = (from.pos, into.pos) }
                    return ZSTD_decompressStream(context, &into, &from)
                }
            }
            guard ZSTD_isError(code) == 0 else {
                throw DecodingFailure("zstd: \(String(cString: ZSTD_getErrorName(code)))", at: 0)
            }
            if code == 0 {
                hasEnded = true
                // One frame, and nothing behind it.
                if packedOffset < packed.count {
                    throw DecodingFailure("something stands behind the compressed content", at: 0)
                }
            } else {
                hasEnded = false
            }
        }
        plain.withUnsafeBytes { digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<plainCount])) }
        return true
    }

    private func next() throws -> Data {
        do { return try file.read(upToCount: Self.pieceBytes) ?? Data() } catch {
            throw StoreError(
                .damaged, "a segment cannot be read: \(error.localizedDescription)", remedy: "Check the disk.")
        }
    }
}

/// Compresses what it is given into a file, piece by piece.
final class ZstdFileWriter {
    private let context: OpaquePointer
    private let write: (UnsafeRawBufferPointer) throws -> Void
    private var output: [UInt8]

    /// - Parameters:
    ///   - bytes: what it will be given in all.
    ///   - write: told of each piece.
    init(bytes: Int, _ write: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let context = ZSTD_createCCtx() else {
            throw StoreError(
                .internalState, "zstd: no memory for a compression context", remedy: "Give the node more memory.")
        }
        (self.context, self.write) = (context, write)
        output = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
        _ = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Zstd.level)
        _ = ZSTD_CCtx_setPledgedSrcSize(context, UInt64(bytes))
    }

    deinit { ZSTD_freeCCtx(context) }

    func add(_ bytes: UnsafeRawBufferPointer) throws { try run(bytes, ZSTD_e_continue) }
    func end() throws { try run(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end) }

    private func run(_ bytes: UnsafeRawBufferPointer, _ directive: ZSTD_EndDirective) throws {
        var from = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            var (code, count) = (0, 0)
            output.withUnsafeMutableBytes { target in
                var into = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                code = ZSTD_compressStream2(context, &into, &from, directive)
                count = into.pos
            }
            guard ZSTD_isError(code) == 0 else {
                throw StoreError(
                    .internalState, "zstd: \(String(cString: ZSTD_getErrorName(code)))",
                    remedy: "Give the node more memory.")
            }
            if count > 0 { try output.withUnsafeBytes { try write(UnsafeRawBufferPointer(rebasing: $0[..<count])) } }
            if (directive == ZSTD_e_end && code == 0) || (directive != ZSTD_e_end && from.pos == from.size) { return }
        }
    }
}
