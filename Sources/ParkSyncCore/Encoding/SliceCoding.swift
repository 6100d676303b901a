/// The body of a frame with entries, in the peer protocol and in bundles: the origin (prefixed),
/// the number of the first entry, the number of entries, the origin's signature of the last of them
/// (64 bytes), and for each entry the length of its payload and the payload.
package enum SliceCoding {
    /// Longest head, which is everything before the entries: an origin with its length, two numbers
    /// and a signature need less.
    package static let headBytesMax = 128

    package static func writeHead(of slice: LogSlice, to writer: inout ByteWriter) {
        slice.origin.write(to: &writer)
        writer.varint(slice.first)
        writer.varint(slice.count)
        writer.raw(slice.signature)
    }

    /// The whole frame, or its beginning, of which so many bytes are still to be sent behind the
    /// slice's body.
    package static func frame(_ slice: LogSlice, followedBy bytes: Int = 0) -> [UInt8] {
        FrameCoding.frame(FrameCoding.entriesKind, reserving: headBytesMax + slice.body.count, followedBy: bytes) {
            writer in
            writeHead(of: slice, to: &writer)
            writer.raw(slice.body)
        }
    }

    /// Reads what stands before the entries. Whether they are entries, and as many, is seen where
    /// their hashes and their signature are verified.
    ///
    /// - Parameter bodyBytes: of the frame's body, at whose first byte the reader began; nil if the
    ///   reader has all of it.
    /// - Returns: a slice without its body.
    package static func head(from reader: inout ByteReader, bodyBytes: Int? = nil) throws -> LogSlice {
        let origin = try reader.origin("the entries' origin")
        let start = reader.offset
        let first = try reader.varint("the first entry")
        guard (1...CoreLimits.entryNumberMax).contains(first) else {
            throw DecodingFailure("no entry has the number \(first)", at: start)
        }
        let count = try reader.varint("the number of entries")
        let signature = Array(try reader.raw(EntryChain.signatureBytes, "the signature"))
        let rest = UInt64(clamping: bodyBytes.map { $0 - reader.offset } ?? reader.remaining)
        // Each entry has at least the byte that tells its length.
        guard count > 0, count <= rest, count <= CoreLimits.entryNumberMax - first else {
            throw DecodingFailure("\(count) entries from \(first) do not fit \(rest) bytes", at: reader.offset)
        }
        return LogSlice(origin: origin, first: first, count: Int(clamping: count), body: [], signature: signature)
    }

    /// - Parameter reader: of the frame's body and nothing else.
    package static func slice(from reader: inout ByteReader) throws -> LogSlice {
        var slice = try head(from: &reader)
        slice.body = Array(try reader.raw(reader.remaining, "the entries"))
        return slice
    }
}
