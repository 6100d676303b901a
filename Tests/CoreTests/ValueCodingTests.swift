import Testing

@testable import ParkSyncCore

@Suite struct ValueCodingTests {
    private static func read(_ bytes: [UInt8]) throws -> Value {
        try bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            let value = try ValueCoding.read(from: &reader).copied
            try reader.expectEnd("the value")
            return value
        }
    }

    private static func varint(_ bytes: [UInt8]) throws -> UInt64 {
        try bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            let value = try reader.varint("a number")
            try reader.expectEnd("the number")
            return value
        }
    }

    @Test func numbersComeBackInTheShortestForm() throws {
        for bit in 0..<64 as Range<UInt64> {
            for number in [(1 << bit) - 1, 1 << bit, (1 << bit) &+ 1, .max - bit] as [UInt64] {
                var writer = ByteWriter()
                writer.varint(number)
                #expect(writer.bytes.count == max(1, (64 - number.leadingZeroBitCount + 6) / 7))
                #expect(try Self.varint(writer.bytes) == number)
                for length in 0..<writer.bytes.count {
                    #expect(throws: DecodingFailure.self) { try Self.varint(Array(writer.bytes.prefix(length))) }
                }
                // The same number with a byte more.
                var padded = writer.bytes
                padded[padded.count - 1] |= 0x80
                #expect(throws: DecodingFailure.self) { try Self.varint(padded + [0]) }
            }
        }
    }

    /// Integers around each power of two, in both signs: the border between the short and the long
    /// form among them.
    @Test func integersComeBack() throws {
        for bit in 0..<63 as Range<Int64> {
            for offset in -2...2 as ClosedRange<Int64> {
                for value in [(1 << bit) &+ offset, -(1 << bit) &+ offset, .max - abs(offset), .min + abs(offset)]
                    as [Int64]
                {
                    let bytes = SampleEntry.encoded([.integer(value)])
                    #expect(try Self.read(bytes) == .integer(value))
                    #expect((bytes[0] == 3) == (value >= 1 << 60 || value < -(1 << 60)))
                }
            }
        }
    }

    @Test func realsKeepEveryBit() throws {
        var random = TestRandom(21)
        let payloads = (0..<200).map { _ in 0x7FF0_0000_0000_0001 | random.next() & 0x800F_FFFF_FFFF_FFFF }
        for bits in payloads + [0, 1 << 63, .max, Double.infinity.bitPattern, (-Double.infinity).bitPattern, 1] {
            #expect(try Self.read(SampleEntry.encoded([.real(bits)])) == .real(bits))
        }
        #expect(Value.double(-0.0) != Value.double(0.0))
    }

    @Test func textsAndBlobsAreBytes() throws {
        var random = TestRandom(22)
        for length in [0, 1, 15, 16, 17, 2_047, 2_048, 300_000] {
            let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            for value in [Value.text(bytes), .blob(bytes)] {
                let encoded = SampleEntry.encoded([value])
                #expect(try Self.read(encoded) == value)
                #expect(throws: DecodingFailure.self) { try Self.read(Array(encoded.dropLast())) }
            }
        }
        #expect(try Self.read([5]) == .text([]) && Self.read([6]) == .blob([]))
        // A length beyond the input, up to the largest that can be written.
        for rest in [1, 1 << 20, UInt64(CoreLimits.payloadBytesMax), UInt64(CoreLimits.payloadBytesMax) + 1, .max >> 3]
            as [UInt64]
        {
            var writer = ByteWriter()
            writer.varint(rest << 3 | 5)
            #expect(throws: DecodingFailure.self) { try Self.read(writer.bytes) }
        }
    }

    /// Whatever is accepted as a value is what the writer would have written for it.
    @Test(arguments: 0..<4) func acceptedBytesAreCanonical(block: UInt64) throws {
        var accepted = 0
        for number in 0..<8_000 {
            let seed = block * 10_000 + UInt64(number)
            var random = TestRandom(seed)
            var bytes = (0...random.below(11)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if random.below(2) == 0 { bytes[0] = UInt8(random.below(8)) | UInt8(random.below(2) * 0x80) }
            if random.below(3) == 0, bytes.count > 1 { bytes[1] = 0 }
            do {
                let (value, length) = try bytes.withUnsafeBytes { buffer in
                    var reader = ByteReader(buffer)
                    return (try ValueCoding.read(from: &reader).copied, reader.offset)
                }
                #expect(SampleEntry.encoded([value]) == Array(bytes.prefix(length)), "seed \(seed)")
                accepted += 1
            } catch { #expect(error is DecodingFailure, "seed \(seed): \(error)") }
        }
        #expect(accepted > 1_000)
    }

    @Test func fixedNumbersAndHexadecimal() throws {
        var writer = ByteWriter()
        writer.fixed64(0x0102_0304_0506_0708)
        #expect(writer.bytes == [1, 2, 3, 4, 5, 6, 7, 8])
        let all = Array(0...255 as ClosedRange<UInt8>)
        #expect(Hex.decode(Hex.encode(all)) == all && Hex.decode("0aFf") == [0x0A, 0xFF] && Hex.decode("") == [])
        for text in ["0", "0g", "é", " 00", "+1"] { #expect(Hex.decode(text) == nil) }
        #expect([UInt8](repeating: 1, count: 15).withUnsafeBytes { RowDigest($0) } == nil)
    }

    /// 128-bit sums with a carry, against the sum of their halves.
    @Test func digestsCarry() {
        var sum = RowDigest(high: 0, low: .max)
        sum.add(RowDigest(high: 0, low: 1))
        #expect(sum == RowDigest(high: 1, low: 0) && sum.hex == "00000000000000010000000000000000")
        sum.subtract(RowDigest(high: 2, low: 0))
        #expect(sum == RowDigest(high: .max, low: 0))
        sum.add(RowDigest(high: 1, low: 0))
        #expect(sum == RowDigest())
    }
}
