/// Reads the primitives of the canonical encoding. Every read is checked against the end and throws
/// `DecodingFailure`; a form that the writer would not have chosen (a padded varint) is refused, so
/// that one meaning has one encoding.
package struct ByteReader {
    package let buffer: UnsafeRawBufferPointer
    package private(set) var offset: Int

    /// - Parameter buffer: must stay valid and unchanged while the reader is used.
    package init(_ buffer: UnsafeRawBufferPointer, offset: Int = 0) {
        self.buffer = buffer
        self.offset = offset
    }

    package var remaining: Int { buffer.count - offset }
    package var isAtEnd: Bool { offset >= buffer.count }

    @inline(__always)
    package mutating func byte(_ what: StaticString) throws -> UInt8 {
        guard offset < buffer.count else { throw DecodingFailure("\(what) is missing: the input ends", at: offset) }
        defer { offset += 1 }
        return buffer[offset]
    }

    @inline(__always)
    package mutating func varint(_ what: StaticString) throws -> UInt64 {
        let start = offset
        let first = try byte(what)
        if first < 0x80 { return UInt64(first) }
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            let next = try byte(what)
            if shift == 63, next > 1 { throw DecodingFailure("\(what) is more than 64 bits", at: start) }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 {
                if next == 0 { throw DecodingFailure("\(what) is padded, the shortest form is required", at: start) }
                return value
            }
            shift += 7
            if shift > 63 { throw DecodingFailure("\(what) is more than 64 bits", at: start) }
        }
    }

    /// A varint that must not be above `limit`.
    package mutating func count(_ what: StaticString, max limit: Int) throws -> Int {
        let start = offset
        let value = try varint(what)
        guard value <= UInt64(limit) else {
            throw DecodingFailure("\(what) is \(value), the limit is \(limit)", at: start)
        }
        return Int(value)
    }

    package mutating func fixed64(_ what: StaticString) throws -> UInt64 {
        UInt64(bigEndian: try raw(8, what).loadUnaligned(as: UInt64.self))
    }

    /// The next `count` bytes, not copied.
    @inline(__always)
    package mutating func raw(_ count: Int, _ what: StaticString) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= buffer.count - offset else {
            throw DecodingFailure("\(what) needs \(count) bytes, \(remaining) are left", at: offset)
        }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + count])
    }

    /// Length as varint, then that many bytes, not copied.
    package mutating func prefixed(_ what: StaticString, max limit: Int) throws -> UnsafeRawBufferPointer {
        let length = try count(what, max: limit)
        return try raw(length, what)
    }

    package mutating func string(_ what: StaticString, max limit: Int) throws -> String {
        let start = offset
        let bytes = try prefixed(what, max: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DecodingFailure("\(what) is not UTF-8", at: start)
        }
        return text
    }

    package mutating func origin(_ what: StaticString) throws -> OriginID {
        let start = offset
        let bytes = try prefixed(what, max: CoreLimits.originNameBytesMax)
        guard let origin = OriginID(utf8: Array(bytes)[...]) else {
            throw DecodingFailure(
                "\(what) is not an origin: use a park identifier such as south, or south~2", at: start)
        }
        return origin
    }

    package func expectEnd(_ what: StaticString) throws {
        guard isAtEnd else { throw DecodingFailure("\(remaining) bytes follow the end of \(what)", at: offset) }
    }
}
