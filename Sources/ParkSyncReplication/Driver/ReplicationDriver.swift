import ParkSyncCore
import ParkSyncWire
import Synchronization

/// Runs a `ReplicationEngine` over a log, a transport and a clock.
///
/// Events come from the transport's thread, from the log and from tasks; a lock puts them into one
/// order, and the actions of an event are carried out under the same lock, so that two events'
/// actions never mix.
package final class ReplicationDriver: EnginePorts, Sendable {
    package struct Room {
        fileprivate var engine: ReplicationEngine
        fileprivate var streams: [OriginID: (key: StreamKey, id: StreamID)] = [:]
        fileprivate var isRunning = false
        /// How each link was told of last.
        fileprivate var told: [OriginID: LinkStanding] = [:]
        /// The lie of each peer that was told of last.
        fileprivate var lies: [OriginID: PeerLie] = [:]
    }

    private let log: any ChangeLog
    private let transport: any PeerTransport
    private let clock: any NodeClock
    private let signal = WakeSignal()
    private let alarm: Alarm
    private let state: Mutex<Room>
    private let failures = Mutex<String?>(nil)
    private let notice: @Sendable (ReplicationNotice) -> Void

    /// - Parameters:
    ///   - notice: told what happens on the links, on an unspecified thread; must not block for
    ///     long. Else see `ReplicationEngine.init`.
    package init(
        log: any ChangeLog, transport: any PeerTransport, clock: any NodeClock, peers: [OriginID], seed: UInt64,
        isRecovering: Bool,
        entryBytesMax: Int = CoreLimits.payloadBytesDefault,
        notice: @escaping @Sendable (ReplicationNotice) -> Void = { _ in }
    ) {
        self.notice = notice
        self.log = log
        self.transport = transport
        self.clock = clock
        alarm = Alarm(clock: clock, signal: signal)
        state = Mutex(
            Room(
                engine: ReplicationEngine(
                    own: log.state(), peers: peers, seed: seed, isRecovering: isRecovering,
                    entryBytesMax: entryBytesMax,
                    now: clock.monotonicMilliseconds())))
    }

    /// Exchanges entries until the task is cancelled; then all streams are closed.
    package func run() async {
        let observation = log.observe { [weak self] in self?.logChanged() }
        state.withLock { $0.isRunning = true }
        handle { look(&$0, $1) + $0.tick(now: $1) }
        while await signal.wait() { handle { $0.tick(now: $1) } }
        handle { $0.stop(now: $1) }
        state.withLock { $0.isRunning = false }
        alarm.cancel()
        withExtendedLifetime(observation) {}
    }

    private func logChanged() {
        // Read under the lock: two changes at once must not be told in the wrong order.
        handle { look(&$0, $1) }
    }

    private func look(_ engine: inout ReplicationEngine, _ now: UInt64) -> [EngineAction] {
        engine.saw(LogLook(log), now: now, wall: clock.wallMilliseconds())
    }

    /// What is known of each peer, sorted by park.
    package func reports() -> [PeerReport] { state.withLock { $0.engine.reports() } }

    /// Parks that do not know this node's park, if nobody does: see `ReplicationEngine.excluding`.
    package func excluding() -> [String] { state.withLock { $0.engine.excluding() } }

    /// A peer has called this node: see `ReplicationEngine.contacted`.
    package func contacted(by park: String, as origin: OriginID? = nil) {
        handle { $0.contacted(by: park, as: origin, now: $1) }
    }

    /// Why a peer's request is refused for what it says; nil if it may be served.
    package func refusal(of request: LogRequest, from park: String) -> LinkFailure? {
        var refusal: LinkFailure?
        handle { engine, now in
            refusal = engine.refusal(of: request, from: park, now: now)
            return []
        }
        return refusal
    }

    /// Logs that do not go on here, because the next entry is longer than this node takes; sorted.
    package func tooLong() -> [(origin: OriginID, seq: UInt64, cause: String, remedy: String)] {
        state.withLock { $0.engine.plan.tooLong.all }.map { ($0.entry.origin, $0.entry.first, $0.cause, $0.remedy) }
    }

    /// - Returns: false if the park is no peer.
    package func setPaused(park: String, _ paused: Bool) -> Bool {
        var isPeer = false
        handle { engine, now in
            let actions = engine.setPaused(park, paused, now: now)
            isPeer = actions != nil
            return actions ?? []
        }
        return isPeer
    }

    /// Whether any peer is in reach.
    package func isLinked() -> Bool {
        reports().contains {
            switch $0.link {
            case .following, .catchingUp: true
            case .connecting, .waiting, .paused: false
            }
        }
    }

    /// Calls a peer anew, because its address is another one. Does nothing while the operator has
    /// paused the link.
    package func reopen(park: String) { handle { $0.reopen(park, now: $1) } }

    /// Ends all streams and opens none for this reason; nil to go on.
    package func setHalted(_ failure: LinkFailure?) { handle { $0.setHalted(failure, now: $1) } }

    /// What the operator allows: see `HeadGuard.Policy`.
    package func setPolicy(_ policy: HeadGuard.Policy) { handle { $0.setPolicy(policy, now: $1) } }

    /// Where the check of the own log stands.
    package func headJudgement() -> HeadGuard.Judgement { state.withLock { $0.engine.headJudgement() } }

    /// Notes what a peer did apart from its streams, also before any link is open.
    package func note(_ lie: PeerLie, of park: String) {
        let news = state.withLock { state -> [ReplicationNotice] in
            guard let peer = state.engine.peers.first(where: { $0.park == park }) else { return [] }
            state.engine.note(lie, of: peer)
            return Self.news(about: peer, &state)
        }
        for notice in news { self.notice(notice) }
    }

    // MARK: events and actions

    /// - Parameter peer: whose link the event is about; nil if it may be any.
    private func handle(about peer: OriginID? = nil, _ event: (inout ReplicationEngine, UInt64) -> [EngineAction]) {
        let now = clock.monotonicMilliseconds()
        let news = state.withLock { state -> [ReplicationNotice] in
            guard state.isRunning else { return [] }
            perform(event(&state.engine, now), &state)
            return Self.news(about: peer, &state)
        }
        for notice in news { self.notice(notice) }
    }

    /// What has become of links since it was told last. A call that fails as the one before is no
    /// news.
    private static func news(about peer: OriginID?, _ state: inout Room) -> [ReplicationNotice] {
        var news: [ReplicationNotice] = []
        for peer in peer.map({ [$0] }) ?? state.engine.peers {
            if let lie = state.engine.lie(of: peer), state.lies[peer] != lie {
                state.lies[peer] = lie
                news.append(.lied(peer, lie))
            }
            guard let standing = state.engine.standing(of: peer), state.told[peer]?.isLike(standing) != true else {
                continue
            }
            state.told[peer] = standing
            switch standing {
            case .linked: news.append(.linked(peer))
            case .lost(let failure): news.append(.lost(peer, failure))
            }
        }
        return news
    }

    // MARK: ports, all under the lock

    package func open(_ key: StreamKey, _ origins: [OriginID], _ room: inout Room) {
        let request = log.request(origins, wall: clock.wallMilliseconds())
        let id = transport.open(peer: key.peer, body: request.encode()) { [weak self] event in self?.heard(key, event) }
        room.streams[key.peer] = (key, id)
    }

    package func close(_ key: StreamKey, _ room: inout Room) { if let id = stream(key, room) { transport.close(id) } }
    package func pause(_ key: StreamKey, _ room: inout Room) { if let id = stream(key, room) { transport.pause(id) } }
    package func resume(_ key: StreamKey, _ room: inout Room) { if let id = stream(key, room) { transport.resume(id) } }

    private func stream(_ key: StreamKey, _ room: Room) -> StreamID? {
        guard let stream = room.streams[key.peer], stream.key == key else { return nil }
        return stream.id
    }

    package func compare(_ branch: LogBranch, _ room: inout Room) -> BranchFinding? { log.compare(branch) }

    package func wake(at time: UInt64, _ room: inout Room) { alarm.set(time) }

    package func tell(
        _ room: inout Room, _ event: (inout ReplicationEngine, _ now: UInt64) -> [EngineAction]
    ) -> [EngineAction] {
        event(&room.engine, clock.monotonicMilliseconds())
    }

    package func carryOut(_ demand: LogDemand, _ room: inout Room) {
        log.carryOut(demand) { [self] result in
            let outcome = DemandOutcome(result)
            failures.withLock { $0 = outcome.failure }
            switch outcome {
            case .done: carriedOut()
            case .failed:
                Task { [clock, weak self] in
                    try? await clock.sleep(until: clock.monotonicMilliseconds() &+ DemandOutcome.retryMilliseconds)
                    self?.carriedOut()
                }
            }
        }
    }

    private func carriedOut() {
        handle { $0.carriedOut(LogLook(log), now: $1, wall: clock.wallMilliseconds()) }
    }

    /// Why the log could not do what the check of it wants; nil if it could.
    package func headFailure() -> String? { failures.withLock { $0 } }

    private func heard(_ key: StreamKey, _ event: TransportEvent) {
        switch event {
        case .opened: break
        case .bytes(let bytes):
            handle(about: key.peer) { $0.received(key, bytes, now: $1, wall: clock.wallMilliseconds()) }
        case .closed(let failure): handle(about: key.peer) { $0.closed(key, failure, now: $1) }
        }
    }

    package func keep(_ slice: LogSlice, from key: StreamKey, _ room: inout Room) {
        log.receive(slice) { [self] result in
            let outcome = StoreOutcome(result)
            switch outcome {
            case .stored: break
            case .refused(let refusal): notice(.refused(key.peer, refusal))
            case .failed(let words): notice(.notStored(key.peer, words))
            }
            handle(about: key.peer) { $0.stored(key, outcome, now: $1) }
        }
    }
}
