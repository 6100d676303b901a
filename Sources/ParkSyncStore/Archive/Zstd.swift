import CZstd
import ParkSyncCore

/// Compresses and decompresses whole blocks with zstd (RFC 8878).
package enum Zstd {
    /// zstd's own default. An archive is written once and beside everything else, a bundle is
    /// carried by hand.
    static let level: Int32 = 3

    /// - Throws: `StoreError.internalState` when zstd has no memory.
    package static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        var code = 0
        let result = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            code = bytes.withUnsafeBytes { ZSTD_compress(target.baseAddress, bound, $0.baseAddress, $0.count, level) }
            count = ZSTD_isError(code) == 0 ? code : 0
        }
        guard ZSTD_isError(code) == 0 else {
            throw StoreError(
                .internalState, "zstd: \(String(cString: ZSTD_getErrorName(code)))",
                remedy: "Give the node more memory.")
        }
        return result
    }

    /// - Parameter length: what the bytes come to; nothing longer is ever made of them.
    /// - Throws: `DecodingFailure` if they come to anything else.
    package static func decompress(_ bytes: UnsafeRawBufferPointer, length: Int) throws -> [UInt8] {
        var code = 0
        let result = [UInt8](unsafeUninitializedCapacity: length) { target, count in
            code = ZSTD_decompress(target.baseAddress, length, bytes.baseAddress, bytes.count)
            count = ZSTD_isError(code) == 0 ? code : 0
        }
        guard ZSTD_isError(code) == 0 else {
            throw DecodingFailure("zstd: \(String(cString: ZSTD_getErrorName(code)))", at: 0)
        }
        guard code == length else {
            throw DecodingFailure("the content has \(code) bytes, \(length) were announced", at: 0)
        }
        return result
    }
}
