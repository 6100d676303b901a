/// The encoding of a primary key: its components one after the other, so that the byte order of
/// keys of one type is the order of SQLite's BINARY collation. Sorted by it, writes touch each page
/// of a table once.
///
/// Each component is a tag and its bytes. The last component's text or blob runs to the end; in
/// front of others a zero byte is written as `00 FF` and the component ends with `00 00`.
///
/// | tag | component | bytes |
/// |---|---|---|
/// | `14` | integer | 8, most significant first, sign bit inverted |
/// | `15` | real | 8, IEEE 754, most significant first; sign bit inverted, of a negative real all bits |
/// | `20` | text | the bytes |
/// | `30` | blob | the bytes |
package enum KeyCoding {
    package static let integerTag: UInt8 = 0x14
    static let realTag: UInt8 = 0x15
    package static let textTag: UInt8 = 0x20
    static let blobTag: UInt8 = 0x30
    static let signBit: UInt64 = 1 << 63

    package static func appendInteger(_ value: Int64, to writer: inout ByteWriter) {
        writer.byte(integerTag)
        writer.fixed64(UInt64(bitPattern: value) ^ signBit)
    }

    package static func appendReal(bits: UInt64, to writer: inout ByteWriter) {
        writer.byte(realTag)
        writer.fixed64(bits & signBit == 0 ? bits ^ signBit : ~bits)
    }

    package static func appendText(_ bytes: UnsafeRawBufferPointer, isLast: Bool, to writer: inout ByteWriter) {
        writer.byte(textTag)
        appendBytes(bytes, isLast: isLast, to: &writer)
    }

    package static func appendBlob(_ bytes: UnsafeRawBufferPointer, isLast: Bool, to writer: inout ByteWriter) {
        writer.byte(blobTag)
        appendBytes(bytes, isLast: isLast, to: &writer)
    }

    private static func appendBytes(_ bytes: UnsafeRawBufferPointer, isLast: Bool, to writer: inout ByteWriter) {
        if isLast { return writer.raw(bytes) }
        for byte in bytes {
            writer.byte(byte)
            if byte == 0 { writer.byte(0xFF) }
        }
        writer.byte(0)
        writer.byte(0)
    }

    /// - Returns: nil if a component is NULL: a shared row has a whole key.
    package static func encode(_ components: [Value]) -> [UInt8]? {
        var writer = ByteWriter(reserving: 64)
        for (index, component) in components.enumerated() {
            let isLast = index == components.count - 1
            switch component {
            case .null: return nil
            case .integer(let value): appendInteger(value, to: &writer)
            case .real(let bits): appendReal(bits: bits, to: &writer)
            case .text(let bytes): bytes.withUnsafeBytes { appendText($0, isLast: isLast, to: &writer) }
            case .blob(let bytes): bytes.withUnsafeBytes { appendBlob($0, isLast: isLast, to: &writer) }
            }
        }
        return writer.bytes
    }

    /// Decodes a key of `count` components. Throws `DecodingFailure` unless the bytes are exactly
    /// that.
    package static func decode(_ key: UnsafeRawBufferPointer, count: Int) throws -> [Value] {
        var reader = ByteReader(key)
        var result: [Value] = []
        result.reserveCapacity(count)
        for index in 0..<count {
            let isLast = index == count - 1
            let tag = try reader.byte("a key component")
            switch tag {
            case integerTag: result.append(.integer(Int64(bitPattern: try reader.fixed64("a key integer") ^ signBit)))
            case realTag:
                let ordered = try reader.fixed64("a key real")
                result.append(.real(ordered & signBit == 0 ? ~ordered : ordered ^ signBit))
            case textTag: result.append(.text(try bytes(from: &reader, isLast: isLast)))
            case blobTag: result.append(.blob(try bytes(from: &reader, isLast: isLast)))
            default: throw DecodingFailure("no key component has the tag \(tag)", at: reader.offset - 1)
            }
        }
        try reader.expectEnd("the key")
        return result
    }

    package static func decode(_ key: [UInt8], count: Int) throws -> [Value] {
        try key.withUnsafeBytes { try decode($0, count: count) }
    }

    private static func bytes(from reader: inout ByteReader, isLast: Bool) throws -> [UInt8] {
        if isLast { return Array(try reader.raw(reader.remaining, "a key component")) }
        var result: [UInt8] = []
        while true {
            let byte = try reader.byte("a key component")
            guard byte == 0 else {
                result.append(byte)
                continue
            }
            switch try reader.byte("the end of a key component") {
            case 0: return result
            case 0xFF: result.append(0)
            default: throw DecodingFailure("a zero byte in a key is neither escaped nor an end", at: reader.offset - 1)
            }
        }
    }
}
