import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// One link: when a peer is called, and what ends a stream.
@Suite struct SessionTests {
    private typealias Engine = EngineUnderTest

    // MARK: when to call

    @Test func theBackOffGrowsIsJitteredAndBounded() throws {
        var waits: [[UInt64]] = []
        for seed in 0..<40 as Range<UInt64> {
            var south = Engine(seed: seed)
            var own: [UInt64] = []
            for _ in 0..<14 {
                #expect(south.tick().opens.count == 1)
                south.close(Engine.failure(.unreachable))
                let wait = try #require(south.wait())
                #expect(south.alarm.map { $0 <= south.now + wait } == true, "nobody would call again")
                own.append(wait)
                #expect(south.tick(after: wait - 1).opens.isEmpty)
                south.now += 1
            }
            waits.append(own)
        }
        for step in 0..<14 {
            let ceiling = min(Backoff.lastMilliseconds, Backoff.firstMilliseconds << UInt64(step))
            let column = waits.map { $0[step] }
            #expect(column.allSatisfy { $0 >= Backoff.leastMilliseconds && $0 <= ceiling })
            #expect(Set(column).count > 20, "the parks would come back at the same moment")
        }
        let mean = waits.map { $0[13] }.reduce(0, +) / 40
        #expect((11_000...19_000).contains(mean), "full jitter waits half of the ceiling on average, not \(mean) ms")
    }

