/// A value of SQLite, exact: reals to the last bit, texts as the bytes that are stored (NUL and
/// broken UTF-8 included).
package enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    /// The bit pattern of the IEEE 754 double; bits, so that -0.0 and 0.0 stay apart.
    case real(UInt64)
    case text([UInt8])
    case blob([UInt8])

    package static func double(_ value: Double) -> Value { .real(value.bitPattern) }
    package static func string(_ value: String) -> Value { .text(Array(value.utf8)) }
}

/// A value that still lies in the buffer it was decoded from.
package enum ValueView {
    case null
    case integer(Int64)
    case real(UInt64)
    case text(UnsafeRawBufferPointer)
    case blob(UnsafeRawBufferPointer)

    package var copied: Value {
        switch self {
        case .null: .null
        case .integer(let value): .integer(value)
        case .real(let bits): .real(bits)
        case .text(let bytes): .text(Array(bytes))
        case .blob(let bytes): .blob(Array(bytes))
        }
    }
}

extension Value {
    /// The view points into the value, and must not leave `body`.
    package func withView<R>(_ body: (ValueView) throws -> R) rethrows -> R {
        switch self {
        case .null: try body(.null)
        case .integer(let value): try body(.integer(value))
        case .real(let bits): try body(.real(bits))
        case .text(let bytes): try bytes.withUnsafeBytes { try body(.text($0)) }
        case .blob(let bytes): try bytes.withUnsafeBytes { try body(.blob($0)) }
        }
    }
}

/// The value encoding: a varint whose low three bits are the type and whose rest is a length or a
/// small integer.
///
/// | low bits | rest | follows |
/// |---|---|---|
/// | 0 NULL | 0 | |
/// | 1 integer ≥ 0 | the value, below 2^60 | |
/// | 2 integer < 0 | -(value + 1), below 2^60 | |
/// | 3 integer | 0 | 8 bytes two's complement, most significant first; only outside the ranges above |
/// | 4 real | 0 | 8 bytes IEEE 754, most significant first |
/// | 5 text | byte length | the bytes |
/// | 6 blob | byte length | the bytes |
package enum ValueCoding {
    static let smallIntegerLimit: UInt64 = 1 << 60

    @inline(__always)
    package static func writeInteger(_ value: Int64, to writer: inout ByteWriter) {
        let magnitude = UInt64(bitPattern: value >= 0 ? value : ~value)
        if magnitude < smallIntegerLimit {
            writer.varint(magnitude << 3 | (value >= 0 ? 1 : 2))
        } else {
            writer.byte(3)
            writer.fixed64(UInt64(bitPattern: value))
        }
    }

    package static func writeReal(bits: UInt64, to writer: inout ByteWriter) {
        writer.byte(4)
        writer.fixed64(bits)
    }

    @inline(__always)
    package static func writeText(_ bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
        writer.varint(UInt64(bytes.count) << 3 | 5)
        writer.raw(bytes)
    }

    package static func writeBlob(_ bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
        writer.varint(UInt64(bytes.count) << 3 | 6)
        writer.raw(bytes)
    }

    package static func write(_ value: Value, to writer: inout ByteWriter) {
        switch value {
        case .null: writer.byte(0)
        case .integer(let value): writeInteger(value, to: &writer)
        case .real(let bits): writeReal(bits: bits, to: &writer)
        case .text(let bytes): bytes.withUnsafeBytes { writeText($0, to: &writer) }
        case .blob(let bytes): bytes.withUnsafeBytes { writeBlob($0, to: &writer) }
        }
    }

    package static func write(_ view: ValueView, to writer: inout ByteWriter) {
        switch view {
        case .null: writer.byte(0)
        case .integer(let value): writeInteger(value, to: &writer)
        case .real(let bits): writeReal(bits: bits, to: &writer)
        case .text(let bytes): writeText(bytes, to: &writer)
        case .blob(let bytes): writeBlob(bytes, to: &writer)
        }
    }

    @inline(__always)
    package static func read(from reader: inout ByteReader) throws -> ValueView {
        let start = reader.offset
        let head = try reader.varint("a value")
        let rest = head >> 3
        switch head & 7 {
        case 0 where rest == 0: return .null
        case 1 where rest < smallIntegerLimit: return .integer(Int64(bitPattern: rest))
        case 2 where rest < smallIntegerLimit: return .integer(~Int64(bitPattern: rest))
        case 3 where rest == 0:
            let value = Int64(bitPattern: try reader.fixed64("an integer"))
            let magnitude = UInt64(bitPattern: value >= 0 ? value : ~value)
            guard magnitude >= smallIntegerLimit else {
                throw DecodingFailure("an integer is padded to 8 bytes", at: start)
            }
            return .integer(value)
        case 4 where rest == 0: return .real(try reader.fixed64("a real"))
        case 5 where rest <= UInt64(CoreLimits.payloadBytesMax): return .text(try reader.raw(Int(rest), "a text"))
        case 6 where rest <= UInt64(CoreLimits.payloadBytesMax): return .blob(try reader.raw(Int(rest), "a blob"))
        default: throw DecodingFailure("no value begins with \(head)", at: start)
        }
    }
}
