import ParkSyncCore
import ParkSyncWire

/// All links of one node: which peer is asked for which origins, and when. Owns no clock, no socket
/// and no randomness: times and the seed are handed in, and what is to be done comes back as
/// actions.
///
/// From a peer come the peer's own entries; entries of a park out of reach come through one of the
/// others. `now` is always monotonic milliseconds, `wall` Unix milliseconds.
package struct ReplicationEngine: Sendable {
    private(set) var own: NodeState
    private(set) var standing: LogStanding
    var headGuard = HeadGuard()
    /// What is being fetched beside the own log.
    private(set) var branch: BranchFetch?
    /// The own log was found to be the newest once since the start.
    private(set) var hasWritten = false
    /// Sorted by peer.
    var sessions: [PeerSession]
    var plan = AskingPlan()
    private var ring = AgreementRing()
    var longFrames = LongFrames()
    /// Why nobody is called; nil if peers are.
    var halted: LinkFailure?
    /// The parks of the configuration.
    let configured: Set<String>
    private(set) var membership = Membership()
    /// Parks that were taken out and call under an origin that nobody knows yet, and that origin.
    var returning: [String: OriginID] = [:]
    /// The last alarm that was asked for.
    var wakeAt: UInt64?

    /// - Parameters:
    ///   - peers: the other parks' base origins.
    ///   - seed: decides the back-off's jitter; nodes of one zone need different ones.
    ///   - isRecovering: whether this node's own entries have to be fetched back from its peers.
    ///   - entryBytesMax: the longest entry that this node takes.
    package init(
        own: NodeState, peers: [OriginID], seed: UInt64, isRecovering: Bool,
        entryBytesMax: Int = CoreLimits.payloadBytesDefault, now: UInt64
    ) {
        self.own = own
        standing = isRecovering ? .fetching(isLost: true, hasBranch: false) : .ready
        var random = SplitMix64(state: seed)
        let others = Set(peers).subtracting([own.origin]).sorted()
        let limits = ReceiveLimits(entryBytesMax: entryBytesMax, peers: others.count)
        sessions = others.map { PeerSession(peer: $0, seed: random.next(), now: now, limits: limits) }
        configured = Set(others.map(\.park) + [own.origin.park])
        if let digest = own.digest { ring.add(digest) }
        // What is known from the start is no news when a vector names it. What is in the log was
        // checked.
        plan.learn(VersionVector(sessions.map { ($0.peer, 1) })) { _ in true }
        plan.learn(own.logged) { _ in true }
    }

    // MARK: events

    package mutating func tick(now: UInt64) -> [EngineAction] {
        var actions: [EngineAction] = []
        for index in sessions.indices { actions += sessions[index].tick(now: now) }
        if !actions.isEmpty { plan.expire() }
        return actions + shareRoom(now: now) + arrange(now: now) + guardHead(now: now)
    }

    package mutating func received(_ key: StreamKey, _ bytes: [UInt8], now: UInt64, wall: UInt64) -> [EngineAction] {
        guard let index = current(key) else { return [] }
        let (standing, remote) = (sessions[index].standing, sessions[index].contact.remote)
        var actions = sessions[index].receive(
            bytes, own: own, storingOfOthers: storing(without: index), now: now, wall: wall)
        actions = refuseStrangers(actions, index, now: now)
        if let newest = sessions[index].contact.remote, newest != remote {
            if let heard = newest.digest, heard != remote?.digest { compare(index, wall: wall) }
            if newest.logged != remote?.logged {
                learn(newest.logged)
                noteLack(index, wall: wall)
                if plan.isRelaying { plan.expire() }
            }
            let isOfStranger = namesStranger(newest)
            sessions[index].change { $0.namesStranger = isOfStranger }
        }
        if sessions[index].phase.stream?.namesStranger == true { actions += refuseStrangers(index, now: now) }
        noteEnd(index, now: now)
        actions += makeRoom(index, now: now)
        // Most frames say nothing that decides who is asked for what.
        if plan.isStale || sessions[index].standing != standing {
            actions += rearrange(now: now)
        } else if let due = sessions[index].showsBy, wakeAt.map({ due < $0 }) ?? true {
            actions += arrange(now: now)
        }
        return actions + (self.standing.isReady ? [] : guardHead(now: now))
    }

    /// - Parameter failure: nil when the stream was closed from this side; such a stream is no
    ///   longer current.
    package mutating func closed(_ key: StreamKey, _ failure: LinkFailure?, now: UInt64) -> [EngineAction] {
        guard let index = current(key) else { return [] }
        // A call to a peer that is out of reach anyway changes no plan.
        if sessions[index].downSince == nil { plan.expire() }
        sessions[index].end(
            failure ?? LinkFailure(.broken, "\(key.peer): the stream was closed", remedy: "It opens again by itself."),
            now: now)
        let resumed = shareRoom(now: now)
        // The alarm that was asked for comes before anything is to be done about this peer.
        if standing.isReady, !plan.isStale, let wakeAt, wakeAt > now, let deadline = sessions[index].deadline,
            deadline >= wakeAt
        {
            return resumed
        }
        return resumed + arrange(now: now) + (standing.isReady ? [] : guardHead(now: now))
    }

    package mutating func stored(_ key: StreamKey, _ outcome: StoreOutcome, now: UInt64) -> [EngineAction] {
        if let index = index(of: key.peer) { sessions[index].release(key.generation) }
        let resumed = shareRoom(now: now)
        guard let index = current(key) else { return plan.isStale ? resumed + rearrange(now: now) : resumed }
        let standing = sessions[index].standing
        var actions =
            sessions[index].stored(outcome, own: own.origin, storingOfOthers: storing(without: index), now: now)
            + resumed
        noteEnd(index, now: now)
        if plan.isStale || sessions[index].standing != standing { actions += rearrange(now: now) }
        return actions + (self.standing.isReady ? [] : guardHead(now: now))
    }

    /// - Parameters:
    ///   - standing: nil if it is as it was; likewise `membership`.
    ///   - branch: what is being fetched beside the own log.
    package mutating func ownStateChanged(
        _ state: NodeState, now: UInt64, wall: UInt64, standing newStanding: LogStanding? = nil,
        membership newMembership: Membership? = nil,
        branch newBranch: BranchFetch? = nil
    ) -> [EngineAction] {
        let before = own
        let isOtherZone = newMembership.map { $0 != membership } ?? false
        if let newMembership { membership = newMembership }
        // What peers named before the key of a park was there counts from now on.
        if isOtherZone {
            for index in sessions.indices {
                if let remote = sessions[index].contact.remote { learn(remote.logged) }
            }
        }
        var actions = noteOwnState(state, now: now, wall: wall)
        if isOtherZone || !returning.isEmpty { actions += arrangeMembers(now: now) }
        let isOther = newStanding.map { $0 != standing } ?? false
        if let newStanding { (standing, hasWritten) = (newStanding, hasWritten || newStanding.isReady) }
        // What an operator allowed for this time.
        if isOther, standing.isReady { headGuard.policy = HeadGuard.Policy() }
        let isOtherTask = branch.map { !$0.isSameTask(as: newBranch) } ?? (newBranch != nil)
        branch = newBranch
        if isOtherTask, newBranch == nil { actions += compareAllAgain() }
        actions += reopenShortened(before, alsoOwn: isOtherTask, now: now)
        // Peers learn from a call what this node writes as.
        if before.origin != own.origin {
            for index in sessions.indices where sessions[index].isOpen {
                actions += sessions[index].reopen(sessions[index].newest.asked, now: now)
            }
        }
        if isOtherZone { actions += rearrange(now: now) }
        if isOther || isOtherTask { return actions + rearrange(now: now) + guardHead(now: now) }
        if branch?.isWhole == true { return actions + guardHead(now: now) }
        return actions + (standing.isReady ? [] : guardHead(now: now))
    }

    private mutating func noteOwnState(_ state: NodeState, now: UInt64, wall: UInt64) -> [EngineAction] {
        let before = own
        own = state
        let compares = compareAgain(before)
        if state.logged != before.logged {
            learn(state.logged)
            plan.forgetTooLong(state.logged)
        }
        // Where nothing was lacking, nothing is lacking now.
        for index in sessions.indices where sessions[index].contact.lack.since != nil { noteLack(index, wall: wall) }
        // What a peer no longer keeps may have come another way.
        if !plan.isStale, sessions.indices.contains(where: { !sessions[$0].newest.gone.elements.isEmpty }) {
            plan.expire()
        }
        guard let newest = state.digest, newest != before.digest else { return compares }
        let fingerprint = ring.add(newest)
        // Older digests were compared when they were heard or made.
        for index in sessions.indices where sessions[index].contact.remoteFingerprint == fingerprint {
            compare(index, wall: wall)
        }
        return compares
    }

    func session(of park: String) -> Int? { sessions.indices.first { sessions[$0].park == park } }

    /// The session of the stream, unless it is over.
    func current(_ key: StreamKey) -> Int? { index(of: key.peer).flatMap { sessions[$0].isCurrent(key) ? $0 : nil } }

    func index(of peer: OriginID) -> Int? {
        var (low, high) = (0, sessions.count)
        while low < high {
            let middle = (low + high) / 2
            if sessions[middle].peer < peer { low = middle + 1 } else { high = middle }
        }
        return low < sessions.count && sessions[low].peer == peer ? low : nil
    }

    // MARK: who is asked for what

    /// The same as `arrange`, after something that decides who is asked for what.
    mutating func rearrange(now: UInt64) -> [EngineAction] {
        plan.expire()
        return arrange(now: now)
    }

    /// Opens what is due, opens anew what asks for the wrong origins, and says when to look again.
    mutating func arrange(now: UInt64) -> [EngineAction] {
        if plan.isDue(now) { makePlan(now: now) }
        var actions: [EngineAction] = []
        var next = [plan.deadline, longFrames.deadline].compactMap { $0 }.min()
        for index in sessions.indices {
            switch sessions[index].stage {
            case .waiting where halted != nil: if let halted { sessions[index].stay(out: halted, now: now) }
            case .waiting(let until) where until <= now: actions += sessions[index].open(plan.wanted[index], now: now)
            case .streaming where sessions[index].newest.asked != plan.wanted[index]:
                actions += sessions[index].reopen(plan.wanted[index], now: now)
            default: break
            }
            if let deadline = sessions[index].deadline { next = min(next ?? deadline, deadline) }
            if let due = sessions[index].conduct.debt.due { next = min(next ?? due, due) }
        }
        wakeAt = next
        if let next { actions.append(.wake(at: next)) }
        return actions
    }

    private mutating func noteLack(_ index: Int, wall: UInt64) {
        guard let theirs = sessions[index].contact.remote?.logged else { return }
        sessions[index].contact.lack.update(applied: own.applied, theirs: membership.waitedFor(theirs), wall: wall)
    }

    /// Notes the origins that somebody has named.
    private mutating func learn(_ vector: VersionVector) {
        let (configured, membership) = (configured, membership)
        plan.learn(vector) { Self.isMember($0, configured, membership) }
    }

    private mutating func noteEnd(_ index: Int, now: UInt64) {
        guard !sessions[index].isOpen else { return }
        if let refused = sessions[index].newest.tooLong, own.logged[refused.entry.origin] < refused.entry.first {
            plan.add(refused)
        }
        for origin in sessions[index].newest.disputed { plan.dispute(origin, peer: sessions[index].peer, now: now) }
    }

    func lacking(_ session: PeerSession) -> [VersionVector.Element] {
        session.newest.gone.elements.filter { own.logged[$0.origin] &+ 1 < $0.seq }
    }

    // MARK: reports

    private mutating func compare(_ index: Int, wall: UInt64) {
        guard let theirs = sessions[index].contact.remote?.digest,
            let fingerprint = sessions[index].contact.remoteFingerprint,
            let same = ring.agrees(with: theirs, fingerprint: fingerprint)
        else { return }
        let before = sessions[index].contact.agreement
        if before?.vector == theirs.vector, before?.isSame == same { return }
        sessions[index].contact.agreement = Agreement(isSame: same, vector: theirs.vector, at: wall)
    }

    /// Whether a plan made from nothing would be the one that is kept, and the alarm comes before
    /// anything is due. What was just heard of own entries, and an alarm that is due, may change
    /// the plan at the next event.
    package func _isPlanCurrent(now: UInt64) -> Bool {
        if plan.isStale || wakeAt.map({ $0 <= now }) ?? false { return true }
        let due = (sessions.compactMap(\.deadline) + [plan.deadline, longFrames.deadline].compactMap { $0 }).min()
        guard due.map({ due in wakeAt.map { $0 <= due } ?? false }) ?? true else { return false }
        var anew = self
        anew.plan.lookUpAnew()
        anew.makePlan(now: now)
        return anew.plan.wanted == plan.wanted
    }
}
