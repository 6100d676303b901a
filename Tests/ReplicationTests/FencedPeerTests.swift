import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// A park that was taken out of the zone is no peer.
@Suite struct FencedPeerTests {
    private typealias Engine = EngineUnderTest

    private func made() -> Engine {
        var south = Engine(
            peers: [Engine.west, Engine.airport], own: Engine.state(of: Engine.south, logged: [(Engine.west, 3)]))
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(Engine.west, 3)]))
        _ = south.hear(
            .hello(
                Engine.state(of: Engine.airport, logged: [(Engine.west, 3)]),
                protocolVersion: WireLimits.protocolVersion, wallMilliseconds: 0),
            from: Engine.airport)
        return south
    }

    @discardableResult
    private func tell(
        _ south: inout Engine, _ membership: Membership, own: NodeState? = nil, standing: LogStanding? = nil
    ) -> [EngineAction] {
        if let own { south.own = own }
        return south.note(
            south.engine.ownStateChanged(
                south.own, now: south.now, wall: south.wall, standing: standing, membership: membership))
    }

    @Test func itIsNotCalledAndNotReported() throws {
        var south = made()
        let key = try #require(south.keys[Engine.west])
        let actions = tell(&south, Membership(fenced: ["west"]))
        #expect(actions.closes.contains(key) && south.engine.reports().map(\.peer) == [Engine.airport])
        // What others have of it comes through them.
        south.tick(after: RelayPlan.delayMilliseconds + 1)
        #expect(south.asked[Engine.airport] == [Engine.airport, Engine.west])
        for _ in 0..<100 { #expect(!south.tick(after: 10_000).opens.contains { $0.peer == Engine.west }) }
        #expect(south.engine.setPaused("west", true, now: south.now) == nil, "it is no peer")
    }

    /// What a peer has of it and nobody needs any more keeps no link from being followed.
    @Test func nobodyWaitsForMoreOfIt() throws {
        var south = made()
        let more = Engine.state(of: Engine.airport, logged: [(Engine.west, 9)])
        _ = south.hear(.state(more, wallMilliseconds: 0), from: Engine.airport)
        #expect(south.report(Engine.airport)?.link == .catchingUp && south.report(Engine.airport)?.lackingSince != nil)
        tell(&south, Membership(fenced: ["west"]))
        #expect(south.report(Engine.airport)?.link == .following && south.report(Engine.airport)?.lackingSince == nil)
    }

    @Test func aLostFileDoesNotWaitForIt() throws {
        var south = Engine(peers: [Engine.west, Engine.airport], isRecovering: true)
        south.tick()
        _ = south.hear(
            .hello(Engine.state(of: Engine.airport), protocolVersion: WireLimits.protocolVersion, wallMilliseconds: 0),
            from: Engine.airport)
        let lost = LogStanding.fetching(isLost: true, hasBranch: false)
        tell(&south, Membership(), standing: lost)
        #expect(south.engine.headJudgement() == .waiting(for: ["west"]))
        let actions = tell(&south, Membership(fenced: ["west"]), standing: lost)
        #expect(actions.contains(.demand(.acceptWrites(withoutParks: []))))
    }

    /// It comes back under an origin that nobody has entries of; under one that is known it stays
    /// out.
    @Test func itIsCalledWhenItComesBack() throws {
        var south = made()
        tell(&south, Membership(fenced: ["west"]))
        let returned = try #require(OriginID("west~2"))
        #expect(south.note(south.engine.contacted(by: "west", as: Engine.west, now: south.now)).opens.isEmpty)
        #expect(
            south.note(south.engine.contacted(by: "west", as: returned, now: south.now)).opens.contains {
                $0.peer == Engine.west
            })
        #expect(south.report(Engine.west) != nil)
        // What it brought did not know of the fence.
        tell(
            &south, Membership(fenced: ["west"]),
            own: Engine.state(of: Engine.south, logged: [(Engine.west, 3), (returned, 1)]))
        #expect(south.report(Engine.west) == nil)
        #expect(south.note(south.engine.contacted(by: "west", as: returned, now: south.now)).opens.isEmpty)
        // It did.
        tell(&south, Membership())
        #expect(
            south.tick().opens.contains { $0.peer == Engine.west } || south.report(Engine.west)?.link == .connecting)
    }

    /// The entries of a park that is in no configuration any more come from the others, if they can
    /// be checked.
    @Test func entriesOfAFormerParkAreAskedOfTheOthers() throws {
        let west = Engine.west
        for isKnown in [true, false] {
            var south = Engine(peers: [Engine.airport])
            south.tick()
            tell(&south, Membership(former: isKnown ? ["west"] : []))
            _ = south.hear(
                .hello(
                    Engine.state(of: Engine.airport, logged: [(west, 3)]), protocolVersion: WireLimits.protocolVersion,
                    wallMilliseconds: 0),
                from: Engine.airport)
            south.tick(after: RelayPlan.delayMilliseconds + 1)
            #expect(south.asked[Engine.airport] == (isKnown ? [Engine.airport, west] : [Engine.airport]))
        }
    }

    /// Its key is in an entry of another park, which has named its log before.
    @Test func aFormerParkThatIsKnownLaterIsAskedForAsWell() {
        let west = Engine.west
        var south = Engine(peers: [Engine.airport])
        south.tick()
        tell(&south, Membership())
        _ = south.hear(
            .hello(
                Engine.state(of: Engine.airport, logged: [(Engine.airport, 3), (west, 3)]),
                protocolVersion: WireLimits.protocolVersion,
                wallMilliseconds: 0), from: Engine.airport)
        #expect(south.asked[Engine.airport] == [Engine.airport])
        tell(&south, Membership(former: ["west"]), own: Engine.state(of: Engine.south, logged: [(Engine.airport, 3)]))
        south.tick(after: RelayPlan.delayMilliseconds + 1)
        #expect(south.asked[Engine.airport] == [Engine.airport, west])
    }

    /// Two parks that do not know this one are enough, and none that does is too many.
    @Test func aParkThatNobodyKnowsIsTold() throws {
        let bio = try #require(OriginID("bio-city"))
        var south = Engine(peers: [Engine.west, Engine.airport, bio])
        south.tick()
        south.close(Engine.failure(.stranger), Engine.west)
        #expect(south.engine.excluding() == [], "one alone may lie")
        south.close(Engine.failure(.unreachable), bio)
        south.close(Engine.failure(.stranger), Engine.airport)
        #expect(south.engine.excluding() == ["airport", "west"])
        _ = south.tick(after: 60_000)
        #expect(south.engine.excluding() == ["airport", "west"], "calling again changes nothing")
        _ = south.hear(
            .hello(Engine.state(of: bio), protocolVersion: WireLimits.protocolVersion, wallMilliseconds: 0), from: bio)
        #expect(south.engine.excluding() == [], "somebody takes it for a member")
        var lonely = Engine(peers: [Engine.west])
        lonely.tick()
        lonely.close(Engine.failure(.stranger), Engine.west)
        #expect(lonely.engine.excluding() == ["west"], "there is nobody else to ask")
    }
}
