import ParkSyncCore
import ParkSyncFiles
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// What became of a history.
package struct Outcome: Sendable {
    package var broken: Broken?
    /// The same for the same history and build, and next to never for others.
    package var trace: UInt64
    package var steps: Int
    package var events: Int
    package var virtualMilliseconds: UInt64
    package var counters: Counters
    package var comparisons: Int
}

extension World {
    /// Runs a history to its end.
    ///
    /// - Parameters:
    ///   - hasCanary: whether the nodes merge wrongly on purpose.
    ///   - tell: told what happens, for people.
    /// - Throws: what keeps a world from being made.
    package static func run(_ history: History, hasCanary: Bool = false, tell: ((String) -> Void)? = nil) throws
        -> Outcome
    {
        let world = try World(history, hasCanary: hasCanary, tell: tell)
        defer { world.letGo() }
        defer { world.folder.remove() }
        world.live()
        if world.judge.broken == nil { world.comeToRest() }
        if world.judge.broken == nil { world.conclude() }
        return world.outcome()
    }

    /// Nodes that still run know of their lanes and observers, which know of them: nobody else
    /// would ever free their disks.
    private func letGo() {
        for park in parks {
            for lane in [park.writing, park.verifying, park.reading] { lane?.drop() }
            park.store?.abandon()
            (park.store, park.writing, park.verifying, park.reading, park.observation) = (nil, nil, nil, nil, nil)
            (park.program, park.idleProgram, park.witness, park.backup, park.clone) = (nil, nil, nil, nil, nil)
        }
    }

    /// After this long nothing that a liar has stamped is in the future.
    private static let lieAheadMilliseconds: Int64 = 7_200_000
    /// After this long a park may open its next incarnation.
    private static let incarnationMilliseconds: Int64 = 601_000

    private func live() {
        let end = (history.steps.last?.time ?? 0) + 200
        run(end > now ? end - now : 0) { self.judge.broken != nil }
    }

    /// Nothing goes wrong any more; all nodes have to agree in time.
    private func comeToRest() {
        mend()
        var deadline = now + WorldLimits.restMillisecondsMax + branchMilliseconds
        var isOver = false
        // Once all have seen all, and the clocks have run for what waits for that.
        var hasWaited = !work.hasArbiters
        while !isOver, now < deadline, judge.broken == nil {
            run(50) { self.judge.broken != nil }
            for park in parks where park.store == nil { start(park) }
            for park in parks { look(park) }
            if endsByHand { for park in parks { reissueIfAhead(park) } }
            // Operators look before anybody calls it the end.
            isOver =
                !parks.contains(where: judge.hasHands) && (obstacles + unproven).isEmpty
                && agreeing.map(\.index).allSatisfy(isContent) && healingForks.isEmpty
                && unanswered(after: hasWaited).isEmpty
            guard isOver, !hasWaited else { continue }
            (isOver, hasWaited) = (false, true)
            // Deadlines that wait for others run from when these have said that they know.
            run(3 * Self.acknowledgeMilliseconds) { self.judge.broken != nil }
            deadline = now + WorldLimits.restMillisecondsMax
            passLastDays()
            for park in parks { serve(park) }
        }
        guard judge.broken == nil, !isOver else { return }
        let complaints = agreeing.map(\.index).filter { !isContent($0) }.map {
            "\(names[$0]) does not follow all others: \(complaint($0))"
        }
        let others = obstacles + unproven + complaints + healingForks
        judge.fail(others.isEmpty ? 16 : 0, (others + unanswered(after: hasWaited)).joined(separator: ". "))
    }

    /// Nodes that have another log of the liar than somebody else, and no proof of that.
    private var unproven: [String] {
        guard let liar, liar.forkedAt != nil else { return [] }
        let nodes = agreeing
        return nodes.filter { park in
            nodes.contains { !judge.haveSameLogs(park.index, $0.index) }
                && (try? park.store?.isForked(liar.origin)) != true
        }.map { "\($0.origin) has no proof that \(liar.origin) has forked" }
    }

