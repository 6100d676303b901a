import ParkSyncCore

/// Cuts a stream of bytes into frames, whatever pieces it arrives in.
///
/// Each byte is copied a bounded number of times: consumed bytes are dropped only when they are
/// more than half of the buffer. Of a long frame there is one copy, which becomes the body of its
/// slice.
package struct FrameParser: Sendable {
    private var buffer: [UInt8] = []
    private var start = 0
    private var failure: (any Error)?
    /// Longest body of an entries frame that is taken.
    private let entriesBytesMax: Int
    /// Bytes of the frame that is not complete yet, as its header says; 0 as long as there is no
    /// header.
    package private(set) var expectedBytes = 0

    /// - Parameter entryBytesMax: the longest entry that is taken.
    package init(entryBytesMax: Int = CoreLimits.payloadBytesMax) {
        entriesBytesMax = min(WireLimits.frameBytesMax, entryBytesMax + WireLimits.entriesFrameTargetBytes)
    }

    /// Bytes of frames that are not complete yet.
    package var bufferedBytes: Int { buffer.count - start }

    /// Whether the frame that is not complete yet is so long that few of them may be on their way
    /// at a time.
    package var isLong: Bool { expectedBytes > WireLimits.longFrameBytesMin }

    /// Longer frames get a buffer of their length at once: one that doubles takes up to three times
    /// as much.
    private static let reservedBytesMin = 256 << 10

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
    /// - Throws: `DecodingFailure`, or `EntryTooLong`, from then on at every call: behind a damaged
    ///   frame nothing can be found again.
    package mutating func next() throws -> LogFrame? {
        if let failure { throw failure }
        do {
            return try parse()
        } catch {
            failure = error
            (buffer, start, expectedBytes) = ([], 0, 0)
            throw error
        }
    }

    private mutating func parse() throws -> LogFrame? {
        expectedBytes = 0
        guard bufferedBytes >= FrameCoding.headerBytes else { return nil }
        let (code, length) = try buffer.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes, offset: start)
            return try FrameCoding.header(from: &reader)
        }
        guard let kind = LogFrame.Kind(rawValue: code) else {
            throw DecodingFailure(
                "no frame has the type \(code): the sender is no ParkSync node of this version", at: 0)
        }
        guard length <= kind.bodyBytesMax else {
            throw DecodingFailure("the frame has \(length) bytes, the limit is \(kind.bodyBytesMax)", at: 1)
        }
        if kind == .entries, length > entriesBytesMax { return try refuse(length) }
        let end = start + FrameCoding.headerBytes + length
        guard buffer.count >= end else {
            expectedBytes = end - start
            reserve()
            return nil
        }
        let bodyStart = start + FrameCoding.headerBytes
        if kind == .entries, length > Self.reservedBytesMin { return .entries(try takeSlice(bodyStart..<end)) }
        let frame = try buffer.withUnsafeBytes {
            try LogFrame.decode(kind, body: UnsafeRawBufferPointer(rebasing: $0[bodyStart..<end]))
        }
        start = end
        if start == buffer.count { (buffer, start) = ([], 0) }
        return frame
    }

    /// What is declared takes no memory until it comes.
    private mutating func reserve() {
        // The last piece brings bytes of the next frame as well.
        let room = expectedBytes + Self.reservedBytesMin
        guard expectedBytes > Self.reservedBytesMin, buffer.capacity < room || start > 0 else { return }
        var next: [UInt8] = []
        next.reserveCapacity(room)
        next.append(contentsOf: buffer[start...])
        (buffer, start) = (next, 0)
    }

    /// The buffer itself becomes the slice's body.
    private mutating func takeSlice(_ range: Range<Int>) throws -> LogSlice {
        var offset = 0
        var slice = try buffer.withUnsafeBytes { bytes in
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[range]))
            defer { offset = reader.offset }
            return try SliceCoding.head(from: &reader)
        }
        let rest = Array(buffer[range.upperBound...])
        slice.body = buffer
        (buffer, start) = (rest, 0)
        slice.body.removeSubrange(range.upperBound...)
        slice.body.removeSubrange(..<(range.lowerBound + offset))
        return slice
    }

    /// Nothing of the entries is waited for: what stands in front of them tells whose they are.
    private func refuse(_ length: Int) throws -> LogFrame? {
        let head = buffer[(start + FrameCoding.headerBytes)...].prefix(SliceCoding.headBytesMax)
        if head.count < SliceCoding.headBytesMax { return nil }
        let slice = try Array(head).withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            return try SliceCoding.head(from: &reader, bodyBytes: length)
        }
        throw EntryTooLong(
            origin: slice.origin, first: slice.first, bytes: length,
            bytesMax: entriesBytesMax - WireLimits.entriesFrameTargetBytes)
    }
}

/// A frame has an entry that is longer than this node takes.
package struct EntryTooLong: Error, Hashable, Sendable {
    package var origin: OriginID
    /// The first entry of the frame; the one that is too long is this one or follows soon.
    package var first: UInt64
    /// Of the frame.
    package var bytes: Int
    /// Of an entry.
    package var bytesMax: Int

    package init(origin: OriginID, first: UInt64, bytes: Int, bytesMax: Int) {
        (self.origin, self.first, self.bytes, self.bytesMax) = (origin, first, bytes, bytesMax)
    }
}
