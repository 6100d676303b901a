import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What goes wrong with the disks of a world, and what its people do about it.
extension World {
    // MARK: a lying park

    func isLiar(_ park: SimulatedPark) -> Bool { liar?.node == park.index }
    var honest: [SimulatedPark] { parks.filter { !isLiar($0) } }

    /// The node's store is none of ours: it tells what it likes.
    func admitLiar(_ park: SimulatedPark) {
        let schema = work.schemas[0]
        let log = LyingLog(
            LyingPark(park.origin, key: park.identity), schemaNumber: schema.number,
            schemaHash: SpecEncoding.sha256(schema.canonicalBytes))
        let node = LyingNode(park.index, log)
        node.nextSnapshotLie = Int(history.seed % 64) * 5
        if history.profile == .frames { node.streams = LyingStreams(seed: history.seed) }
        liar = node
        judge.liar = park.origin
        nodes[park.index].engine = engine(for: log.state(), park.index, isRecovering: false)
        nodes[park.index].isUp = true
        tell(park.index) { $0.tick(now: $1) }
    }

    func lie(_ step: Step) {
        guard let liar else { return }
        let node = liar.node
        lieInFrames(step)
        // What waits for ever makes all later lies wait, so it comes rarely. A park that has forked
        // tells everything twice.
        let lies = Lie.allCases.filter { lie in
            (lie != .fork && lie != .staleWrite || liar.forkedAt == nil)
                && (step.number % 8 == 0 || (lie != .newerSchema && lie != .missingDependency))
        }
        var lie = lies[Int(step.number / 8 % UInt64(lies.count))]
        do {
            try judge.models.add(lies: try hear(liar, step))
            if lie == .staleWrite { prepareStale(liar, step) }
            if lie == .fork {
                judge.models.part(at: EntryName(liar.origin, liar.log.park.seq + 1))
                liar.fork(audience: step.number >> 16, peers: others(than: node))
                counters.add("lie fork")
                lie = .flood
            }
            try judge.models.add(lies: try liar.tell(lie, now: wall(node), victim: honest[0].origin.park))
        } catch { judge.fail(7, "the liar stumbles over \(lie): \(error)") }
        counters.add("lie \(lie.rawValue)")
        logChanged(node)
    }

    /// The liar acknowledges from time to time what both others have, so that nothing of it is lost
    /// with one of their files.
    private func hear(_ liar: LyingNode, _ step: Step) throws -> [[[UInt8]]] {
        guard liar.forkedAt == nil, step.number >> 20 & 1 == 0 else { return [] }
        let stores = honest.compactMap { $0.store?.standing().isReady == true ? $0.store : nil }
        guard stores.count == honest.count, let first = stores.first else { return [] }
        var heads: [LyingPark.SeenHead] = []
        for element in first.state().applied.elements where element.origin != liar.origin {
            let seq = stores.map { $0.state().applied[element.origin] }.min() ?? 0
            guard seq > 0, let hash = try first.hash(of: element.origin, seq: seq) else { continue }
            heads.append((element.origin, seq, hash))
        }
        counters.add("liar acknowledged")
        return try liar.acknowledge(heads, now: wall(liar.node))
    }

    /// A row that was deleted is compacted, and the liar writes to it at that time.
    private func prepareStale(_ liar: LyingNode, _ step: Step) {
        let park = honest[Int(step.number >> 24 & 1) % honest.count]
        compact(park)
        guard let store = park.store, let table = work.schemas[0].tables.first(where: { $0.name == "item" }) else {
            return
        }
        let (model, applied) = (judge.models.of(park.index), store.state().applied)
        var stale: [LyingPark.Change] = []
        for (index, key) in model.keys(of: table.name).sorted(by: { ModelReader.show($0) < ModelReader.show($1) })
            .enumerated()
        {
            guard let row = model.row(table, key, at: applied), !row.isAlive, stale.count < 4 else { continue }
            let length = row.writes.map(\.change.causalLength).max() ?? 2
            let whole: [Value] = [
                .string("stale"), .null, .null, .null, .null, .null, .string("plain"), .integer(0), .integer(5),
            ]
            switch (step.number >> 28 &+ UInt64(index)) % 4 {
            case 0: stale.append(LyingPark.Change(key, whole))
            case 1:
                stale.append(
                    LyingPark.Change(
                        key, [.string("stale")], kind: .update(.first(1)), length: length > 2 ? length - 1 | 1 : 1))
            case 2: stale.append(LyingPark.Change(key, kind: .delete, length: max(2, length & ~1)))
            default: stale.append(LyingPark.Change(key, whole, length: length > 2 ? length - 1 | 1 : 1))
            }
        }
        if !stale.isEmpty { counters.add("liar wrote to rows that are compacted") }
        for log in liar.logs { log.consider(stale) }
    }

