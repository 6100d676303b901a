import Crypto
import ParkSyncCore

/// Hashes rows, with one buffer for all: the first 16 bytes of SHA-256 over the key and the
/// non-NULL columns.
struct RowDigester {
    /// Longer values are not copied.
    private static let bufferedBytesMax = 64 << 10

    private var input = ByteWriter(reserving: 1024)
    /// What of the row is not in the buffer any more; nil if all of it is.
    private var hasher: SHA256?

    mutating func begin(key: UnsafeRawBufferPointer) {
        hasher = nil
        input.bytes.removeAll(keepingCapacity: true)
        input.varint(key.count)
        input.raw(key)
    }

    /// - Parameter bytes: the encoded value. NULL is left out, so that a column added later without
    ///   a default changes no digest.
    @inline(__always)
    mutating func add(_ column: Int, _ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0, bytes[0] != 0 else { return }
        input.varint(column)
        guard bytes.count > Self.bufferedBytesMax else { return input.raw(bytes) }
        var long = hasher ?? SHA256()
        input.bytes.withUnsafeBytes { long.update(bufferPointer: $0) }
        long.update(bufferPointer: bytes)
        hasher = long
        input.bytes.removeAll(keepingCapacity: true)
    }

    mutating func finish() -> RowDigest {
        var hasher = hasher ?? SHA256()
        input.bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return hasher.finalize().withUnsafeBytes { RowDigest($0) } ?? RowDigest()
    }

    /// Of a row whose first `columns` values lie one behind the other; nil if they do not.
    mutating func digest(key: UnsafeRawBufferPointer, values: UnsafeRawBufferPointer, columns: Int) -> RowDigest? {
        begin(key: key)
        var reader = ByteReader(values)
        for column in 0..<columns {
            let start = reader.offset
            guard (try? ValueCoding.read(from: &reader)) != nil else { return nil }
            add(column, UnsafeRawBufferPointer(rebasing: values[start..<reader.offset]))
        }
        return finish()
    }
}
