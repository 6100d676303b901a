import ParkSyncCore
import ParkSyncReplication
import ParkSyncWire

/// What a lying park says outside of signed entries.
enum FrameLie: CaseIterable {
    /// Another entry of the asker's own log, and more of it, that the asker never signed.
    case falseHead, boast
    /// It says to have entries of the asker's park, and shows none.
    case withheldHead
    /// A third park has forked, it says.
    case falseThird
    /// What it was asked for is kept no longer, it says.
    case gone
}

/// The node of a lying park: one log, or, once it has forked, two with the same numbers, of which
/// it shows each peer one.
final class LyingNode: @unchecked Sendable {
    // Confined to one thread.
    let node: Int
    private(set) var logs: [LyingLog]
    /// The first number that means two entries; nil before the fork.
    private(set) var forkedAt: UInt64?
    /// Whom it shows the second log, as long as they have nothing of either: bits of the peers'
    /// numbers.
    private var audience: UInt64 = 0
    /// Honest parks' logs, as they came.
    var heard: [OriginID: HeardLog] = [:]
    /// The park whose own log it shows to that park, and what it does with the entries; they come
    /// as they are if it is nil.
    var branch: (park: String, lie: BranchLie?)?
    /// What it says in its streams; nil if it says there what it means.
    var streams: LyingStreams?
    /// The lie that its next snapshot has.
    var nextSnapshotLie = 0

    init(_ node: Int, _ log: LyingLog) { (self.node, logs) = (node, [log]) }

    var origin: OriginID { logs[0].park.origin }
    /// What it hears changes neither.
    var log: LyingLog { logs[0] }

    /// Goes on with two logs from here.
    ///
    /// - Parameters:
    ///   - audience: bits of the peers that are shown the second one.
    ///   - peers: numbers of the others. Each log has somebody to be shown to.
    func fork(audience: UInt64, peers: [Int]) {
        guard forkedAt == nil, let first = peers.first, let last = peers.last else { return }
        forkedAt = log.park.seq + 1
        self.audience = (audience & ~(1 << UInt64(first))) | 1 << UInt64(last)
        logs.append(LyingLog(log, saying: "other"))
    }

    /// Notes what it has heard and says so, as long as it has one log.
    ///
    /// - Returns: for each log the payloads that honest nodes take into theirs.
    func acknowledge(_ heard: [LyingPark.SeenHead], now: UInt64) throws -> [[[UInt8]]] {
        try logs.map { [try $0.acknowledge(heard, now: now)] }
    }

    /// Tells one more lie, or the truth, in each log.
    ///
    /// - Returns: for each log the payloads that honest nodes take into theirs.
    func tell(_ lie: Lie, now: UInt64, victim: String) throws -> [[[UInt8]]] {
        try logs.map { try $0.tell(lie, now: now, victim: victim) }
    }

    /// What it shows a peer: more of the log that the peer has begun, so that nobody who asks here
    /// alone finds out.
    func log(for peer: Int, asking request: LogRequest?) -> LyingLog {
        guard let forkedAt, logs.count > 1 else { return log }
        if let want = request?.wants.first(where: { $0.origin == origin }), want.after >= forkedAt {
            return logs.first { (try? $0.hash(of: origin, seq: want.after)) == want.hash } ?? log
        }
        return logs[audience >> UInt64(peer) & 1 == 0 ? 0 : 1]
    }
}

/// What a lying park's peers see of it: a log that has what it tells, and nothing of what it hears.
final class LyingLog: ChangeLog, @unchecked Sendable {
    // Confined to one thread.
    private(set) var park: LyingPark
    private let schemaNumber: UInt64
    private let schemaHash: [UInt8]
    private var hashes: [[UInt8]] = [EntryChain.genesis]
    /// A slice that no honest node takes, and how often it is still told.
    private var refused: (slice: LogSlice, times: Int)?
    /// What it says of honest parks' logs in the frames that follow; nil: that it has them, and no
    /// head.
    private var claims: [OriginID: LogBranch.Head?] = [:]
    private var isGone = false
    /// The last entry before the first one that waits for ever; nil if none does.
    private(set) var appliedMax: UInt64?

