import ParkSyncCore
import ParkSyncSimulation
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// Six nodes of which some do not reach each other, or do not agree.
@Suite struct RelayTests {
    @Test(arguments: 0..<5 as Range<UInt64>) func aCutPairIsBridgedAndGoesBackToTheDirectWay(seed: UInt64) throws {
        let federation = try VirtualFederation.atRest(seed)
        let (south, west) = (federation.node("south"), federation.node("west"))
        federation.cutPair(south, west)
        federation.run(RelayPlan.delayMilliseconds + 500)
        #expect(
            federation.relays(of: south, for: west).count == 1 && federation.relays(of: west, for: south).count == 1)
        federation.write(west)
        federation.write(south)
        let took = try #require(federation.run(1_000) { federation.isConverged })
        #expect(took <= 2 * federation.hopMilliseconds, "by a relay it took \(took) ms")

        federation.heal(south, west)
        try #require(federation.run(Backoff.lastMilliseconds + 2_000) { federation.isDirect } != nil)
        #expect(federation.relays(of: south, for: west).isEmpty)
        federation.run(100)
        federation.write(west)
        #expect(try #require(federation.run(1_000) { federation.isConverged }) <= federation.hopMilliseconds)
    }

    @Test func findingARelayIsSoonOver() throws {
        let federation = try VirtualFederation.atRest()
        let (south, west) = (federation.node("south"), federation.node("west"))
        let before = federation.opened
        federation.cutPair(south, west)
        federation.run(10_000)
        // A relay is asked once more, for more; the other streams stand as they did.
        for node in federation.others(than: south) where node != west {
            let way = VirtualFederation.Way(from: south, to: node)
            let more = federation.opened[way, default: 0] - before[way, default: 0]
            #expect(
                more == (federation.relays(of: south, for: west) == [node] ? 1 : 0),
                "\(more) new streams to \(federation.names[node])")
        }
    }

    @Test func aWayThatIsCutInOneDirectionIsBridgedInThatDirection() throws {
        let federation = try VirtualFederation.atRest()
        federation.cutWay(0, 1)
        federation.run(2_000)
        #expect(federation.relays(of: 0, for: 1).count == 1 && federation.relays(of: 1, for: 0).isEmpty)
        federation.write(1)
        #expect(federation.run(1_000) { federation.isConverged } != nil)
    }

    @Test func withoutRelaysACutPairStaysApart() {
        let federation = VirtualFederation(seed: 1)
        federation.dropsRelays = true
        federation.cutPair(0, 1)
        federation.write(0)
        #expect(federation.run(60_000) { federation.isConverged } == nil)
        #expect(
            federation.log(1).vector[federation.names[0]] == 0 && federation.log(2).vector[federation.names[0]] == 1)
    }

    @Test(arguments: 0..<5 as Range<UInt64>) func anotherTakesOverForARelayThatDies(seed: UInt64) throws {
        let federation = try VirtualFederation.atRest(seed)
        let (south, west) = (federation.node("south"), federation.node("west"))
        federation.cutPair(south, west)
        federation.run(2_000)
        let relay = try #require(federation.relays(of: south, for: west).first)
        federation.stopNode(relay)
        federation.write(west)
        let took = try #require(federation.run(2_000) { federation.log(south).vector[federation.names[west]] == 2 })
        #expect(took <= 6 * federation.hopMilliseconds, "it took \(took) ms")
        #expect(federation.relays(of: south, for: west) != [relay])
        federation.startNode(relay)
        #expect(federation.run(5_000) { federation.isConverged } != nil)
    }

    /// The relay reaches nobody but South, so it asks South for what South asks it for.
    @Test(arguments: 0..<6 as Range<UInt64>) func aRelayThatDoesNotReachTheOriginIsReplaced(seed: UInt64) throws {
        let federation = try VirtualFederation.atRest(seed, parks: ["airport", "biocity", "south", "west"])
        let (south, west) = (federation.node("south"), federation.node("west"))
        federation.cutPair(south, west)
        federation.run(2_000)
        let relay = try #require(federation.relays(of: south, for: west).first)
        let bridge = try #require(federation.names.indices.first { ![south, west, relay].contains($0) })
        federation.cutPair(relay, west)
        federation.cutPair(relay, bridge)
        federation.run(2_000)
        #expect(
            federation.relays(of: south, for: west) == [relay] && federation.relays(of: relay, for: west) == [south])
        federation.write(west)
        let took = try #require(federation.run(5_000) { federation.isConverged })
        #expect(took <= RelayPlan.patienceMilliseconds + 10 * federation.hopMilliseconds, "it took \(took) ms")
        #expect(federation.relays(of: south, for: west) == [bridge])
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func entriesComeOverSeveralRelays(seed: UInt64) throws {
        let federation = try VirtualFederation.atRest(seed)
        let west = federation.node("west")
        // One park alone reaches West.
        for node in federation.others(than: west) where node != 1 { federation.cutPair(node, west) }
        // And only one other park reaches that one.
        for node in [0, 2, 3] { federation.cutPair(node, 1) }
        federation.write(west)
        #expect(federation.run(RelayPlan.delayMilliseconds + 5_000) { federation.isConverged } != nil)
        federation.run(2_000)
        federation.write(west)
        let took = try #require(federation.run(5_000) { federation.isConverged })
        // A relay may itself have a relay, but no entry waits for the time after which another is
        // looked for.
        #expect(took <= 5 * federation.hopMilliseconds, "it took \(took) ms")
    }

    /// South was away, West is out of its reach, and only the given parks keep what South lacks of
    /// West's entries.
    private func needy(keepers: [Int]) throws -> VirtualFederation {
        let federation = try VirtualFederation.atRest()
        let (south, west) = (federation.node("south"), federation.node("west"))
        federation.cutNode(south)
        for _ in 0..<5 { federation.write(west) }
        federation.run(1_000)
        for node in federation.others(than: south) where node != west && !keepers.contains(node) {
            federation.log(node).forget(federation.names[west], before: 4)
        }
        federation.healNode(south)
        federation.cutPair(south, west)
        return federation
    }

    @Test(arguments: 0..<4) func aRelayThatKeepsTheEntriesIsFound(keeper: Int) throws {
        let federation = try needy(keepers: [keeper])
        #expect(federation.run(Backoff.lastMilliseconds + 5_000) { federation.isConverged } != nil)
        #expect(
            federation.reports(federation.node("south")).allSatisfy { $0.gone.isEmpty },
            "what came another way is not missed any more")
    }

    @Test func whenNobodyKeepsTheEntriesTheSearchEnds() throws {
        let federation = try needy(keepers: [])
        let south = federation.node("south")
        federation.run(Backoff.lastMilliseconds + 5_000)
        #expect(federation.reports(south).contains { $0.gone == [.init(origin: origin("west"), seq: 4)] })
        let before = federation.opened
        federation.run(20_000)
        for node in 0..<4 {
            #expect(federation.opened[.init(from: south, to: node)] == before[.init(from: south, to: node)])
        }
        // The other parks' entries come as ever.
        federation.write(0)
        #expect(
            try #require(federation.run(1_000) { federation.log(south).vector[origin("airport")] == 2 })
                <= federation.hopMilliseconds)
    }

    /// One park's log has forked: the link to it is lost until an operator acts, and no other.
    @Test(arguments: [false, true]) func aForkCutsOffOnlyTheForkedPark(isCut: Bool) throws {
        let federation = try VirtualFederation.atRest()
        let (south, west) = (federation.node("south"), federation.node("west"))
        let clone = VirtualLog(federation.names[west])
        clone.append(try #require(federation.log(west).body(of: federation.names[west], seq: 1)))
        clone.append([9, 9, 9])
        try federation.log(south).store(
            try #require(try clone.read(origin: federation.names[west], after: 1, bytesMax: 100)))
        federation.write(west)
        if isCut { federation.cutPair(south, west) }
        federation.stopNode(south)
        federation.startNode(south)
        federation.run(3 * Backoff.lastMilliseconds)
        for node in federation.others(than: south) where node != west {
            #expect(
                federation.report(south, of: node)?.failure == nil && federation.report(south, of: node)?.relays == [])
        }
        if !isCut { #expect(federation.report(south, of: west)?.failure?.kind == .incompatible) }
        federation.write(0)
        #expect(
            try #require(federation.run(1_000) { federation.log(south).vector[federation.names[0]] == 2 })
                <= federation.hopMilliseconds)
        #expect(
            federation.log(south).vector[federation.names[west]] == 2 && federation.relays(of: south, for: west) == [])
    }

    @Test func entriesThatNobodyBelievesCutOffOnlyTheirPark() throws {
        let federation = try VirtualFederation.atRest()
        let (south, west) = (federation.node("south"), federation.node("west"))
        federation.log(south).distrust(federation.names[west])
        federation.write(west)
        federation.run(3 * Backoff.lastMilliseconds)
        #expect(federation.report(south, of: west)?.failure?.kind == .untrusted && !federation.storeRefusals.isEmpty)
        #expect(federation.opened[.init(from: south, to: 0)] == 1, "nobody else is asked for them")
        federation.write(0)
        #expect(
            try #require(federation.run(1_000) { federation.log(south).vector[federation.names[0]] == 2 })
                <= federation.hopMilliseconds)
    }

    @Test func aRelayThatDamagesEntriesIsReplaced() throws {
        let federation = try VirtualFederation.atRest()
        let (south, west) = (federation.node("south"), federation.node("west"))
        federation.cutPair(south, west)
        federation.run(2_000)
        let relay = try #require(federation.relays(of: south, for: west).first)
        federation.log(relay).damage(federation.names[west])
        federation.write(west)
        let took = try #require(federation.run(2_000) { federation.log(south).vector[federation.names[west]] == 2 })
        #expect(took <= 8 * federation.hopMilliseconds, "it took \(took) ms")
        #expect(federation.report(south, of: relay)?.failure?.kind == .untrusted)
    }

    @Test func aDisputeEnds() {
        let (west, south, airport) = (origin("west"), origin("south"), origin("airport"))
        var disputes = Disputes()
        disputes.add(west, peer: airport, now: 100)
        #expect(!disputes.contains(west), "one relay is not enough")
        disputes.add(west, peer: south, now: 200)
        disputes.add(south, peer: south, now: 300)
        #expect(disputes.contains(west) && disputes.contains(south) && !disputes.contains(airport))
        #expect(disputes.deadline == 200 + Disputes.lastMilliseconds)
        disputes.forgetOld(now: 200 + Disputes.lastMilliseconds)
        #expect(!disputes.contains(west) && disputes.contains(south))
    }
}
