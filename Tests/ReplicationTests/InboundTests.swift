import ParkSyncCore
import ParkSyncWire
import Testing

@testable import ParkSyncReplication

/// Entries on their way from a stream to the log.
@Suite struct InboundTests {
    private typealias Engine = EngineUnderTest
    private static let megabyte = 1 << 20

    /// A link on which entry 1 is being stored, so that what follows waits.
    private func busy(peers: [OriginID] = [Engine.airport, Engine.west]) -> EngineUnderTest {
        var south = EngineUnderTest(peers: peers)
        south.greet(Engine.airport)
        south.greet(Engine.west)
        #expect(south.hear(.entries(Engine.slice(1))).stores == [Engine.slice(1)])
        return south
    }

    /// Reports pieces as stored, more often than there are any. Returns what was given to the log
    /// meanwhile.
    private func drain(_ south: inout EngineUnderTest) -> [LogSlice] { (0..<32).flatMap { _ in south.stored().stores } }

    @Test func tooMuchThatWaitsHoldsThePeerBackOnce() throws {
        var south = busy()
        let key = try #require(south.keys[Engine.west])
        var (stored, heard): (Int, Int) = (0, 0)
        var pauses: [StreamKey] = []
        // As much as the log may have at a time, as much as may wait, and a little more.
        for seq in 2...UInt64((WireLimits.storingBytesMax + WireLimits.inboundBytesMax) / Self.megabyte + 6) {
            let actions = south.hear(.entries(Engine.slice(seq, bytes: Self.megabyte)))
            heard += Self.megabyte
            stored += actions.stores.reduce(0) { $0 + $1.body.count }
            #expect(
                actions.pauses.isEmpty || heard - stored > WireLimits.inboundBytesMax,
                "what may wait does not hold the peer back")
            pauses += actions.pauses
        }
        #expect(pauses == [key])
        #expect(
            stored <= WireLimits.storingBytesMax
                && stored > WireLimits.storingBytesMax - 2 * WireLimits.storeBatchBytesMax)

        var resumes: [StreamKey] = []
        while stored < heard {
            let actions = south.stored()
            stored += actions.stores.reduce(0) { $0 + $1.body.count }
            #expect(
                actions.resumes.isEmpty || heard - stored <= WireLimits.inboundBytesMax / 2,
                "it goes on when half of it is through")
            resumes += actions.resumes
        }
        #expect(resumes == [key])
    }

    @Test func smallSlicesAreGatheredWhileTheLogIsBusy() {
        var south = busy()
        var stores: [LogSlice] = []
        for seq in 2...20 as ClosedRange<UInt64> { stores += south.hear(.entries(Engine.slice(seq))).stores }
        #expect(stores.isEmpty)
        #expect(south.stored().stores.map(\.count) == [19], "one piece, and one signature to check")
    }

    @Test func fullPiecesGoToTheLogWhileItIsBusy() {
        var south = busy()
        var stores: [LogSlice] = []
        for seq in 2...7 as ClosedRange<UInt64> {
            stores += south.hear(.entries(Engine.slice(seq, bytes: Self.megabyte))).stores
        }
        #expect(
            stores.map(\.first) == [2, 4, 6] && stores.allSatisfy { $0.body.count == WireLimits.storeBatchBytesMax })
    }

    @Test func aPeerThatIsHeldBackMayBeSilent() throws {
        var south = busy(peers: [Engine.west])
        let key = try #require(south.keys[Engine.west])
        for seq in 2...60 as ClosedRange<UInt64> { south.hear(.entries(Engine.slice(seq, bytes: Self.megabyte))) }
        #expect(!south.tick(after: 10 * WireLimits.silenceMillisecondsMax).closes.contains(key))
        var actions: [EngineAction] = []
        while actions.resumes.isEmpty { actions = south.stored() }
        // From now on it is to be heard again, with the full time to begin.
        #expect(!south.tick(after: WireLimits.silenceMillisecondsMax - 1).closes.contains(key))
        #expect(south.tick(after: 1).closes.contains(key))
    }

    @Test func aNewStreamIsNotHeldBackByTheOld() throws {
        var south = busy()
        for seq in 2...20 as ClosedRange<UInt64> { south.hear(.entries(Engine.slice(seq, bytes: Self.megabyte))) }
        south.close(Engine.failure(.broken))
        south.now += try #require(south.wait())
        south.greet()
        #expect(south.hear(.entries(Engine.slice(2))).stores == [Engine.slice(2)])
        #expect(drain(&south).isEmpty, "what waited on the old stream is asked for again")
    }

    @Test func consecutiveSlicesGoTogetherWithTheLastSignature() throws {
        var south = busy()
        south.hear(
            .entries(Engine.slice(2, count: 3)), .entries(Engine.slice(5)),
            .entries(Engine.slice(6, count: 2, bytes: 50)))
        let stores = drain(&south)
        let batch = try #require(stores.first)
        #expect(
            stores.count == 1 && batch.origin == Engine.west && batch.first == 2 && batch.count == 6 && batch.last == 7)
        #expect(batch.body == Engine.slice(2).body + Engine.slice(5).body + Engine.slice(6, bytes: 50).body)
        #expect(batch.signature == Engine.slice(6).signature)
    }

    @Test func aBatchNeverSkipsEntries() {
        var south = busy()
        south.hear(
            .entries(Engine.slice(2)), .entries(Engine.slice(4)), .entries(Engine.slice(5)), .entries(Engine.slice(5)))
        #expect(drain(&south).map { [$0.first, $0.last] } == [[2, 2], [4, 5], [5, 5]])
    }

    @Test func aBatchNeverMixesOrigins() {
        // An origin of the same park, with numbers that would go on.
        let second = origin("west~2")
        var south = EngineUnderTest()
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(second, 9)]))
        south.greet(Engine.west, Engine.state(of: Engine.west, logged: [(second, 9)]))
        #expect(south.asked[Engine.west] == [Engine.west, second])
        south.hear(.entries(Engine.slice(1)))
        south.hear(
            .entries(Engine.slice(2)), .entries(Engine.slice(second, 3)), .entries(Engine.slice(3)),
            .entries(Engine.slice(4)))
        #expect(drain(&south).map(\.origin) == [Engine.west, second, Engine.west])
    }

    @Test func aBatchHasALimit() {
        var south = busy()
        var stores: [LogSlice] = []
        for seq in 2...11 as ClosedRange<UInt64> {
            stores += south.hear(.entries(Engine.slice(seq, bytes: Self.megabyte * 2 / 3))).stores
        }
        stores += drain(&south)
        #expect(
            stores.map(\.count) == [3, 3, 3, 1] && stores.allSatisfy { $0.body.count <= WireLimits.storeBatchBytesMax })
        // One slice that is larger goes alone.
        var other = busy()
        let large = other.hear(
            .entries(Engine.slice(2, bytes: 2 * WireLimits.storeBatchBytesMax)), .entries(Engine.slice(3)))
        #expect((large.stores + drain(&other)).map(\.first) == [2, 3])
    }

    @Test func peersAreStoredIndependently() {
        var south = busy()
        #expect(
            south.hear(.entries(Engine.slice(Engine.airport, 1)), from: Engine.airport).stores == [
                Engine.slice(Engine.airport, 1)
            ])
    }

    @Test(
        arguments: [
            (SliceRefused.Cause.gap, LinkFailure.Kind.broken), (.wrongSignature, .untrusted), (.wrongChain, .untrusted),
            (.fork, .untrusted),
            (.malformed, .untrusted), (.unknownOrigin, .untrusted),
        ])
    func whatTheLogRefusesEndsTheStream(cause: SliceRefused.Cause, kind: LinkFailure.Kind) throws {
        var south = busy()
        let key = try #require(south.keys[Engine.west])
        south.hear(.entries(Engine.slice(2)))
        let refusal = SliceRefused(
            cause, origin: Engine.west, first: 1, reason: "as the test wants it", remedy: "None: this is a test.")
        let actions = south.stored(.refused(refusal))
        #expect(actions.closes == [key] && actions.stores.isEmpty, "what follows refused entries is not stored")
        let failure = try #require(south.report()?.failure)
        #expect(
            failure.kind == kind && failure.reason.contains("as the test wants it") && failure.remedy == refusal.remedy)
        #expect(failure.isFork == (cause == .fork), "the words say nothing")
        let wait = try #require(south.wait())
        #expect(kind == .untrusted ? wait >= Backoff.lastMilliseconds / 2 : wait <= Backoff.firstMilliseconds)
        #expect(south.report(Engine.airport)?.link == .following, "the other links stand")
    }

    @Test func aLogThatCannotStoreIsTriedAgain() throws {
        var south = busy()
        let key = try #require(south.keys[Engine.west])
        #expect(south.stored(.failed("the disk is full")).closes == [key])
        #expect(
            south.report()?.failure?.kind == .broken
                && south.report()?.failure?.reason.contains("the disk is full") == true)
        south.now += try #require(south.wait())
        #expect(south.tick().opens.contains(StreamKey(peer: Engine.west, generation: key.generation + 1)))
    }

    @Test func whatIsNoLongerKeptIsReported() throws {
        var south = busy()
        south.hear(.state(Engine.state(of: Engine.west, logged: [(Engine.west, 60)]), wallMilliseconds: south.wall))
        south.hear(.gone(Engine.west, oldestKept: 40))
        #expect(south.report()?.gone == [.init(origin: Engine.west, seq: 40)])
        south.close(nil)
        south.now += try #require(south.wait())
        south.greet()
        #expect(south.report()?.gone == [], "a new stream finds out anew")
    }
}