    /// Beside what it signs the liar says things of the others' logs, each time others; from time
    /// to time, nothing.
    private func lieInFrames(_ step: Step) {
        guard let liar else { return }
        let number = step.number >> 24
        let lie = number % 3 == 0 ? nil : FrameLie.allCases[Int(number / 3 % UInt64(FrameLie.allCases.count))]
        for log in liar.logs { log.claim(lie, of: honest.map(\.origin), number: number) }
        if let lie { counters.add("frame lie \(lie)") }
        guard liar.streams != nil else { return }
        liar.streams?.turn()
        reportAtOnce(liar.node)
    }

    /// Who is named as a liar is one.
    func noteLiar(_ park: SimulatedPark) {
        for report in reports(park.index) {
            if let failure = report.failure, failure.kind == .lying, report.peer != liar?.origin {
                judge.fail(10, "\(park.origin) says of \(report.peer), which is honest: \(failure)")
            }
            guard let lie = report.lie else { continue }
            counters.add("liar named: \(lie.kind.rawValue)")
            if report.peer != liar?.origin {
                judge.fail(10, "\(park.origin) says that \(report.peer) lies: \(lie.reason)")
            }
        }
    }

    // MARK: disks that lie

    /// For so long the disk says yes to syncs and keeps nothing; then the power fails.
    func lieAboutSyncs(_ park: SimulatedPark, _ milliseconds: UInt64) {
        guard park.store != nil, !park.isLiedTo, !park.disk.isDead else { return }
        park.isLiedTo = true
        park.disk.arm(.lostSync, .always)
        after(milliseconds) { [unowned self] in
            guard park.isLiedTo, park.store != nil else { return }
            end(park, .powerLost)
        }
    }

    /// The power of the node's machine fails.
    func losePower(_ park: SimulatedPark) {
        // Two nodes do not lose entries at once: see `mayLose`. The machine ends in another way,
        // and the disk goes on to lie.
        if park.isLiedTo, judge.isMakingGood { return park.disk.kill() }
        park.disk.losePower(PowerLoss(seed: random.next()))
        guard park.isLiedTo else { return }
        park.isLiedTo = false
        park.disk.disarm(.lostSync)
        park.hasLostSyncs = true
    }

    /// After the power has failed on a disk that lied, the operator verifies the file.
    func lookAfterLies(_ park: SimulatedPark) {
        park.hasLostSyncs = false
        counters.add("power loss on a lying disk")
        park.disk.heal()
        var isSound = false
        do {
            let inspection = try StoreInspection(
                path: park.path, schema: work.schemas[park.schemas - 1], archivePath: park.archivePath)
            isSound = try inspection.verify(members: members).findings.isEmpty
        } catch { counters.add("lying disk noticed by SQLite") }
        park.disk.kill()
        if isSound { fileWentBack(park) } else { loseFile(park) }
    }

    /// The file is sound, and an older one than it was: what was acknowledged since is not in it.
    func fileWentBack(_ park: SimulatedPark) {
        counters.add("file went back")
        loseFile(park)
    }

    // MARK: disks

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

    /// Entries that only two nodes have, which both lose their files, are lost with all that
    /// depends on them: that is nobody's promise.
    func mayLose(_ park: SimulatedPark) -> Bool {
        park.hasRun && park.program == nil && park.hasFile && !judge.isMakingGood
    }

    /// The file is deleted, and the node started after a while: it fetches its state back.
    ///
    /// - Parameter file: what the node begins with in its place; nil for nothing.
    func loseFile(_ park: SimulatedPark, beginningWith file: [UInt8]? = nil) {
        (park.idleProgram, park.witness) = (nil, nil)
        liar?.forget(park.origin.park)
        for file in park.disk.files { park.disk.delete(file.name) }
        if let file { park.disk.put(SimulatedPark.file, file) }
        judge.lost(park)
        park.wasPutBack = false
        counters.add("file lost")
        startLater(park)
    }

    /// A bit of the file flips while the node is down. The operator verifies the file and starts
    /// the node without it.
    private func flip(_ seed: UInt64, _ park: SimulatedPark) {
        guard mayLose(park), !park.disk.isDead else { return }
        if park.store != nil { end(park, .killed) }
        park.disk.heal()
        guard park.disk.flipBit(file: SimulatedPark.file, seed: seed) != nil else { return }
        do {
            let inspection = try StoreInspection(
                path: park.path, schema: work.schemas[park.schemas - 1], archivePath: park.archivePath)
            let isSound = try inspection.verify(members: members).findings.isEmpty
            counters.add(isSound ? "flipped bit where nothing lies" : "flipped bit noticed")
            if isSound { try judge.lookAtSoundFile(park) }
        } catch { counters.add("flipped bit noticed by SQLite") }
        park.disk.kill()
        loseFile(park)
    }
}
