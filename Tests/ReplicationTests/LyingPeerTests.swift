import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

private typealias Engine = EngineUnderTest

/// Peers that say of South's log what South never signed, or show nothing.
@Suite("A lying peer") struct LyingPeerTests {
    private func claim(_ seq: UInt64, of name: String = "south") -> LogBranch {
        let bytes = [UInt8](repeating: 7, count: 64)
        return LogBranch(
            origin: origin(name), heads: [.init(seq: seq, hash: Array(bytes.prefix(32)), signature: bytes)])
    }

    private func south(_ standing: LogStanding, peers: [OriginID] = [Engine.west]) -> Engine {
        var south = Engine(peers: peers, own: Engine.state(of: Engine.south, logged: [(Engine.south, 3)]))
        _ = south.note(south.engine.ownStateChanged(south.own, now: south.now, wall: south.wall, standing: standing))
        return south
    }

    /// Reports the branch as the log would, which has none of it.
    private func hear(_ branch: LogBranch, _ finding: BranchFinding, at south: inout Engine) -> [EngineAction] {
        guard case .compare(let key, let compared)? = south.hear(.branch(branch)).first else { return [] }
        return south.note(south.engine.compared(key, compared, finding, now: south.now))
    }

    private func demands(_ actions: [EngineAction]) -> [LogDemand] {
        actions.compactMap { if case .demand(let demand) = $0 { demand } else { nil } }
    }

