import ParkSyncCore
import ParkSyncWire

/// One peer's link: when to call, what was heard, what waits for the log. Its methods return actions; it does nothing itself.
struct PeerSession: Sendable {
    enum Phase: Hashable, Sendable {
        case waiting(until: UInt64)
        case connecting
        case streaming
        case paused
        /// The park was taken out of the zone: it is not called.
        case out
    }

    /// What the engine's plan depends on. As long as it stays as it was, what is heard changes nothing about who is asked for what.
    struct Standing: Equatable {
        var phase: Phase
        var downSince: UInt64?
        var isInReach: Bool
        var isHeldBack: Bool
        var gone: VersionVector
    }

    let peer: OriginID
    /// Kept because it is compared often.
    let park: String
    private(set) var phase: Phase
    private(set) var asked: [OriginID] = []
    private(set) var failure: LinkFailure?
    private(set) var remote: NodeState?
    /// Of the vector of the remote's digest; nil without one.
    private(set) var remoteFingerprint: UInt64?
    private(set) var lastContactAt: UInt64?
    private(set) var clockOffsetMilliseconds: Int64?
    /// Origins that the peer no longer keeps from where they were wanted, and the oldest entry that it does keep.
    private(set) var gone = VersionVector()
    /// Origins over whose entries the last stream ended.
    var disputed: [OriginID] = []
    /// What the peer said last of its copies of the logs of this node's park, by origin, and how that of this node's own log compared.
    var branches: [OriginID: LogBranch] = [:]
    var fit: BranchFit?
    /// For each log of this node's park the newest entry that the peer has shown to exist: by the own signature, or because it is here.
    var proven = VersionVector()
    /// The same of all links to the peer, and how its copy compared last.
    var shown = VersionVector()
    var lastFit: BranchFit?
    /// How long it has been waited for to send what it has shown, and what of each log it was paid for.
    var debt = PeerDebt()
    var paid = VersionVector()
    /// Since when the peer has said to have entries of this node's park and not shown them, monotonic; nil if it has shown them.
    var unshownSince: UInt64?
    /// How long it had done so on earlier streams: who hangs up in time and calls again has no more time than who stays.
    var unshownMilliseconds: UInt64 = 0
    /// Whether it was told that the time for that is over. Stays until it shows them.
    var isLate = false
    /// What the peer did that no honest node does, the newest; stays until the node ends.
    var lie: PeerLie?
    var lies: UInt64 = 0
    /// Since when the peer is out of reach, monotonic; nil while it is in reach.
    private(set) var downSince: UInt64?
    var agreement: Agreement?
    var lack = Lack()

    private var generation: UInt64 = 0
    private var backoff: Backoff
    let limits: ReceiveLimits
    private(set) var parser: FrameParser
    var heardAt: UInt64 = 0
    /// Bytes since then of a frame that is not whole yet.
    private var unheardBytes = 0
    var inbound: InboundEntries
    /// Bytes that the log has of other peers.
    private var storingOfOthers = 0
    /// Whether nothing is read because the log is to take first what has come.
    var isFull = false
    /// Whether nothing is read because another peer's long frame is on its way.
    var waitsForOthers = false
    /// When the stream has brought entries last, or was opened; monotonic.
    private(set) var gaveAt: UInt64 = 0
    /// Whether the peer names a log of no member, which this node perhaps only does not know yet.
    var namesStranger = false
    /// What the last stream ended over: an entry that is longer than this node takes.
    var tooLong: TooLongEntries.Refused?

    init(peer: OriginID, seed: UInt64, now: UInt64, limits: ReceiveLimits = ReceiveLimits()) {
        self.limits = limits
        parser = FrameParser(entryBytesMax: limits.entryBytesMax)
        inbound = InboundEntries(bytesMax: limits.inboundBytesMax)
        self.peer = peer
        park = peer.park
        phase = .waiting(until: now)
        downSince = now
        backoff = Backoff(seed: seed)
    }

    var key: StreamKey { StreamKey(peer: peer, generation: generation) }
    func isCurrent(_ key: StreamKey) -> Bool { key.generation == generation && isOpen }
    var isHeldBack: Bool { isFull || waitsForOthers }
    /// Whether a long frame is on its way, from its header on until it is stored.
    var hasLongFrame: Bool { (isOpen && parser.isLong) || inbound.hasLong }
    /// Whether it is still to come whole.
    var isInLongFrame: Bool { isOpen && parser.isLong }
    /// Whether the log has still to keep something that came.
    var isBusy: Bool { inbound.isBusy }
    @inline(__always)
    var isOpen: Bool { phase == .connecting || phase == .streaming }
    /// True while a stream is opened anew for other origins: a relay that was not in reach meanwhile would be replaced at once.
    @inline(__always)
    var isInReach: Bool { isOpen && downSince == nil && remote != nil }

    @inline(__always)
    var standing: Standing {
        Standing(phase: phase, downSince: downSince, isInReach: isInReach, isHeldBack: isHeldBack, gone: gone)
    }

    /// When something is to be done though nothing is heard.
    var deadline: UInt64? { Self.deadline(phase, heardAt: heardAt, isHeldBack: isHeldBack, showsBy: showsBy) }

