import ParkSyncCore
import ParkSyncReplication
import Synchronization

extension ParkStore {
    /// What is known of the own log, as of the newest commit.
    package var ownLog: OwnLog { publishedState.ownLog }
    package func standing() -> LogStanding { publishedState.standing }

    package func carryOut(_ demand: LogDemand, then finish: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        core.async { core in finish(Result { try core.carryOut(demand) }) }
    }
}

extension StoreCore {
    fileprivate func carryOut(_ demand: LogDemand) throws {
        try endDoubt()
        switch demand {
        case .fetchOwn: try fetchOwn()
        case .stage(let order): try stage(order)
        case .takeBranch: try takeBranch()
        case .acceptWrites: try acceptWrites()
        case .writeAnew(_, let known): try acceptWrites(givingUp: known)
        }
    }

    /// Closes the file for writers, and has the log go on as it comes from peers. What is here
    /// stays. In one transaction.
    private func fetchOwn() throws {
        liveness.beat()
        var next = current
        try applier.connection.transaction {
            try stopWriting(&next)
            try StateLoader.save(applier.connection, next, before: current)
        }
        advance(next)
    }

    /// From here on own entries are those that come from peers. Within the caller's transaction.
    func stopWriting(_ next: inout StoreState) throws {
        try move(&next, on: .stop(signed: next.origins[next.own].signed))
        try updateGate(next, on: applier.connection)
    }

    /// Sets aside own entries that nobody has signed, so that a new incarnation writes them anew.
    /// Within the caller's transaction.
    ///
    /// - Returns: whether there were any, and the tables were made anew.
    private func setAsideUnsigned(_ next: inout StoreState, _ wall: UInt64, judgesStamps: Bool = false) throws -> Bool {
        let own = next.origins[next.own]
        let moved = try ForkTable.move(
            applier.connection, ordinal: own.ordinal, after: own.signed, wallMilliseconds: wall, waits: true)
        guard moved > 0 else { return false }
        try shorten(&next, next.own, to: own.signed)
        next.origins[next.own].folded = min(own.folded, own.signed)
        try applier.rebuild(&next, wallMilliseconds: wall, judgesStamps: judgesStamps)
        return true
    }

    /// An old copy from the time when the park's clock was ahead goes on from there, until it hears
    /// that this was taken back. What programs wrote in it meanwhile is stamped anew then; nobody
    /// has seen it.
    ///
    /// - Returns: whether there was something, and the tables were made anew.
    private func setAsideAhead(_ next: inout StoreState, _ wall: UInt64) throws -> Bool {
        let own = next.origins[next.own]
        guard own.signed < own.logged,
            let stamp = try next.newestStamp(applier.connection, next.own, through: own.logged),
            HybridLogicalClock.isTooFarAhead(stamp, wallMilliseconds: wall),
            next.withdrawals.contains(where: { $0.origin.park == own.origin.park })
        else { return false }
        return try setAsideUnsigned(&next, wall, judgesStamps: true)
    }

    /// Ends an origin's log at an entry.
    func shorten(_ next: inout StoreState, _ index: Int, to seq: UInt64) throws {
        let connection = applier.connection
        let ordinal = next.origins[index].ordinal
        let origin = next.origins[index].origin
        board.known.withLock { $0.matched.shorten(origin, to: seq) }
        next.origins[index].logged = seq
        next.origins[index].headHash = try LogTable.hash(connection, ordinal: ordinal, seq: seq) ?? EntryChain.genesis
        next.origins[index].signed = try LogTable.newestSigned(connection, ordinal: ordinal, upTo: seq)
        // An entry in the middle of a commit has no signature of its own; the own key can give it
        // one.
        if index == next.own { try applier.sealer.sign(&next, key: options.identity) }
    }

