import ParkSyncCore
import ParkSyncWire

/// A stream that is open, with what is over when it is.
struct PeerStream: Sendable {
    private var parser: FrameParser
    /// When the peer gave a sign of life last; monotonic, as all times here.
    var heardAt: UInt64
    /// Bytes since then of a frame that is not whole yet.
    private var unheardBytes = 0
    /// When it has brought entries last, or was opened.
    var gaveAt: UInt64
    /// Since when the peer has said to have entries of this node's park and not shown them; nil if
    /// it has shown them.
    var unshownSince: UInt64?
    /// Whether nothing is read because the log is to take first what has come.
    var isFull = false
    /// Whether nothing is read because another peer's long frame is on its way.
    var waitsForOthers = false
    /// Whether the peer names a log of no member, which this node perhaps only does not know yet.
    var namesStranger = false

    init(entryBytesMax: Int, now: UInt64) {
        parser = FrameParser(entryBytesMax: entryBytesMax)
        (heardAt, gaveAt) = (now, now)
    }

    /// Whether nothing is read, by this node's own doing.
    var isHeldBack: Bool { isFull || waitsForOthers }
    /// Whether a long frame is still to come whole.
    var isInLongFrame: Bool { parser.isLong }
    /// Of the frame that is still to come whole.
    var expectedBytes: Int { parser.expectedBytes }
    /// When the stream is given up though nothing is heard; nil while it is silent by this node's
    /// own doing.
    var silentUntil: UInt64? { isHeldBack ? nil : heardAt &+ WireLimits.silenceMillisecondsMax }

    mutating func append(_ bytes: [UInt8], now: UInt64) {
        parser.append(bytes)
        unheardBytes += bytes.count
        // A frame that does not end would swallow all that is said: a few bytes now and then are no
        // sign of life.
        if unheardBytes >= WireLimits.progressBytesMin { (heardAt, unheardBytes) = (now, 0) }
    }

    /// - Returns: the next whole frame; nil until more comes.
    /// - Throws: as `FrameParser.next` does.
    mutating func next(now: UInt64) throws -> LogFrame? {
        guard let frame = try parser.next() else { return nil }
        (heardAt, unheardBytes) = (now, 0)
        return frame
    }
}

/// What was asked for, and heard, on the newest stream to a peer. It stays when the stream is over,
/// until the next one is opened.
struct NewestStream: Sendable {
    var asked: [OriginID] = []
    /// Origins that the peer no longer keeps from where they were wanted, and the oldest entry that
    /// it does keep.
    var gone = VersionVector()
    /// Origins over whose entries the stream ended.
    var disputed: [OriginID] = []
    /// What the stream ended over: an entry that is longer than this node takes.
    var tooLong: TooLongEntries.Refused?
    /// What the peer said last of its copies of the logs of this node's park, by origin, and how
    /// that of this node's own log compared.
    private(set) var branches: [OriginID: LogBranch] = [:]
    var fit: BranchFit?
    /// For each log of this node's park the newest entry that the peer has shown to exist: by the
    /// own signature, or because it is here.
    var proven = VersionVector()

    /// A newer head is added to those that were named before; a log that became shorter is another
    /// one.
    ///
    /// - Returns: all that is known of the peer's copy.
    mutating func note(_ branch: LogBranch) -> LogBranch {
        var result = branch
        if let newest = branch.heads.first, branch.heads.count == 1, let known = branches[branch.origin],
            let last = known.heads.first,
            newest.seq > last.seq
        {
            result.heads += known.heads.prefix(LogBranch.headsMax - 1)
        }
        branches[branch.origin] = result
        return result
    }

    /// Nothing counts any more of what was heard of this node's park.
    mutating func forgetBranches() { (branches, fit, proven) = ([:], nil, VersionVector()) }
}