    private var obstacles: [String] { judge.obstacles(agreeing, out: outPark) }

    /// The park that takes no part.
    private var outPark: String? { fenced.map { parks[$0.node] }.flatMap { isOut($0) ? $0.origin.park : nil } }

    /// What is asked of nodes to have in their logs: nobody asks a park that was taken out for what
    /// only it has.
    private func asked(_ vector: VersionVector?) -> VersionVector? {
        guard let outPark, let vector else { return vector }
        return VersionVector(vector.elements.filter { $0.origin.park != outPark }.map { ($0.origin, $0.seq) })
    }

    private func mend() {
        perform(Step(now, .mend))
        network.delayMillisecondsMax = 5
        passLastDays()
        // What it signs it goes on to lie about; with its frames it would keep what only it has to
        // itself.
        for log in liar?.logs ?? [] { log.claim(nil, of: [], number: 0) }
        liar?.streams?.end()
        // Hours pass: what was stamped in the future is past. Or the clocks are set right, and
        // nothing of it ever is.
        let offset = parks.map(\.clock.offset).max() ?? 0
        let schemas = parks.map(\.schemas).max() ?? 1
        for park in parks {
            park.disk.heal()
            park.clock.offset =
                (endsByHand ? 0 : max(offset, latestOffset)) + (liar == nil ? 0 : Self.lieAheadMilliseconds)
                + (counters["incarnation opened"] > 0 ? Self.incarnationMilliseconds : 0)
            perform(Step(now, .foreignEnd, [park.index]))
            for other in others(than: park.index) { perform(Step(now, .resume, [park.index, other])) }
            park.isWanted = true
            if park.schemas < schemas {
                park.schemas = schemas
                stop(park) { [unowned self] in
                    park.isWanted = true
                    start(park)
                }
            }
            start(park)
            // Whatever the clocks have come to is looked at.
            serve(park)
        }
    }

    /// Whether the node's status says what is true now of its peers: everybody is followed, has the
    /// same, and is known to.
    private func isContent(_ node: Int) -> Bool {
        guard let store = parks[node].store else { return false }
        let (state, figures) = (store.state(), PeerFigures(store, clock: parks[node].clock))
        // What waits for ever is rightly called lacking.
        let links: [NodeStatus.Peer.Link] = waitsForEver ? [.following, .catchingUp] : [.following]
        let left = Set(agreeing.map(\.origin))
        return reports(node).filter { left.contains($0.peer) }.allSatisfy { report in
            let peer = figures.peer(report)
            // A comparison may be older than a file that was lost meanwhile; the newest report
            // tells.
            let isSame =
                places[report.peer].map { judge.haveSameLogs(node, $0) || judge.haveSameTables(node, $0) } ?? true
            return links.contains(peer.link) && peer.agreement == (isSame ? .same : .different)
                && peer.agreementVector == state.applied.description
                && asked(report.remote?.logged) == asked(state.logged)
        }
    }

    /// Whether there may be entries that nobody ever applies.
    private var waitsForEver: Bool { liar?.log.appliedMax != nil || fenced != nil }

    private func complaint(_ node: Int) -> String {
        guard let store = parks[node].store else { return "it is down" }
        let figures = PeerFigures(store, clock: parks[node].clock)
        return reports(node).map { report in
            let peer = figures.peer(report)
            return "\(peer.park) is \(peer.link.rawValue)\(peer.lastError.map { " (\($0))" } ?? ""), tables "
                + "\(peer.agreement.rawValue) at \(peer.agreementVector ?? "no vector")"
        }.joined(separator: "; ")
    }