    @Test(
        "A head that nobody signed ends the link, names the peer, and demands nothing",
        arguments: ["south", "south~2", "airport"])
    func falseHead(_ name: String) {
        var south = south(.ready)
        let membership = Membership(former: ["airport"])
        _ = south.note(
            south.engine.ownStateChanged(south.own, now: south.now, wall: south.wall, membership: membership))
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(Engine.south, 1_000)]))
        let actions = hear(claim(1_000, of: name), BranchFinding(.same, proven: 0, fault: "\(name):1000"), at: &south)
        #expect(actions.closes.count == 1 && demands(actions).isEmpty)
        let report = south.report()
        #expect(
            report?.failure?.kind == .lying && report?.lie?.kind == .falseHead && report?.lies == 1
                && report?.fit == nil)
        #expect(report?.lie?.reason.contains("\(name):1000") == true)
        // It is called again, and lies again.
        south.tick(after: Backoff.lastMilliseconds)
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(Engine.south, 1_000)]))
        _ = hear(claim(1_000, of: name), BranchFinding(.same, proven: 0, fault: "\(name):1000"), at: &south)
        #expect(south.report()?.lies == 2)
    }

    @Test(
        "That entries are kept no longer counts where they were asked for, and where the peer has what it says to keep",
        arguments: [true, false])
    func falseGone(isAsked: Bool) {
        var south = south(.ready)
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(Engine.west, 5)]))
        let actions = south.hear(.gone(isAsked ? Engine.west : origin("elsewhere"), oldestKept: isAsked ? 7 : 1))
        #expect(actions.closes.count == 1 && south.report()?.failure?.kind == .broken && south.report()?.gone == [])
        // What it may say: nothing of its log is kept any more.
        south.tick(after: Backoff.lastMilliseconds)
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(Engine.west, 5)]))
        #expect(south.hear(.gone(Engine.west, oldestKept: 6)).closes.isEmpty)
        #expect(south.report()?.gone == [VersionVector.Element(origin: Engine.west, seq: 6)])
    }

    @Test("A node that starts is not kept by the only peer, which lies") func startBesideALiar() {
        var south = south(.checking)
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(Engine.south, 1_000)]))
        let actions = hear(claim(2), BranchFinding(.same, proven: 0, fault: "south:2"), at: &south)
        #expect(demands(actions) == [.acceptWrites(withoutParks: ["west"])])
    }

    @Test(
        "What a report says to have, and shows no head of, decides nothing; after ten seconds nobody waits for it",
        arguments: [true, false])
    func withheldHead(isGreeting: Bool) {
        var south = south(.checking)
        let claims = Engine.state(of: Engine.west, logged: [(Engine.south, 1_000), (origin("south~7"), 4)])
        south.greet(Engine.west, isGreeting ? claims : nil)
        if !isGreeting { south.hear(.state(claims, wallMilliseconds: south.wall)) }
        // An incarnation was named that nobody had asked for, so the stream begins anew.
        let actions = south.greet(Engine.west, claims)
        #expect(south.report()?.isUnshown == true && south.report()?.withholds == false)
        // Without entries of South's there was nothing to compare: the first greeting was enough.
        if !isGreeting { return }
        #expect(demands(actions).isEmpty)
        #expect(demands(south.hear(.branch(LogBranch(origin: Engine.south, heads: [])))).isEmpty)
        #expect(south.alarm.map { $0 <= south.now + WireLimits.headMillisecondsMax } == true)
        #expect(demands(south.tick(after: WireLimits.headMillisecondsMax - 1)).isEmpty)
        #expect(demands(south.tick(after: 1)) == [.acceptWrites(withoutParks: ["west"])])
        // The link may have died behind the greeting.
        #expect(south.report()?.lie == nil && south.report()?.withholds == true)
        south.hear(.state(claims, wallMilliseconds: south.wall))
        #expect(south.report()?.lie?.kind == .withheldHead && south.report()?.link != .waiting(until: 0))
        // It shows them after all.
        _ = hear(claim(3), BranchFinding(.same, proven: 3), at: &south)
        #expect(south.report()?.withholds == true, "the later incarnation is still not shown")
        _ = hear(claim(4, of: "south~7"), BranchFinding(.more, proven: 4), at: &south)
        #expect(south.report()?.withholds == false && south.report()?.proven[origin("south~7")] == 4)
    }

    @Test("Who hangs up before its time is over, and calls again, has no more time for that") func hangsUpInTime() {
        var south = south(.checking)
        let claims = Engine.state(of: Engine.west, logged: [(Engine.south, 1_000)])
        let stays = WireLimits.headMillisecondsMax / 10 * 6
        south.greet(Engine.west, claims)
        south.hear(.state(claims, wallMilliseconds: south.wall))
        #expect(demands(south.tick(after: stays)).isEmpty && south.report()?.isUnshown == true)
        // What passes while no stream is open is nobody's fault.
        south.close(Engine.failure(.broken))
        south.tick(after: Backoff.firstMilliseconds * 8)
        #expect(demands(south.greet(Engine.west, claims)).isEmpty && south.report()?.lie == nil)
        #expect(demands(south.tick(after: WireLimits.headMillisecondsMax - stays - 1)).isEmpty)
        #expect(demands(south.tick(after: 1)) == [.acceptWrites(withoutParks: ["west"])])
        #expect(south.report()?.lie?.kind == .withheldHead)
        // Nor has it more the next time, until it shows what it says to have.
        south.close(Engine.failure(.broken))
        south.tick(after: Backoff.firstMilliseconds * 16)
        south.greet(Engine.west, claims)
        #expect(south.report()?.withholds == true)
        _ = hear(claim(3), BranchFinding(.same, proven: 3), at: &south)
        #expect(south.report()?.withholds == false && south.report()?.isUnshown == false)
    }

    @Test("A third park's fork does not part two others, also where there is no further relay") func forkOfAThird() {
        var south = Engine(
            peers: [Engine.airport, Engine.west],
            own: Engine.state(of: Engine.south, logged: [(Engine.south, 3), (Engine.airport, 2)]))
        let west = Engine.state(of: Engine.west, logged: [(Engine.airport, 2), (Engine.west, 5)])
        south.greet(Engine.west, west)
        south.close(Engine.failure(.unreachable), Engine.airport)
        south.tick(after: RelayPlan.delayMilliseconds)
        south.hear(.hello(west, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: south.wall))
        #expect(south.asked[Engine.west] == [Engine.airport, Engine.west])
        south.hear(.goodbye(kind: GoodbyeKind.fork, reason: "airport has forked", remedy: "Ask it."))
        #expect(south.report()?.failure?.kind == .broken)
        for _ in 0..<3 {
            south.tick(after: Backoff.firstMilliseconds * 8)
            south.hear(.hello(west, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: south.wall))
        }
        #expect(
            south.asked[Engine.west] == [Engine.west] && south.report()?.link != .connecting
                && south.report()?.failure == nil)
    }

    @Test("What was allowed for one check is not allowed for the next") func policyEnds() {
        var south = south(.checking)
        south.greet(Engine.west)
        _ = south.note(
            south.engine.setPolicy(
                HeadGuard.Policy(acceptsLoss: true, acceptsWithoutPeers: true, abandonsEntries: true), now: south.now))
        _ = south.note(south.engine.carriedOut(now: south.now))
        _ = south.note(south.engine.ownStateChanged(south.own, now: south.now, wall: south.wall, standing: .ready))
        let actions = south.note(
            south.engine.ownStateChanged(
                south.own, now: south.now, wall: south.wall, standing: .fetching(isLost: false, hasBranch: false)))
        _ = south.note(south.engine.carriedOut(now: south.now))
        south.hear(.state(Engine.state(of: Engine.west, logged: [(Engine.south, 9)]), wallMilliseconds: south.wall))
        let later = hear(claim(9), BranchFinding(.more, proven: 9), at: &south)
        #expect(!demands(actions + later).contains { if case .writeAnew = $0 { true } else { false } })
    }
}
