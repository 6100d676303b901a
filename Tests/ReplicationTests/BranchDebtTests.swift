import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

private typealias Engine = EngineUnderTest

/// Peers that show real signed heads of South's log, and send none, few or wrong ones of the
/// entries.
@Suite("A peer that owes entries of this node's log") struct BranchDebtTests {
    private static let (south, west, airport) = (Engine.south, Engine.west, Engine.airport)
    private static let branch = BranchFit.differs(common: 7, from: 8)
    private static let hash = [UInt8](repeating: 7, count: EntryChain.hashBytes)

    /// South, with ten entries of its own, after it has been told that a peer has others.
    private struct Node {
        var south: Engine
        var standing = LogStanding.fetching(isLost: false, hasBranch: false)
        var branch: BranchFetch?
        /// What peers have shown, and on which stream.
        private var fits: [OriginID: BranchFit] = [:]
        private var greeted: [OriginID: StreamKey] = [:]

        init(_ peers: [OriginID] = [BranchDebtTests.airport, BranchDebtTests.west]) {
            south = Engine(
                peers: peers, own: Engine.state(of: BranchDebtTests.south, logged: [(BranchDebtTests.south, 10)]))
            _ = tell()
        }

        mutating func tell() -> [EngineAction] {
            south.note(
                south.engine.ownStateChanged(
                    south.own, now: south.now, wall: south.wall, standing: standing, branch: branch))
        }

        /// A demand was carried out.
        mutating func done(_ change: (inout Node) -> Void = { _ in }) -> [LogDemand] {
            change(&self)
            return BranchDebtTests.demands(south.note(south.engine.carriedOut(now: south.now)) + tell())
        }

        /// The peer greets and shows a head, as often as it is called anew.
        ///
        /// - Parameter fit: how South's log finds it to compare.
        mutating func show(_ peer: OriginID, _ seq: UInt64, _ fit: BranchFit) -> [LogDemand] {
            BranchDebtTests.demands(answer(peer, seq, fit))
        }

        private mutating func answer(_ peer: OriginID, _ seq: UInt64, _ fit: BranchFit) -> [EngineAction] {
            fits[peer] = fit
            var actions: [EngineAction] = []
            for _ in 0..<6 {
                let before = south.keys[peer]
                actions += south.greet(peer, Engine.state(of: peer, logged: [(BranchDebtTests.south, seq)]))
                // A stream that was opened anew is greeted first.
                if south.keys[peer] != before { continue }
                let head = LogBranch.Head(
                    seq: seq, hash: BranchDebtTests.hash, signature: BranchDebtTests.hash + BranchDebtTests.hash)
                for case .compare(let key, let named) in south.hear(
                    .branch(LogBranch(origin: BranchDebtTests.south, heads: [head])), from: peer)
                {
                    actions += south.note(
                        south.engine.compared(key, named, BranchFinding(fit, proven: seq), now: south.now))
                }
                if south.keys[peer] == before { break }
            }
            greeted[peer] = south.keys[peer]
            return actions
        }

        /// Time passes, and the peers who are linked say that they are there. Who is called anew,
        /// because it is asked for something else, answers.
        mutating func wait(_ milliseconds: UInt64, _ shown: [OriginID: UInt64]) -> [LogDemand] {
            var (rest, actions): (UInt64, [EngineAction]) = (milliseconds, [])
            while rest > 0 {
                let step = min(rest, 1_000)
                rest -= step
                actions += south.tick(after: step)
                for (peer, seq) in shown.sorted(by: { $0.key < $1.key }) {
                    if let fit = fits[peer], greeted[peer] != south.keys[peer] {
                        actions += answer(peer, seq, fit)
                        continue
                    }
                    let state = Engine.state(of: peer, logged: [(BranchDebtTests.south, seq)])
                    actions += south.hear(.state(state, wallMilliseconds: south.wall), from: peer)
                }
            }
            return BranchDebtTests.demands(actions)
        }

        mutating func fetch(_ source: OriginID, fetched: UInt64 = 7) {
            let head = LogBranch.Head(seq: 12, hash: BranchDebtTests.hash, signature: [])
            branch = BranchFetch(
                source: source, after: 7, head: head, fetched: fetched, hash: BranchDebtTests.hash, bytes: 0)
        }
    }

