import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// What an engine knows of its peers: whether their tables agree, how far they are, and whom to ask
/// for what.
@Suite struct KnowledgeTests {
    private typealias Engine = EngineUnderTest

    private static func digest(_ seq: UInt64, _ hash: UInt8 = 7, schema: UInt64 = 1) -> StateDigest {
        StateDigest(
            vector: VersionVector([(Engine.west, seq)]), schemaNumber: schema, hash: [UInt8](repeating: hash, count: 32)
        )
    }

    private static func state(of origin: OriginID, _ digest: StateDigest) -> NodeState {
        Engine.state(of: origin, logged: digest.vector.elements.map { ($0.origin, $0.seq) }, digest: digest)
    }

    // MARK: agreement

    @Test func tablesAreComparedAtEqualVectors() {
        var south = Engine(own: Self.state(of: Engine.south, Self.digest(3)))
        south.greet(Engine.west, Self.state(of: Engine.west, Self.digest(3)))
        #expect(south.report()?.agreement == Agreement(isSame: true, vector: Self.digest(3).vector, at: south.wall))

        // The peer is ahead: nothing new can be said, and the last comparison stands.
        south.hear(.state(Self.state(of: Engine.west, Self.digest(4, 8)), wallMilliseconds: 1))
        #expect(south.report()?.agreement?.vector == Self.digest(3).vector && south.report()?.link == .catchingUp)

        // This node is there too, with other tables.
        _ = south.engine.ownStateChanged(Self.state(of: Engine.south, Self.digest(4, 9)), now: south.now, wall: 77)
        #expect(south.report()?.agreement == Agreement(isSame: false, vector: Self.digest(4).vector, at: 77))
        #expect(south.report()?.link == .following)
    }

    @Test func aPeerThatIsBehindIsComparedWithThePast() {
        var south = Engine(own: Self.state(of: Engine.south, Self.digest(1, 1)))
        for seq in 2...60 as ClosedRange<UInt64> {
            _ = south.engine.ownStateChanged(
                Self.state(of: Engine.south, Self.digest(seq, UInt8(seq))), now: south.now, wall: 1)
        }
        south.greet(Engine.west, Self.state(of: Engine.west, Self.digest(20, 20)))
        #expect(south.report()?.agreement?.isSame == true)
        south.hear(.state(Self.state(of: Engine.west, Self.digest(21, 99)), wallMilliseconds: 1))
        #expect(south.report()?.agreement?.isSame == false)
    }

    @Test func withoutADigestNothingIsSaid() {
        var south = Engine(own: Self.state(of: Engine.south, Self.digest(3)))
        south.greet()
        #expect(south.report()?.agreement == nil)
        south.hear(.state(Self.state(of: Engine.west, Self.digest(3, 7, schema: 2)), wallMilliseconds: 1))
        #expect(south.report()?.agreement == nil, "digests under different schemas are not comparable")
    }

