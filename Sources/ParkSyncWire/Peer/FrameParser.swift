import ParkSyncCore

/// Cuts a stream of bytes into frames, whatever pieces it arrives in.
///
/// Each byte is copied a bounded number of times: consumed bytes are dropped only when they are more than half of the buffer.
package struct FrameParser: Sendable {
    private var buffer: [UInt8] = []
    private var start = 0
    private var failure: DecodingFailure?

    package init() {}

    /// Bytes of frames that are not complete yet.
    package var bufferedBytes: Int { buffer.count - start }

    package mutating func append(_ bytes: [UInt8]) {
        guard bufferedBytes > 0 else {
            buffer = bytes
            start = 0
            return
        }
        if start > buffer.count / 2 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// - Returns: the next frame, or nil until more bytes are appended.
    /// - Throws: `DecodingFailure`, from then on at every call: behind a damaged frame nothing can be found again.
    package mutating func next() throws -> LogFrame? {
        if let failure { throw failure }
        do {
            return try parse()
        } catch let error as DecodingFailure {
            failure = error
            buffer = []
            start = 0
            throw error
        }
    }

    private mutating func parse() throws -> LogFrame? {
        guard bufferedBytes >= LogFrame.headerBytes else { return nil }
        guard let kind = LogFrame.Kind(rawValue: buffer[start]) else {
            throw DecodingFailure("no frame has the type \(buffer[start]): the sender is no ParkSync node of this version", at: 0)
        }
        let length = buffer[(start + 1)..<(start + LogFrame.headerBytes)].reduce(0) { $0 << 8 | Int($1) }
        guard length <= kind.bodyBytesMax else {
            throw DecodingFailure("the frame has \(length) bytes, the limit is \(kind.bodyBytesMax)", at: 1)
        }
        let end = start + LogFrame.headerBytes + length
        guard buffer.count >= end else { return nil }
        let frame = try buffer.withUnsafeBytes {
            try LogFrame.decode(kind, body: UnsafeRawBufferPointer(rebasing: $0[(start + LogFrame.headerBytes)..<end]))
        }
        start = end
        if start == buffer.count {
            // Gives the memory of a large frame back.
            buffer = []
            start = 0
        }
        return frame
    }
}
