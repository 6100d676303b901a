import ParkSyncCore
import ParkSyncWire
import Synchronization

/// Runs a `ReplicationEngine` over a log, a transport and a clock.
///
/// Events come from the transport's thread, from the log and from tasks; a lock puts them into one
/// order, and the actions of an event are carried out under the same lock, so that two events'
/// actions never mix.
package final class ReplicationDriver: Sendable {
    private struct State {
        var engine: ReplicationEngine
        var streams: [OriginID: (key: StreamKey, id: StreamID)] = [:]
        var isRunning = false
        /// How each link was told of last.
        var told: [OriginID: LinkStanding] = [:]
        /// The lie of each peer that was told of last.
        var lies: [OriginID: PeerLie] = [:]
    }

    private let log: any ChangeLog
    private let transport: any PeerTransport
    private let clock: any NodeClock
    private let signal = WakeSignal()
    private let alarm: Alarm
    private let state: Mutex<State>
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
            State(
                engine: ReplicationEngine(
                    own: log.state(), peers: peers, seed: seed, isRecovering: isRecovering,
                    entryBytesMax: entryBytesMax,
                    now: clock.monotonicMilliseconds())))
    }

    /// Exchanges entries until the task is cancelled; then all streams are closed.
    package func run() async {
        let observation = log.observe { [weak self] in self?.logChanged() }
        state.withLock { $0.isRunning = true }
        handle { tell(&$0, $1) + $0.tick(now: $1) }
        while await signal.wait() { handle { $0.tick(now: $1) } }
        handle { $0.stop(now: $1) }
        state.withLock { $0.isRunning = false }
        alarm.cancel()
        withExtendedLifetime(observation) {}
    }

    private func logChanged() {
        // Read under the lock: two changes at once must not be told in the wrong order.
        handle { tell(&$0, $1) }
    }

    private func tell(_ engine: inout ReplicationEngine, _ now: UInt64) -> [EngineAction] {
        engine.ownStateChanged(
            log.state(), now: now, wall: clock.wallMilliseconds(), standing: log.standing(),
            membership: log.membership(), branch: log.branchFetch())
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
            for action in event(&state.engine, now) { perform(action, &state) }
            return Self.news(about: peer, &state)
        }
        for notice in news { self.notice(notice) }
    }

    /// What has become of links since it was told last. A call that fails as the one before is no
    /// news.
    private static func news(about peer: OriginID?, _ state: inout State) -> [ReplicationNotice] {
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

    private func perform(_ action: EngineAction, _ state: inout State) {
        switch action {
        case .open(let key, let origins): open(key, origins, &state)
        case .close(let key): if let id = stream(key, state) { transport.close(id) }
        case .pause(let key): if let id = stream(key, state) { transport.pause(id) }
        case .resume(let key): if let id = stream(key, state) { transport.resume(id) }
        case .store(let key, let slice): store(key, slice)
        case .compare(let key, let branch):
            // The log may have grown by what the peer has from it since it was told last.
            let now = clock.monotonicMilliseconds()
            for next in state.engine.compared(key, branch, log.compare(branch), now: now) { perform(next, &state) }
        case .demand(let demand): carryOut(demand)
        case .wake(let deadline): alarm.set(deadline)
        }
    }

    private func stream(_ key: StreamKey, _ state: State) -> StreamID? {
        guard let stream = state.streams[key.peer], stream.key == key else { return nil }
        return stream.id
    }

    private func open(_ key: StreamKey, _ origins: [OriginID], _ state: inout State) {
        let request = log.request(origins, wall: clock.wallMilliseconds())
        let id = transport.open(peer: key.peer, body: request.encode()) { [weak self] event in self?.heard(key, event) }
        state.streams[key.peer] = (key, id)
    }

    private func carryOut(_ demand: LogDemand) {
        log.carryOut(demand) { [self] result in
            // What could not be done is tried again, at the latest after this.
            if case .failure(let failure) = result {
                failures.withLock { $0 = "\(failure)" }
                Task { [clock, weak self] in
                    try? await clock.sleep(until: clock.monotonicMilliseconds() &+ Self.retryMilliseconds)
                    self?.carriedOut()
                }
            } else {
                failures.withLock { $0 = nil }
                carriedOut()
            }
        }
    }

    private func carriedOut() {
        handle { $0.carriedOut(now: $1) + tell(&$0, $1) }
    }

    /// Why the log could not do what the check of it wants; nil if it could.
    package func headFailure() -> String? { failures.withLock { $0 } }

    /// How long what the log could not do waits.
    package static let retryMilliseconds: UInt64 = 500

    private func heard(_ key: StreamKey, _ event: TransportEvent) {
        switch event {
        case .opened: break
        case .bytes(let bytes):
            handle(about: key.peer) { $0.received(key, bytes, now: $1, wall: clock.wallMilliseconds()) }
        case .closed(let failure): handle(about: key.peer) { $0.closed(key, failure, now: $1) }
        }
    }

    /// Under the lock, so that slices reach the log in the order in which they came.
    private func store(_ key: StreamKey, _ slice: LogSlice) {
        log.receive(slice) { [self] result in
            let outcome: StoreOutcome
            switch result {
            case .success: outcome = .stored
            case .failure(let refusal as SliceRefused):
                outcome = .refused(refusal)
                notice(.refused(key.peer, refusal))
            case .failure(let error):
                outcome = .failed(ErrorWords.of(error))
                notice(.notStored(key.peer, ErrorWords.of(error)))
            }
            handle(about: key.peer) { $0.stored(key, outcome, now: $1) }
        }
    }
}