    private static func demands(_ actions: [EngineAction]) -> [LogDemand] {
        actions.compactMap { if case .demand(let demand) = $0 { demand } else { nil } }
    }

    /// West shows another branch, and airport has what South has.
    private func asked() throws -> Node {
        var node = Node()
        #expect(node.show(Self.airport, 10, .same).isEmpty)
        let order = try #require(node.show(Self.west, 12, Self.branch).first)
        guard case .stage(let branch) = order else {
            throw SliceRefused(.malformed, origin: Self.south, first: 1, reason: "\(order)", remedy: "")
        }
        #expect(branch.source == Self.west && branch.after == 7 && branch.heads.first?.seq == 12)
        #expect(node.done { $0.fetch(Self.west) }.isEmpty)
        #expect(node.show(Self.west, 12, Self.branch).isEmpty)
        #expect(node.show(Self.airport, 10, .same).isEmpty)
        #expect(
            node.south.asked[Self.west]?.contains(Self.south) == true
                && node.south.asked[Self.airport] == [Self.airport])
        return node
    }

    private let shown = [Self.airport: UInt64(10), Self.west: 12]

    @Test(
        """
        Who shows another branch and does not send it is waited for a minute, and named; its branch is taken \
        when it comes after all
        """
    )
    func branchThatNeverComes() throws {
        var node = try asked()
        #expect(node.wait(WireLimits.branchMillisecondsMax - 1_000, shown).isEmpty)
        #expect(node.south.engine.headJudgement() == .waiting(for: ["west"]))
        #expect(node.wait(2_000, shown) == [.acceptWrites(withoutParks: ["west"])])
        let report = try #require(node.south.report())
        #expect(
            report.isLate && !report.owes && report.lie?.kind == .withheldEntries
                && report.lie?.reason.contains("south:12") == true)
        // It says so again, on the same link and on others.
        #expect(node.done { $0.standing = .ready }.isEmpty)
        for _ in 0..<3 {
            #expect(node.show(Self.west, 12, Self.branch).isEmpty)
            #expect(node.wait(5_000, shown).isEmpty)
            node.south.close(Engine.failure(.broken))
            #expect(node.wait(Backoff.lastMilliseconds, [Self.airport: 10]).isEmpty)
        }
        #expect(node.show(Self.west, 12, Self.branch).isEmpty)
        #expect(node.show(Self.airport, 10, .same).isEmpty)
        #expect(node.south.asked[Self.west]?.contains(Self.south) == true)
        node.fetch(Self.west, fetched: 12)
        guard case .takeBranch? = Self.demands(node.tell()).first else {
            Issue.record("what is whole is taken")
            return
        }
    }

    @Test("Who shows more and does not send it has the park go on as its next incarnation") func moreThatNeverComes() {
        var node = Node()
        _ = node.show(Self.airport, 10, .same)
        #expect(node.show(Self.west, 12, .more).isEmpty)
        #expect(node.wait(WireLimits.branchMillisecondsMax - 1_000, shown).isEmpty)
        #expect(
            node.wait(2_000, shown) == [
                .writeAnew(withoutParks: ["west"], known: VersionVector([(Self.south, UInt64(12))]))
            ])
        #expect(node.south.report()?.lie?.kind == .withheldEntries)
    }

    @Test("Each byte that comes buys time, once") func bytes() throws {
        var node = try asked()
        let size = Int(WireLimits.branchMillisecondsMax * WireLimits.branchBytesPerMillisecondMin)
        for _ in 0..<3 {
            node.south.hear(.entries(Engine.slice(Self.south, 8, bytes: size)), from: Self.west)
            node.south.stored(.stored, Self.west)
        }
        node.fetch(Self.west, fetched: 8)
        #expect(Self.demands(node.tell()).isEmpty)
        #expect(node.wait(2 * WireLimits.branchMillisecondsMax - 1_000, shown).isEmpty)
        #expect(node.wait(2_000, shown) == [.acceptWrites(withoutParks: ["west"])])
    }

    @Test("While this node has still to store what came, no time runs") func ownDisk() throws {
        var node = try asked()
        node.south.hear(.entries(Engine.slice(Self.south, 8)), from: Self.west)
        #expect(node.wait(3 * WireLimits.branchMillisecondsMax, shown).isEmpty)
        node.south.stored(.stored, Self.west)
        #expect(node.wait(WireLimits.branchMillisecondsMax - 1_000, shown).isEmpty)
        #expect(node.wait(2_000, shown) == [.acceptWrites(withoutParks: ["west"])])
    }

    @Test(
        "A peer that shows something, goes away and comes back again and again gains nothing",
        arguments: [1_000, 9_000, 40_000] as [UInt64])
    func flapping(linked: UInt64) throws {
        var node = try asked()
        var spent: UInt64 = 0
        var demands: [LogDemand] = []
        while demands.isEmpty, spent < 1_000_000 {
            let before = node.south.now
            demands += node.wait(linked, shown)
            node.south.close(Engine.failure(.broken))
            if demands.isEmpty { demands += node.wait(Backoff.lastMilliseconds, [Self.airport: 10]) }
            if demands.isEmpty { demands += node.show(Self.west, 12, Self.branch) }
            spent += node.south.now - before
        }
        #expect(demands == [.acceptWrites(withoutParks: ["west"])])
        #expect(spent <= 2 * WireLimits.branchMillisecondsMax + linked + Backoff.lastMilliseconds, "\(spent)")
    }

    @Test("A peer that was away is waited for again when it is back, and not called a liar for it") func awayForLong()
        throws
    {
        var node = try asked()
        node.south.close(Engine.failure(.unreachable))
        #expect(node.wait(WireLimits.branchMillisecondsMax - 1_000, [Self.airport: 10]).isEmpty)
        #expect(node.wait(2_000, [Self.airport: 10]) == [.acceptWrites(withoutParks: ["west"])])
        #expect(node.done { $0.standing = .ready }.isEmpty)
        #expect(node.south.report()?.lie == nil && node.south.report()?.isLate == false)
        guard case .fetchOwn? = node.show(Self.west, 12, Self.branch).first else {
            Issue.record("it has its time still")
            return
        }
    }

    @Test(
        "Entries that South never signed end the link, name the peer, and another one is asked",
        arguments: [true, false]) func forgery(
            hasOther: Bool
        ) throws
    {
        var node = try asked()
        if hasOther { _ = node.show(Self.airport, 12, Self.branch) }
        node.south.hear(.entries(Engine.slice(Self.south, 8)), from: Self.west)
        let refusal = SliceRefused(
            .wrongSignature, origin: Self.south, first: 8, reason: "the signature does not fit", remedy: "None.")
        var demands = Self.demands(node.south.stored(.refused(refusal), Self.west))
        let report = try #require(node.south.report())
        #expect(report.failure?.kind == .lying && report.lie?.kind == .falseEntries && report.isLate)
        if hasOther {
            // It is asked for its own log from the start, so it says anew where that parts.
            demands += node.show(Self.airport, 12, Self.branch)
            guard demands.count == 1, case .stage(let order)? = demands.first else {
                Issue.record("\(demands)"); return
            }
            #expect(order.source == Self.airport && order.after == 7)
        } else {
            #expect(demands == [.acceptWrites(withoutParks: ["west"])])
        }
    }

    @Test("The operator need not wait", arguments: [true, false]) func override(isMore: Bool) throws {
        var node = isMore ? Node() : try asked()
        if isMore {
            _ = node.show(Self.airport, 10, .same)
            _ = node.show(Self.west, 12, .more)
        }
        let policy = HeadGuard.Policy(acceptsLoss: true, acceptsWithoutPeers: true, abandonsEntries: true)
        let demands = Self.demands(node.south.note(node.south.engine.setPolicy(policy, now: node.south.now)))
        let known = VersionVector([(Self.south, UInt64(12))])
        #expect(
            demands == [
                isMore ? .writeAnew(withoutParks: ["west"], known: known) : .acceptWrites(withoutParks: ["west"])
            ])
        #expect(node.done { $0.standing = .ready }.isEmpty)
        #expect(node.south.report()?.lie == nil)
        #expect(node.show(Self.west, 12, isMore ? .more : Self.branch).isEmpty, "it was given up")
    }
}