    init(_ park: LyingPark, schemaNumber: UInt64, schemaHash: [UInt8]) {
        self.park = park
        self.schemaNumber = schemaNumber
        self.schemaHash = schemaHash
    }

    /// The same log so far, which goes on with other rows.
    init(_ other: LyingLog, saying word: String) {
        (park, schemaNumber, schemaHash) = (other.park, other.schemaNumber, other.schemaHash)
        (hashes, appliedMax) = (other.hashes, other.appliedMax)
        park.become(word)
    }

    /// Tells one more lie, or the truth.
    ///
    /// - Returns: the payloads that honest nodes log.
    func tell(_ lie: Lie, now: UInt64, victim: String) throws -> [[UInt8]] {
        let before = park.seq
        let told = try park.tell(lie, now: now, victim: victim, count: 20)
        for payload in told.payloads {
            hashes.append(SpecEncoding.entryHash(payload, after: hashes.last ?? EntryChain.genesis))
        }
        if told.fate == .refused { refused = told.slices.first.map { ($0, 3) } }
        if lie == .newerSchema || lie == .missingDependency { appliedMax = min(appliedMax ?? before, before) }
        return told.payloads
    }

    func acknowledge(_ heard: [LyingPark.SeenHead], now: UInt64) throws -> [UInt8] {
        park.heard = heard
        let payload = try park.acknowledge(now: now)
        hashes.append(SpecEncoding.entryHash(payload, after: hashes.last ?? EntryChain.genesis))
        return payload
    }

    /// Rows of which it tells next as if it had not heard that they were deleted.
    func consider(_ stale: [LyingPark.Change]) { park.stale = stale }

    /// Goes on to lie about other parks' logs in its frames, or ends that.
    ///
    /// - Parameter others: origins of honest parks.
    func claim(_ lie: FrameLie?, of others: [OriginID], number: UInt64) {
        (claims, isGone) = ([:], lie == .gone)
        guard let lie, lie != .gone else { return }
        for (index, origin) in others.enumerated()
        where lie != .falseThird || index == Int(number % UInt64(max(1, others.count))) {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: EntryChain.signatureBytes)
            let seq = lie == .boast ? 1_000_000 + number : 1 + number % 5
            claims[origin] =
                lie == .withheldHead
                ? .some(nil)
                : LogBranch.Head(seq: seq, hash: Array(bytes.prefix(EntryChain.hashBytes)), signature: bytes)
        }
    }

    func state() -> NodeState {
        var vector = VersionVector()
        for (origin, head) in claims { vector[origin] = head?.seq ?? 1_000_000 }
        vector[park.origin] = park.seq + (refused == nil ? 0 : 1)
        return NodeState(
            origin: park.origin, schemaNumber: schemaNumber, schemaHash: schemaHash, applied: vector, logged: vector,
            digest: nil)
    }

    func hash(of origin: OriginID, seq: UInt64) throws -> [UInt8]? {
        seq == 0 ? EntryChain.genesis : origin == park.origin && seq < UInt64(hashes.count) ? hashes[Int(seq)] : nil
    }

    func head(of origin: OriginID, upTo seq: UInt64) throws -> LogBranch.Head? {
        if let claim = claims[origin] { return claim }
        guard origin == park.origin, let last = park.log.last(where: { $0.last <= seq }),
            last.last < UInt64(hashes.count)
        else { return nil }
        return LogBranch.Head(seq: last.last, hash: hashes[Int(last.last)], signature: last.signature)
    }

    func isSigned(_ head: LogBranch.Head, of origin: OriginID) -> Bool { true }

    func read(origin: OriginID, after seq: UInt64, through last: UInt64, bytesMax: Int) throws -> LogSlice? {
        if isGone { throw LogGone(origin: origin, oldestKept: seq &+ 1_000) }
        guard origin == park.origin else { return nil }
        if seq < UInt64(park.log.count) { return park.log[Int(seq)] }
        guard let (slice, times) = refused, slice.first == seq + 1 else {
            refused = nil
            return nil
        }
        refused = times > 1 ? (slice, times - 1) : nil
        return slice
    }

    func receive(_ slice: LogSlice, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        finish(.success(()))
    }

    func observe(_ body: @escaping @Sendable () -> Void) -> ObservationToken { ObservationToken {} }
}
