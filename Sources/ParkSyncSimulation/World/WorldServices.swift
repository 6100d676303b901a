import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// What a node's services do beside replication: sealing what other programs wrote, folding, deciding about
/// bookings. The times are those of `parksyncd`.
extension World {
    static let sealLookMilliseconds: UInt64 = 5_000
    static let sealNoticeMillisecondsMax: UInt64 = 50
    static let sealActiveMilliseconds: UInt64 = 5
    static let sealSpacingMilliseconds: UInt64 = 10
    static let quietMilliseconds: UInt64 = 40
    static let retryMilliseconds: UInt64 = 5_000

    func startServices(_ park: SimulatedPark) {
        repeatedly(park, Self.sealLookMilliseconds) { [unowned self] in seal(park) }
        repeatedly(park, Self.acknowledgeMilliseconds) { [unowned self] in acknowledge(park) }
        repeatedly(park, Self.retryMilliseconds) { [unowned self] in if park.store?.needsHousekeeping == true { tidy(park) } }
        if park.store?.needsHousekeeping == true { tidy(park) }
        seal(park)
    }

    private func repeatedly(_ park: SimulatedPark, _ milliseconds: UInt64, _ body: @escaping () -> Void) {
        let life = park.life
        after(milliseconds) { [unowned self] in
            guard park.life == life, park.store != nil else { return }
            body()
            if park.life == life { repeatedly(park, milliseconds, body) }
        }
    }

    /// Something was published.
    func serve(_ park: SimulatedPark) {
        noteFolding(park)
        if work.hasArbiters { decideSoon(park) }
    }

    // MARK: bookings

    /// The home park's arbiter answers requests when it sees them.
    private func decideSoon(_ park: SimulatedPark) {
        guard !park.isDeciding else { return }
        park.isDeciding = true
        let life = park.life
        after(1 + random.below(30)) { [unowned self] in
            guard park.life == life, let store = park.store else { return }
            park.isDeciding = false
            guard store.standing().isReady else { return }
            do {
                let witness = try park.witness ?? SQLiteFile(park.path)
                park.witness = witness
                if try !witness.rows("SELECT 1 FROM double_booking LIMIT 1").isEmpty { judge.fail(8, "\(park.origin) shows a double booking") }
                for activity in try ArbiterStep.activities(of: park.origin.park, on: witness, now: park.clock.wallMilliseconds()) {
                    counters.add("arbiter decided")
                    transact(activity, park)
                }
            } catch { counters.add("arbiter could not read") }
        }
    }

    // MARK: other programs' writes

    /// The kernel reports a write to the file.
    func noticeWrite(_ park: SimulatedPark) {
        let life = park.life
        after(random.below(Self.sealNoticeMillisecondsMax)) { [unowned self] in if park.life == life { seal(park) } }
    }

    func seal(_ park: SimulatedPark) {
        guard let store = park.store else { return }
        if park.isSealing {
            park.wantsSeal = true
            return
        }
        park.isSealing = true
        let life = park.life
        store.sealForeign { [unowned self] result in
            guard park.life == life, !park.disk.isDead else { return }
            if case .failure = result { counters.add("seal failed") }
            let isActive = (try? result.get()) == .writerActive
            if isActive { counters.add("seal while a program writes") }
            after(isActive ? Self.sealActiveMilliseconds : Self.sealSpacingMilliseconds) { [unowned self] in
                guard park.life == life else { return }
                park.isSealing = false
                guard isActive || park.wantsSeal else { return }
                park.wantsSeal = false
                seal(park)
            }
        }
    }

    // MARK: housekeeping

    private func noteFolding(_ park: SimulatedPark) {
        guard !park.isTidying, let store = park.store else { return }
        let state = store.state()
        guard store.counts.unfoldedChanges > 0 || state.digest?.vector != state.applied else { return }
        park.isTidying = true
        waitForQuiet(park, seen: state.applied)
    }

    private func waitForQuiet(_ park: SimulatedPark, seen: VersionVector) {
        let life = park.life
        after(Self.quietMilliseconds) { [unowned self] in
            guard park.life == life, let now = park.store?.state().applied else { return }
            if now == seen { tidy(park) } else { waitForQuiet(park, seen: now) }
        }
    }

    private func tidy(_ park: SimulatedPark) {
        let life = park.life
        park.store?.housekeep { [unowned self] result in
            guard park.life == life, !park.disk.isDead else { return }
            park.isTidying = false
            if case .failure = result { counters.add("housekeeping failed") }
        }
    }
}