    @Test func theRingRemembersSixtyFourDigests() {
        var ring = AgreementRing()
        for seq in 1...100 as ClosedRange<UInt64> {
            ring.add(Self.digest(seq, UInt8(seq)))
            ring.add(Self.digest(seq, UInt8(seq)))
        }
        #expect(AgreementRing.digestsMax == 64)
        #expect(ring.agrees(with: Self.digest(100, 100)) == true && ring.agrees(with: Self.digest(37, 37)) == true)
        #expect(ring.agrees(with: Self.digest(36, 36)) == nil && ring.agrees(with: Self.digest(101, 101)) == nil)
        #expect(
            ring.agrees(with: Self.digest(99, 98)) == false && ring.agrees(with: Self.digest(99, 99, schema: 2)) == nil)
        // Tables that were mended at the same vector: the newest digest counts.
        ring.add(Self.digest(100, 5))
        #expect(ring.agrees(with: Self.digest(100, 100)) == false && ring.agrees(with: Self.digest(100, 5)) == true)
    }

    // MARK: contact

    @Test func contactAndClockAreReported() {
        var south = Engine()
        #expect(
            south.report()?.remote == nil && south.report()?.lastContactAt == nil
                && south.report()?.link == .waiting(until: 1_000))
        south.tick()
        #expect(south.report()?.link == .connecting)
        let west = Engine.state(of: Engine.west)
        south.hear(.hello(west, protocolVersion: WireLimits.protocolVersion, wallMilliseconds: south.wall - 2_000))
        #expect(south.report()?.clockOffsetMilliseconds == -2_000 && south.report()?.lastContactAt == south.wall)
        south.wall += 500
        south.hear(.state(west, wallMilliseconds: south.wall + 30))
        #expect(south.report()?.clockOffsetMilliseconds == 30 && south.report()?.lastContactAt == 5_000_500)
        south.wall += 10
        south.hear(.entries(Engine.slice(1)))
        #expect(south.report()?.lastContactAt == 5_000_510)
        south.close(Engine.failure(.broken))
        #expect(south.report()?.remote == west, "what was known stays known")
    }

    // MARK: whom to ask

    /// With hundreds of peers it is the plan that costs, so what changes nothing must not make one.
    @Test func whatChangesNoPlanMakesNone() {
        let peers = (0..<40).map { origin("park-\($0)") }
        var south = Engine(peers: peers)
        for peer in peers { south.greet(peer, Engine.state(of: peer, logged: [(peer, 1)])) }
        let before = south.engine.plan.made
        #expect(before <= 2 * peers.count + 1)
        for round in 2...6 as ClosedRange<UInt64> {
            for peer in peers {
                let state = Engine.state(of: peer, logged: peers.map { ($0, round) })
                #expect(south.hear(.state(state, wallMilliseconds: 1), from: peer) == [])
                #expect(south.hear(.entries(Engine.slice(peer, round)), from: peer).stores.count == 1)
                #expect(south.stored(.stored, peer) == [])
            }
        }
        #expect(south.engine.plan.made == before)
        // A park that is lost, and a new incarnation, are noticed as ever.
        south.close(Engine.failure(.unreachable), peers[0])
        #expect(south.engine.plan.made == before + 1)
        let later = Engine.state(of: peers[1], logged: [(peers[1], 7), (origin("park-2~2"), 1)])
        let actions = south.hear(.state(later, wallMilliseconds: 1), from: peers[1])
        #expect(actions.opens.map(\.peer) == [peers[2]] && south.asked[peers[2]] == [peers[2], origin("park-2~2")])
    }

    @Test func originsAreKnownOnceTheyAreNamed() {
        var known = KnownOrigins()
        func add(_ pairs: (OriginID, UInt64)...) -> Bool { known.add(VersionVector(pairs)) { $0 != "stranger" } }
        #expect(known.origins(of: "west", base: Engine.west) == [Engine.west])
        let first = [
            add((Engine.south, 1), (origin("west~3"), 1)), add((Engine.airport, 2)),
            add((Engine.south, 9), (Engine.airport, 1)), add(),
        ]
        #expect(first == [true, true, false, false])
        #expect(known.origins(of: "west", base: Engine.west) == [Engine.west, origin("west~3")])
        let second = [add((origin("west~2"), 1), (Engine.west, 1)), add((Engine.west, 2))]
        #expect(second == [true, false])
        #expect(known.origins(of: "west", base: Engine.west) == [Engine.west, origin("west~2"), origin("west~3")])
        #expect(known.origins(of: "airport", base: Engine.airport) == [Engine.airport])
    }

    @Test func vectorsThatDifferAnywhereAreToldApart() {
        let full = VersionVector((1...300).map { (origin("park-\($0)"), UInt64($0)) })
        for element in full.elements {
            var other = full
            other[element.origin] += 1
            #expect(other.fingerprint != full.fingerprint)
            other[element.origin] -= 1
            #expect(other.fingerprint == full.fingerprint)
        }
    }

    @Test func aNodeDoesNotCallItself() {
        let engine = ReplicationEngine(
            own: Engine.state(of: Engine.south), peers: [Engine.west, Engine.south, Engine.west], seed: 1,
            isRecovering: false, now: 0)
        #expect(engine.reports().map(\.peer) == [Engine.west])
    }

    @Test func aRestartOfThePeerAsksNobodyElse() throws {
        var south = Engine(peers: [Engine.airport, Engine.west])
        south.greet(Engine.airport)
        south.greet(Engine.west)
        let before = south.keys[Engine.airport]
        south.close(Engine.failure(.broken))
        south.now += try #require(south.wait())
        #expect(south.now < 1_000 + RelayPlan.delayMilliseconds)
        south.greet(Engine.west)
        south.tick(after: 2 * RelayPlan.delayMilliseconds)
        #expect(south.keys[Engine.airport] == before && south.report(Engine.airport)?.relays == [])
    }

    @Test func aRelayIsAskedWhenALinkIsDownForLong() {
        var south = Engine(peers: [Engine.airport, Engine.west])
        south.greet(Engine.airport)
        #expect(south.alarm == 1_000 + RelayPlan.delayMilliseconds)
        south.tick(after: RelayPlan.delayMilliseconds - 1)
        #expect(south.asked[Engine.airport] == [Engine.airport])
        let actions = south.tick(after: 1)
        #expect(actions.closes.count == 1 && south.asked[Engine.airport] == [Engine.airport, Engine.west])
        #expect(south.report(Engine.airport)?.relays == [Engine.west])
        // It keeps the task while it is asked anew, and may send both parks' entries from then on.
        #expect(south.tick(after: 10).opens.isEmpty && south.report(Engine.airport)?.relays == [Engine.west])
        south.greet(Engine.airport)
        #expect(south.hear(.entries(Engine.slice(1)), from: Engine.airport).stores == [Engine.slice(1)])
        // The direct way is open again.
        south.greet(Engine.west)
        #expect(south.asked == [Engine.airport: [Engine.airport], Engine.west: [Engine.west]])
    }

    @Test func aRecoveringNodeAsksForItsOwnEntries() {
        var south = Engine(peers: [Engine.airport, Engine.west], isRecovering: true)
        south.greet(Engine.airport)
        south.greet(Engine.west)
        #expect(
            south.asked == [Engine.airport: [Engine.airport, Engine.south], Engine.west: [Engine.south, Engine.west]])
        // A peer has heard of a later incarnation of this park: its entries belong to it as well.
        south.hear(.state(Engine.state(of: Engine.west, logged: [(origin("south~2"), 1)]), wallMilliseconds: 1))
        #expect(south.asked[Engine.west] == [Engine.south, origin("south~2"), Engine.west])
        let own = Engine.state(of: Engine.south, logged: [])
        let actions = south.note(south.engine.ownStateChanged(own, now: south.now, wall: 1, standing: .ready))
        #expect(actions.opens.isEmpty, "streams that are being opened are left alone")
        south.greet(Engine.airport)
        south.greet(Engine.west)
        // Nobody but its peers has what another incarnation of it wrote.
        let incarnation = origin("south~2")
        #expect(
            south.asked == [Engine.airport: [Engine.airport, incarnation], Engine.west: [incarnation, Engine.west]])
    }
}
