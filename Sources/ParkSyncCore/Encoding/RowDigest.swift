/// A 128-bit digest of a set of rows: the sum of the rows' hashes, modulo 2^128.
///
/// A sum can be kept up to date: add the new row's hash, subtract the old one's. Equal digests mean
/// equal rows, except for accident (2^-128); it is no defence against somebody who chooses rows to
/// collide, that is what the signed log is for.
package struct RowDigest: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64 = 0, low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    package static let bytes = 16

    /// From at least 16 bytes, most significant first; nil if there are fewer.
    package init?(_ buffer: UnsafeRawBufferPointer) {
        guard buffer.count >= Self.bytes else { return nil }
        high = UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        low = UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    package mutating func add(_ other: RowDigest) {
        let (sum, overflow) = low.addingReportingOverflow(other.low)
        low = sum
        high = high &+ other.high &+ (overflow ? 1 : 0)
    }

    package mutating func subtract(_ other: RowDigest) {
        let (difference, overflow) = low.subtractingReportingOverflow(other.low)
        low = difference
        high = high &- other.high &- (overflow ? 1 : 0)
    }

    package var encoded: [UInt8] {
        var writer = ByteWriter(reserving: Self.bytes)
        writer.fixed64(high)
        writer.fixed64(low)
        return writer.bytes
    }

    /// 32 hexadecimal digits.
    package var hex: String { Hex.encode(encoded) }
}

/// Lower-case hexadecimal.
package enum Hex {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil unless `text` is an even number of hexadecimal digits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.map { UInt8($0) }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x57
        case 0x41...0x46: digit - 0x37
        default: nil
        }
    }
}
