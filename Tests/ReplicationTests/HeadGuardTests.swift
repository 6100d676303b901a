import ParkSyncCore
import ParkSyncSimulation
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// Every combination of what two peers can be heard to say, against the promise: who writes has
/// compared.
@Suite struct HeadGuardTests {
    enum Said: CaseIterable {
        case untried, connecting, unreachable, paused, silent, nothing, same, more, coarse, differs, accounted,
            newerIncarnation
        /// What no honest peer does: it names what nobody signed, shows nothing for too long, or
        /// says more than it shows.
        case lying, withholding, boasting
        /// It has shown more, or another branch, and has had its time to send it; or it has time,
        /// and has gone away.
        case lateMore, lateBranch, goneAway
        var isOpen: Bool { ![.untried, .connecting, .unreachable, .paused, .lying, .goneAway].contains(self) }
        var isHeard: Bool { isOpen && self != .silent && !isDiscredited }
        var isDiscredited: Bool { [.lying, .withholding, .lateMore, .lateBranch].contains(self) }
        var isAway: Bool { self == .unreachable || self == .paused }
        var objects: Bool { [.more, .coarse, .differs].contains(self) }
    }

    private static let own = state([(origin("south"), 10)])

    private static func state(_ logged: [(OriginID, UInt64)], of park: OriginID = origin("south")) -> NodeState {
        NodeState(
            origin: park, schemaNumber: 1, schemaHash: [], applied: VersionVector(), logged: VersionVector(logged),
            digest: nil)
    }

    private static func report(_ name: String, _ said: Said) -> PeerReport {
        let park = origin(name)
        let south = origin("south")
        var report = PeerReport(peer: park, link: .following, relays: [], gone: [])
        switch said {
        case .untried: report.link = .waiting(until: 0)
        case .connecting: report.link = .connecting
        case .unreachable:
            report.link = .waiting(until: 9)
            report.failure = LinkFailure(.unreachable, "cut", remedy: "None.")
        case .paused: report.link = .paused
        case .silent:
            report.remote = state([(south, 10)], of: park)
            report.isUnshown = true
        case .nothing: report.remote = state([], of: park)
        case .same: (report.remote, report.fit) = (state([(south, 9)], of: park), .same)
        case .more:
            (report.remote, report.fit) = (state([(south, 12)], of: park), .more)
            report.proven[south] = 12
        case .coarse: (report.remote, report.fit) = (state([(south, 9)], of: park), .differs(common: nil, from: 9))
        case .differs: (report.remote, report.fit) = (state([(south, 9)], of: park), .differs(common: 7, from: 8))
        case .accounted: (report.remote, report.fit) = (state([(south, 12)], of: park), .accounted)
        case .newerIncarnation:
            (report.remote, report.fit) = (state([(south, 10), (origin("south~2"), 3)], of: park), .same)
            report.proven[origin("south~2")] = 3
        case .boasting:
            (report.remote, report.fit) = (state([(south, 1_000), (origin("south~2"), 3)], of: park), .same)
        case .withholding:
            report.remote = state([(south, 1_000)], of: park)
            report.withholds = true
        case .lying:
            report.link = .waiting(until: 9)
            report.failure = LinkFailure(.lying, "false", remedy: "None.")
        case .lateMore:
            (report.remote, report.fit, report.isLate) = (state([(south, 12)], of: park), .more, true)
            report.shown[south] = 12
        case .lateBranch:
            (report.remote, report.fit, report.isLate) = (
                state([(south, 12)], of: park), .differs(common: 7, from: 8), true
            )
            report.shown[south] = 12
        case .goneAway:
            (report.link, report.owes, report.lastFit) = (.waiting(until: 9), true, .more)
            report.failure = LinkFailure(.unreachable, "cut", remedy: "None.")
            report.shown[south] = 12
        }
        if report.fit != nil { report.lastFit = report.fit }
        if !report.proven.elements.isEmpty { report.shown = report.proven }
        if let remote = report.remote, case .differs = report.fit {
            report.heads = [
                LogBranch.Head(seq: remote.logged[south], hash: [UInt8](repeating: 7, count: 32), signature: [7])
            ]
        }
        return report
    }