    /// When the peer must have shown what it says to have of this node's park; nil if it has, or was told to.
    var showsBy: UInt64? {
        isLate ? nil : unshownSince.map { $0 &+ WireLimits.headMillisecondsMax - min(unshownMilliseconds, WireLimits.headMillisecondsMax) }
    }

    /// The peer has not shown what it says to have of this node's park, and has still time to.
    var isUnshown: Bool { unshownSince != nil && !withholds }
    /// The time is over.
    var withholds: Bool { unshownSince != nil && isLate }

    /// Apart from the session, so that looking at hundreds of them copies none.
    static func deadline(_ phase: Phase, heardAt: UInt64, isHeldBack: Bool, showsBy: UInt64?) -> UInt64? {
        switch phase {
        case .waiting(let until): until
        // A stream that is held back is silent by our own doing.
        case .connecting, .streaming: isHeldBack ? nil : min(heardAt &+ WireLimits.silenceMillisecondsMax, showsBy ?? .max)
        case .paused, .out: nil
        }
    }

    // MARK: stream

    mutating func open(_ origins: [OriginID], now: UInt64) -> [EngineAction] {
        generation &+= 1
        (phase, asked, heardAt, gaveAt) = (.connecting, origins, now, now)
        (parser, unheardBytes) = (FrameParser(entryBytesMax: limits.entryBytesMax), 0)
        inbound.begin(generation)
        (isFull, waitsForOthers) = (false, false)
        (gone, disputed, tooLong, namesStranger) = (VersionVector(), [], nil, false)
        // What was heard of this node's own log counts only while the stream on which it was heard is open.
        (branches, fit, proven) = ([:], nil, VersionVector())
        stopWaiting(now: now)
        return [.open(key, origins: origins)]
    }

    /// Asks the peer for other origins. It counts as in reach meanwhile.
    mutating func reopen(_ origins: [OriginID], now: UInt64) -> [EngineAction] {
        let closing = EngineAction.close(key)
        let known = gone
        let opening = open(origins, now: now)
        // What the peer did not keep a moment ago, it does not keep now.
        gone = known
        return [closing] + opening
    }

    /// The stream is over, or did not come about.
    mutating func end(_ failure: LinkFailure, now: UInt64) {
        self.failure = failure
        phase = .waiting(until: now &+ backoff.fail(failure))
        if downSince == nil { downSince = now }
        parser = FrameParser(entryBytesMax: limits.entryBytesMax)
        inbound.clear()
        stopWaiting(now: now)
    }

    mutating func tick(now: UInt64) -> [EngineAction] {
        guard isOpen, let deadline, now >= deadline else { return [] }
        if let showsBy, now >= showsBy {
            isLate = true
            note(.withheldHead, "\(peer) says that it has entries of this park, and does not show their signed heads")
            if now < heardAt &+ WireLimits.silenceMillisecondsMax { return [] }
        }
        let closing = EngineAction.close(key)
        end(
            LinkFailure(
                .broken, "\(peer): nothing that can be read was heard for \(WireLimits.silenceMillisecondsMax / 1_000) seconds",
                remedy: "Check the network between the parks; the link opens again by itself."), now: now)
        return [closing]
    }

    mutating func setPaused(_ paused: Bool, now: UInt64) -> [EngineAction] {
        guard phase != .out, paused != (phase == .paused) else { return [] }
        let closing: [EngineAction] = isOpen ? [.close(key)] : []
        phase = paused ? .paused : .waiting(until: now)
        if paused, downSince == nil { downSince = now }
        stopWaiting(now: now)
        return closing
    }

    /// The park is taken out of the zone, or comes back.
    mutating func setOut(_ isOut: Bool, now: UInt64) -> [EngineAction] {
        guard isOut != (phase == .out) else { return [] }
        let closing: [EngineAction] = isOpen ? [.close(key)] : []
        (phase, failure) = (isOut ? .out : .waiting(until: now), nil)
        if downSince == nil { downSince = now }
        (branches, fit, proven, lack) = ([:], nil, VersionVector(), Lack())
        stopWaiting(now: now)
        return closing
    }

    /// The peer is alive: it has just called us. Waiting longer would serve nobody.
    mutating func hurry(now: UInt64) {
        guard case .waiting(let until) = phase, until > now, failure?.kind == .unreachable || failure?.kind == .broken else { return }
        phase = .waiting(until: now)
    }

    /// Nobody is called for a reason of this node's own.
    mutating func stay(out failure: LinkFailure, now: UInt64) {
        self.failure = failure
        if case .waiting(let until) = phase, until > now { return }
        phase = .waiting(until: now &+ Self.haltedLookMilliseconds)
    }

    private static let haltedLookMilliseconds: UInt64 = 5_000

    /// Whatever the last call came to, the next one is due.
    mutating func callAtOnce(now: UInt64) { if case .waiting = phase { phase = .waiting(until: now) } }

    // MARK: frames

