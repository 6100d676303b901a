import ParkSyncCore
import ParkSyncWire

/// All links of one node: which peer is asked for which origins, and when. Owns no clock, no socket and no randomness: times
/// and the seed are handed in, and what is to be done comes back as actions.
///
/// From a peer come the peer's own entries; entries of a park out of reach come through one of the others. `now` is always
/// monotonic milliseconds, `wall` Unix milliseconds.
package struct ReplicationEngine: Sendable {
    private var own: NodeState
    private var isRecovering: Bool
    /// Sorted by peer.
    private var sessions: [PeerSession]
    private var relays = RelayPlan()
    private var ring = AgreementRing()
    private var relayDeadline: UInt64?
    private var disputes = Disputes()

    /// - Parameters:
    ///   - peers: the other parks' base origins.
    ///   - seed: decides the back-off's jitter; nodes of one zone need different ones.
    ///   - isRecovering: whether this node's own entries have to be fetched back from its peers.
    package init(own: NodeState, peers: [OriginID], seed: UInt64, isRecovering: Bool, now: UInt64) {
        self.own = own
        self.isRecovering = isRecovering
        var random = SplitMix64(state: seed)
        sessions = Set(peers).subtracting([own.origin]).sorted().map { PeerSession(peer: $0, seed: random.next(), now: now) }
        if let digest = own.digest { ring.add(digest) }
    }

    // MARK: events

    package mutating func tick(now: UInt64) -> [EngineAction] {
        var actions: [EngineAction] = []
        for index in sessions.indices { actions += sessions[index].tick(now: now) }
        return actions + arrange(now: now)
    }

    package mutating func received(_ key: StreamKey, _ bytes: [UInt8], now: UInt64, wall: UInt64) -> [EngineAction] {
        guard let index = current(key) else { return [] }
        let digest = sessions[index].remote?.digest
        var actions = sessions[index].receive(bytes, own: own, now: now, wall: wall)
        if let heard = sessions[index].remote?.digest, heard != digest { compare(index, wall: wall) }
        noteLack(index, wall: wall)
        noteDisputes(index, now: now)
        actions += arrange(now: now)
        return actions
    }

    /// - Parameter failure: nil when the stream was closed from this side; such a stream is no longer current.
    package mutating func closed(_ key: StreamKey, _ failure: LinkFailure?, now: UInt64) -> [EngineAction] {
        guard let index = current(key) else { return [] }
        sessions[index].end(failure ?? LinkFailure(.broken, "\(key.peer): the stream was closed", remedy: "It opens again by itself."), now: now)
        return arrange(now: now)
    }

    package mutating func stored(_ key: StreamKey, _ outcome: StoreOutcome, now: UInt64) -> [EngineAction] {
        guard let index = current(key) else { return [] }
        let actions = sessions[index].stored(outcome, now: now)
        noteDisputes(index, now: now)
        return actions + arrange(now: now)
    }

    package mutating func ownStateChanged(_ state: NodeState, now: UInt64, wall: UInt64) -> [EngineAction] {
        let digest = own.digest
        own = state
        for index in sessions.indices { noteLack(index, wall: wall) }
        guard let newest = state.digest, newest != digest else { return [] }
        ring.add(newest)
        for index in sessions.indices { compare(index, wall: wall) }
        return []
    }

    /// A peer has called this node, so it is alive.
    package mutating func contacted(by park: String, now: UInt64) -> [EngineAction] {
        guard let index = sessions.firstIndex(where: { $0.peer.park == park }) else { return [] }
        sessions[index].hurry(now: now)
        return arrange(now: now)
    }

    /// - Returns: nil if the park is no peer.
    package mutating func setPaused(_ park: String, _ paused: Bool, now: UInt64) -> [EngineAction]? {
        guard let index = sessions.firstIndex(where: { $0.peer.park == park }) else { return nil }
        return sessions[index].setPaused(paused, now: now) + arrange(now: now)
    }

    package mutating func setRecovering(_ recovering: Bool, now: UInt64) -> [EngineAction] {
        isRecovering = recovering
        return arrange(now: now)
    }

    /// Closes all streams.
    package mutating func stop(now: UInt64) -> [EngineAction] {
        sessions.indices.flatMap { sessions[$0].setPaused(true, now: now) }
    }

    private func current(_ key: StreamKey) -> Int? {
        sessions.firstIndex { $0.peer == key.peer && $0.isCurrent(key) }
    }

    // MARK: who is asked for what

    /// Opens what is due, opens anew what asks for the wrong origins, and says when to look again.
    private mutating func arrange(now: UInt64) -> [EngineAction] {
        planRelays(now: now)
        var actions: [EngineAction] = []
        for index in sessions.indices {
            let origins = origins(for: sessions[index].peer)
            switch sessions[index].phase {
            case .waiting(let until) where until <= now: actions += sessions[index].open(origins, now: now)
            case .streaming where sessions[index].asked != origins: actions += sessions[index].reopen(origins, now: now)
            default: break
            }
        }
        let deadlines = sessions.compactMap(\.deadline) + [relayDeadline].compactMap { $0 }
        if let next = deadlines.min() { actions.append(.wake(at: next)) }
        return actions
    }

    private mutating func noteLack(_ index: Int, wall: UInt64) {
        guard let theirs = sessions[index].remote?.logged else { return }
        sessions[index].lack.update(applied: own.applied, theirs: theirs, wall: wall)
    }

    private mutating func noteDisputes(_ index: Int, now: UInt64) {
        guard !sessions[index].isOpen else { return }
        for origin in sessions[index].disputed { disputes.add(origin, peer: sessions[index].peer, now: now) }
    }

    private mutating func planRelays(now: UInt64) {
        var waits: [UInt64] = []
        var missing: [OriginID] = []
        for session in sessions {
            guard let since = session.downSince else { continue }
            let due = since &+ RelayPlan.delayMilliseconds
            if now >= due { missing += origins(of: session.peer.park, base: session.peer) } else { waits.append(due) }
        }
        disputes.forgetOld(now: now)
        if let due = disputes.deadline { waits.append(due) }
        missing.removeAll(where: disputes.contains)
        let candidates = sessions.filter(\.isInReach).map { RelayPlan.Candidate(peer: $0.peer, logged: available(from: $0)) }
        // Without a stream to anybody there is nobody to ask, and the opening of one comes back here.
        if let due = relays.update(missing: missing, candidates: candidates, own: own.origin, now: now) { waits.append(due) }
        relayDeadline = waits.filter { $0 > now }.min()
    }

    /// What the peer could send: what it has, without the origins that it no longer keeps from where this node stands.
    private func available(from session: PeerSession) -> VersionVector {
        var result = session.remote?.logged ?? VersionVector()
        for element in lacking(session) { result[element.origin] = 0 }
        return result
    }

    private func lacking(_ session: PeerSession) -> [VersionVector.Element] {
        session.gone.elements.filter { own.logged[$0.origin] &+ 1 < $0.seq }
    }

    private func origins(for peer: OriginID) -> [OriginID] {
        var result = Set(origins(of: peer.park, base: peer)).union(relays.origins(relayedBy: peer))
        if isRecovering { result.formUnion(origins(of: own.origin.park, base: own.origin)) }
        return result.sorted()
    }

    /// The park's origin and its later incarnations, as far as anybody has spoken of them.
    private func origins(of park: String, base: OriginID) -> [OriginID] {
        var result: Set = [base]
        for vector in [own.logged] + sessions.compactMap({ $0.remote?.logged }) {
            for element in vector.elements where element.origin.park == park { result.insert(element.origin) }
        }
        return result.sorted()
    }

    // MARK: reports

    private mutating func compare(_ index: Int, wall: UInt64) {
        guard let theirs = sessions[index].remote?.digest, let same = ring.agrees(with: theirs) else { return }
        let before = sessions[index].agreement
        if before?.vector == theirs.vector, before?.isSame == same { return }
        sessions[index].agreement = Agreement(isSame: same, vector: theirs.vector, at: wall)
    }

    /// Sorted by peer.
    package func reports() -> [PeerReport] {
        sessions.map { session in
            let link: PeerReport.Link =
                switch session.phase {
                case .waiting(let until): .waiting(until: until)
                case .connecting: .connecting
                case .streaming: own.applied.covers(session.remote?.logged ?? VersionVector()) ? .following : .catchingUp
                case .paused: .paused
                }
            return PeerReport(
                peer: session.peer, link: link, failure: session.failure, remote: session.remote, lastContactAt: session.lastContactAt,
                lackingSince: session.lack.since, clockOffsetMilliseconds: session.clockOffsetMilliseconds, agreement: session.agreement,
                relays: relays.origins(relayedBy: session.peer), gone: lacking(session))
        }
    }

    package func _checkInvariants() {
        assert(zip(sessions, sessions.dropFirst()).allSatisfy { $0.peer < $1.peer }, "sessions are sorted by peer")
        assert(sessions.allSatisfy { $0.peer.park != own.origin.park }, "a node does not call itself")
    }
}
