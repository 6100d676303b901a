import ParkSyncCore
import ParkSyncWire

@testable import ParkSyncReplication

/// South's engine, told event by event what its peers say.
struct EngineUnderTest {
    static let south = origin("south")
    static let west = origin("west")
    static let airport = origin("airport")

    var engine: ReplicationEngine
    var own: NodeState
    var now: UInt64 = 1_000
    var wall: UInt64 = 5_000_000
    /// The newest stream to each peer.
    private(set) var keys: [OriginID: StreamKey] = [:]
    /// What each was asked for.
    private(set) var asked: [OriginID: [OriginID]] = [:]
    private(set) var alarm: UInt64?

    init(peers: [OriginID] = [west], seed: UInt64 = 1, isRecovering: Bool = false, own: NodeState = state(of: south)) {
        self.own = own
        engine = ReplicationEngine(own: own, peers: peers, seed: seed, isRecovering: isRecovering, now: 1_000)
    }

    static func state(
        of origin: OriginID, logged: [(OriginID, UInt64)] = [], schema: (number: UInt64, hash: UInt8) = (1, 1),
        digest: StateDigest? = nil
    ) -> NodeState {
        NodeState(
            origin: origin, schemaNumber: schema.number, schemaHash: [UInt8](repeating: schema.hash, count: 32),
            applied: VersionVector(logged), logged: VersionVector(logged), digest: digest)
    }

    static func slice(_ origin: OriginID, _ first: UInt64, count: Int = 1, bytes: Int = 100) -> LogSlice {
        LogSlice(
            origin: origin, first: first, count: count,
            body: [UInt8](repeating: UInt8(truncatingIfNeeded: first), count: bytes),
            signature: [UInt8](repeating: UInt8(truncatingIfNeeded: first), count: EntryChain.signatureBytes))
    }

    static func slice(_ first: UInt64, count: Int = 1, bytes: Int = 100) -> LogSlice {
        slice(west, first, count: count, bytes: bytes)
    }

    static func failure(_ kind: LinkFailure.Kind, retryAfter: UInt64? = nil) -> LinkFailure {
        LinkFailure(kind, "as the test wants it", remedy: "None: this is a test.", retryAfterMilliseconds: retryAfter)
    }

    // MARK: events

    mutating func note(_ actions: [EngineAction]) -> [EngineAction] {
        for action in actions {
            if case .open(let key, let origins) = action { (keys[key.peer], asked[key.peer]) = (key, origins) }
            if case .wake(let time) = action { alarm = time }
        }
        return actions
    }

    @discardableResult mutating func tick() -> [EngineAction] { note(engine.tick(now: now)) }

    @discardableResult mutating func tick(after milliseconds: UInt64) -> [EngineAction] {
        now += milliseconds
        return tick()
    }

    @discardableResult mutating func hear(_ frames: LogFrame..., from peer: OriginID = west) -> [EngineAction] {
        guard let key = keys[peer] else { return [] }
        return note(engine.received(key, frames.flatMap { $0.encode() }, now: now, wall: wall))
    }

    @discardableResult mutating func greet(
        _ peer: OriginID = west, _ state: NodeState? = nil, version: UInt64 = WireLimits.protocolVersion
    )
        -> [EngineAction]
    {
        tick()
        return hear(.hello(state ?? Self.state(of: peer), protocolVersion: version, wallMilliseconds: wall), from: peer)
    }

    @discardableResult mutating func close(_ failure: LinkFailure?, _ peer: OriginID = west) -> [EngineAction] {
        guard let key = keys[peer] else { return [] }
        return note(engine.closed(key, failure, now: now))
    }

    @discardableResult mutating func stored(_ outcome: StoreOutcome = .stored, _ peer: OriginID = west)
        -> [EngineAction]
    {
        guard let key = keys[peer] else { return [] }
        return note(engine.stored(key, outcome, now: now))
    }

    mutating func contacted(by park: String) -> [EngineAction] { note(engine.contacted(by: park, now: now)) }

    // MARK: looking

    func report(_ peer: OriginID = west) -> PeerReport? { engine.reports().first { $0.peer == peer } }

    /// Milliseconds until the next call; nil unless it waits.
    func wait(_ peer: OriginID = west) -> UInt64? {
        guard case .waiting(let until)? = report(peer)?.link else { return nil }
        return until - now
    }
}

extension [EngineAction] {
    var opens: [StreamKey] { compactMap { if case .open(let key, _) = $0 { key } else { nil } } }
    var closes: [StreamKey] { compactMap { if case .close(let key) = $0 { key } else { nil } } }
    var pauses: [StreamKey] { compactMap { if case .pause(let key) = $0 { key } else { nil } } }
    var resumes: [StreamKey] { compactMap { if case .resume(let key) = $0 { key } else { nil } } }
    var stores: [LogSlice] { compactMap { if case .store(_, let slice) = $0 { slice } else { nil } } }
}