    /// After a lost file the park goes on as its newest incarnation, whose name was in the file. If
    /// that one was fenced, it begins a new one.
    ///
    /// - Returns: whether the tables were made anew.
    private func continueNewest(_ next: inout StoreState) throws -> Bool {
        let own = next.origins.indices.filter {
            next.origins[$0].origin.park == options.origin.park && next.origins[$0].logged > 0
        }
        let newest = own.max {
            Reissue.incarnation(next.origins[$0].origin) < Reissue.incarnation(next.origins[$1].origin)
        }
        if let newest, newest != next.own {
            try checkApplied(next, newest)
            next.own = newest
            (next.branch, _) = (nil, try BranchTable.clear(applier.connection))
            let origin = next.origins[newest].origin
            try OwnLogRecord.change(applier.connection, park: origin.park) { $0.origin = origin }
        }
        let origin = next.origins[next.own]
        guard origin.logged > 0, next.isFenced(origin.origin) else { return false }
        let hasGivenUp = try giveUpUnvouched(&next)
        try Reissue(applier: applier, options: options).beginNext(&next)
        return hasGivenUp
    }

    /// A fence of this park may come when its own log is back already and writes are accepted. As
    /// long as it has written nothing since, it goes on as if the fence had come first: what it had
    /// written alone is left out, and a new incarnation begins.
    ///
    /// - Returns: whether it did.
    func goOnAfterLoss() throws -> Bool {
        let (own, connection) = (current.origins[current.own], applier.connection)
        let recovered = try OwnLogRecord.load(connection, park: own.origin.park).recovered
        guard !current.ownLog.isUncertain, own.folded == own.logged, recovered == own.logged else { return false }
        var next = current
        try connection.transaction {
            let isRebuilt = try continueNewest(&next)
            next.ownDependencies = next.origins[next.own].dependencies
            try OwnLogRecord.change(connection, park: own.origin.park) { $0.recovered = nil }
            try judgeZone(&next)
            try StateLoader.save(connection, next, before: isRebuilt ? StoreState() : current)
        }
        board.known.withLock { $0.matched.decide() }
        advance(next)
        return true
    }

    /// Own entries of a fenced log that came back before the fence did are applied here and held
    /// everywhere else. They come once more from whoever has them, and are held here as well.
    private func giveUpUnvouched(_ next: inout StoreState) throws -> Bool {
        let (own, keep) = (next.origins[next.own], next.vouched(next.origins[next.own].origin))
        guard own.folded > keep else { return false }
        try LogTable.remove(applier.connection, ordinal: own.ordinal, after: keep)
        try shorten(&next, next.own, to: keep)
        try applier.rebuild(&next, wallMilliseconds: options.clock.wallMilliseconds())
        return true
    }

    /// A node that fetches its log back hears of a fence late, and may have applied before what the
    /// fenced park alone had. Its own entries say that it knew of the fence and had none of that:
    /// so it is held here as everywhere, and the tables are made anew without it.
    ///
    /// - Returns: whether they were.
    private func holdUnvouched(_ next: inout StoreState) throws -> Bool {
        let own = next.origins[next.own]
        var isHeld = false
        for fence in next.fences
        where own.dependencies[fence.by] >= fence.seq || (fence.by == own.origin && own.folded >= fence.seq) {
            for index in next.origins.indices where index != next.own {
                let origin = next.origins[index].origin
                guard origin.park == fence.park, !fence.returned.contains(origin) else { continue }
                let keep = next.vouched(origin)
                guard next.origins[index].folded > keep else { continue }
                next.origins[index].folded = keep
                isHeld = true
            }
        }
        guard isHeld else { return false }
        try applier.rebuild(&next, wallMilliseconds: options.clock.wallMilliseconds())
        try checkApplied(next, next.own)
        return true
    }

    /// - Throws: `StoreError.notReady` if entries of an own origin wait. Those of a fenced one may
    ///   wait for ever, and nothing follows them.
    private func checkApplied(_ state: StoreState, _ index: Int) throws {
        let origin = state.origins[index]
        if origin.folded == origin.logged || (state.ownLog.isLost && state.isFenced(origin.origin)) { return }
        throw StoreError(
            .notReady, "own entries are in the log but wait for others",
            remedy: "Wait until the peers have sent what they depend on.")
    }

