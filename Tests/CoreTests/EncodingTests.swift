import ParkSyncCore
import Testing

@Suite struct EncodingTests {
    @Test func everyValueComesBack() throws {
        for value in SampleEntry.values {
            let bytes = SampleEntry.encoded([value])
            let back = try bytes.withUnsafeBytes { buffer in
                var reader = ByteReader(buffer)
                let value = try ValueCoding.read(from: &reader).copied
                try reader.expectEnd("the value")
                return value
            }
            #expect(back == value)
        }
    }

    @Test func anEntryComesBack() throws {
        let (header, tables) = try SampleEntry.decode(SampleEntry.payload())
        #expect(header == SampleEntry.header)
        let expected = SampleEntry.changes()
        #expect(tables.map(\.block) == expected.map(\.block))
        #expect(tables.map(\.changes) == expected.map(\.changes))
    }

    /// A damaged entry gives an error or another entry in canonical form, never a crash and never a
    /// second encoding of the same.
    @Test func everyTruncationIsAnError() {
        let payload = SampleEntry.payload()
        for length in 0..<payload.count {
            #expect(throws: DecodingFailure.self, "cut after \(length) bytes") {
                try SampleEntry.decode(Array(payload.prefix(length)))
            }
        }
        #expect(throws: DecodingFailure.self) { try SampleEntry.decode(payload + [0]) }
    }

    /// - Returns: whether the bytes are an entry; then they must be its one encoding. Any other
    ///   error than a failure to decode is a fault.
    private func isCanonical(_ bytes: [UInt8], _ what: @autoclosure () -> String) -> Bool {
        do {
            let (header, tables) = try SampleEntry.decode(bytes)
            #expect(SampleEntry.encode(header, tables) == bytes, "\(what()): two encodings of one entry")
            return true
        } catch let failure as DecodingFailure {
            #expect((0...bytes.count).contains(failure.offset) && !failure.reason.isEmpty, "\(what()): \(failure)")
        } catch {
            Issue.record("\(what()): \(error)")
        }
        return false
    }

    @Test func everyBitThatFlipsIsNoticedOrMeansSomethingElse() {
        let payload = SampleEntry.payload()
        var survivors = 0
        for place in payload.indices {
            for bit in 0..<8 as Range<UInt8> {
                var flipped = payload
                flipped[place] ^= 1 << bit
                if isCanonical(flipped, "byte \(place), bit \(bit)") { survivors += 1 }
            }
        }
        #expect((100..<payload.count * 8).contains(survivors))
    }

    /// The middle of one entry in the middle of another: parts that are right in themselves, in the
    /// wrong place.
    @Test func splicedEntriesNeverCrash() {
        let (first, second) = (SampleEntry.payload(), DocumentedEntry.payload)
        for seed in 0..<4_000 as Range<UInt64> {
            var random = TestRandom(seed)
            let (from, to) = random.below(2) == 0 ? (first, second) : (first, first)
            let start = random.below(to.count)
            let piece = to[start..<(start + random.below(to.count - start + 1))]
            let place = random.below(from.count)
            let tail = from[(place + random.below(from.count - place + 1))...]
            _ = isCanonical(Array(from[..<place]) + Array(piece) + Array(tail), "seed \(seed)")
        }
    }

    @Test(arguments: 0..<8) func mutationsNeverCrash(block: UInt64) {
        let payload = SampleEntry.payload()
        var survivors = 0
        for number in 0..<2_500 {
            let seed = block * 10_000 + UInt64(number)
            var random = TestRandom(seed)
            var mutated = payload
            for _ in 0...random.below(3) {
                let place = random.below(mutated.count)
                switch random.below(4) {
                case 0: mutated[place] = UInt8(random.below(256))
                case 1: mutated[place] ^= 1 << UInt8(random.below(8))
                case 2: mutated.insert(UInt8(random.below(256)), at: place)
                default: mutated.remove(at: place)
                }
            }
            if isCanonical(mutated, "seed \(seed)") { survivors += 1 }
        }
        // The test would show nothing if all mutations were refused by the first check.
        #expect(survivors > 10)
    }

    @Test func randomBytesNeverCrash() {
        for seed in 0..<3_000 as Range<UInt64> {
            var random = TestRandom(seed)
            var bytes = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
            if !bytes.isEmpty { bytes[0] = EntryHeader.formatVersion }
            _ = isCanonical(bytes, "seed \(seed)")
            _ = try? KeyCoding.decode(bytes, count: 1 + random.below(3))
        }
    }

    @Test func paddedFormsAreRefused() {
        let padded: [[UInt8]] = [[0x81, 0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], [0x80]]
        for bytes in padded {
            #expect(throws: DecodingFailure.self) {
                try bytes.withUnsafeBytes { buffer in
                    var reader = ByteReader(buffer)
                    _ = try reader.varint("a number")
                }
            }
        }
        let values: [[UInt8]] = [
            [3, 0, 0, 0, 0, 0, 0, 0, 1], [7], [8], [0x0B], [5 | 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
        ]
        for bytes in values {
            #expect(throws: DecodingFailure.self, "\(bytes)") {
                try bytes.withUnsafeBytes { buffer in
                    var reader = ByteReader(buffer)
                    _ = try ValueCoding.read(from: &reader)
                }
            }
        }
    }

    @Test func digestsAddUpInAnyOrder() {
        var random = TestRandom(5)
        let parts = (0..<50).map { _ in RowDigest(high: random.next(), low: random.next()) }
        var (forwards, backwards) = (RowDigest(), RowDigest())
        for part in parts { forwards.add(part) }
        for part in parts.reversed() { backwards.add(part) }
        #expect(forwards == backwards)
        for part in parts { forwards.subtract(part) }
        #expect(forwards == RowDigest())
        #expect(
            backwards.encoded.withUnsafeBytes { RowDigest($0) } == backwards
                && Hex.decode(backwards.hex) == backwards.encoded)
    }
}
