import ParkSyncCore
import Testing

@Suite struct ClockAndVectorTests {
    @Test func stampsNeverRunBackwards() {
        var random = TestRandom(7)
        var clock = HybridLogicalClock()
        var last = Stamp.zero
        var wall: UInt64 = 1_790_000_000_000
        for _ in 0..<20_000 {
            switch random.below(10) {
            case 0: wall -= UInt64(random.below(5_000))
            case 1: wall += UInt64(random.below(5_000))
            case 2: clock.observe(Stamp(milliseconds: wall + UInt64(random.below(100)), counter: UInt16(random.below(65_536))))
            default: break
            }
            let seen = clock.last
            let stamp = clock.tick(wallMilliseconds: wall)
            #expect(stamp > last && stamp > seen)
            last = stamp
        }
    }

    @Test func aFullCounterMovesTheTimeOn() {
        var clock = HybridLogicalClock(last: Stamp(milliseconds: 5, counter: .max))
        #expect(clock.tick(wallMilliseconds: 5) == Stamp(milliseconds: 6, counter: 0))
        #expect(clock.tick(wallMilliseconds: 9) == Stamp(milliseconds: 9, counter: 0))
    }

    @Test func whatIsTooFarAhead() {
        let limit = CoreLimits.clockAheadMillisecondsMax
        #expect(!HybridLogicalClock.isTooFarAhead(Stamp(milliseconds: 1_000 + limit, counter: 9), wallMilliseconds: 1_000))
        #expect(HybridLogicalClock.isTooFarAhead(Stamp(milliseconds: 1_001 + limit, counter: 0), wallMilliseconds: 1_000))
    }

    private func vector(_ random: inout TestRandom) -> VersionVector {
        VersionVector(MergeWorld.names.map { ($0, UInt64(random.below(4))) })
    }

    @Test func joiningVectorsIsALattice() {
        var random = TestRandom(3)
        for _ in 0..<2_000 {
            let (a, b, c) = (vector(&random), vector(&random), vector(&random))
            let joined = a.joined(b)
            joined._checkInvariants()
            #expect(joined == b.joined(a) && joined.joined(c) == a.joined(b.joined(c)) && a.joined(a) == a)
            #expect(joined.covers(a) && joined.covers(b))
            #expect(a.covers(b) == (a.joined(b) == a))
            #expect((a.missing(from: b) == 0) == a.covers(b))
            #expect(VersionVector(parsing: a.description) == a)
            var rebuilt = b
            for element in a.joined(b).difference(from: b) { rebuilt[element.origin] = element.seq }
            #expect(rebuilt == joined)
        }
    }

    @Test(arguments: ["south", "science-city", "a", "a1-b", "south~2", "south~99", "abcdefghijklm", "abcdefghijklm~99"])
    func names(_ name: String) throws {
        let origin = try #require(OriginID(name))
        #expect(origin.name == name && origin.park == String(name.split(separator: "~")[0]))
    }

    @Test(arguments: ["", "South", "1a", "-a", "süd", "a b", "a~1", "a~02", "a~100", "a~", "~2", "a~2~3", "abcdefghijklmn", "a\u{0}"])
    func notNames(_ name: String) { #expect(OriginID(name) == nil) }

    @Test func originsAreOrderedAsTheirNames() throws {
        let names = ["a", "a-", "a1", "aa", "abcdefgh", "abcdefghi", "b", "south", "south~2"]
        let origins = try names.map { try #require(OriginID($0)) }
        #expect(origins == origins.sorted() && origins.map(\.name) == names)
    }

    @Test(arguments: ["south", "south:", ":1", "south:x", "south:1 south:2", "South:1", "south:-1", "south:1:2"])
    func notVectors(_ text: String) { #expect(VersionVector(parsing: text) == nil) }
}
