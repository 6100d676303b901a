import ParkSyncCore

/// A row's clock and the hash of its content, as they lie in a clock table. Local to the file:
/// origins by ordinal.
package struct StoredClock: Hashable {
    package var clock: RowClock
    /// The row's share in the table's digest; zero for a dead row.
    package var digest: RowDigest
    /// What the log says of a living row's counters. Nil for a dead row, in a table without any,
    /// and where it is not known: of rows that an earlier version wrote.
    package var counters: CounterValues?

    init(clock: RowClock, digest: RowDigest, counters: CounterValues? = nil) {
        (self.clock, self.digest, self.counters) = (clock, digest, counters)
    }
}

/// Bytes of a clock row: digest (16), the row's write with its causal length, then each group's
/// mask (varint) and write. Of a living row with counters a zero follows, which is no mask, and the
/// counters' sums (zigzag varints) without the zeros at their end. One is kept for every row, so
/// each byte counts.
///
/// A write begins with a byte of flags; then come its stamp, the origin's ordinal (varint) unless
/// the flags have it, the causal length (varint) unless the flags say that it is 1 or the write is
/// a group's, and the entry number (varint). A stamp is its milliseconds since `firstMilliseconds`
/// (5 bytes, most significant first) and its counter in as many bytes as the flags say, or, if it
/// lies elsewhere, its raw value (8 bytes). `WriteID.nobody` has the raw stamp, the ordinal and the
/// number 0.
package enum ClockCoding {
    /// 2024-01-01 00:00 UTC. Forty bits of milliseconds last from then until 2058; other stamps
    /// take the longer form.
    static let firstMilliseconds: UInt64 = 1_704_067_200_000
    private static let millisecondsBits: UInt64 = 40

    private enum Flags {
        /// The ordinal, or 0 if it follows.
        static let ordinal: UInt8 = 0x0F
        /// Bytes of the counter: 0 (it is zero), 1 or 2; 3 means that the raw stamp follows.
        static let counterShift: UInt8 = 4
        static let counterBytes: UInt8 = 0x03
        static let rawStamp: UInt8 = 3
        /// The causal length is not 1 and follows.
        static let length: UInt8 = 0x40
        static let known: UInt8 = 0x7F
    }

    static func encode(_ stored: StoredClock, state: StoreState, to writer: inout ByteWriter) {
        writer.fixed64(stored.digest.high)
        writer.fixed64(stored.digest.low)
        write(stored.clock.base, length: stored.clock.causalLength, state: state, to: &writer)
        for group in stored.clock.groups {
            writer.varint(group.columns.rawValue)
            write(group.write, length: .first, state: state, to: &writer)
        }
        guard let counters = stored.counters else { return }
        writer.varint(countersFollow)
        for sum in counters.sums { writer.varint(zigzag(sum)) }
    }

    /// In the place of a group's mask.
    private static let countersFollow: UInt64 = 0

    private static func zigzag(_ number: Int64) -> UInt64 { UInt64(bitPattern: number << 1 ^ number >> 63) }
    private static func number(_ zigzag: UInt64) -> Int64 {
        Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
    }

    private static func readCounters(_ reader: inout ByteReader) throws -> CounterValues {
        var sums: [Int64] = []
        while !reader.isAtEnd {
            guard sums.count < CoreLimits.columnsPerTableMax else {
                throw DecodingFailure("a row has too many counters", at: reader.offset)
            }
            sums.append(number(try reader.varint("a counter")))
        }
        return CounterValues(sums)
    }

    private static func write(_ id: WriteID, length: CausalLength, state: StoreState, to writer: inout ByteWriter) {
        let ordinal = UInt64(bitPattern: state.index(of: id.origin).map { state.origins[$0].ordinal } ?? 0)
        let milliseconds = id.stamp.milliseconds &- firstMilliseconds
        let counter = id.stamp.counter
        let isRaw = milliseconds >> millisecondsBits != 0
        let counterBytes: UInt8 = isRaw ? Flags.rawStamp : counter == 0 ? 0 : counter < 0x100 ? 1 : 2
        var flags = counterBytes << Flags.counterShift
        if ordinal <= UInt64(Flags.ordinal) { flags |= UInt8(ordinal) }
        if length != .first { flags |= Flags.length }
        writer.byte(flags)
        if isRaw {
            writer.fixed64(id.stamp.rawValue)
        } else {
            for shift in stride(from: millisecondsBits - 8, through: 0, by: -8) {
                writer.byte(UInt8(truncatingIfNeeded: milliseconds >> shift))
            }
            if counterBytes == 2 { writer.byte(UInt8(truncatingIfNeeded: counter >> 8)) }
            if counterBytes >= 1 { writer.byte(UInt8(truncatingIfNeeded: counter)) }
        }
        if flags & Flags.ordinal == 0 { writer.varint(ordinal) }
        if length != .first { writer.varint(length.rawValue) }
        writer.varint(id.seq)
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, state: StoreState) throws -> StoredClock {
        var reader = ByteReader(bytes)
        let digest = RowDigest(high: try reader.fixed64("a row digest"), low: try reader.fixed64("a row digest"))
        let (base, length) = try readWrite(&reader, state: state)
        var clock = RowClock(causalLength: length, base: base)
        while !reader.isAtEnd {
            let mask = ColumnMask(rawValue: try reader.varint("a column mask"))
            if mask.isEmpty { return StoredClock(clock: clock, digest: digest, counters: try readCounters(&reader)) }
            clock.groups.append(RowClock.Group(columns: mask, write: try readWrite(&reader, state: state).write))
        }
        return StoredClock(clock: clock, digest: digest)
    }

    private static func readWrite(_ reader: inout ByteReader, state: StoreState) throws -> (
        write: WriteID, length: CausalLength
    ) {
        let flags = try reader.byte("the flags of a write")
        guard flags & ~Flags.known == 0 else {
            throw DecodingFailure("flags \(flags) of a write are not known", at: reader.offset)
        }
        let stamp = try readStamp(&reader, counterBytes: flags >> Flags.counterShift & Flags.counterBytes)
        let short = UInt64(flags & Flags.ordinal)
        let ordinal = short == 0 ? try reader.varint("an origin") : short
        let length = flags & Flags.length == 0 ? .first : CausalLength(rawValue: try reader.varint("a causal length"))
        if ordinal == 0, stamp == .zero {
            _ = try reader.varint("an entry number")
            return (.nobody, length)
        }
        guard let index = state.index(ofOrdinal: Int64(bitPattern: ordinal)) else {
            throw DecodingFailure("origin \(ordinal) is not known", at: reader.offset)
        }
        return (
            WriteID(stamp: stamp, origin: state.origins[index].origin, seq: try reader.varint("an entry number")),
            length
        )
    }

    private static func readStamp(_ reader: inout ByteReader, counterBytes: UInt8) throws -> Stamp {
        if counterBytes == Flags.rawStamp { return Stamp(rawValue: try reader.fixed64("a stamp")) }
        var milliseconds: UInt64 = 0
        for byte in try reader.raw(Int(millisecondsBits / 8), "a stamp") {
            milliseconds = milliseconds << 8 | UInt64(byte)
        }
        var counter: UInt16 = 0
        for byte in try reader.raw(Int(counterBytes), "a stamp's counter") { counter = counter << 8 | UInt16(byte) }
        return Stamp(milliseconds: milliseconds &+ firstMilliseconds, counter: counter)
    }
}
