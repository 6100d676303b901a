import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// A copy of a node's file, as somebody took it by hand.
struct FileCopy {
    let disk: VirtualDisk.Snapshot
    /// What the node had promised when it was taken.
    let promises: Judge.Promises
}

/// What a node does before it writes, and what people do that makes this necessary: old backups and
/// clones.
extension World {
    /// People need some time to change a file or a machine. What is still under way in that time
    /// has arrived, or never will.
    static let handlingMilliseconds: UInt64 = 2_000

    /// There and back: the next incarnation of a park would have to wait
    /// (`Reissue.intervalMilliseconds`).
    private static let swapsMax = 2

    func carryOut(_ demand: LogDemand, _ park: SimulatedPark) {
        guard let store = park.store else { return }
        narrate?("@\(now) \(park.origin) is told: \(demand)")
        if case .acceptWrites = demand {
        } else if let liar, !judge.isMakingGood(park) {
            judge.fail(12, "\(park.origin), beside \(liar.origin), which lies, stops writing: \(demand)")
        }
        switch demand {
        case .acceptWrites: counters.add("head guard: accepted writes")
        case .writeAnew: counters.add("head guard: gave entries up")
        case .fetchOwn: counters.add("head guard: fetched own entries")
        case .stage: counters.add("head guard: fetched a branch beside the log")
        case .takeBranch: counters.add("head guard: set a branch aside")
        }
        let life = park.life
        store.carryOut(demand) { [unowned self] result in
            guard park.life == life, !park.disk.isDead else { return }
            guard let failure = DemandOutcome(result).failure else { return carriedOut(park, store) }
            counters.add("head guard: could not")
            narrate?("@\(now) \(park.origin) could not: \(failure)")
            after(DemandOutcome.retryMilliseconds) { [unowned self] in
                if park.life == life { carriedOut(park, store) }
            }
        }
    }

    private func carriedOut(_ park: SimulatedPark, _ store: ParkStore) {
        let (look, wall) = (LogLook(store), park.clock.wallMilliseconds())
        tell(park.index) { $0.carriedOut(look, now: $1, wall: wall) }
        noteRecovered(park, store)
    }

    /// A node whose file was lost, or is an old copy, may write again.
    func noteRecovered(_ park: SimulatedPark, _ store: ParkStore) {
        guard judge.isMakingGood(park), store.standing().isReady else { return }
        counters.add("recovered")
        judge.recovered(park, store, others: parks)
        if store.state().origin != park.origin { counters.add("incarnation opened") }
    }

    /// `syncctl accept-writes` at a node that finds no peer. At one that has lost its file nobody
    /// says so: what only the others have would be lost.
    func acceptWrites(_ park: SimulatedPark) {
        guard park.store?.standing() == .checking else { return }
        counters.add("writes accepted without peers")
        tell(park.index) { $0.setPolicy(HeadGuard.Policy(acceptsWithoutPeers: true), now: $1) }
    }

    // MARK: copies

    /// While a node finds out whether its file is an old copy, its links work and the others run. A
    /// node that writes on an old copy while all who know better are out of reach forks its log,
    /// and the peers that took the new branch are then mended by hand
    /// (docs/decisions/0014-amnesia.md): nothing that a simulator would find anything new in.
    var isComparing: Bool { parks.contains { judge.isMakingGood($0) && $0.wasPutBack } }

    func takeBackup(_ park: SimulatedPark) {
        guard let copy = copy(park) else { return }
        park.backup = copy
        counters.add("backup taken")
    }

    private func copy(_ park: SimulatedPark) -> FileCopy? {
        guard park.hasRun, park.hasFile, !park.disk.isDead, !judge.isMakingGood, !isLiar(park) else { return nil }
        return FileCopy(disk: park.disk.snapshot(), promises: judge.promises(of: park))
    }

    /// The newest backup takes the place of the file.
    func restoreBackup(_ park: SimulatedPark) {
        guard let backup = park.backup else { return }
        guard mayPutBack(park) else { return waitForCalm(park, tries: liar == nil ? 0 : Self.calmTriesMax) }
        counters.add("old backup restored")
        putBack(backup, park)
    }

    private static let calmTriesMax = 6

    /// Beside a lying park all that the park has published has to be everywhere first, for which
    /// links have to work.
    private func waitForCalm(_ park: SimulatedPark, tries: Int) {
        guard tries > 0, let liar else { return }
        for log in liar.logs { log.claim(nil, of: [], number: 0) }
        perform(Step(now, .mend))
        for each in honest where each.store == nil && each.isWanted == false && each !== park {
            perform(Step(now, .start, [each.index]))
        }
        after(Self.handlingMilliseconds / 4) { [unowned self] in
            if mayPutBack(park) { restoreBackup(park) } else { waitForCalm(park, tries: tries - 1) }
        }
    }

    /// Another machine, with a copy of the file, takes the node's place, and the first one becomes
    /// the copy.
    func swapClone(_ park: SimulatedPark) {
        guard let clone = park.clone else {
            park.clone = copy(park)
            return
        }
        guard mayPutBack(park), park.swaps < Self.swapsMax else { return }
        park.swaps += 1
        if park.store != nil { end(park, .killed) }
        park.clone = copy(park)
        counters.add("clone took over")
        putBack(clone, park)
    }

    private func mayPutBack(_ park: SimulatedPark) -> Bool {
        // Two histories of an arbiter may both have given a slot away; nobody promises anything
        // then.
        guard mayLose(park), !isLiar(park), !park.disk.isDead, !work.hasArbiters, liar == nil || haveAll(of: park)
        else { return false }
        return honest.allSatisfy { $0.index == park.index || ($0.store?.standing().isReady ?? false) }
    }

    private func putBack(_ copy: FileCopy, _ park: SimulatedPark) {
        if park.store != nil { end(park, .killed) }
        (park.idleProgram, park.witness) = (nil, nil)
        park.disk.restore(copy.disk)
        judge.wentBack(park, to: copy.promises)
        park.wasPutBack = true
        for each in parks {
            each.disk.heal()
            for other in others(than: each.index) { perform(Step(now, .resume, [each.index, other])) }
        }
        perform(Step(now, .mend))
        showBranch(to: park)
        startLater(park)
    }

    /// Starts a node some time after its file was changed.
    func startLater(_ park: SimulatedPark) {
        park.isWanted = true
        park.handledUntil = now + Self.handlingMilliseconds
        after(Self.handlingMilliseconds) { [unowned self] in start(park) }
    }
}
