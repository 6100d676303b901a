@testable import ParkSyncCore
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
            case 2:
                clock.observe(
                    Stamp(milliseconds: wall + UInt64(random.below(100)), counter: UInt16(random.below(65_536))))
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

    /// A clock that steps far back, and a message from a node that is ahead, at every counter.
    @Test func aLaterEventHasALaterStampOnEveryNode() {
        var random = TestRandom(13)
        var clocks = (0..<3).map { _ in HybridLogicalClock() }
        let walls: [UInt64] = [1_790_000_000_000, 0, 1_700_000_000_000]
        for _ in 0..<5_000 {
            let (from, to) = (random.below(3), random.below(3))
            let sent = clocks[from].tick(wallMilliseconds: walls[from] + UInt64(random.below(3)))
            clocks[to].observe(sent)
            #expect(clocks[to].last >= sent)
            #expect(clocks[to].tick(wallMilliseconds: walls[to]) > sent)
        }
        var ahead = HybridLogicalClock(last: Stamp(milliseconds: 10, counter: 0))
        for counter in 1...UInt64(UInt16.max) {
            #expect(ahead.tick(wallMilliseconds: 9).rawValue == 10 << 16 | counter)
        }
        #expect(ahead.tick(wallMilliseconds: 0) == Stamp(milliseconds: 11, counter: 0))
        ahead.observe(.zero)
        #expect(ahead.last == Stamp(milliseconds: 11, counter: 0))
    }

    @Test func stampsAreMillisecondsAndCounter() {
        let latest: UInt64 = (1 << 48) - 1
        let stamp = Stamp(milliseconds: latest, counter: .max)
        #expect(stamp.rawValue == .max && stamp.milliseconds == latest && stamp.counter == .max)
        #expect(Stamp(milliseconds: latest + 2, counter: 3) == Stamp(milliseconds: 1, counter: 3))
        #expect(Stamp(milliseconds: 1, counter: 0) > Stamp(milliseconds: 0, counter: .max))
        #expect(Stamp(milliseconds: 1_795_497_090_000, counter: 3).description == "1795497090000.3")
    }

    @Test func writesAreOrderedByStampThenOriginThenNumber() {
        func write(_ stamp: UInt64, _ name: String, _ seq: UInt64) -> WriteID {
            WriteID(stamp: Stamp(rawValue: stamp), origin: .known(name), seq: seq)
        }
        let sorted = [
            write(1, "west", 9), write(2, "airport", 3), write(2, "airport", 4), write(2, "south", 1),
            write(2, "south~2", 1), write(3, "a", 1),
        ]
        for (index, earlier) in sorted.enumerated() {
            #expect(!(earlier < earlier))
            for later in sorted[(index + 1)...] { #expect(earlier < later && !(later < earlier)) }
        }
    }

    @Test func causalLengthsCountLives() {
        var length = CausalLength.never
        for step in 1...9 as ClosedRange<UInt64> {
            let (wasAlive, before) = (length.isAlive, length)
            #expect(
                (wasAlive ? length.afterInsert : length.afterDelete) == before, "what is so already changes nothing")
            length = wasAlive ? length.afterDelete : length.afterInsert
            #expect(length.rawValue == step && length.isAlive != wasAlive && length > before)
        }
    }

    @Test func whatIsTooFarAhead() {
        let limit = CoreLimits.clockAheadMillisecondsMax
        #expect(
            !HybridLogicalClock.isTooFarAhead(Stamp(milliseconds: 1_000 + limit, counter: 9), wallMilliseconds: 1_000))
        #expect(
            HybridLogicalClock.isTooFarAhead(Stamp(milliseconds: 1_001 + limit, counter: 0), wallMilliseconds: 1_000))
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

    @Test func vectorsHoldWhatADictionaryHolds() {
        let names = (0..<12).map { OriginID.known("p\($0)") }
        for seed in 0..<200 as Range<UInt64> {
            var random = TestRandom(seed)
            var vector = VersionVector()
            var plain: [OriginID: UInt64] = [:]
            for _ in 0..<30 {
                let (name, seq) = (
                    names[random.below(12)], random.below(3) == 0 ? 0 : 1 + random.next() % CoreLimits.entryNumberMax
                )
                vector[name] = seq
                plain[name] = seq == 0 ? nil : seq
                vector._checkInvariants()
            }
            #expect(
                names.allSatisfy { vector[$0] == plain[$0] ?? 0 } && vector.elements.count == plain.count,
                "seed \(seed)")
            #expect(VersionVector(parsing: vector.description) == vector, "seed \(seed)")
            #expect(
                VersionVector(
                    parsing: vector.elements.reversed().map { "\($0.origin):\($0.seq)" }.joined(separator: " "))
                    == vector)
        }
        #expect(
            VersionVector().description == "-" && VersionVector(parsing: "-") == VersionVector()
                && VersionVector(parsing: "") == VersionVector())
        let pairs: [(OriginID, UInt64)] = [(names[0], 3), (names[0], 2), (names[1], 0)]
        let repeated = VersionVector(pairs)
        #expect(repeated[names[0]] == 3 && repeated.elements.count == 1)
    }

    @Test func coveringIsAPartialOrderAndMissingCounts() {
        var random = TestRandom(4)
        for _ in 0..<2_000 {
            let (a, b, c) = (vector(&random), vector(&random), vector(&random))
            #expect(a.covers(a) && a.covers(VersionVector()))
            if a.covers(b), b.covers(a) { #expect(a == b) }
            if a.covers(b), b.covers(c) { #expect(a.covers(c)) }
            // Every common upper bound is above the join.
            if c.covers(a), c.covers(b) { #expect(c.covers(a.joined(b))) }
            let lacking = MergeWorld.names.reduce(0 as UInt64) { sum, name in
                sum + (b[name] > a[name] ? b[name] - a[name] : 0)
            }
            #expect(a.missing(from: b) == lacking && a.joined(b).missing(from: b) == 0)
            #expect(a.difference(from: a).isEmpty)
        }
    }

    @Test(arguments: ["south", "science-city", "a", "a1-b", "south~2", "south~99", "abcdefghijklm", "abcdefghijklm~99"])
    func names(_ name: String) throws {
        let origin = try #require(OriginID(name))
        #expect(origin.name == name && origin.park == String(name.split(separator: "~")[0]))
    }

    @Test func incarnationsAreOfTheirPark() throws {
        var parks: [String] = []
        for count in 1...CoreLimits.parkNameBytesMax {
            parks += ["a", "b"].map { $0 + String(repeating: "-", count: count - 1) }
        }
        let origins = try parks.flatMap { park in
            try ["", "~2", "~9", "~10", "~99"].map { try #require(OriginID(park + $0)) }
        }
        for one in origins {
            for other in origins { #expect(one.isOfSamePark(as: other) == (one.park == other.park), "\(one) \(other)") }
        }
    }

    @Test(arguments: [
        "", "South", "1a", "-a", "süd", "a b", "a~1", "a~02", "a~100", "a~", "~2", "a~2~3", "abcdefghijklmn", "a\u{0}",
        "a~1x", "a~0", "a~-2", "a_b",
        "a~２",
    ])
    func notNames(_ name: String) { #expect(OriginID(name) == nil) }

    @Test func originsAreOrderedAsTheirNames() throws {
        let names = ["a", "a-", "a1", "aa", "abcdefgh", "abcdefghi", "b", "south", "south~2"]
        let origins = try names.map { try #require(OriginID($0)) }
        #expect(origins == origins.sorted() && origins.map(\.name) == names)
    }

    @Test(arguments: [
        "south", "south:", ":1", "south:x", "south:1 south:2", "South:1", "south:-1", "south:1:2", "south:+1",
        "south:01", "south:0",
        "south::1", "south:1:", "south:18446744073709551616", "south~1:1", "south:1,west:2", "south:1 -",
        "south:1\twest:2", "south:１",
    ])
    func notVectors(_ text: String) { #expect(VersionVector(parsing: text) == nil) }
}
