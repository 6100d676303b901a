import ParkSyncCore
import ParkSyncReplication

/// The log: one row for each entry, in order of origin and number, so that serving it is a range
/// scan that copies bytes.
package enum LogTable {
    static let create = """
        CREATE TABLE IF NOT EXISTS _parksync_log(
          id INTEGER PRIMARY KEY, -- the origin's ordinal times 2^40, plus the entry's number
          stamp INTEGER NOT NULL,
          hash BLOB NOT NULL,
          signature BLOB,
          payload BLOB NOT NULL)
        """

    package static let seqBits: Int64 = 40
    /// Highest entry number.
    package static let seqMax = CoreLimits.entryNumberMax
    /// Highest ordinal of an origin: it and the next one fit in front of a number.
    package static let ordinalMax: Int64 = (1 << 22) - 1

    package static func id(_ ordinal: Int64, _ seq: UInt64) -> Int64 { ordinal << seqBits | Int64(seq & seqMax) }
    /// What is behind all entries of an origin.
    package static func end(_ ordinal: Int64) -> Int64 { id(ordinal &+ 1, 0) }
    /// The number in a row's id.
    package static func seq(_ id: Int64) -> UInt64 { UInt64(bitPattern: id) & seqMax }
    static func ordinal(_ id: Int64) -> Int64 { id >> seqBits }

    package static func insert(
        _ connection: Connection, ordinal: Int64, seq: UInt64, stamp: Stamp, hash: [UInt8], signature: [UInt8]?,
        payload: [UInt8]
    ) throws {
        try payload.withUnsafeBytes {
            try insert(
                connection, ordinal: ordinal, seq: seq, stamp: stamp, hash: hash, signature: signature, payload: $0)
        }
    }

    package static func insert(
        _ connection: Connection, ordinal: Int64, seq: UInt64, stamp: Stamp, hash: [UInt8], signature: [UInt8]?,
        payload: UnsafeRawBufferPointer
    ) throws {
        guard seq <= seqMax else {
            throw StoreError(
                .tooLarge, "the log has reached entry \(seqMax)", remedy: "Open a new incarnation of this park.")
        }
        let statement = try connection.statement(
            "INSERT INTO _parksync_log(id, stamp, hash, signature, payload) VALUES(?1, ?2, ?3, ?4, ?5)")
        statement.bind(1, id(ordinal, seq))
        statement.bind(2, stamp.rawValue)
        statement.bindBlob(3, copying: hash)
        if let signature { statement.bindBlob(4, copying: signature) } else { statement.bindNull(4) }
        let isLong = payload.count > LongPayload.bytesMin
        if isLong { statement.bindZeros(5, count: payload.count) } else { statement.bindBlob(5, payload) }
        defer { statement.bindNull(5) }
        try statement.run()
        if isLong { try LongPayload.write(connection, id: id(ordinal, seq), payload) }
    }

    static func setSignature(_ connection: Connection, ordinal: Int64, seq: UInt64, signature: [UInt8]) throws {
        let statement = try connection.statement("UPDATE _parksync_log SET signature = ?2 WHERE id = ?1")
        statement.bind(1, id(ordinal, seq))
        statement.bindBlob(2, copying: signature)
        try statement.run()
    }

    /// Whether the entry is in the table: archived ones are not.
    package static func holds(_ connection: Connection, ordinal: Int64, seq: UInt64) throws -> Bool {
        let statement = try connection.statement("SELECT 1 FROM _parksync_log WHERE id = ?1")
        defer { statement.reset() }
        statement.bind(1, id(ordinal, seq))
        return try statement.step()
    }

    package static func hash(_ connection: Connection, ordinal: Int64, seq: UInt64) throws -> [UInt8]? {
        if seq == 0 { return EntryChain.genesis }
        let statement = try connection.statement("SELECT hash FROM _parksync_log WHERE id = ?1")
        defer { statement.reset() }
        statement.bind(1, id(ordinal, seq))
        if try statement.step() { return Array(statement.bytes(0)) }
        // The database keeps the hash of each segment's head, which is asked for most.
        if let row = try SegmentTable.find(connection, ordinal: ordinal, seq: seq), row.last == seq { return row.hash }
        do { return try LogScan.archivedHash(connection, ordinal: ordinal, seq: seq) } catch is ArchiveFault {
            return nil
        }
    }

    /// The newest entry up to `seq` that has a signature of its own, also an archived one; nil if
    /// none is kept or can be read.
    static func head(_ connection: Connection, ordinal: Int64, upTo seq: UInt64) throws -> LogBranch.Head? {
        let statement = try connection.statement(
            """
            SELECT id, hash, signature FROM _parksync_log WHERE id > ?1 AND id <= ?2 AND signature IS NOT NULL \
            ORDER BY id DESC LIMIT 1
            """
        )
        do {
            defer { statement.reset() }
            statement.bind(1, id(ordinal, 0))
            statement.bind(2, id(ordinal, seq))
            if try statement.step() {
                return LogBranch.Head(
                    seq: LogTable.seq(statement.int64(0)), hash: Array(statement.bytes(1)),
                    signature: Array(statement.bytes(2)))
            }
        }
        return try archivedHead(connection, ordinal: ordinal, upTo: seq)
    }

    private static func archivedHead(_ connection: Connection, ordinal: Int64, upTo seq: UInt64) throws -> LogBranch
        .Head?
    {
        guard let row = try SegmentTable.newest(connection, ordinal: ordinal, upTo: seq),
            let origin = try LogScan.origin(connection, ordinal)
        else {
            return nil
        }
        let content: ArchiveReader.Content
        do { content = try connection.archive.content(row, origin: origin) } catch is ArchiveFault { return nil }
        switch content {
        case .whole(let segment):
            guard
                let index = segment.entries.indices.last(where: {
                    row.first + UInt64($0) <= seq && segment.entries[$0].signature != nil
                }),
                let signature = segment.entries[index].signature
            else { return nil }
            return LogBranch.Head(
                seq: row.first + UInt64(index), hash: Array(segment.content[segment.entries[index].hash]),
                signature: Array(segment.content[signature]))
        case .long(let index):
            guard let last = index.signatures.keys.filter({ $0 <= seq }).max(), let signature = index.signatures[last]
            else { return nil }
            return LogBranch.Head(seq: last, hash: index.hash(of: last), signature: signature)
        }
    }

    /// Calls `body` with the payload of one entry, also of an archived one; nil if it is not kept
    /// or cannot be read.
    package static func withPayload<T>(
        _ connection: Connection, ordinal: Int64, seq: UInt64, _ body: (UnsafeRawBufferPointer) throws -> T
    ) throws
        -> T?
    {
        if let bytes = try longPayloadBytes(connection, ordinal: ordinal, seq: seq) {
            let buffer = try LongPayload.read(connection, id: id(ordinal, seq), bytes: bytes)
            // Its bytes are there as long as it is.
            return try withExtendedLifetime(buffer) { try body(buffer.bytes) }
        }
        let statement = try connection.statement("SELECT payload FROM _parksync_log WHERE id = ?1")
        defer { statement.reset() }
        statement.bind(1, id(ordinal, seq))
        if try statement.step() { return try body(statement.bytes(0)) }
        do {
            return try LogScan.withArchived(connection, ordinal: ordinal, seq: seq) { try body($0.payload) }
        } catch is ArchiveFault { return nil }
    }

    /// The payload of one entry, to be kept; nil as above.
    static func payload(_ connection: Connection, ordinal: Int64, seq: UInt64) throws -> PayloadBuffer? {
        if let bytes = try longPayloadBytes(connection, ordinal: ordinal, seq: seq) {
            return try LongPayload.read(connection, id: id(ordinal, seq), bytes: bytes)
        }
        return try withPayload(connection, ordinal: ordinal, seq: seq) { PayloadBuffer(copying: $0) }
    }

    /// How long a long payload is; nil for others. SQLite tells the length without reading the
    /// value.
    private static func longPayloadBytes(_ connection: Connection, ordinal: Int64, seq: UInt64) throws -> Int? {
        let statement = try connection.statement(
            "SELECT length(payload) FROM _parksync_log WHERE id = ?1 AND typeof(payload) = 'blob'")
        defer { statement.reset() }
        statement.bind(1, id(ordinal, seq))
        guard try statement.step() else { return nil }
        let bytes = Int(clamping: statement.int64(0))
        return bytes > LongPayload.bytesMin ? bytes : nil
    }

    /// Entries after `seq`, up to the last signed head within `bytesMax` (the first one, if none
    /// is), and never past `last`.
    static func slice(
        _ connection: Connection, origin: OriginID, ordinal: Int64, after seq: UInt64, through last: UInt64,
        bytesMax: Int
    ) throws -> LogSlice? {
        switch try piece(connection, origin: origin, ordinal: ordinal, after: seq, through: last, bytesMax: bytesMax) {
        case .slice(let slice)?: return slice
        case .long(let long)?:
            var slice = long.head
            slice.body.reserveCapacity(slice.body.count + long.bytes)
            guard
                try withPayload(connection, ordinal: ordinal, seq: slice.last, { slice.body.append(contentsOf: $0) })
                    != nil
            else {
                throw LogGone(origin: origin, oldestKept: slice.last + 1)
            }
            return slice
        case nil: return nil
        }
    }

    /// The same, without the payload of a long entry that ends it.
    static func piece(
        _ connection: Connection, origin: OriginID, ordinal: Int64, after seq: UInt64, through last: UInt64,
        bytesMax: Int
    ) throws -> LogPiece? {
        guard seq < last else { return nil }
        if let row = try SegmentTable.find(connection, ordinal: ordinal, seq: seq + 1) {
            return try archivedPiece(connection.archive, row, origin: origin, after: seq, bytesMax: bytesMax)
        }
        // SQLite tells the length of a value without reading it.
        let statement = try connection.statement(
            "SELECT id, signature, length(payload), CASE WHEN length(payload) <= \(LongPayload.bytesMin) THEN "
                + "payload END FROM _parksync_log "
                + "WHERE id > ?1 AND id <= ?2 ORDER BY id")
        defer { statement.reset() }
        statement.bind(1, id(ordinal, seq))
        statement.bind(2, id(ordinal, last))
        var writer = ByteWriter()
        var slice = LogSlice(origin: origin, first: seq + 1, count: 0, body: [], signature: [])
        var count = 0
        while try statement.step() {
            let (number, bytes) = (LogTable.seq(statement.int64(0)), Int(clamping: statement.int64(2)))
            guard number == seq + UInt64(count) + 1 else { throw LogGone(origin: origin, oldestKept: number) }
            if slice.count > 0, writer.bytes.count &+ bytes > bytesMax { break }
            writer.varint(bytes)
            count += 1
            let isSigned = !statement.isNull(1)
            if isSigned { (slice.count, slice.signature) = (count, Array(statement.bytes(1))) }
            if bytes <= LongPayload.bytesMin {
                writer.raw(statement.bytes(3))
            } else if isSigned {
                slice.body = writer.bytes
                return .long(LongSlice(head: slice, bytes: bytes))
            } else {
                let buffer = try LongPayload.read(connection, id: id(ordinal, number), bytes: bytes)
                withExtendedLifetime(buffer) { writer.raw(buffer.bytes) }
            }
            if isSigned, writer.bytes.count >= bytesMax { break }
        }
        guard slice.count > 0 else { return nil }
        if slice.count < count { try cut(&writer, to: slice.count) }
        slice.body = writer.bytes
        return .slice(slice)
    }

    /// The same from a segment, which ends at a signed head itself.
    private static func archivedPiece(
        _ archive: ArchiveReader, _ row: SegmentTable.Row, origin: OriginID, after seq: UInt64, bytesMax: Int
    ) throws
        -> LogPiece
    {
        do {
            let content = try archive.content(row, origin: origin)
            var size = 0
            var slice = LogSlice(origin: origin, first: seq + 1, count: 0, body: [], signature: [])
            for number in seq + 1...row.last {
                size += content.size(of: number, in: row)
                if slice.count > 0, size > bytesMax { break }
                guard let signature = content.signature(of: number, in: row) else { continue }
                (slice.count, slice.signature) = (Int(number - seq), signature)
                if size >= bytesMax { break }
            }
            // The last one's payload is left to be read in parts.
            let end = content.size(of: slice.last, in: row)
            let isLong = end > LongPayload.bytesMin
            var writer = ByteWriter()
            if slice.count > (isLong ? 1 : 0) {
                _ = try archive.walk(row, origin: origin, from: seq + 1) { entry in
                    if isLong, entry.seq == slice.last { return .enough }
                    writer.prefixed(entry.payload)
                    return entry.seq < slice.last ? .more : .enough
                }
            }
            if isLong { writer.varint(end) }
            slice.body = writer.bytes
            return isLong ? .long(LongSlice(head: slice, bytes: end)) : .slice(slice)
        } catch is ArchiveFault { throw LogGone(origin: origin, oldestKept: row.last + 1) }
    }

    /// A part of a long payload, also of an archived one.
    static func part(
        _ connection: Connection, origin: OriginID, ordinal: Int64, seq: UInt64, from offset: Int, count: Int
    ) throws -> [UInt8] {
        guard let row = try SegmentTable.find(connection, ordinal: ordinal, seq: seq) else {
            return try LongPayload.part(connection, id: id(ordinal, seq), from: offset, count: count)
        }
        do {
            return try connection.archive.part(row, origin: origin, seq: seq, from: offset, count: count)
        } catch is ArchiveFault {
            throw LogGone(origin: origin, oldestKept: row.last + 1)
        }
    }

    /// Drops entries after the last signed one.
    private static func cut(_ writer: inout ByteWriter, to count: Int) throws {
        let end = try writer.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            for _ in 0..<count { _ = try reader.prefixed("a payload", max: CoreLimits.payloadBytesMax) }
            return reader.offset
        }
        writer.bytes.removeSubrange(end...)
    }
}
