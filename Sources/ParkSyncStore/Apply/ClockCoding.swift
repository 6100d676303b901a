import ParkSyncCore

/// A row's clock and the hash of its content, as they lie in a clock table. Local to the file: origins by ordinal.
struct StoredClock {
    var clock: RowClock
    /// The row's share in the table's digest; zero for a dead row.
    var digest: RowDigest
}

/// Bytes of a clock row: digest (16), causal length (varint), the row's write, then each group's mask (varint) and write.
/// A write is its stamp (8 bytes), the origin's ordinal (varint) and the entry number (varint); all are zero for `WriteID.nobody`.
enum ClockCoding {
    static func encode(_ stored: StoredClock, state: StoreState, to writer: inout ByteWriter) {
        writer.fixed64(stored.digest.high)
        writer.fixed64(stored.digest.low)
        writer.varint(stored.clock.causalLength.rawValue)
        write(stored.clock.base, state: state, to: &writer)
        for group in stored.clock.groups {
            writer.varint(group.columns.rawValue)
            write(group.write, state: state, to: &writer)
        }
    }

    private static func write(_ id: WriteID, state: StoreState, to writer: inout ByteWriter) {
        let ordinal = state.index(of: id.origin).map { state.origins[$0].ordinal } ?? 0
        writer.fixed64(id.stamp.rawValue)
        writer.varint(UInt64(ordinal))
        writer.varint(id.seq)
    }

    static func decode(_ bytes: UnsafeRawBufferPointer, state: StoreState) throws -> StoredClock {
        var reader = ByteReader(bytes)
        let digest = RowDigest(high: try reader.fixed64("a row digest"), low: try reader.fixed64("a row digest"))
        let length = CausalLength(rawValue: try reader.varint("a causal length"))
        var clock = RowClock(causalLength: length, base: try readWrite(&reader, state: state))
        while !reader.isAtEnd {
            let mask = ColumnMask(rawValue: try reader.varint("a column mask"))
            clock.groups.append(RowClock.Group(columns: mask, write: try readWrite(&reader, state: state)))
        }
        return StoredClock(clock: clock, digest: digest)
    }

    private static func readWrite(_ reader: inout ByteReader, state: StoreState) throws -> WriteID {
        let stamp = Stamp(rawValue: try reader.fixed64("a stamp"))
        let ordinal = try reader.varint("an origin")
        if ordinal == 0, stamp == .zero {
            _ = try reader.varint("an entry number")
            return .nobody
        }
        guard let index = state.index(ofOrdinal: Int64(bitPattern: ordinal)) else {
            throw DecodingFailure("origin \(ordinal) is not known", at: reader.offset)
        }
        return WriteID(stamp: stamp, origin: state.origins[index].origin, seq: try reader.varint("an entry number"))
    }
}
