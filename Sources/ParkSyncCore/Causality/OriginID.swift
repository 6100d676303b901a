/// The author of a log: a park's node, and after a fork the incarnation of it (`south`, `south~2`).
///
/// Names are lower-case ASCII letters, digits and hyphens, at most 16 bytes, and are kept in two
/// machine words, so that copying, hashing and comparing an origin costs no memory traffic. The
/// order is the byte order of the names.
package struct OriginID: Hashable, Comparable, Sendable {
    let high: UInt64
    let low: UInt64

    /// Stands for no origin. Before every name in the order, and no name itself.
    static let none = OriginID(high: 0, low: 0)

    private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// - Returns: nil unless `name` is a park identifier (a letter, then letters, digits or
    ///   hyphens, at most 13 bytes), optionally followed by `~` and an incarnation from 2 to 99.
    package init?(_ name: some StringProtocol) {
        self.init(utf8: Array(name.utf8)[...])
    }

    /// The same from UTF-8 bytes.
    package init?(utf8 bytes: ArraySlice<UInt8>) {
        guard bytes.count <= CoreLimits.originNameBytesMax, Self.isName(bytes) else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, byte) in bytes.enumerated() {
            let shift = UInt64(7 - position % 8) * 8
            if position < 8 { high |= UInt64(byte) << shift } else { low |= UInt64(byte) << shift }
        }
        self.high = high
        self.low = low
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let tilde = bytes.firstIndex(of: UInt8(ascii: "~")) ?? bytes.endIndex
        let park = bytes[..<tilde]
        guard let initial = park.first, park.count <= CoreLimits.parkNameBytesMax else { return false }
        guard (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(initial), park.allSatisfy(isNameByte) else {
            return false
        }
        guard tilde < bytes.endIndex else { return true }
        let digits = bytes[(tilde + 1)...]
        guard (1...2).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return number >= 2 && digits.first != 0x30
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
    }

    /// The name's bytes, 1 to 16 of them.
    package var utf8: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(CoreLimits.originNameBytesMax)
        for word in [high, low] {
            for index in 0..<8 {
                let byte = UInt8(truncatingIfNeeded: word >> UInt64((7 - index) * 8))
                if byte == 0 { return bytes }
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// Writes the name's length and bytes, as `prefixed(utf8)` does, without making an array:
    /// vectors name hundreds of origins.
    package func write(to writer: inout ByteWriter) {
        // A name has no zero bytes, and at most 16 bytes, so its length is one byte of a varint.
        let count = byteCount
        writer.byte(UInt8(truncatingIfNeeded: count))
        for index in 0..<count { writer.byte(byte(index)) }
    }

    private var byteCount: Int {
        let unused = low == 0 ? 8 + high.trailingZeroBitCount / 8 : low.trailingZeroBitCount / 8
        return CoreLimits.originNameBytesMax - unused
    }

    private func byte(_ index: Int) -> UInt8 {
        let word = index < 8 ? high : low
        return UInt8(truncatingIfNeeded: word >> UInt64((7 - index % 8) * 8))
    }

    /// The park's first origin: this one without its incarnation.
    private var first: OriginID {
        let count = byteCount
        // An incarnation is `~` and one or two digits.
        for length in 2...3 where count > length && byte(count - length) == UInt8(ascii: "~") {
            let kept = count - length
            if kept > 8 { return OriginID(high: high, low: low & ~(UInt64.max >> UInt64((kept - 8) * 8))) }
            return OriginID(high: kept == 8 ? high : high & ~(UInt64.max >> UInt64(kept * 8)), low: 0)
        }
        return self
    }

    /// Whether both write for one park. Without making strings: vectors name hundreds of origins.
    package func isOfSamePark(as other: OriginID) -> Bool { first == other.first }

    /// The name as a string, as in `science-city` or `south~2`.
    package var name: String { String(decoding: utf8, as: UTF8.self) }

    /// The park that this origin writes for: the name without the incarnation.
    package var park: String { String(name.prefix { $0 != "~" }) }

    package static func < (a: OriginID, b: OriginID) -> Bool { a.high == b.high ? a.low < b.low : a.high < b.high }
}

extension OriginID: CustomStringConvertible {
    package var description: String { name }
}
