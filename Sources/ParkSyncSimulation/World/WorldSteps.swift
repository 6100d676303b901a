import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What a step of a history does.
extension World {
    func perform(_ step: Step) {
        if isComparing, ![.write, .foreign, .mend, .resume].contains(step.verb) { return }
        let park = step.nodes.first.map { parks[$0] }
        let other = step.nodes.count > 1 ? step.nodes[1] : nil
        switch step.verb {
        case .write, .foreign, .foreignBegin, .foreignEnd: if let park { act(step, park) }
        case .cut, .heal, .reset, .silence, .tail, .lostAnswer, .duplicate, .drip, .garble, .pause, .resume:
            if let park, let other { disturb(step.verb, park.index, other) }
        case .isolate, .join, .split, .mend, .delay: disturb(step)
        case .kill, .killAtWrite, .power, .powerAtWrite, .stop, .start: if let park { endOrStart(step, park) }
        case .ahead:
            park?.clock.offset = Int64(clamping: step.number)
            latestOffset = max(latestOffset, Int64(clamping: step.number))
        case .behind: park?.clock.offset = -Int64(clamping: step.number)
        case .drift: if let park { drift(step, park) }
        case .reissue: if let park { reissue(park) }
        case .full, .free, .readError, .writeError, .syncError, .bitFlip: if let park { damage(step, park) }
        case .lie: lie(step)
        case .tamper: if let park { tamper(step, park) }
        case .lose, .upgrade, .backup, .restore, .swap, .accept: if let park { operate(step, park) }
        case .lyingSync: if let park { lieAboutSyncs(park, step.number) }
        case .archive, .compact, .snapshot, .bundle, .fence, .comeBack:
            if let park { command(step, park, other.map { parks[$0] }) }
        }
    }

    // MARK: activities

    private func act(_ step: Step, _ park: SimulatedPark) {
        passTime(step.number)
        var draw = SplitMix64(state: step.number)
        switch step.verb {
        case .write:
            for _ in 0...(draw.below(4) == 0 ? draw.below(4) : 0) { transact(activity(park, draw.next() >> 16), park) }
        case .foreign: if begin(park, step.number) { commit(park) }
        case .foreignBegin:
            guard begin(park, step.number) else { return }
            let life = park.life
            after(step.number % 2_000) { [unowned self] in if park.life == life { commit(park) } }
        default: commit(park)
        }
        look(park)
    }

    private func activity(_ park: SimulatedPark, _ seed: UInt64) -> Activity {
        let place = Workload.Place(
            park: park.origin.park, schema: work.schemas[park.schemas - 1],
            contents: work.looksAround ? judge.contents(park) : Dump(tables: [:]),
            now: park.clock.wallMilliseconds())
        return work.activity(seed, at: place)
    }

    /// Through the node, as its local API does.
    func transact(_ activity: Activity, _ park: SimulatedPark) {
        guard let store = park.store else { return }
        let life = park.life
        counters.add("transactions")
        store.transact(activity.transaction) { [unowned self] result in
            guard park.life == life, !park.disk.isDead else { return }
            switch result {
            case .success(let done):
                if activity.outcome == .fails, done.results.last.map({ $0.changes > 0 }) ?? false {
                    judge.fail(6, "\(park.origin) has accepted what it may not write: \(activity)")
                }
                guard let seq = done.seq else { return }
                judge.acknowledge(park, store.state().origin, seq, mark: activity.marker)
            case .failure(let error):
                narrate?("@\(now) \(park.origin) refuses \(activity): \(error)")
                counters.add("transaction failed: \((error as? StoreError)?.code.rawValue ?? "other")")
            }
        }
    }

    /// Another program writes, whether the node runs or not.
    private func begin(_ park: SimulatedPark, _ seed: UInt64) -> Bool {
        guard park.program == nil, park.hasRun, park.hasFile, !park.disk.isDead else { return false }
        let activity = activity(park, seed)
        do {
            let program = try idleProgram(park)
            try program.execute("BEGIN IMMEDIATE")
            for statement in activity.statements { try program.rows(statement.sql, statement.values) }
            (park.program, park.programMark) = (program, activity.marker)
            return true
        } catch {
            park.idleProgram = nil
            narrate?("@\(now) \(park.origin) refuses another program \(activity): \(error)")
            counters.add("another program was refused")
            if park.disk.isDead { end(park, .inTheMiddle) }
            return false
        }
    }

