import ParkSyncCore

/// An answer of the peer interface that is no success: the HTTP status, and a goodbye frame as the
/// body.
///
/// Not JSON, as the local API has it: of what a peer sends nothing is read by a decoder that knows
/// no bounds.
package struct PeerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Content type of such an answer.
    package static let contentType = "application/vnd.parksync.goodbye"
    /// Longest body: the frame's header, and three texts with their lengths.
    package static let bytesMax =
        FrameCoding.headerBytes + LogFrame.goodbyeKindBytesMax + 2 * LogFrame.goodbyeTextBytesMax + 16

    /// Of the HTTP answer.
    package var status: Int
    /// The stable code of the problem, as in `snapshot-pending`.
    package var kind: String
    package var reason: String
    package var remedy: String

    package init(status: Int, kind: String, reason: String, remedy: String) {
        (self.status, self.kind, self.reason, self.remedy) = (status, kind, reason, remedy)
    }

    package func encode() -> [UInt8] { LogFrame.goodbye(kind: kind, reason: reason, remedy: remedy).encode() }

    /// - Parameter bytes: the whole body.
    /// - Throws: `DecodingFailure` unless they are one goodbye frame.
    package init(status: Int, decoding bytes: [UInt8]) throws {
        guard bytes.count <= Self.bytesMax, bytes.count >= FrameCoding.headerBytes,
            bytes[0] == LogFrame.Kind.goodbye.rawValue
        else {
            throw DecodingFailure("the answer is no goodbye", at: 0)
        }
        let length = bytes[1..<FrameCoding.headerBytes].reduce(0) { $0 << 8 | Int($1) }
        guard length == bytes.count - FrameCoding.headerBytes else {
            throw DecodingFailure("the goodbye has another length than it says", at: 1)
        }
        let frame = try bytes.withUnsafeBytes {
            try LogFrame.decode(.goodbye, body: UnsafeRawBufferPointer(rebasing: $0[FrameCoding.headerBytes...]))
        }
        guard case .goodbye(let kind, let reason, let remedy) = frame else {
            throw DecodingFailure("the answer is no goodbye", at: 0)
        }
        self.init(status: status, kind: kind, reason: reason, remedy: remedy)
    }

    package var description: String { "\(reason) \(remedy)" }
}