    @Test(arguments: [LinkFailure.Kind.unreachable, .untrusted, .refused, .busy, .broken, .incompatible])
    func noFailureWaitsLongerThanTheLimit(kind: LinkFailure.Kind) {
        var backoff = Backoff(seed: 7)
        // A busy peer that names no time is given the ceiling and the jitter on top.
        let bound = kind == .busy ? 2 * Backoff.lastMilliseconds : Backoff.lastMilliseconds
        for _ in 0..<200 { #expect((Backoff.leastMilliseconds...bound).contains(backoff.fail(Engine.failure(kind)))) }
    }

    @Test func aGreetingResetsTheBackOff() throws {
        var south = Engine()
        for _ in 0..<10 {
            south.tick()
            south.close(Engine.failure(.unreachable))
            south.now += try #require(south.wait())
        }
        #expect(south.report()?.failure?.kind == .unreachable)
        south.greet()
        #expect(south.report()?.failure == nil && south.report()?.link == .following)
        south.close(Engine.failure(.broken))
        #expect(try #require(south.wait()) <= Backoff.firstMilliseconds)
    }

    @Test func aConnectionWithoutAGreetingResetsNothing() throws {
        var waits: [UInt64] = []
        for seed in 0..<30 as Range<UInt64> {
            var south = Engine(seed: seed)
            for _ in 0..<9 {
                south.tick()
                south.close(nil)
                waits.append(try #require(south.wait()))
                south.now += waits.last ?? 0
            }
        }
        #expect(waits.max() ?? 0 > 16_000)
    }

    @Test(arguments: [100, 7_000, 120_000] as [UInt64]) func whoIsBusyIsNotPressed(retryAfter: UInt64) throws {
        for seed in 0..<20 as Range<UInt64> {
            var south = Engine(seed: seed)
            south.tick()
            south.close(Engine.failure(.busy, retryAfter: retryAfter))
            let wait = try #require(south.wait())
            #expect(wait >= retryAfter && wait <= retryAfter + Backoff.firstMilliseconds)
            // It said so itself, so that it calls is no reason to come earlier.
            _ = south.contacted(by: "west")
            #expect(south.wait() == wait)
        }
    }

    @Test(arguments: [LinkFailure.Kind.untrusted, .incompatible]) func whatAnOperatorMustMendIsTriedSeldom(
        kind: LinkFailure.Kind
    ) throws {
        for seed in 0..<20 as Range<UInt64> {
            var south = Engine(seed: seed)
            south.tick()
            south.close(Engine.failure(kind))
            let wait = try #require(south.wait())
            #expect((Backoff.lastMilliseconds / 2...Backoff.lastMilliseconds).contains(wait))
            #expect(
                south.contacted(by: "west").opens.isEmpty && south.wait() == wait, "a call does not make the peer fit")
        }
    }

    @Test(arguments: [LinkFailure.Kind.unreachable, .broken]) func aCallOfThePeerEndsTheWait(kind: LinkFailure.Kind)
        throws
    {
        var south = Engine()
        south.tick()
        south.close(Engine.failure(kind))
        #expect(try #require(south.wait()) > 0)
        #expect(south.contacted(by: "nowhere").isEmpty)
        #expect(south.contacted(by: "west").opens == [StreamKey(peer: Engine.west, generation: 2)])
        #expect(south.contacted(by: "west").opens.isEmpty, "one call is enough")
        south.greet()
        #expect(south.contacted(by: "west").opens.isEmpty, "a stream that works stands")
    }

    // MARK: silence

    @Test(arguments: [false, true]) func silenceEndsAStream(isGreeted: Bool) throws {
        var south = Engine()
        if isGreeted { south.greet() } else { south.tick() }
        let key = try #require(south.keys[Engine.west])
        #expect(south.tick(after: WireLimits.silenceMillisecondsMax - 1).closes.isEmpty)
        #expect(south.alarm == south.now + 1)
        #expect(south.tick(after: 1).closes == [key])
        #expect(south.report()?.failure?.kind == .broken)
        let wait = try #require(south.wait())
        #expect(south.tick(after: wait).opens == [StreamKey(peer: Engine.west, generation: key.generation + 1)])
    }

    /// The type and the length of a frame of this many bytes.
    private func begun(_ length: Int) -> [UInt8] {
        LogFrame.entries(Engine.slice(1)).encode().prefix(1)
            + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
    }

    /// A large frame on a slow link takes its time: what counts is that enough of it comes.
    @Test func progressBreaksTheSilence() throws {
        var south = Engine()
        south.greet()
        let key = try #require(south.keys[Engine.west])
        _ = south.engine.received(key, begun(CoreLimits.payloadBytesDefault), now: south.now, wall: 1)
        for _ in 0..<20 {
            south.now += WireLimits.silenceMillisecondsMax - 1
            let piece = [UInt8](repeating: 0, count: WireLimits.progressBytesMin)
            #expect(south.note(south.engine.received(key, piece, now: south.now, wall: 1)).closes.isEmpty)
            #expect(south.tick().closes.isEmpty)
        }
    }

    /// A damaged length makes one frame of all that is said from then on; heartbeats must not keep
    /// such a stream.
    @Test func aFrameThatDoesNotEndIsGivenUp() throws {
        var south = Engine()
        south.greet()
        let key = try #require(south.keys[Engine.west])
        _ = south.engine.received(key, begun(CoreLimits.payloadBytesDefault), now: south.now, wall: 1)
        let heartbeat = LogFrame.state(Engine.state(of: Engine.west), wallMilliseconds: 1).encode()
        var waited: UInt64 = 0
        while waited + WireLimits.heartbeatMilliseconds < WireLimits.silenceMillisecondsMax {
            waited += WireLimits.heartbeatMilliseconds
            south.now += WireLimits.heartbeatMilliseconds
            #expect(south.note(south.engine.received(key, heartbeat, now: south.now, wall: 1)).closes.isEmpty)
        }
        #expect(south.tick(after: WireLimits.silenceMillisecondsMax - waited).closes == [key])
        #expect(south.report()?.failure?.kind == .broken)
    }

    // MARK: streams that are over

    @Test func whatIsHeardOfAnEarlierStreamIsIgnored() throws {
        var south = Engine()
        south.greet()
        let old = try #require(south.keys[Engine.west])
        #expect(south.hear(.entries(Engine.slice(1))).stores.count == 1)
        south.close(Engine.failure(.broken))
        let late: [(inout ReplicationEngine, UInt64) -> [EngineAction]] = [
            {
                $0.received(
                    old, LogFrame.state(Engine.state(of: Engine.west), wallMilliseconds: 1).encode(), now: $1, wall: 1)
            },
            { $0.received(old, [99, 99, 99, 99, 99], now: $1, wall: 1) },
            { $0.stored(old, .stored, now: $1) },
            { $0.stored(old, .failed("disk full"), now: $1) },
            { $0.closed(old, Engine.failure(.untrusted), now: $1) },
        ]
        for event in late { #expect(event(&south.engine, south.now).isEmpty) }
        south.now += try #require(south.wait())
        south.greet()
        let report = south.report()
        for event in late { #expect(event(&south.engine, south.now).isEmpty) }
        #expect(south.report() == report && south.keys[Engine.west] != old)
    }

    @Test func aStreamThatEndsByItselfOpensAgain() throws {
        var south = Engine()
        south.greet()
        south.close(nil)
        #expect(south.report()?.failure?.kind == .broken && south.report()?.failure?.remedy.isEmpty == false)
        south.now += try #require(south.wait())
        #expect(south.tick().opens.count == 1)
    }

    // MARK: what a peer must not say

    private static let misdeeds: [(what: String, frames: [LogFrame], kind: LinkFailure.Kind)] = {
        func hello(_ state: NodeState, _ version: UInt64 = WireLimits.protocolVersion) -> LogFrame {
            .hello(state, protocolVersion: version, wallMilliseconds: 1)
        }
        let west = Engine.state(of: Engine.west)
        let stranger = Engine.state(of: Engine.airport)
        let otherSchema = Engine.state(of: Engine.west, schema: (1, 9))
        func goodbye(_ kind: String) -> LogFrame { .goodbye(kind: kind, reason: "so it is", remedy: "mend it") }
        return [
            ("another park answers", [hello(stranger)], .untrusted),
            ("this node itself answers", [hello(Engine.state(of: Engine.south))], .untrusted),
            ("another park reports", [hello(west), .state(stranger, wallMilliseconds: 1)], .untrusted),
            ("another version", [hello(west, WireLimits.protocolVersion + 1)], .incompatible),
            ("another schema of the same number", [hello(otherSchema)], .incompatible),
            ("another schema later", [hello(west), .state(otherSchema, wallMilliseconds: 1)], .incompatible),
            ("entries before the greeting", [.entries(Engine.slice(1))], .broken),
            ("a report before the greeting", [.state(west, wallMilliseconds: 1)], .broken),
            ("a goodbye instead of a greeting", [goodbye(GoodbyeKind.incompatible)], .incompatible),
            ("entries that were not asked for", [hello(west), .entries(Engine.slice(Engine.airport, 1))], .broken),
            ("this node's own entries", [hello(west), .entries(Engine.slice(Engine.south, 1))], .broken),
            ("goodbye: incompatible", [hello(west), goodbye(GoodbyeKind.incompatible)], .incompatible),
            ("goodbye: fork", [hello(west), goodbye(GoodbyeKind.fork)], .incompatible),
            ("goodbye: failed", [hello(west), goodbye(GoodbyeKind.failed)], .broken),
            ("goodbye: stopping", [hello(west), goodbye(GoodbyeKind.stopping)], .broken),
            ("goodbye: of a later version", [hello(west), goodbye("tired")], .broken),
        ]
    }()

    @Test(arguments: misdeeds.indices) func whatEndsAStreamIsNamed(index: Int) throws {
        let (what, frames, kind) = Self.misdeeds[index]
        var south = Engine()
        south.tick()
        let key = try #require(south.keys[Engine.west])
        // What follows in the same piece is not listened to any more.
        let bytes = (frames + [.gone(Engine.west, oldestKept: 77)]).flatMap { $0.encode() }
        let actions = south.note(south.engine.received(key, bytes, now: south.now, wall: 1))
        #expect(actions.closes == [key] && actions.stores.isEmpty, "\(what)")
        let failure = try #require(south.report()?.failure)
        #expect(failure.kind == kind && !failure.reason.isEmpty && !failure.remedy.isEmpty, "\(what): \(failure)")
        #expect(failure.isFork == (what == "goodbye: fork"), "\(what)")
        let abouts: [String: LinkFailure.Matter] = [
            "another version": .version, "another schema of the same number": .schema, "another schema later": .schema,
            "goodbye: fork": .fork,
        ]
        #expect(failure.about == abouts[what], "\(what)")
        #expect(south.report()?.gone == [])
        if kind != .broken { #expect(try #require(south.wait()) >= Backoff.lastMilliseconds / 2, "\(what)") }
    }

    /// Told again, however long the link waits: not words, which may have a time in them, but what
    /// it is about.
    @Test func anotherReasonIsNews() {
        func standing(_ about: LinkFailure.Matter?, _ reason: String = "a") -> LinkStanding {
            .lost(LinkFailure(.incompatible, about: about, reason, remedy: "b"))
        }
        #expect(standing(.version).isLike(standing(.version, "c")) && standing(nil).isLike(standing(nil, "c")))
        #expect(!standing(.version).isLike(standing(.schema)) && !standing(.fork).isLike(standing(nil)))
        #expect(!standing(nil).isLike(.linked))
    }

    @Test func aGoodbyeWithinTheStreamWaitsAsItsKindWants() throws {
        var south = Engine()
        south.greet()
        south.hear(.goodbye(kind: GoodbyeKind.stopping, reason: "a restart", remedy: "none"))
        #expect(try #require(south.wait()) <= Backoff.firstMilliseconds)
    }

    @Test func aDamagedFrameEndsTheStream() throws {
        var south = Engine()
        south.greet()
        let key = try #require(south.keys[Engine.west])
        let actions = south.note(south.engine.received(key, [99, 0, 0, 0, 0], now: south.now, wall: 1))
        #expect(actions.closes == [key] && south.report()?.failure?.kind == .broken)
    }

    @Test func differentSchemaNumbersAreNoObstacle() {
        var south = Engine()
        south.greet(Engine.west, Engine.state(of: Engine.west, schema: (2, 9)))
        #expect(south.report()?.link == .following && south.report()?.remote?.schemaNumber == 2)
    }

    @Test func aForkedIncarnationAnswersForItsPark() {
        var south = Engine()
        south.greet(Engine.west, Engine.state(of: origin("west~2"), logged: [(origin("west~2"), 3), (Engine.west, 4)]))
        #expect(south.report()?.link == .connecting, "it is asked anew, for both of its origins")
        #expect(south.asked[Engine.west] == [Engine.west, origin("west~2")])
    }

    // MARK: the operator

    @Test func thePauseOfTheOperatorHolds() throws {
        var south = Engine()
        south.greet()
        let key = try #require(south.keys[Engine.west])
        let actions = south.engine.setPaused("west", true, now: south.now)
        #expect(actions?.closes == [key] && south.report()?.link == .paused)
        #expect(south.engine.setPaused("west", true, now: south.now)?.closes == [], "twice is once")
        #expect(south.tick(after: 100_000).opens.isEmpty && south.contacted(by: "west").opens.isEmpty)
        #expect(south.hear(.state(Engine.state(of: Engine.west), wallMilliseconds: 1)).isEmpty)
        let resumed = south.engine.setPaused("west", false, now: south.now)
        #expect(resumed?.opens == [StreamKey(peer: Engine.west, generation: key.generation + 1)])
        #expect(south.engine.setPaused("nowhere", true, now: south.now) == nil)
        #expect(south.engine.setPaused("south", true, now: south.now) == nil)
    }

    @Test func stoppingClosesAllStreams() {
        var south = Engine(peers: [Engine.airport, Engine.west])
        south.greet(Engine.west)
        let actions = south.engine.stop(now: south.now)
        #expect(Set(actions.closes) == Set(south.keys.values) && actions.count == 2)
        #expect(south.tick(after: 60_000).opens.isEmpty)
    }
}
