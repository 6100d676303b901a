import CZstd
import ParkSyncCore
import ParkSyncStore

/// Whole blocks compressed with Zstandard (RFC 8878).
enum Zstandard {
    /// The default of the library; a bundle is written once and carried by hand.
    static let level: Int32 = 3

    static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = try check(ZSTD_compress(&result, result.count, bytes, bytes.count, level))
        result.removeSubrange(count...)
        return result
    }

    /// - Parameter count: the bytes that have to come out.
    /// - Throws: `DecodingFailure` if they do not.
    static func decompress(_ bytes: [UInt8], count: Int) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        guard try check(ZSTD_decompress(&result, result.count, bytes, bytes.count)) == count else {
            throw DecodingFailure("a section has another length than its manifest says", at: 0)
        }
        return result
    }

    private static func check(_ code: Int) throws -> Int {
        guard ZSTD_isError(code) == 0 else { throw DecodingFailure("zstd: \(String(cString: ZSTD_getErrorName(code)))", at: 0) }
        return code
    }
}
