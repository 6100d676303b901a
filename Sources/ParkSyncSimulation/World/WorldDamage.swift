import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// What goes wrong with the disks of a world, and what its people do about it.
extension World {
    func damage(_ step: Step, _ park: SimulatedPark) {
        let trigger = VirtualDisk.Trigger(skipped: step.number % 25, times: 1 + step.number / 25 % 3)
        switch step.verb {
        case .full: park.disk.limit(freeBytes: step.number % 60_000)
        case .free: park.disk.limit(freeBytes: nil)
        case .readError: park.disk.arm(.readError, trigger)
        case .writeError: park.disk.arm(step.number % 4 == 0 ? .truncateError : .writeError, trigger)
        case .syncError: park.disk.arm(step.number % 2 == 0 ? .syncForgets : .syncError, trigger)
        case .bitFlip: flip(step.number, park)
        default: break
        }
    }

    /// Entries that only two nodes have, which both lose their files, are lost with all that depends on them: that is nobody's promise.
    func mayLose(_ park: SimulatedPark) -> Bool { park.hasRun && park.program == nil && park.hasFile && !judge.isMakingGood }

    /// The file is deleted, and the node started: it fetches its state back.
    func loseFile(_ park: SimulatedPark) {
        for file in park.disk.files { park.disk.delete(file.name) }
        judge.lost(park)
        counters.add("file lost")
        park.isWanted = true
        start(park)
    }

    /// A bit of the file flips while the node is down. The operator verifies the file and starts the node without it.
    private func flip(_ seed: UInt64, _ park: SimulatedPark) {
        guard mayLose(park), !park.disk.isDead else { return }
        if park.store != nil { end(park, .killed) }
        park.disk.heal()
        guard park.disk.flipBit(file: SimulatedPark.file, seed: seed) != nil else { return }
        do {
            let schema = work.schemas[park.schemas - 1]
            let isSound = try StoreInspection(path: park.path, schema: schema).verify(members: members).findings.isEmpty
            counters.add(isSound ? "flipped bit where nothing lies" : "flipped bit noticed")
            if isSound { try judge.lookAtSoundFile(park) }
        } catch { counters.add("flipped bit noticed by SQLite") }
        park.disk.kill()
        loseFile(park)
    }
}