    private func conclude() {
        do {
            let honest = agreeing
            countBranches(honest.map(\.index))
            let first = Int(random.below(UInt64(honest.count)))
            try judge.conclude([honest[first], honest[(first + 1) % honest.count]], members: members)
            try judge.verify(honest[Int(random.below(UInt64(honest.count)))], members: members)
            for park in honest {
                try judge.conclude(park)
                try checkForks(park, among: honest)
                if endsByHand { checkClock(park) }
                // With a liar there may be what waits for ever.
                guard let store = park.store, liar == nil, !waitsForEver else { continue }
                if !store.stuck.filter({ $0.state == .held }).isEmpty {
                    judge.fail(10, "\(park.origin) holds entries although all are applied")
                }
                let figures = PeerFigures(store, clock: park.clock)
                for peer in reports(park.index).map({ figures.peer($0) }) where peer.weNeed != 0 || peer.theyNeed != 0 {
                    judge.fail(
                        10,
                        "\(park.origin) says that it needs \(peer.weNeed.map { "\($0)" } ?? "?") entries of "
                            + "\(peer.park) and is needed \(peer.theyNeed.map { "\($0)" } ?? "?"), and all have the "
                            + "same")
                }
                for report in reports(park.index)
                where report.lackingSince != nil || report.remote?.logged != store.state().logged {
                    judge.fail(
                        10,
                        "\(park.origin) says that it lacks something of \(report.peer) since "
                            + "\(report.lackingSince.map { "\($0)" } ?? "never"), "
                            + "which has \(report.remote.map { "\($0.logged)" } ?? "nothing"), and all have "
                            + "\(store.state().logged)"
                    )
                }
            }
            try concludeCatalogue(honest[Int(random.below(UInt64(honest.count)))])
            try replay(honest[Int(random.below(UInt64(honest.count)))])
        } catch { judge.fail(2, "the files cannot be compared: \(error)") }
    }

    /// Operators have set all clocks right and had everything written anew: nobody stamps ahead of
    /// them any more, whatever became of its file.
    private func checkClock(_ park: SimulatedPark) {
        guard let standing = value(command(park) { try await $0.futureStamps() }, "futureStamps") else { return }
        if let ahead = standing?.stamps.first {
            judge.fail(6, "\(park.origin) still has entries of \(ahead.origin) from \(ahead.first) on in the future")
        }
    }

    /// What became of a fork: `isContent` has asked that those who say so are right.
    private func countBranches(_ nodes: [Int]) {
        for node in nodes {
            for other in nodes where other > node && !judge.haveSameLogs(node, other) {
                counters.add("two nodes with two logs of a park")
                if !judge.haveSameTables(node, other) { counters.add("fork noticed by other tables") }
            }
        }
    }

    /// Rebuilds one node's tables from its log alone.
    private func replay(_ park: SimulatedPark) throws {
        let replay = try Replay(
            from: park.path, into: park.disk.path("replay.sqlite"), members: members,
            schema: work.compiled[park.schemas - 1],
            archivePath: park.archivePath)
        let report = try replay.run(until: nil)
        if let finding = report.findings.first {
            judge.fail(2, "\(park.origin): a replay of the log finds: \(finding)")
        }
        if !report.hasReadLiveRows { judge.fail(2, "\(park.origin): a replay could not compare the live rows") }
    }

    private func outcome() -> Outcome {
        if outPark != nil
            || judge.oracle.fences.contains(where: { $0.park == fenced.map { parks[$0.node].origin.park } })
        {
            counters.add("fence")
        }
        for (fault, count) in faults { counters.add("link \(fault.rawValue)", count) }
        for (flaw, count) in flawsMet { counters.add("link \(flaw.rawValue)", count) }
        for park in parks {
            for fault in VirtualDisk.Fault.allCases { counters.add("disk \(fault)", Int(park.disk.fired(fault))) }
            let disk = park.disk.counters
            counters.add("power loss kept a write", Int(disk.kept))
            counters.add("power loss dropped a write", Int(disk.dropped))
            counters.add("power loss tore a write", Int(disk.torn))
        }
        return Outcome(
            broken: judge.broken, trace: trace, steps: steps, events: eventsHandled, virtualMilliseconds: now,
            counters: counters,
            comparisons: judge.comparisons)
    }
}
