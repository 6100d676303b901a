import ParkSyncCore
import Testing

@testable import ParkSyncStore

/// Clock rows come back as they were, whatever form their parts take.
@Suite struct ClockCodingTests {
    private func state(ordinals: [Int64]) throws -> StoreState {
        var state = StoreState()
        for ordinal in ordinals {
            state.origins.append(
                OriginState(
                    ordinal: ordinal, origin: try #require(OriginID("p\(ordinal)")), folded: 0, logged: 0,
                    headHash: EntryChain.genesis, signed: 0,
                    dependencies: VersionVector()))
        }
        return state
    }

    private func bytes(_ stored: StoredClock, _ state: StoreState) -> [UInt8] {
        var writer = ByteWriter()
        ClockCoding.encode(stored, state: state, to: &writer)
        return writer.bytes
    }

    @Test func everyFormComesBack() throws {
        let state = try state(ordinals: [1, 15, 16, 300])
        let first = ClockCoding.firstMilliseconds
        let milliseconds: [UInt64] = [
            0, first - 1, first, first + 1, 1_790_000_000_000, first + (1 << 40) - 1, first + (1 << 40), (1 << 48) - 1,
        ]
        let digest = RowDigest(high: 0x0102_0304_0506_0708, low: .max)
        for origin in state.origins.map(\.origin) {
            for time in milliseconds {
                for counter: UInt16 in [0, 1, 0xFF, 0x100, .max] {
                    for length: UInt64 in [1, 2, 3, .max] {
                        let write = WriteID(
                            stamp: Stamp(milliseconds: time, counter: counter), origin: origin,
                            seq: UInt64(counter) * 1_000)
                        var clock = RowClock(causalLength: CausalLength(rawValue: length), base: write)
                        clock.groups = [
                            RowClock.Group(
                                columns: .first(3),
                                write: WriteID(stamp: write.stamp, origin: state.origins[3].origin, seq: .max)),
                            RowClock.Group(columns: ColumnMask(rawValue: 1 << 63), write: write),
                        ]
                        let encoded = bytes(StoredClock(clock: clock, digest: digest), state)
                        let decoded = try encoded.withUnsafeBytes { try ClockCoding.decode($0, state: state) }
                        #expect(decoded.clock == clock && decoded.digest == digest && decoded.counters == nil)
                    }
                }
            }
        }
    }

    @Test func sumsOfCountersComeBack() throws {
        let state = try state(ordinals: [1])
        let write = WriteID(
            stamp: Stamp(milliseconds: 1_790_000_000_000, counter: 0), origin: state.origins[0].origin, seq: 1)
        var clock = RowClock(causalLength: .first, base: write)
        for groups in [
            [], [RowClock.Group(columns: .first(2), write: WriteID(stamp: write.stamp, origin: write.origin, seq: 2))],
        ] {
            clock.groups = groups
            let plain = bytes(StoredClock(clock: clock, digest: RowDigest()), state)
            for (sums, count): ([Int64], Int) in [
                ([], 1), ([0, 0], 1), ([1], 2), ([0, -5, 0], 3), ([.min, .max, -1], 22), ([63, -64, 64], 5),
            ] {
                let stored = StoredClock(clock: clock, digest: RowDigest(), counters: CounterValues(sums))
                let encoded = bytes(stored, state)
                #expect(encoded.count == plain.count + count, "\(sums)")
                #expect(try encoded.withUnsafeBytes { try ClockCoding.decode($0, state: state) } == stored)
            }
            for garbage: [UInt8] in [[0, 0x80], [0] + Array(repeating: 1, count: CoreLimits.columnsPerTableMax + 1)] {
                #expect(throws: DecodingFailure.self) {
                    try (plain + garbage).withUnsafeBytes { try ClockCoding.decode($0, state: state) }
                }
            }
        }
    }

    @Test func aRowOfOneWriterTakesFewBytes() throws {
        let state = try state(ordinals: [1])
        let write = WriteID(
            stamp: Stamp(milliseconds: 1_790_000_000_000, counter: 0), origin: state.origins[0].origin, seq: 16_383)
        let encoded = bytes(StoredClock(clock: RowClock(causalLength: .first, base: write), digest: RowDigest()), state)
        #expect(encoded.count == 16 + 1 + 5 + 2)
    }

    @Test func whatIsCutShortOrUnknownIsRefused() throws {
        let state = try state(ordinals: [1])
        let write = WriteID(
            stamp: Stamp(milliseconds: 1_790_000_000_000, counter: 7), origin: state.origins[0].origin, seq: 300)
        let encoded = bytes(
            StoredClock(clock: RowClock(causalLength: CausalLength(rawValue: 3), base: write), digest: RowDigest()),
            state)
        for count in 0..<encoded.count {
            #expect(throws: DecodingFailure.self) {
                try encoded.prefix(count).withUnsafeBytes { try ClockCoding.decode($0, state: state) }
            }
        }
        for flags: UInt8 in [0x80, 0x0E] {
            var changed = encoded
            changed[16] = flags
            #expect(throws: DecodingFailure.self) {
                try changed.withUnsafeBytes { try ClockCoding.decode($0, state: state) }
            }
        }
    }
}
