import ParkSyncCore
import ParkSyncWire

/// One peer's link: when to call, what was heard, what waits for the log. Its methods return
/// actions; it does nothing itself.
struct PeerSession: Sendable {
    /// What the engine's plan depends on. As long as it stays as it was, what is heard changes
    /// nothing about who is asked for what.
    struct Standing: Equatable {
        var stage: LinkPhase.Stage
        var downSince: UInt64?
        var isInReach: Bool
        var isHeldBack: Bool
        var gone: VersionVector
    }

    let peer: OriginID
    /// Kept because it is compared often.
    let park: String
    let limits: ReceiveLimits
    private(set) var phase: LinkPhase
    var newest = NewestStream()
    var contact = PeerContact()
    var conduct = PeerConduct()
    /// On their way to the log, with those of streams that are over.
    var inbound: InboundEntries
    /// Why the last stream ended.
    private(set) var failure: LinkFailure?
    /// Since when the peer is out of reach, monotonic; nil while it is in reach.
    private(set) var downSince: UInt64?
    /// Counts the streams.
    private var generation: UInt64 = 0
    private var backoff: Backoff

    init(peer: OriginID, seed: UInt64, now: UInt64, limits: ReceiveLimits = ReceiveLimits()) {
        self.limits = limits
        inbound = InboundEntries(bytesMax: limits.inboundBytesMax)
        self.peer = peer
        park = peer.park
        phase = .waiting(until: now)
        downSince = now
        backoff = Backoff(seed: seed)
    }

    var key: StreamKey { StreamKey(peer: peer, generation: generation) }
    func isCurrent(_ key: StreamKey) -> Bool { key.generation == generation && isOpen }
    @inline(__always)
    var stage: LinkPhase.Stage { phase.stage }
    @inline(__always)
    var isHeldBack: Bool { phase.stream?.isHeldBack ?? false }
    /// Whether a long frame is on its way, from its header on until it is stored.
    var hasLongFrame: Bool { isInLongFrame || inbound.hasLong }
    /// Whether it is still to come whole.
    var isInLongFrame: Bool { phase.stream?.isInLongFrame ?? false }
    /// Whether the log has still to keep something that came.
    var isBusy: Bool { inbound.isBusy }
    @inline(__always)
    var isOpen: Bool {
        switch phase {
        case .connecting, .streaming: true
        case .waiting, .paused, .out: false
        }
    }
    /// Whether the park was taken out of the zone.
    var isOut: Bool { if case .out = phase { true } else { false } }
    private var isPaused: Bool { if case .paused = phase { true } else { false } }
    /// True while a stream is opened anew for other origins: a relay that was not in reach
    /// meanwhile would be replaced at once.
    @inline(__always)
    var isInReach: Bool { isOpen && downSince == nil && contact.remote != nil }

    @inline(__always)
    var standing: Standing {
        Standing(stage: stage, downSince: downSince, isInReach: isInReach, isHeldBack: isHeldBack, gone: newest.gone)
    }

    /// When something is to be done though nothing is heard. Made where it is used, so that looking
    /// at hundreds of sessions copies none.
    @inline(__always)
    var deadline: UInt64? {
        switch phase {
        case .waiting(let until): until
        case .connecting(let stream), .streaming(let stream):
            stream.silentUntil.map {
                min($0, Self.showsBy(stream, conduct.unshownMilliseconds, conduct.isLate) ?? .max)
            }
        case .paused, .out: nil
        }
    }

    /// When the peer must have shown what it says to have of this node's park; nil if it has, or
    /// was told to.
    @inline(__always)
    var showsBy: UInt64? { phase.stream.flatMap { Self.showsBy($0, conduct.unshownMilliseconds, conduct.isLate) } }

    private static func showsBy(_ stream: PeerStream, _ unshownMilliseconds: UInt64, _ isLate: Bool) -> UInt64? {
        isLate
            ? nil
            : stream.unshownSince.map {
                $0 &+ WireLimits.headMillisecondsMax - min(unshownMilliseconds, WireLimits.headMillisecondsMax)
            }
    }

