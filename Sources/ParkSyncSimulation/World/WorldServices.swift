import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What a node does beside replication: sealing what other programs wrote, folding, deciding on
/// what is asked of its park. When, the node's own schedules say; this is what they are driven
/// with.
extension World {
    /// How long the kernel takes to report a write at most.
    static let sealNoticeMillisecondsMax: UInt64 = 50
    /// How long an arbiter or an operator's job takes to begin.
    static let workMillisecondsMax: UInt64 = 30

    func startServices(_ park: SimulatedPark) {
        guard let store = park.store else { return }
        let retention = RetentionSchedule(interval: Self.acknowledgeMilliseconds, works: [.acknowledge])
        let driver = NodeDriver(
            store, clock: park.clock,
            schedule: NodeSchedule(retention: retention, hasArbiter: work.hasArbiters, hasJournal: false),
            hands: VirtualHands(self, park))
        park.driver = driver
        if work.hasArbiters { park.desk = desk(of: park, store) }
        driver.handle(.began)
    }

    /// Something was published.
    func serve(_ park: SimulatedPark) {
        park.driver?.handle(.storeChanged)
        park.verifier?.look()
    }

    /// The kernel reports a write to the file.
    func noticeWrite(_ park: SimulatedPark) {
        let life = park.life
        after(random.below(Self.sealNoticeMillisecondsMax)) {
            if park.life == life { park.driver?.handle(.fileWritten) }
        }
    }

    private func desk(of park: SimulatedPark, _ store: ParkStore) -> CatalogueDesk? {
        let life = park.life
        return CatalogueDesk(
            store: store, park: park.origin.park, clock: park.clock, random: { [unowned self] in random.next() },
            monitor: ArbiterMonitor(clock: park.clock)
        ) { [unowned self, unowned park] news in
            if park.life == life, !park.disk.isDead { note(news, park) }
        }
    }

    private func note(_ news: CatalogueDesk.News, _ park: SimulatedPark) {
        switch news {
        case .wrote(let done):
            counters.add("arbiter decided")
            guard let seq = done.seq, let store = park.store else { return }
            judge.acknowledge(park, store.state().origin, seq, mark: nil)
        case .setAside: counters.add("answer set aside")
        case .failed: counters.add("arbiter failed")
        case .looked, .answeredAll: break
        }
    }

    /// The home park's arbiter answers requests that it sees.
    func decide(_ park: SimulatedPark, anew: Bool) -> Decided {
        do {
            let witness = try park.witness ?? SQLiteFile(park.path)
            park.witness = witness
            try judge.lookAtPlaces(of: park, witness)
        } catch {
            counters.add("arbiter could not read")
            return .failed(hasRead: false)
        }
        guard let desk = park.desk, case .success(let decided)? = command(park, { _ in await desk.decide(anew: anew) })
        else { return .failed(hasRead: false) }
        return decided
    }
}

/// Does what a simulated node's schedules decide. Nothing that runs the lanes of virtual time
/// happens at once: whoever asks may be at work in one.
private final class VirtualHands: NodeHands, @unchecked Sendable {
    // Confined to the world's thread.
    private unowned let world: World
    private unowned let park: SimulatedPark
    private let life: UInt64
    private let alarm: VirtualAlarm

    init(_ world: World, _ park: SimulatedPark) {
        self.world = world
        self.park = park
        life = park.life
        alarm = VirtualAlarm(world, park)
    }

    private var isAlive: Bool { park.life == life && park.store != nil && !park.disk.isDead }

    func wake(at time: UInt64, then ring: @escaping @Sendable () -> Void) { alarm.wake(at: time, then: ring) }

    /// As another piece of work, soon.
    private func soon(_ body: @escaping () -> Void) {
        world.after(1 + world.random.below(World.workMillisecondsMax)) { [self] in if isAlive { body() } }
    }

    func seal(then finish: @escaping @Sendable (SealSchedule.Outcome) -> Void) {
        park.store?.sealForeign { [self] result in
            guard isAlive else { return }
            if case .failure = result { world.counters.add("seal failed") }
            let isActive = (try? result.get()) == .writerActive
            if isActive { world.counters.add("seal while a program writes") }
            finish(isActive ? .writerActive : .done)
        }
    }

    func tidy(then finish: @escaping @Sendable () -> Void) {
        park.store?.housekeep { [self] result in
            guard isAlive else { return }
            if case .failure = result { world.counters.add("housekeeping failed") }
            finish()
        }
    }

    func walk(then finish: @escaping @Sendable () -> Void) {
        soon { [self] in
            switch world.command(park, { try await $0.walkLog() }) {
            case .success?: world.counters.add("log walked")
            case .failure?: world.counters.add("walk of the log failed")
            case nil: break
            }
            if isAlive { finish() }
        }
    }

    func retain(_ work: RetentionSchedule.Work, then finish: @escaping @Sendable () -> Void) {
        soon { [self] in
            if work == .acknowledge { world.acknowledge(park) }
            if isAlive { finish() }
        }
    }

    func endRetention() {}

    func decide(anew: Bool, then finish: @escaping @Sendable (Decided) -> Void) {
        soon { [self] in
            let decided = world.decide(park, anew: anew)
            if isAlive { finish(decided) }
        }
    }

    /// Without a journal nobody is told: the judge looks for itself.
    func watch(then finish: @escaping @Sendable () -> Void) { finish() }
}
