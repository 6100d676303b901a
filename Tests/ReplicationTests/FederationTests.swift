import ParkSyncCore
import ParkSyncSimulation
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// Six nodes together, on links that work or are cut in a known way.
@Suite struct FederationTests {
    @Test(arguments: 0..<5 as Range<UInt64>) func everybodyLearnsWhatEverybodyWrote(seed: UInt64) throws {
        let federation = VirtualFederation(seed: seed)
        for round in 0..<3 {
            for node in federation.names.indices { for _ in 0...round { federation.write(node) } }
            federation.run(20)
        }
        let took = try #require(federation.run(1_000) { federation.isConverged })
        // A call, its answer and the entries, which may be stored in as many steps as there were
        // writes.
        #expect(took <= 10 * federation.hopMilliseconds, "it took \(took) ms")
        #expect(federation.log(0).vector == VersionVector(federation.names.map { ($0, 6) }))
        for node in federation.names.indices {
            for name in federation.names {
                #expect(
                    federation.log(node).body(of: name, seq: 6)
                        == federation.log(federation.node(name.name)).body(of: name, seq: 6))
            }
        }
        #expect(federation.storeRefusals.isEmpty)
    }

    @Test(arguments: 0..<10 as Range<UInt64>) func aCommitIsEverywhereAfterOneDelayAndOneStore(seed: UInt64) throws {
        let federation = try VirtualFederation.atRest(seed)
        // Long after the last event: nobody looks in at intervals, and a follower is told at once
        // nevertheless.
        federation.run(1_000 + seed * 300)
        federation.write(Int(seed % 6))
        let took = try #require(federation.run(1_000) { federation.isConverged })
        #expect(took <= federation.hopMilliseconds, "it took \(took) ms")
    }

    @Test func eachEntryComesInOnce() throws {
        let federation = try VirtualFederation.atRest()
        let before = federation.received
        for _ in 0..<10 {
            federation.write(0)
            federation.run(30)
        }
        try #require(federation.run(1_000) { federation.isConverged } != nil)
        for node in federation.others(than: 0) {
            for other in federation.others(than: node) {
                let way = VirtualFederation.Way(from: node, to: other)
                let more = federation.received[way]?[federation.names[0], default: 0] ?? 0
                #expect(more - (before[way]?[federation.names[0], default: 0] ?? 0) == (other == 0 ? 10 : 0))
            }
        }
    }

    @Test func aSlowDiskHoldsThePeerBack() throws {
        let federation = VirtualFederation(["south", "west"], seed: 3, store: 900)
        for number in 0..<60 { federation.log(1).append([UInt8](repeating: UInt8(number), count: 1 << 20)) }
        #expect(federation.run(60_000) { federation.isConverged } != nil)
        #expect(
            federation.pauses > 0 && federation.storeRefusals.isEmpty && federation.opened[.init(from: 0, to: 1)] == 1)
    }

    @Test func whoWasAwayForLongCatchesUp() throws {
        let federation = try VirtualFederation.atRest()
        federation.stopNode(0)
        for round in 0..<200 {
            federation.write(1 + round % 5, bytes: 2_000)
            federation.run(20)
        }
        #expect(!federation.isConverged)
        federation.startNode(0)
        let took = try #require(federation.run(2_000) { federation.isConverged })
        #expect(took <= 10 * federation.hopMilliseconds, "200 entries took \(took) ms")
    }

    @Test func aParkThatIsCutOffWritesOnAndComesBack() throws {
        let federation = try VirtualFederation.atRest()
        federation.cutNode(3)
        for round in 0..<60 {
            federation.write(round % 6)
            federation.run(500)
        }
        #expect(
            federation.log(3).vector[federation.names[3]] == 11 && federation.log(3).vector[federation.names[0]] == 1)
        #expect(
            federation.log(0).vector[federation.names[3]] == 1 && federation.log(0).vector == federation.log(5).vector)
        federation.healNode(3)
        // Whoever calls first is called back at once, so nobody waits for the end of a long
        // back-off of its own.
        #expect(federation.run(Backoff.lastMilliseconds) { federation.isConverged } != nil)
        #expect(federation.run(Backoff.lastMilliseconds) { federation.isDirect } != nil)
    }

    @Test func aLinkThatFlapsEndsConnected() throws {
        let federation = try VirtualFederation.atRest()
        for round in 0..<40 {
            if round % 2 == 0 { federation.cutPair(2, 4) } else { federation.heal(2, 4) }
            federation.write(round % 6)
            federation.run(50 + federation.random.below(900))
        }
        #expect(
            federation.run(1_000 + Backoff.lastMilliseconds) { federation.isConverged && federation.isDirect } != nil)
        #expect(federation.faults[.reset, default: 0] >= 4)
    }

    @Test func whoLostItsLogAsksEverybodyForIt() throws {
        let federation = try VirtualFederation.atRest()
        let own = federation.names[3]
        for _ in 0..<5 { federation.write(3) }
        try #require(federation.run(1_000) { federation.isConverged } != nil)
        // One peer was cut off and knows less: the newest entry is fetched nevertheless.
        federation.cutNode(0)
        federation.write(3)
        federation.run(200)
        federation.stopNode(3)
        federation.log(3).loseEverything()
        federation.startNode(3, isRecovering: true)
        #expect(federation.run(1_000) { federation.log(3).vector[own] == 7 } != nil)
        federation.healNode(0)
        federation.run(Backoff.lastMilliseconds)
        for node in federation.others(than: 3) {
            #expect(federation.asked[.init(from: 3, to: node)] == [federation.names[node], own].sorted())
        }
        let state = federation.log(3).state()
        federation.tell(3) { $0.ownStateChanged(state, now: $1, wall: $1, standing: .ready) }
        #expect(federation.run(1_000) { federation.isDirect && federation.isConverged } != nil)
    }

    @Test func aHalfOpenStreamIsClosedAndBridgedMeanwhile() throws {
        let federation = try VirtualFederation.atRest()
        federation.silence(0, 1)
        federation.write(1)
        let bound = WireLimits.silenceMillisecondsMax + RelayPlan.delayMilliseconds + 6 * federation.hopMilliseconds
        let took = try #require(federation.run(60_000) { federation.isConverged })
        #expect(took <= bound && took > WireLimits.heartbeatMilliseconds, "it took \(took) ms")
        federation.heal(0, 1)
        #expect(
            federation.run(WireLimits.silenceMillisecondsMax + Backoff.lastMilliseconds) { federation.isDirect } != nil)
    }

    @Test func aLostTailIsAskedForAgain() throws {
        let federation = try VirtualFederation.atRest()
        for _ in 0..<20 {
            federation.write(1, bytes: 5_000)
            federation.loseTail(0, 1)
            federation.run(1_500)
        }
        #expect(federation.run(2_000) { federation.isConverged } != nil)
        #expect(federation.faults[.tail, default: 0] >= 15 && federation.storeRefusals.isEmpty)
    }
}
