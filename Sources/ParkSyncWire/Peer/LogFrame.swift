import ParkSyncCore

/// One message of a log stream. On the wire: a type byte, the body's length in four bytes (most
/// significant first), the body.
package enum LogFrame: Hashable, Sendable {
    /// The first frame of every stream that is not refused.
    case hello(NodeState, protocolVersion: UInt64, wallMilliseconds: UInt64)
    case entries(LogSlice)
    /// Progress, and a sign of life.
    case state(NodeState, wallMilliseconds: UInt64)
    /// The wanted entries of this origin are no longer kept here; the asker needs a snapshot or
    /// another peer.
    case gone(OriginID, oldestKept: UInt64)
    /// Signed heads of the sender's copy of a log. Of the logs of the asker's park the newest one
    /// after each report of its state in which it has changed, and many of them where the log is
    /// asked for; of the others' the newest one now and then.
    case branch(LogBranch)
    /// The last frame: why the stream ends (a `GoodbyeKind`) and what to do about it.
    case goodbye(kind: String, reason: String, remedy: String)
}

/// Kinds of goodbye that a peer acts upon; any other kind counts as `failed`.
package enum GoodbyeKind {
    /// Protocol versions or schemas do not fit.
    package static let incompatible = "incompatible"
    /// Two different signed entries have one number.
    package static let fork = "fork"
    /// The feed cannot go on: its log cannot be read, or the like.
    package static let failed = "failed"
    /// The node stops in good order.
    package static let stopping = "stopping"
}

extension LogFrame {
    enum Kind: UInt8 {
        case hello = 1, entries, state, gone, goodbye, branch

        /// What the largest message of the kind has.
        var bodyBytesMax: Int {
            switch self {
            case .hello, .state: WireLimits.logRequestBytesMax
            case .entries: WireLimits.frameBytesMax
            case .gone: LogFrame.goneBytesMax
            case .goodbye: LogFrame.goodbyeKindBytesMax + 2 * LogFrame.goodbyeTextBytesMax + 16
            case .branch: LogFrame.branchOverheadBytesMax + LogBranch.headsMax * LogFrame.headBytesMax
            }
        }
    }

    /// An origin with its length, and a number.
    static let goneBytesMax = 1 + CoreLimits.originNameBytesMax + 10
    /// An origin with its length, and the count of the heads.
    static let branchOverheadBytesMax = 1 + CoreLimits.originNameBytesMax + 2
    /// A number, a hash, whether there is a signature, and that.
    static let headBytesMax = 10 + EntryChain.hashBytes + 1 + EntryChain.signatureBytes
    static let goodbyeKindBytesMax = 64
    static let goodbyeTextBytesMax = 4_096

    /// The whole frame. A slice's body is copied as it is.
    package func encode() -> [UInt8] {
        switch self {
        case .hello(let state, let version, let wall):
            return Self.frame(.hello) { writer in
                writer.varint(version)
                writer.prefixed(state.origin.utf8)
                PeerCoding.writeRest(of: state, to: &writer)
                writer.varint(wall)
            }
        case .entries(let slice):
            return SliceCoding.frame(slice)
        case .state(let state, let wall):
            return Self.frame(.state) { writer in
                writer.prefixed(state.origin.utf8)
                PeerCoding.writeRest(of: state, to: &writer)
                writer.varint(wall)
            }
        case .gone(let origin, let oldestKept):
            return Self.frame(.gone) { writer in
                writer.prefixed(origin.utf8)
                writer.varint(oldestKept)
            }
        case .branch(let branch):
            return Self.frame(.branch, bytes: 32 + branch.heads.count * 104) { writer in
                writer.prefixed(branch.origin.utf8)
                writer.varint(branch.heads.count)
                for head in branch.heads {
                    writer.varint(head.seq)
                    PeerCoding.writeHash(head.hash, to: &writer)
                    writer.byte(head.signature.isEmpty ? 0 : 1)
                    if !head.signature.isEmpty { PeerCoding.writeSignature(head.signature, to: &writer) }
                }
            }
        case .goodbye(let kind, let reason, let remedy):
            return Self.frame(.goodbye) { writer in
                writer.prefixed(Self.clipped(kind, bytesMax: Self.goodbyeKindBytesMax))
                writer.prefixed(Self.clipped(reason, bytesMax: Self.goodbyeTextBytesMax))
                writer.prefixed(Self.clipped(remedy, bytesMax: Self.goodbyeTextBytesMax))
            }
        }
    }

    private static func frame(_ kind: Kind, bytes: Int = 512, _ write: (inout ByteWriter) -> Void) -> [UInt8] {
        FrameCoding.frame(kind.rawValue, reserving: bytes, write)
    }

    /// A text cut at a character, so that what is sent stays UTF-8 and within the limit.
    private static func clipped(_ text: String, bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        var result = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > bytesMax { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// - Throws: `DecodingFailure` unless the body is exactly what `encode` writes after the
    ///   header.
    static func decode(_ kind: Kind, body: UnsafeRawBufferPointer) throws -> LogFrame {
        var reader = ByteReader(body)
        let frame: LogFrame
        switch kind {
        case .hello:
            let version = try reader.varint("the protocol version")
            let origin = try reader.origin("the peer's origin")
            guard version == WireLimits.protocolVersion else {
                // Another version's frame goes on in a way that is not known here; whose it is, is
                // known.
                return .hello(PeerCoding.unknownState(of: origin), protocolVersion: version, wallMilliseconds: 0)
            }
            let state = try PeerCoding.state(of: origin, from: &reader)
            frame = .hello(state, protocolVersion: version, wallMilliseconds: try PeerCoding.wall(from: &reader))
        case .entries: return .entries(try SliceCoding.slice(from: &reader))
        case .state:
            let state = try PeerCoding.state(of: try reader.origin("the peer's origin"), from: &reader)
            frame = .state(state, wallMilliseconds: try PeerCoding.wall(from: &reader))
        case .gone:
            frame = .gone(
                try reader.origin("the origin"), oldestKept: try PeerCoding.seq("the oldest kept entry", from: &reader))
        case .branch: frame = .branch(try branch(from: &reader))
        case .goodbye:
            frame = .goodbye(
                kind: try reader.string("the kind", max: goodbyeKindBytesMax),
                reason: try reader.string("the reason", max: goodbyeTextBytesMax),
                remedy: try reader.string("the remedy", max: goodbyeTextBytesMax))
        }
        try reader.expectEnd("the frame")
        return frame
    }

    private static func branch(from reader: inout ByteReader) throws -> LogBranch {
        var branch = LogBranch(origin: try reader.origin("the branch's origin"), heads: [])
        let count = try reader.count("the number of heads", max: LogBranch.headsMax)
        for _ in 0..<count {
            let start = reader.offset
            var head = LogBranch.Head(
                seq: try PeerCoding.seq("a head", from: &reader),
                hash: try PeerCoding.hash("a head's hash", from: &reader), signature: [])
            switch try reader.byte("whether a head is signed") {
            case 0: break
            case 1: head.signature = Array(try reader.raw(EntryChain.signatureBytes, "a head's signature"))
            case let other: throw DecodingFailure("a head is signed or not, and not \(other)", at: start)
            }
            guard head.seq > 0, branch.heads.last.map({ head.seq < $0.seq }) ?? true else {
                throw DecodingFailure("heads are not in descending order", at: start)
            }
            branch.heads.append(head)
        }
        return branch
    }
}
