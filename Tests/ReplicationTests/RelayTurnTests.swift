import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

private typealias Engine = EngineUnderTest

/// A relay that says to have most of a park's log, which is out of reach, and gives nothing of it.
@Suite struct RelayTurnTests {
    private static let biocity = origin("biocity")
    private static let claim: UInt64 = 1_000_000_000

    /// South, which has ten of West's entries. West is out of reach; Airport says to have a
    /// thousand million, Biocity has eleven.
    private func south(airport: UInt64 = claim, biocity: UInt64 = 11) -> Engine {
        var south = Engine(
            peers: [Engine.airport, Self.biocity, Engine.west],
            own: Engine.state(of: Engine.south, logged: [(Engine.west, 10)]))
        south.greet(Engine.airport, Engine.state(of: Engine.airport, logged: [(Engine.west, airport)]))
        south.greet(Self.biocity, Engine.state(of: Self.biocity, logged: [(Engine.west, biocity)]))
        south.tick(after: RelayPlan.delayMilliseconds)
        return south
    }

    private func greetAgain(_ south: inout Engine, airport: UInt64 = claim, biocity: UInt64 = 11) {
        south.greet(Engine.airport, Engine.state(of: Engine.airport, logged: [(Engine.west, airport)]))
        south.greet(Self.biocity, Engine.state(of: Self.biocity, logged: [(Engine.west, biocity)]))
    }

    private func relays(_ south: Engine) -> [OriginID] {
        south.engine.reports().filter { $0.relays == [Engine.west] }.map(\.peer)
    }

    /// Lets the time pass to each alarm, and hears the peers at each second.
    private func pass(_ milliseconds: UInt64, _ south: inout Engine, airport: UInt64 = claim) {
        for _ in 0..<milliseconds / 500 {
            south.tick(after: 500)
            greetAgain(&south, airport: airport)
        }
    }

    @Test func itLosesItsTurnWithinSecondsAndIsTold() {
        var south = south()
        #expect(relays(south) == [Engine.airport])
        greetAgain(&south)
        pass(2 * RelayPlan.givesWithinMilliseconds, &south)
        #expect(relays(south) == [Self.biocity])
        #expect(south.report(Engine.airport)?.withheld == [Engine.west] && south.report(Self.biocity)?.withheld == [])
        // Whatever it says to have now: it is not asked again before long.
        pass(RelayPlan.passedOverMilliseconds / 2, &south, airport: Self.claim + 1)
        #expect(relays(south) == [Self.biocity])
    }

    @Test func whoGivesKeepsItsTurn() {
        var south = south(airport: 400)
        greetAgain(&south, airport: 400)
        for seq in 11..<30 as Range<UInt64> {
            pass(RelayPlan.givesWithinMilliseconds / 2, &south, airport: 400)
            south.own = Engine.state(of: Engine.south, logged: [(Engine.west, seq)])
            _ = south.note(south.engine.ownStateChanged(south.own, now: south.now, wall: south.wall))
            #expect(relays(south) == [Engine.airport])
        }
        #expect(south.report(Engine.airport)?.withheld == [])
    }

    /// Without another one there is nobody to ask, and of two that give nothing none is asked in
    /// turns.
    @Test func withNobodyElseItStays() {
        var alone = south(biocity: 10)
        greetAgain(&alone, biocity: 10)
        for _ in 0..<40 {
            alone.tick(after: 500)
            greetAgain(&alone, biocity: 10)
        }
        #expect(relays(alone) == [Engine.airport] && alone.report(Engine.airport)?.withheld == [])
        var both = south(biocity: Self.claim)
        greetAgain(&both, biocity: Self.claim)
        var seen: [OriginID] = []
        for _ in 0..<120 {
            both.tick(after: 500)
            greetAgain(&both, biocity: Self.claim)
            for relay in relays(both) where seen.last != relay { seen.append(relay) }
        }
        #expect(seen.count == 2, "\(seen)")
    }
}
