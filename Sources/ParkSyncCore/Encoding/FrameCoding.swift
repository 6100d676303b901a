/// A frame of a log stream, and of a bundle's section: a byte for its kind, the length of its body
/// in four bytes (most significant first), the body.
package enum FrameCoding {
    /// Bytes before the body.
    package static let headerBytes = 5
    /// The kind of a frame whose body is a slice, as `SliceCoding` writes it.
    package static let entriesKind: UInt8 = 2

    /// - Parameters:
    ///   - bytes: about how many bytes of body are written.
    ///   - rest: how many bytes of the body are still to be sent behind what is written.
    package static func frame(
        _ kind: UInt8, reserving bytes: Int, followedBy rest: Int = 0, _ write: (inout ByteWriter) -> Void
    ) -> [UInt8] {
        var writer = ByteWriter(reserving: headerBytes + bytes)
        for byte in [kind, 0, 0, 0, 0] { writer.byte(byte) }
        write(&writer)
        let length = UInt32(clamping: writer.bytes.count - headerBytes + rest)
        for index in 0..<4 { writer.bytes[1 + index] = UInt8(truncatingIfNeeded: length >> UInt32((3 - index) * 8)) }
        return writer.bytes
    }

    /// - Returns: the kind, which may be none that is known, and the bytes of the body, which are
    ///   not looked at.
    package static func header(from reader: inout ByteReader) throws -> (kind: UInt8, bodyBytes: Int) {
        let kind = try reader.byte("a frame's kind")
        return (kind, try (0..<4).reduce(0) { sum, _ in sum << 8 | Int(try reader.byte("a frame's length")) })
    }
}