    private static let standings: [LogStanding] =
        [.ready, .checking]
        + [true, false].flatMap { lost in [true, false].map { .fetching(isLost: lost, hasBranch: $0) } }
        + [.fetching(isLost: false, hasBranch: false, isBeside: true)]

    @Test(arguments: standings) func everyCombination(standing: LogStanding) {
        for acceptsLoss in [false, true] {
            for acceptsWithoutPeers in [false, true] {
                var headGuard = HeadGuard()
                headGuard.policy = HeadGuard.Policy(acceptsLoss: acceptsLoss, acceptsWithoutPeers: acceptsWithoutPeers)
                for west in Said.allCases {
                    for airport in Said.allCases {
                        let verdict = headGuard.judge(
                            standing, own: Self.own,
                            reports: [Self.report("airport", airport), Self.report("west", west)])
                        expectSound(verdict, standing, [airport, west], headGuard.policy)
                    }
                }
            }
        }
    }

    private func expectSound(
        _ verdict: HeadGuard.Judgement, _ standing: LogStanding, _ said: [Said], _ policy: HeadGuard.Policy
    ) {
        let objects = said.contains(where: \.objects)
        switch standing {
        case .ready:
            if case .demand(.fetchOwn) = verdict {
                #expect(objects)
            } else {
                #expect(verdict == .fine && !objects, "\(said)")
            }
        case .checking:
            // A log that the park began later may take back what this file has: it is fetched
            // first.
            if objects || said.contains(.newerIncarnation) {
                guard case .demand(.fetchOwn) = verdict else { Issue.record("\(said): \(verdict)"); return }
                return
            }
            expectAccepts(verdict, isComplete(said) || policy.acceptsWithoutPeers, said)
            #expect(
                (verdict == .alone)
                    == (said.allSatisfy { $0.isAway || $0 == .goneAway } && !policy.acceptsWithoutPeers), "\(said)")
        case .fetching(let isLost, let hasBranch, let isBeside):
            let differs = !hasBranch && (said.contains(.differs) || (isBeside && said.contains(.more)))
            if case .demand(.stage(let order)) = verdict {
                #expect(differs && (order.after == 7 || (isBeside && order.after == 10)))
                return
            }
            #expect(!differs, "\(said): \(verdict)")
            let isBehind = said.contains {
                [.more, .newerIncarnation, .goneAway].contains($0) || ($0 == .coarse && !hasBranch)
            }
            if isBehind { return expectAccepts(verdict, false, said) }
            if said.contains(.lateMore), case .demand(let demand) = verdict {
                // What continues the log is known to exist: its numbers are taken.
                guard case .writeAnew(_, let known) = demand, known == VersionVector([(Self.own.origin, UInt64(12))])
                else {
                    Issue.record("\(said): \(demand)")
                    return
                }
                return expectAccepts(
                    .demand(.acceptWrites(withoutParks: said.filter { !$0.isHeard }.map { "\($0)" })),
                    isLost ? policy.acceptsLoss : isComplete(said) || policy.acceptsWithoutPeers, said)
            }
            if isLost { return expectAccepts(verdict, said.allSatisfy(\.isHeard) || policy.acceptsLoss, said) }
            expectAccepts(verdict, isComplete(said) || policy.acceptsWithoutPeers, said)
        }
    }

    /// A liar keeps nobody from writing: it counts as heard, with nothing to say.
    private func isComplete(_ said: [Said]) -> Bool {
        said.contains { $0.isHeard || $0.isDiscredited }
            && said.allSatisfy { $0.isHeard || $0.isDiscredited || $0.isAway || $0 == .goneAway }
    }

    private func expectAccepts(_ verdict: HeadGuard.Judgement, _ accepts: Bool, _ said: [Said]) {
        if case .demand(.acceptWrites(let without)) = verdict {
            #expect(accepts, "\(said)")
            #expect(without.count == said.filter { !$0.isHeard }.count)
        } else {
            #expect(!accepts, "\(said): \(verdict)")
        }
    }

    /// One branch at a time: another one is asked for when its holder is not waited for any more,
    /// and what is whole is taken whoever else says what.
    @Test func aBranchIsFetchedFromOnePeer() {
        let headGuard = HeadGuard()
        let fetching = LogStanding.fetching(isLost: false, hasBranch: false)
        func branch(_ source: String, fetched: UInt64) -> BranchFetch {
            let head = LogBranch.Head(seq: 9, hash: [UInt8](repeating: 7, count: 32), signature: [])
            return BranchFetch(source: origin(source), after: 7, head: head, fetched: fetched, hash: [], bytes: 0)
        }
        let both = [Self.report("airport", .differs), Self.report("west", .differs)]
        #expect(
            headGuard.judge(fetching, own: Self.own, reports: both, branch: branch("west", fetched: 8))
                == .waiting(for: ["airport", "west"]))
        for standing in [LogStanding.ready, .checking, fetching] {
            guard
                case .demand(.takeBranch) = headGuard.judge(
                    standing, own: Self.own, reports: [], branch: branch("west", fetched: 9))
            else {
                Issue.record("\(standing)")
                return
            }
        }
        for said in [Said.lying, .lateBranch, .unreachable, .paused] {
            let reports = [Self.report("airport", .differs), Self.report("west", said)]
            guard
                case .demand(.stage(let order)) = headGuard.judge(
                    fetching, own: Self.own, reports: reports, branch: branch("west", fetched: 8))
            else {
                Issue.record("\(said)")
                return
            }
            #expect(order.source == origin("airport") && order.after == 7 && order.heads.first?.seq == 9)
        }
        let gone = [Self.report("airport", .differs), Self.report("west", .goneAway)]
        #expect(
            headGuard.judge(fetching, own: Self.own, reports: gone, branch: branch("west", fetched: 8))
                == .waiting(for: ["airport", "west"]))
    }

    /// A node that was ready once is not stopped by a peer that shows something and goes away while
    /// the others are away.
    @Test func whoWasReadyNeedsNobody() {
        let reports = [Self.report("west", .unreachable)]
        let fetching = LogStanding.fetching(isLost: false, hasBranch: false)
        #expect(HeadGuard().judge(fetching, own: Self.own, reports: reports) == .alone)
        #expect(
            HeadGuard().judge(fetching, own: Self.own, reports: reports, hasWritten: true)
                == .demand(.acceptWrites(withoutParks: ["west"])))
    }

    @Test func whoHasNoPeersNeedsNoCheck() {
        #expect(HeadGuard().judge(.checking, own: Self.own, reports: []) == .demand(.acceptWrites(withoutParks: [])))
    }

    @Test func aDemandIsMadeOnce() {
        var headGuard = HeadGuard()
        let reports = [Self.report("west", .same)]
        #expect(headGuard.next(.checking, own: Self.own, reports: reports) == .acceptWrites(withoutParks: []))
        #expect(headGuard.next(.checking, own: Self.own, reports: reports) == nil)
        headGuard.finished()
        #expect(headGuard.next(.checking, own: Self.own, reports: reports) != nil)
    }

    @Test func aLadderNamesTheNewestOneByOneAndReachesBack() {
        for last: UInt64 in [0, 1, 5, 31, 32, 33, 40, 1_000, 123_456_789, UInt64(Int64.max)] {
            let numbers = LogBranch.ladder(from: last)
            #expect(numbers.count <= LogBranch.headsMax && numbers.first == (last == 0 ? nil : last))
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 > $1 })
            #expect(numbers.prefix(32).elementsEqual((0..<min(32, last)).map { last - $0 }))
            // Nothing lies deeper than twice the way to the head after it.
            for (upper, lower) in zip(numbers, numbers.dropFirst()) { #expect(last - lower <= 2 * (last - upper) + 32) }
        }
    }
}