    // MARK: stream

    mutating func open(_ origins: [OriginID], now: UInt64) -> [EngineAction] {
        generation &+= 1
        leave(for: .connecting(PeerStream(entryBytesMax: limits.entryBytesMax, now: now)), now: now)
        newest = NewestStream(asked: origins)
        inbound.begin(generation)
        return [.open(key, origins: origins)]
    }

    /// Asks the peer for other origins. It counts as in reach meanwhile.
    mutating func reopen(_ origins: [OriginID], now: UInt64) -> [EngineAction] {
        let closing = EngineAction.close(key)
        let known = newest.gone
        let opening = open(origins, now: now)
        // What the peer did not keep a moment ago, it does not keep now.
        newest.gone = known
        return [closing] + opening
    }

    /// The stream is over, or did not come about.
    mutating func end(_ failure: LinkFailure, now: UInt64) {
        self.failure = failure
        leave(for: .waiting(until: now &+ backoff.fail(failure)), now: now)
        if downSince == nil { downSince = now }
    }

    /// Ends the stream, if there is one: what waits of it comes again on the next one. Who has not
    /// shown on it what it says to have has no more time there.
    private mutating func leave(for next: LinkPhase, now: UInt64) {
        if let since = phase.stream?.unshownSince { conduct.unshownMilliseconds &+= now &- since }
        phase = next
        inbound.clear()
    }

    /// Changes the stream, if there is one.
    @discardableResult
    mutating func change<Result>(_ change: (inout PeerStream) throws -> Result) rethrows -> Result? {
        try phase.change(change)
    }

    /// The peer has answered: the link works.
    mutating func greet() {
        phase.greet()
        (downSince, failure) = (nil, nil)
        backoff.succeed()
    }

    mutating func tick(now: UInt64) -> [EngineAction] {
        guard let stream = phase.stream, let deadline, now >= deadline else { return [] }
        if let showsBy, now >= showsBy {
            conduct.isLate = true
            if conduct.hasGoneOn { noteWithheldHead() }
            if now < stream.heardAt &+ WireLimits.silenceMillisecondsMax { return [] }
        }
        return fail(
            .broken,
            "\(peer): nothing that can be read was heard for \(WireLimits.silenceMillisecondsMax / 1_000) seconds",
            remedy: "Check the network between the parks; the link opens again by itself.", now)
    }

    mutating func setPaused(_ paused: Bool, now: UInt64) -> [EngineAction] {
        guard !isOut, paused != isPaused else { return [] }
        let closing: [EngineAction] = isOpen ? [.close(key)] : []
        leave(for: paused ? .paused : .waiting(until: now), now: now)
        if paused, downSince == nil { downSince = now }
        return closing
    }

    /// The park is taken out of the zone, or comes back.
    mutating func setOut(_ out: Bool, now: UInt64) -> [EngineAction] {
        guard out != isOut else { return [] }
        let closing: [EngineAction] = isOpen ? [.close(key)] : []
        leave(for: out ? .out : .waiting(until: now), now: now)
        failure = nil
        if downSince == nil { downSince = now }
        newest.forgetBranches()
        contact.lack = Lack()
        return closing
    }

    /// The peer is alive: it has just called us. Waiting longer would serve nobody.
    mutating func hurry(now: UInt64) {
        guard case .waiting(let until) = phase, until > now, failure?.kind == .unreachable || failure?.kind == .broken
        else { return }
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

    mutating func fail(_ kind: LinkFailure.Kind, _ reason: String, remedy: String, _ now: UInt64) -> [EngineAction] {
        fail(LinkFailure(kind, reason, remedy: remedy), now)
    }

    mutating func fail(_ failure: LinkFailure, _ now: UInt64) -> [EngineAction] {
        let closing = EngineAction.close(key)
        end(failure, now: now)
        return [closing]
    }
}
