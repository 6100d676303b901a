import CZstd
import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReports
import ParkSyncWire

/// What a park with its real keys can say to the others that is not so, or not in good form.
package enum Lie: String, CaseIterable, Sendable {
    /// Nothing of the kind.
    case truth
    case falseHead = "false-head"
    case withheldHead = "withheld-head"
    case gone
    case wrongDigest = "wrong-digest"
    case damagedFrame = "damaged-frame"
    case oversizeFrame = "oversize-frame"
    case unaskedEntries = "unasked-entries"
    case endlessJSON = "endless-json"
    case bomb = "zstd-bomb"
    case loneFence = "lone-fence"
    case equivocation
}

/// What is answered to one call.
package struct LyingAnswer: Sendable {
    package var status = 200
    package var contentType = PeerMedia.logContentType
    package var contentEncoding: String?
    package var pieces: [[UInt8]]
    /// Said again and again behind the pieces, until the caller hangs up. If it is empty the stream
    /// stays open, and silent.
    package var refrain: [UInt8] = []

    package init(_ frames: [LogFrame]) { pieces = frames.map { $0.encode() } }
}

/// A park's software that tells lies, one kind after the other.
package struct LyingPark: Sendable {
    package private(set) var lie = Lie.truth
    private var log: LyingLog
    /// What is told to one half of the parks, and what to the other: the same until it equivocates.
    private var branches: [[LogSlice]] = [[], []]
    /// Which half a park belongs to: by turns, as they call.
    private var halves: [String: Int] = [:]
    /// How often a head was claimed.
    private var claims = 0

    package init(_ log: LyingLog) { self.log = log }

    /// - Parameter victims: of fences, if it is about those.
    package mutating func begin(_ lie: Lie, victims: [String]) throws {
        self.lie = lie
        switch lie {
        case .loneFence:
            log.appendLoneFences(of: victims)
            let slice = try log.slice()
            for half in branches.indices { branches[half].append(slice) }
        case .equivocation:
            for half in branches.indices {
                var branch = log
                branch.append("branch \(half)")
                branches[half].append(try branch.slice())
            }
        default: break
        }
    }

    package mutating func answer(to request: LogRequest) throws -> LyingAnswer {
        let asker = request.state.origin
        let half = halves[asker.park] ?? halves.count % branches.count
        halves[asker.park] = half
        let after = request.wants.first { $0.origin == log.origin }?.after ?? 0
        let entries = branches[half].filter { $0.first > after }.map { LogFrame.entries($0) }
        let own = (log.origin, branches[half].last?.last ?? 0)
        let hello = LyingMember.hello(log.origin.park, to: request, logged: [own])
        let honest = LyingAnswer([hello] + entries)
        switch lie {
        case .truth, .loneFence, .equivocation: return honest
        case .falseHead:
            let claim = FalseClaim.allCases[claims % FalseClaim.allCases.count]
            claims += 1
            let heads = claim.heads(of: asker, by: log)
            return LyingAnswer([
                LyingMember.hello(log.origin.park, to: request, logged: [own, (asker, heads.first?.seq ?? 1)]),
                .branch(LogBranch(origin: asker, heads: heads)),
            ])
        case .withheldHead:
            let claim = LyingMember.hello(log.origin.park, to: request, logged: [own, (asker, 1_000_000)])
            return LyingAnswer([claim] + LyingMember.report(behind: claim))
        case .gone: return LyingAnswer([hello, .gone(asker, oldestKept: 1_000_000)])
        case .wrongDigest: return LyingAnswer([Self.other(digest: request.state, than: hello)] + entries)
        case .unaskedEntries:
            var slice = try LyingLog.invented(of: asker)
            slice.signature = [UInt8](repeating: 7, count: EntryChain.signatureBytes)
            return LyingAnswer([hello, .entries(slice)])
        case .damagedFrame, .oversizeFrame, .endlessJSON, .bomb: return try Self.malformed(lie, behind: hello)
        }
    }

    /// The state of whoever asks, with tables that are not his.
    private static func other(digest asker: NodeState, than hello: LogFrame) -> LogFrame {
        guard case .hello(var state, let version, let wall) = hello, let digest = asker.digest else { return hello }
        (state.applied, state.logged, state.digest) = (digest.vector, digest.vector, digest)
        state.digest?.hash = digest.hash.map { ~$0 }
        return .hello(state, protocolVersion: version, wallMilliseconds: wall)
    }

    // MARK: bytes that are no message

    /// Enough to fill the memory of whoever keeps them.
    private static let bombBytes = 1 << 30
    private static let bombPieceBytes = 8 << 20
    private static let refrainBytes = 64 << 10

    private static func malformed(_ lie: Lie, behind hello: LogFrame) throws -> LyingAnswer {
        var answer = LyingAnswer([hello])
        switch lie {
        case .damagedFrame:
            var bytes = hello.encode()
            // The length of the first text says that it is longer than the frame.
            bytes[FrameCoding.headerBytes + 1] ^= 0x7F
            answer.pieces.append(bytes)
        case .oversizeFrame:
            // Entries of 4 GiB.
            answer.pieces.append([2, 0xFF, 0xFF, 0xFF, 0xFF])
            answer.refrain = [UInt8](repeating: 0, count: refrainBytes)
        case .endlessJSON:
            (answer.status, answer.contentType) = (503, ProblemDetails.contentType)
            answer.pieces = [Array("{\"type\":".utf8)]
            answer.refrain = [UInt8](repeating: UInt8(ascii: "["), count: refrainBytes)
        default:
            // Entries as long as a frame may be, a thousand times smaller on the way.
            answer.contentEncoding = "zstd"
            let length = UInt32(WireLimits.frameBytesMax)
            let head = [2] + (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32((3 - $0) * 8)) }
            let piece = try compressed([UInt8](repeating: 0, count: bombPieceBytes))
            answer.pieces =
                [try compressed(hello.encode() + head)] + Array(repeating: piece, count: bombBytes / bombPieceBytes)
        }
        return answer
    }

    /// One frame of zstd.
    private static func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress(&result, result.count, bytes, bytes.count, 1)
        guard ZSTD_isError(count) == 0 else {
            throw LyingMember.Failure(description: String(cString: ZSTD_getErrorName(count)))
        }
        return Array(result.prefix(count))
    }
}

extension LyingLog {
    /// Entries of another park's log, signed by nobody who counts.
    static func invented(of victim: OriginID) throws -> LogSlice {
        var log = LyingLog(victim, key: Curve25519.Signing.PrivateKey())
        log.append("invented")
        return try log.slice()
    }
}