/// What a peer says of the asker's own log, and what the asker's engine makes of it.
@Suite struct BranchTests {
    private static let (south, west, airport) = (origin("south"), origin("west"), origin("airport"))

    /// What the log says to south as long as nothing changes.
    private func said(_ feed: inout LogFeed, _ log: VirtualLog, at now: UInt64 = 0) throws -> [LogFrame] {
        var frames: [LogFrame] = []
        while case .send(let frame) = try feed.next(
            state: log.state(), nowMilliseconds: now, wallMilliseconds: 0, log: log)
        { frames.append(frame) }
        return frames
    }

    private func keeper(_ author: VirtualLog) throws -> VirtualLog {
        let log = VirtualLog(Self.west)
        if let slice = try author.read(origin: Self.south, after: 0, bytesMax: .max) { try log.store(slice) }
        return log
    }

    private func request(of log: VirtualLog, wants: [LogWant] = []) -> LogRequest {
        LogRequest(state: log.state(), wallMilliseconds: 0, wants: wants)
    }

    private func branches(_ frames: [LogFrame]) -> [LogBranch] {
        frames.compactMap { if case .branch(let branch) = $0 { branch } else { nil } }
    }

    @Test func theNewestHashIsToldAtOnceAndWheneverItChanges() throws {
        let author = VirtualLog(Self.south)
        for number in 1...3 as ClosedRange<UInt8> { author.append([number]) }
        let log = try keeper(author)
        var feed = LogFeed(request: request(of: author))
        let hash = try #require(try author.hash(of: Self.south, seq: 3))
        let expected = LogBranch(origin: Self.south, heads: [.init(seq: 3, hash: hash, signature: hash + hash)])
        let first = try said(&feed, log)
        #expect(branches(first) == [expected] && first.count == 2)
        #expect(author.compare(expected) == BranchFinding(.same, proven: 3))
        author.append([4])
        try log.store(try #require(try author.read(origin: Self.south, after: 3, bytesMax: .max)))
        let later = try said(&feed, log, at: WireLimits.stateFrameIntervalMilliseconds)
        #expect(branches(later).map { $0.heads.map(\.seq) } == [[4]])
        // Somebody else hears nothing of it.
        var other = LogFeed(request: request(of: VirtualLog(Self.airport)))
        #expect(branches(try said(&other, log)) == [])
    }

    @Test func whoAsksForItsOwnLogIsToldWhereItParted() throws {
        let (author, clone) = (VirtualLog(Self.south), VirtualLog(Self.south))
        for number in 1...50 as ClosedRange<UInt8> {
            author.append([number])
            clone.append([number <= 40 ? number : number + 100])
        }
        let log = try keeper(clone)
        let want = LogWant(origin: Self.south, after: 50, hash: try #require(try author.hash(of: Self.south, seq: 50)))
        var feed = LogFeed(request: request(of: author, wants: [want]))
        let frames = try said(&feed, log)
        #expect(frames.count == 2, "no entries follow: \(frames)")
        let branch = try #require(branches(frames).first)
        #expect(author.compare(branch) == BranchFinding(.differs(common: 40, from: 41), proven: 50))
        var next = LogFeed(
            request: request(
                of: author,
                wants: [
                    LogWant(origin: Self.south, after: 40, hash: try #require(try author.hash(of: Self.south, seq: 40)))
                ]))
        let slices = try said(&next, log).compactMap { if case .entries(let slice) = $0 { slice } else { nil } }
        #expect(slices.first?.first == 41 && slices.last?.last == 50)
    }

    @Test func theEngineStopsTheWritingAndAsksForMore() throws {
        let author = VirtualLog(Self.south)
        author.append([1])
        var engine = EngineUnderTest(own: author.state())
        engine.greet(Self.west, EngineUnderTest.state(of: Self.west, logged: [(Self.south, 2)]))
        let hash = [UInt8](repeating: 9, count: 32)
        let branch = LogBranch(origin: Self.south, heads: [.init(seq: 2, hash: hash, signature: hash + hash)])
        let heard = engine.hear(.branch(branch))
        let key = try #require(engine.keys[Self.west])
        #expect(heard.contains(.compare(key, branch)))
        let actions = engine.note(engine.engine.compared(key, branch, author.compare(branch), now: engine.now))
        guard case .demand(.fetchOwn)? = actions.first(where: { if case .demand = $0 { true } else { false } }) else {
            Issue.record("\(actions)")
            return
        }
        _ = engine.note(
            engine.engine.ownStateChanged(
                author.state(), now: engine.now, wall: engine.wall, standing: .fetching(isLost: false, hasBranch: false)
            ))
        engine.greet(Self.west, EngineUnderTest.state(of: Self.west, logged: [(Self.south, 2)]))
        #expect(engine.asked[Self.west]?.contains(Self.south) == true)
    }
}