    /// What a later log of the park takes back is known when its first entry is applied. Until then
    /// the clock may be that of entries which count nowhere any more. One that is ahead itself
    /// counts nowhere yet.
    ///
    /// - Throws: `StoreError.notReady` while the first entry of such a log waits.
    private func checkFirstEntries(_ state: StoreState) throws {
        for (index, log) in state.origins.enumerated()
        where index != state.own && log.origin.park == options.origin.park && log.logged > 0 && log.folded == 0
            && !state.isFenced(log.origin)
        {
            let held = state.held.first { $0.origin == log.origin }
            if held?.aheadMilliseconds != nil { continue }
            throw StoreError(
                .notReady,
                "entry \(log.origin):1 is in the log and waits, and may take back what this park wrote before it",
                remedy: held?.remedy ?? "Wait until the peers have sent what it depends on.")
        }
    }

    /// The check is over: entries that were set aside are written anew, and writers are let in. In
    /// one transaction.
    ///
    /// - Parameter known: the newest of the own entries that peers have and this node does not get,
    ///   if any are given up. It goes on as a new incarnation then.
    /// - Throws: `StoreError.notReady` while something is still to be fetched or applied, or
    ///   incarnations follow each other too fast.
    func acceptWrites(givingUp known: VersionVector? = nil) throws {
        guard current.ownLog.isUncertain else { return }
        liveness.beat()
        var next = current
        try applier.connection.transaction {
            let isRebuilt = try move(&next, on: .release(givingUp: known != nil), known: known ?? VersionVector())
            // A fenced park stays shut for another reason.
            try judgeZone(&next)
            try StateLoader.save(applier.connection, next, before: isRebuilt ? StoreState() : current)
        }
        board.known.withLock { $0.matched.decide() }
        advance(next)
    }
}

extension StoreCore {
    /// Carries out what an event asks for, and goes on to the state that follows. Within the
    /// caller's transaction.
    ///
    /// - Parameter known: for `release`: own entries that peers have and that do not come.
    /// - Returns: whether the tables were made anew.
    @discardableResult
    func move(_ next: inout StoreState, on event: OwnLog.Event, known: VersionVector = VersionVector()) throws -> Bool {
        let (steps, after) = next.ownLog.transition(on: event)
        var isRebuilt = false
        // The state of before holds until all is done: entries are folded as one's own, or applied
        // as those that are fetched.
        for step in steps { isRebuilt = try carryOut(step, &next, known: known) || isRebuilt }
        next.ownLog = after
        return isRebuilt
    }

    private func carryOut(_ step: OwnLog.Step, _ next: inout StoreState, known: VersionVector) throws -> Bool {
        let (connection, wall, park) = (applier.connection, options.clock.wallMilliseconds(), options.origin.park)
        switch step {
        case .seal: _ = try applier.sealer.seal(&next, wallMilliseconds: wall)
        case .fold: try applier.fold(&next)
        case .demandApplied:
            try checkApplied(next, next.own)
            try checkFirstEntries(next)
        case .setAsideAhead: return try setAsideAhead(&next, wall)
        case .setAsideUnsigned: return try setAsideUnsigned(&next, wall)
        case .holdUnvouched: return try holdUnvouched(&next)
        case .writeAnew(let fetch, let isGivingUp):
            next.ownDependencies = next.origins[next.own].dependencies
            try Reissue(applier: applier, options: options, known: known).run(&next, fetch, givingUp: isGivingUp)
            next.ownDependencies = next.origins[next.own].dependencies
        case .continueNewest:
            let isRebuilt = try continueNewest(&next)
            next.ownDependencies = next.origins[next.own].dependencies
            let logged = next.origins[next.own].logged
            try OwnLogRecord.change(connection, park: park) { $0.recovered = logged }
            return isRebuilt
        case .sign: try applier.sealer.sign(&next, key: options.identity)
        case .remember(let fetch): try OwnLogRecord.change(connection, park: park) { $0.fetch = fetch }
        }
        return false
    }

    /// The zone may see the park in another light now. Within the caller's transaction.
    func judgeZone(_ next: inout StoreState) throws {
        try move(&next, on: .zone(next.zoneObstacle(members: parks)))
        try updateGate(next, on: applier.connection)
    }
}