    /// - Parameter storingOfOthers: bytes that the log has of other peers.
    mutating func receive(_ bytes: [UInt8], own: NodeState, storingOfOthers: Int, now: UInt64, wall: UInt64) -> [EngineAction] {
        self.storingOfOthers = storingOfOthers
        parser.append(bytes)
        unheardBytes += bytes.count
        // A frame that does not end would swallow all that is said: a few bytes now and then are no sign of life.
        if unheardBytes >= WireLimits.progressBytesMin { (heardAt, unheardBytes) = (now, 0) }
        do {
            var actions: [EngineAction] = []
            while isOpen, let frame = try parser.next() {
                (heardAt, unheardBytes) = (now, 0)
                actions += take(frame, own: own, now: now, wall: wall)
            }
            return actions
        } catch let refused as EntryTooLong {
            return refuse(refused, now)
        } catch {
            let closing = EngineAction.close(key)
            end(LinkFailure(.broken, "\(peer) sent a damaged frame: \(error)", remedy: "Compare the software versions of both nodes."), now: now)
            return [closing]
        }
    }

    private mutating func take(_ frame: LogFrame, own: NodeState, now: UInt64, wall: UInt64) -> [EngineAction] {
        switch frame {
        case .hello(let state, let version, let peerWall):
            guard state.origin.park == park else {
                return fail(.untrusted, "\(peer) answers as \(state.origin)", remedy: "Check the address of \(peer).", now)
            }
            if let obstacle = PeerFit.obstacle(own: own, peer: state, peerVersion: version) { return fail(obstacle, now) }
            (phase, downSince, failure) = (.streaming, nil, nil)
            backoff.succeed()
            hear(state, peerWall, wall)
            noteUnshown(own.origin, now)
            return []
        // A feed that refuses a request says why instead of a greeting.
        case .goodbye(let kind, let reason, let remedy):
            // The frame does not name the origin. If it is the peer's own after all, the next stream, which asks for less, shows it.
            let relayed = kind == GoodbyeKind.fork ? asked.filter { $0.park != park } : []
            if kind == GoodbyeKind.fork { disputed = relayed.isEmpty ? asked : relayed }
            // Over a third park's fork the link need not wait: it is opened again without asking for that one's entries.
            let isLasting = kind == GoodbyeKind.incompatible || (kind == GoodbyeKind.fork && relayed.isEmpty)
            let failure = LinkFailure(
                isLasting ? .incompatible : .broken, about: kind == GoodbyeKind.fork ? .fork : nil, "\(peer) ended the stream: \(reason)",
                remedy: remedy)
            return fail(failure, now)
        case _ where phase != .streaming:
            return fail(.broken, "\(peer) began its stream without a greeting", remedy: "Compare the software versions of both nodes.", now)
        case .state(let state, let peerWall):
            guard state.origin.park == park else {
                return fail(.untrusted, "\(peer) reports as \(state.origin)", remedy: "Check the address of \(peer).", now)
            }
            if let obstacle = PeerFit.schemaObstacle(own: own, peer: state) { return fail(obstacle, now) }
            hear(state, peerWall, wall)
            noteUnshown(own.origin, now)
            return []
        case .entries(let slice):
            guard asked.contains(slice.origin) else {
                return refuseUnasked(slice.origin, now)
            }
            (lastContactAt, gaveAt) = (wall, now)
            if slice.origin.park == own.origin.park { pay(slice) }
            inbound.add(slice)
            return store(storingOfOthers: storingOfOthers)
        case .gone(let origin, let oldestKept):
            return take(gone: origin, oldestKept, now)
        case .branch(let branch):
            // What a peer says of a third park's log, or of its own, is compared and forgotten.
            return [.compare(key, branch.origin.park == own.origin.park ? note(branch) : branch)]
        }
    }

    /// A peer that keeps nothing of what is asked for counts only for what was asked, and only if it has what it says to keep: a node
    /// would wait for a snapshot otherwise that it does not need.
    private mutating func take(gone origin: OriginID, _ oldestKept: UInt64, _ now: UInt64) -> [EngineAction] {
        let last = remote?.logged[origin] ?? 0
        guard asked.contains(origin), oldestKept <= last &+ 1 else {
            return fail(
                .broken, "\(peer) says that it keeps entries of \(origin) only from \(oldestKept) on, and has \(last) or was not asked",
                remedy: "Compare the software versions; the link opens again by itself.", now)
        }
        gone[origin] = oldestKept
        return []
    }

    private mutating func hear(_ state: NodeState, _ peerWall: UInt64, _ wall: UInt64) {
        if state.digest != remote?.digest { remoteFingerprint = state.digest?.vector.fingerprint }
        remote = state
        lastContactAt = wall
        clockOffsetMilliseconds = Int64(clamping: peerWall) - Int64(clamping: wall)
    }

    mutating func fail(_ kind: LinkFailure.Kind, _ reason: String, remedy: String, _ now: UInt64) -> [EngineAction] {
        fail(LinkFailure(kind, reason, remedy: remedy), now)
    }

    mutating func fail(_ failure: LinkFailure, _ now: UInt64) -> [EngineAction] {
        let closing = EngineAction.close(key)
        end(failure, now: now)
        return [closing]
    }
}
