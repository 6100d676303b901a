import ParkSyncCore

/// One entry as it lies in the log, valid within the call that gave it.
package struct LogEntryView {
    package var seq: UInt64
    package var hash: UnsafeRawBufferPointer
    package var signature: UnsafeRawBufferPointer?
    package var payload: UnsafeRawBufferPointer
    /// What the log table says of the stamp, beside the payload; nil in a segment.
    package var storedStamp: UInt64?

    package func stamp() throws -> Stamp {
        return try EntryHeader(of: payload).stamp
    }
}

/// Reads an origin's log in order, wherever its entries are: in segments first, then in the table.
package enum LogScan {
    package enum Step { case more, enough }

    /// A long payload is read by itself: as a value SQLite would hold it once more.
    private static let columns =
        "SELECT id, hash, signature, CASE WHEN typeof(payload) <> 'blob' OR length(payload) <= "
        + "\(LongPayload.bytesMin) THEN payload END, stamp, "
        + "length(payload) FROM _parksync_log"

    /// Calls `body` with each entry after `seq`, up to and including `last`, in ascending order,
    /// until it has enough.
    ///
    /// Entries that are missing in the middle are not told of; the numbers show them.
    /// - Parameter onFault: told of a segment that cannot be read, whose entries are left out then;
    ///   throws to end the scan.
    package static func ascend(
        _ connection: Connection, origin: OriginID, ordinal: Int64, after seq: UInt64, through last: UInt64,
        onFault: (ArchiveFault) throws -> Void = { throw $0.storeError }, _ body: (LogEntryView) throws -> Step
    ) throws {
        guard seq < last else { return }
        for row in try SegmentTable.all(connection, ordinal: ordinal, after: seq) where row.first <= last {
            do {
                let isDone = try connection.archive.walk(row, origin: origin, from: seq + 1) { entry in
                    if entry.seq > last { return .enough }
                    return try body(entry)
                }
                if isDone { return }
            } catch let fault as ArchiveFault { try onFault(fault) }
        }
        let statement = try connection.statement(columns + " WHERE id > ?1 AND id <= ?2 ORDER BY id")
        defer { statement.reset() }
        statement.bind(1, LogTable.id(ordinal, seq))
        statement.bind(2, LogTable.id(ordinal, last))
        while try statement.step() { if case .enough = try view(statement, connection, body) { return } }
    }

    /// Calls `body` with the newest entries of an origin, the newest first, until it has enough.
    ///
    /// - Throws: `StoreError.damaged` for a segment that cannot be read.
    static func descend(
        _ connection: Connection, origin: OriginID, ordinal: Int64, _ body: (LogEntryView) throws -> Step
    ) throws {
        let statement = try connection.statement(columns + " WHERE id > ?1 AND id < ?2 ORDER BY id DESC")
        do {
            defer { statement.reset() }
            statement.bind(1, LogTable.id(ordinal, 0))
            statement.bind(2, LogTable.end(ordinal))
            while try statement.step() { if case .enough = try view(statement, connection, body) { return } }
        }
        for row in try SegmentTable.all(connection, ordinal: ordinal).reversed() {
            do { if try descend(connection.archive, row, origin, body) { return } } catch let fault as ArchiveFault {
                throw fault.storeError
            }
        }
    }

    /// Goes through a segment in pieces of bounded length, the last one first.
    private static func descend(
        _ archive: ArchiveReader, _ row: SegmentTable.Row, _ origin: OriginID, _ body: (LogEntryView) throws -> Step
    ) throws
        -> Bool
    {
        var end = row.last
        while end >= row.first {
            var first = end
            if case .long(let index) = try archive.content(row, origin: origin) {
                var bytes = index.size(of: end)
                while first > row.first, bytes + index.size(of: first - 1) <= ArchiveReader.wholeBytesMax {
                    first -= 1
                    bytes += index.size(of: first)
                }
            } else {
                first = row.first
            }
            var entries: [SegmentStream.Entry] = []
            _ = try archive.walk(row, origin: origin, from: first) { entry in
                entries.append(
                    SegmentStream.Entry(
                        seq: entry.seq, payload: PayloadBuffer(copying: entry.payload), hash: Array(entry.hash),
                        signature: entry.signature.map { Array($0) }))
                return entry.seq < end ? .more : .enough
            }
            while let entry = entries.popLast() { if case .enough = try LogEntryView.with(entry, body) { return true } }
            end = first - 1
        }
        return false
    }

    /// Calls `body` with one archived entry; nil if no segment has it.
    ///
    /// - Throws: `ArchiveFault`, and what `body` throws.
    static func withArchived<T>(
        _ connection: Connection, ordinal: Int64, seq: UInt64, _ body: (LogEntryView) throws -> T
    ) throws -> T? {
        guard let row = try SegmentTable.find(connection, ordinal: ordinal, seq: seq),
            let origin = try origin(connection, ordinal)
        else {
            return nil
        }
        var result: T?
        _ = try connection.archive.walk(row, origin: origin, from: seq) { entry in
            result = try body(entry)
            return .enough
        }
        return result
    }

    /// - Returns: the hash of an archived entry; nil if no segment has it.
    /// - Throws: `ArchiveFault`.
    static func archivedHash(_ connection: Connection, ordinal: Int64, seq: UInt64) throws -> [UInt8]? {
        guard let row = try SegmentTable.find(connection, ordinal: ordinal, seq: seq),
            let origin = try origin(connection, ordinal)
        else {
            return nil
        }
        return switch try connection.archive.content(row, origin: origin) {
        case .whole(let segment): Array(segment.content[segment.entries[Int(seq - row.first)].hash])
        case .long(let index): index.hash(of: seq)
        }
    }

    package static func origin(_ connection: Connection, _ ordinal: Int64) throws -> OriginID? {
        let statement = try connection.statement("SELECT name FROM _parksync_origin WHERE ordinal = ?1")
        defer { statement.reset() }
        statement.bind(1, ordinal)
        return try statement.step() ? OriginID(statement.string(0)) : nil
    }

    private static func view<T>(_ statement: RawStatement, _ connection: Connection, _ body: (LogEntryView) throws -> T)
        throws -> T
    {
        let id = statement.int64(0)
        func view(_ payload: UnsafeRawBufferPointer) -> LogEntryView {
            LogEntryView(
                seq: LogTable.seq(id), hash: statement.bytes(1),
                signature: statement.isNull(2) ? nil : statement.bytes(2), payload: payload,
                storedStamp: statement.uint64(4))
        }
        let bytes = Int(clamping: statement.int64(5))
        guard statement.isNull(3), bytes > LongPayload.bytesMin else { return try body(view(statement.bytes(3))) }
        let payload = try LongPayload.read(connection, id: id, bytes: bytes)
        return try withExtendedLifetime(payload) { try body(view(payload.bytes)) }
    }
}

extension LogEntryView {
    init(_ entry: Segment.Entry, _ seq: UInt64, _ content: UnsafeRawBufferPointer) {
        func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: content[range]) }
        self.init(
            seq: seq, hash: slice(entry.hash), signature: entry.signature.map(slice), payload: slice(entry.payload))
    }

    static func with<T>(_ entry: SegmentStream.Entry, _ body: (LogEntryView) throws -> T) throws -> T {
        try withExtendedLifetime(entry.payload) {
            try entry.hash.withUnsafeBytes { hash in
                guard let signature = entry.signature else {
                    return try body(
                        LogEntryView(seq: entry.seq, hash: hash, signature: nil, payload: entry.payload.bytes))
                }
                return try signature.withUnsafeBytes {
                    try body(LogEntryView(seq: entry.seq, hash: hash, signature: $0, payload: entry.payload.bytes))
                }
            }
        }
    }
}
