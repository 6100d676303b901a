import ParkSyncCore

/// What the engine does about the log of its own park: what peers have of it is compared, and what
/// is lacking is asked for.
extension ReplicationEngine {
    /// Asks anew for what was given up: the streams go on behind it.
    ///
    /// - Parameter alsoOwn: entries of the own log are asked for from elsewhere than before.
    mutating func reopenShortened(_ before: NodeState, alsoOwn: Bool, now: UInt64) -> [EngineAction] {
        var origins = before.logged.elements.filter { own.logged[$0.origin] < $0.seq }.map(\.origin)
        if alsoOwn { origins.append(own.origin) }
        guard !origins.isEmpty else { return [] }
        var actions: [EngineAction] = []
        for index in sessions.indices
        where sessions[index].isOpen && sessions[index].newest.asked.contains(where: origins.contains) {
            actions += sessions[index].reopen(sessions[index].newest.asked, now: now)
        }
        plan.expire()
        return actions
    }

    /// What was found of peers' copies of the own log holds no longer when that log became shorter
    /// or has another name, and of a copy that was longer also when the own one grew.
    mutating func compareAgain(_ before: NodeState) -> [EngineAction] {
        let (was, now) = (before.logged[before.origin], own.logged[own.origin])
        if before.origin != own.origin || now < was { return compareAllAgain() }
        guard now > was else { return [] }
        var actions: [EngineAction] = []
        for index in sessions.indices where sessions[index].newest.fit.map({ $0 != .same }) ?? false {
            actions += sessions[index].compareAgain(own.origin, isOther: false)
        }
        return actions
    }

    /// The own log may be another one now.
    mutating func compareAllAgain() -> [EngineAction] {
        sessions.indices.flatMap { sessions[$0].compareAgain(own.origin, isOther: true) }
    }

    /// A peer's copy of the own log was compared.
    package mutating func compared(_ key: StreamKey, _ branch: LogBranch, _ finding: BranchFinding, now: UInt64)
        -> [EngineAction]
    {
        guard let index = current(key) else { return [] }
        let before = sessions[index].newest.fit
        let actions = sessions[index].compared(branch.origin, finding, own: own.origin, now: now)
        if finding.fault != nil { return actions + rearrange(now: now) + guardHead(now: now) }
        guard branch.origin.park == own.origin.park else { return [] }
        let fit = sessions[index].newest.fit
        if fit == .same, standing.isReady { return [] }
        return (before != fit && standing.isFetching ? rearrange(now: now) : []) + guardHead(now: now)
    }

    /// What was demanded of the log was done, or could not be.
    package mutating func carriedOut(now: UInt64) -> [EngineAction] {
        headGuard.finished()
        return []
    }

    package mutating func setPolicy(_ policy: HeadGuard.Policy, now: UInt64) -> [EngineAction] {
        headGuard.policy = policy
        return guardHead(now: now)
    }

    mutating func guardHead(now: UInt64) -> [EngineAction] {
        let actions = noteDebts(now: now)
        if headGuard.isBusy { return actions }
        // While the node may write, only a copy that fits badly demands something, and reports
        // about hundreds of peers cost too much for each tick.
        if standing.isReady, branch?.isWhole != true,
            !sessions.indices.contains(where: { sessions[$0].newest.fit.map { $0 != .same } ?? false })
        {
            return actions
        }
        let demand = headGuard.next(standing, own: own, reports: reports(), branch: branch, hasWritten: hasWritten)
        return actions + (demand.map { [.demand($0)] } ?? [])
    }

    /// Where the check of the own log stands.
    package func headJudgement() -> HeadGuard.Judgement {
        headGuard.judge(standing, own: own, reports: reports(), branch: branch, hasWritten: hasWritten)
    }

    // MARK: what peers have shown and this node lacks

    /// Notes of whom own entries are waited for, and how long that has been so.
    private mutating func noteDebts(now: UInt64) -> [EngineAction] {
        guard standing.isFetching || sessions.contains(where: \.conduct.debt.isOwing) else { return [] }
        var (hasNews, due): (Bool, UInt64?) = (false, nil)
        for index in sessions.indices {
            let (wasAwaited, wasLate) = (sessions[index].isAwaited, sessions[index].conduct.debt.isLate)
            let isLacking = lacks(sessions[index])
            let isAsked = branch.map { $0.source == sessions[index].peer } ?? true
            sessions[index].noteDebt(
                isLacking && isAsked, givesUp: isLacking && headGuard.policy.abandonsEntries, own: own.origin, now: now)
            if sessions[index].isAwaited != wasAwaited || sessions[index].conduct.debt.isLate != wasLate {
                hasNews = true
            }
            if let next = sessions[index].conduct.debt.due { due = min(due ?? next, next) }
        }
        if hasNews { return rearrange(now: now) }
        guard let due, wakeAt.map({ due < $0 }) ?? true else { return [] }
        wakeAt = due
        return [.wake(at: due)]
    }

    /// Whether the peer has shown entries of the own park that are not here, while this node
    /// fetches such.
    private func lacks(_ session: PeerSession) -> Bool {
        guard case .fetching(_, let hasBranch, _) = standing else { return false }
        switch session.conduct.lastFit {
        case .more: if session.conduct.shown[own.origin] > own.logged[own.origin] { return true }
        case .differs: if !hasBranch { return true }
        case .same, .accounted, nil: break
        }
        return session.conduct.shown.elements.contains { $0.origin != own.origin && $0.seq > own.logged[$0.origin] }
    }

    /// The origins of the own park that a peer is asked for: nobody else has the entries of earlier
    /// incarnations, nor own entries that this file lacks. After a lost file everybody is asked at
    /// once; else only who was compared and does not hold a branch that was left. A branch that is
    /// fetched beside the log is asked of one peer.
    ///
    /// - Parameter all: the own park's origins.
    func ownOrigins(_ all: [OriginID], for session: PeerSession) -> [OriginID] {
        let others = all.count > 1 ? all.filter { $0 != own.origin } : []
        if let branch { return isAsked(session, for: branch) ? all : others }
        switch standing {
        case .fetching(isLost: true, _, _) where session.newest.fit != .accounted: return all
        case .fetching
        where session.newest.fit != .accounted
            && (session.newest.fit != nil || session.newest.asked.contains(own.origin)):
            return all
        default: return others
        }
    }

    /// Others than the source are asked when it is not waited for any more, if they may have what
    /// it has: what they say of their copies decides who takes its place. Whoever has what this
    /// node has is left in peace, for its stream would begin anew, and it would have to be heard
    /// again.
    private func isAsked(_ session: PeerSession, for branch: BranchFetch) -> Bool {
        if session.peer == branch.source { return true }
        guard standing.isFetching, !session.conduct.debt.isLate else { return false }
        switch session.newest.fit {
        case .same, .accounted: return false
        case .differs, .more: break
        case nil: guard session.newest.asked.contains(own.origin) else { return false }
        }
        return index(of: branch.source).map { !sessions[$0].isAwaited } ?? true
    }
}