    /// Programs keep their connection for a while, or come and go.
    private func idleProgram(_ park: SimulatedPark) throws -> SQLiteFile {
        if let idle = park.idleProgram, random.below(6) > 0 { return idle }
        let program = try SQLiteFile(park.path, canWrite: true)
        try program.execute("PRAGMA synchronous = FULL")
        return program
    }

    private func commit(_ park: SimulatedPark) {
        guard let program = park.program else { return }
        (park.program, park.idleProgram) = (nil, nil)
        do {
            try program.execute("COMMIT")
            park.idleProgram = program
            counters.add("other programs' transactions")
            if !park.disk.isDead { judge.acknowledge(park, mark: park.programMark) }
        } catch { counters.add("another program's commit failed") }
        if park.store != nil { noticeWrite(park) }
        if park.disk.isDead { end(park, .inTheMiddle) }
    }

    // MARK: links

    private func disturb(_ verb: Verb, _ from: Int, _ to: Int) {
        let way = Way(from: from, to: to)
        switch verb {
        case .cut: cutWay(from, to)
        case .heal: heal(from, to)
        case .reset: if let stream = stream(from, to: to) { reset(stream) }
        case .silence: silence(from, to)
        case .tail: loseTail(from, to)
        // They meet calls, so there has to be one.
        case .lostAnswer, .duplicate:
            flaws[way] = verb == .duplicate ? .duplicated : .lostAnswer
            if let stream = stream(from, to: to) { reset(stream) }
        case .drip: flaws[way] = .dripped
        case .garble: flaws[way] = .garbled
        case .pause, .resume:
            guard nodes[from].isUp else { return }
            tell(from) { $0.setPaused(names[to].park, verb == .pause, now: $1) ?? [] }
        default: break
        }
    }

    private func disturb(_ step: Step) {
        switch step.verb {
        case .isolate: if let node = step.nodes.first { cutNode(node) }
        case .join: if let node = step.nodes.first { healNode(node) }
        case .split:
            let side = { (node: Int) in step.number >> UInt64(node) & 1 }
            for a in names.indices { for b in names.indices where a < b && side(a) != side(b) { cutPair(a, b) } }
        case .mend: (cut, silent, flaws) = ([], [], [:])
        default: network.delayMillisecondsMax = max(1, step.number)
        }
    }

    // MARK: processes, clocks, people

    private func endOrStart(_ step: Step, _ park: SimulatedPark) {
        switch step.verb {
        case .start:
            park.isWanted = true
            start(park)
        case .kill where park.store != nil:
            park.isWanted = false
            end(park, .killed)
        case .power where park.store != nil:
            park.isWanted = false
            end(park, .powerLost)
        case .killAtWrite, .powerAtWrite: park.disk.arm(.powerLoss, .at(1 + step.number % 60))
        case .stop: stop(park)
        default: break
        }
    }

    /// Ends gracefully; what is under way is done first.
    func stop(_ park: SimulatedPark, then finish: (@Sendable () -> Void)? = nil) {
        guard let store = park.store else { return finish?() ?? () }
        park.isWanted = false
        let life = park.life
        store.close { [unowned self] result in
            guard park.life == life, !park.disk.isDead else { return }
            if case .failure = result { counters.add("close failed") }
            // The store is in the middle of its own work: it is let go afterwards.
            after(0) { [unowned self] in
                guard park.life == life else { return }
                end(park, .gracefully)
                finish?()
            }
        }
    }

    /// Nodes that do not understand each other say so.
    func noteOtherSoftware(_ park: SimulatedPark) {
        guard park.upgradesSoftware else { return }
        for report in reports(park.index) where report.failure?.kind == .incompatible {
            guard let other = places[report.peer] else { continue }
            if parks[other].software > park.software { counters.add("newer software noticed") }
            if parks[other].software < park.software { counters.add("older software noticed") }
        }
    }

    private func drift(_ step: Step, _ park: SimulatedPark) {
        stop(park) { [unowned self] in
            park.clock.drift = Int64(step.number / 2) * (step.number % 2 == 0 ? 1 : -1)
            park.isWanted = true
            start(park)
        }
    }

    private func operate(_ step: Step, _ park: SimulatedPark) {
        switch step.verb {
        case .lose:
            guard mayLose(park) else { return }
            if park.store != nil { end(park, .killed) }
            loseFile(park)
        case .backup: takeBackup(park)
        case .restore: restoreBackup(park)
        case .swap: swapClone(park)
        case .accept: acceptWrites(park)
        case .upgrade:
            guard park.schemas < work.compiled.count else { return }
            stop(park) { [unowned self] in
                park.schemas += 1
                counters.add("schema installed")
                park.isWanted = true
                start(park)
            }
        default: break
        }
    }
}
