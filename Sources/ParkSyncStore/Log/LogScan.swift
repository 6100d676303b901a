import ParkSyncCore

/// One entry as it lies in the log, valid within the call that gave it.
struct LogEntryView {
    var seq: UInt64
    var hash: UnsafeRawBufferPointer
    var signature: UnsafeRawBufferPointer?
    var payload: UnsafeRawBufferPointer
    /// What the log table says of the stamp, beside the payload; nil in a segment.
    var storedStamp: UInt64?

    func stamp() throws -> Stamp {
        var reader = ByteReader(payload)
        return try EntryHeader(from: &reader).stamp
    }
}

/// Reads an origin's log in order, wherever its entries are: in segments first, then in the table.
enum LogScan {
    enum Step { case more, enough }

    private static let columns = "SELECT id, hash, signature, payload, stamp FROM _parksync_log"

    /// Calls `body` with each entry after `seq`, up to and including `last`, in ascending order, until it has enough.
    ///
    /// Entries that are missing in the middle are not told of; the numbers show them.
    /// - Parameter onFault: told of a segment that cannot be read, whose entries are left out then; throws to end the scan.
    static func ascend(
        _ connection: Connection, origin: OriginID, ordinal: Int64, after seq: UInt64, through last: UInt64,
        onFault: (ArchiveFault) throws -> Void = { throw $0.storeError }, _ body: (LogEntryView) throws -> Step
    ) throws {
        guard seq < last else { return }
        for row in try SegmentTable.all(connection, ordinal: ordinal, after: seq) where row.first <= last {
            let segment: Segment
            do { segment = try connection.archive.segment(row, origin: origin) } catch let fault as ArchiveFault {
                try onFault(fault)
                continue
            }
            let isDone = try segment.content.withUnsafeBytes { content in
                for (index, entry) in segment.entries.enumerated() {
                    let number = row.first + UInt64(index)
                    if number <= seq { continue }
                    if number > last { return true }
                    if case .enough = try body(view(entry, number, content)) { return true }
                }
                return false
            }
            if isDone { return }
        }
        let statement = try connection.statement(columns + " WHERE id > ?1 AND id <= ?2 ORDER BY id")
        defer { statement.reset() }
        statement.bind(1, LogTable.id(ordinal, seq))
        statement.bind(2, LogTable.id(ordinal, last))
        while try statement.step() { if case .enough = try body(view(statement)) { return } }
    }

    /// Calls `body` with the newest entries of an origin, the newest first, until it has enough.
    ///
    /// - Throws: `StoreError.damaged` for a segment that cannot be read.
    static func descend(_ connection: Connection, origin: OriginID, ordinal: Int64, _ body: (LogEntryView) throws -> Step) throws {
        let statement = try connection.statement(columns + " WHERE id > ?1 AND id < ?2 ORDER BY id DESC")
        do {
            defer { statement.reset() }
            statement.bind(1, LogTable.id(ordinal, 0))
            statement.bind(2, LogTable.end(ordinal))
            while try statement.step() { if case .enough = try body(view(statement)) { return } }
        }
        for row in try SegmentTable.all(connection, ordinal: ordinal).reversed() {
            let segment: Segment
            do { segment = try connection.archive.segment(row, origin: origin) } catch let fault as ArchiveFault { throw fault.storeError }
            let isDone = try segment.content.withUnsafeBytes { content in
                for (index, entry) in segment.entries.enumerated().reversed() {
                    if case .enough = try body(view(entry, row.first + UInt64(index), content)) { return true }
                }
                return false
            }
            if isDone { return }
        }
    }

    /// Calls `body` with one archived entry; nil if no segment has it.
    ///
    /// - Throws: `ArchiveFault`, and what `body` throws.
    static func withArchived<T>(_ connection: Connection, ordinal: Int64, seq: UInt64, _ body: (LogEntryView) throws -> T) throws -> T? {
        guard let row = try SegmentTable.find(connection, ordinal: ordinal, seq: seq),
            let origin = try origin(connection, ordinal)
        else { return nil }
        let segment = try connection.archive.segment(row, origin: origin)
        return try segment.content.withUnsafeBytes { try body(view(segment.entries[Int(seq - row.first)], seq, $0)) }
    }

    /// Calls `body` with all entries of a segment.
    static func forEach(in segment: Segment, from first: UInt64, _ body: (LogEntryView) throws -> Void) rethrows {
        try segment.content.withUnsafeBytes { content in
            for (index, entry) in segment.entries.enumerated() { try body(view(entry, first + UInt64(index), content)) }
        }
    }

    static func origin(_ connection: Connection, _ ordinal: Int64) throws -> OriginID? {
        let statement = try connection.statement("SELECT name FROM _parksync_origin WHERE ordinal = ?1")
        defer { statement.reset() }
        statement.bind(1, ordinal)
        return try statement.step() ? OriginID(statement.string(0)) : nil
    }

    private static func view(_ statement: RawStatement) -> LogEntryView {
        LogEntryView(
            seq: LogTable.seq(statement.int64(0)), hash: statement.bytes(1), signature: statement.isNull(2) ? nil : statement.bytes(2),
            payload: statement.bytes(3), storedStamp: statement.uint64(4))
    }

    private static func view(_ entry: Segment.Entry, _ seq: UInt64, _ content: UnsafeRawBufferPointer) -> LogEntryView {
        func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: content[range]) }
        return LogEntryView(seq: seq, hash: slice(entry.hash), signature: entry.signature.map(slice), payload: slice(entry.payload))
    }
}
