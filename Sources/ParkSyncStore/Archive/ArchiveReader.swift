import ParkSyncCore

/// Why entries that were archived cannot be read.
package struct ArchiveFault: Error, Hashable, CustomStringConvertible {
    var origin: OriginID
    var first: UInt64
    package var last: UInt64
    /// Of the last entry, as the database keeps it.
    package var hash: [UInt8]
    var file: String
    var reason: String

    package var description: String { "\(origin): entries \(first) to \(last) are in \(file): \(reason)" }

    package var storeError: StoreError {
        StoreError(
            .damaged, description,
            remedy:
                """
                Restore the file from a copy of the state folder. Shared tables need it not; replay and peers \
                far behind do.
                """
        )
    }
}

/// Reads entries out of segment files, each file checked as a whole before anything of it is used.
///
/// Used by one thread at a time, like the connection that it belongs to.
package final class ArchiveReader {
    let folder: ArchiveFolder
    /// Segments that were found damaged when they were read, and not sound since.
    private(set) var damaged: Set<ArchiveFault> = []
    private var kept: (row: SegmentTable.Row, content: Content)?
    /// A long entry of which parts are read.
    private var open: (row: SegmentTable.Row, seq: UInt64, offset: Int, stream: SegmentStream)?
    /// Longer content is never in memory as a whole: it is read entry by entry.
    static let wholeBytesMax = 8 << 20

    /// A segment that was checked as a whole.
    package enum Content {
        case whole(Segment)
        case long(SegmentIndex)
    }

    package init(folder: ArchiveFolder) { self.folder = folder }

    private func fault(_ row: SegmentTable.Row, _ origin: OriginID, _ reason: String) -> ArchiveFault {
        ArchiveFault(
            origin: origin, first: row.first, last: row.last, hash: row.hash,
            file: folder.file(origin, first: row.first, last: row.last),
            reason: reason)
    }

    /// - Throws: `ArchiveFault`.
    package func content(_ row: SegmentTable.Row, origin: OriginID) throws -> Content {
        if let kept, kept.row == row { return kept.content }
        kept = nil
        let file = folder.file(origin, first: row.first, last: row.last)
        guard let size = folder.size(of: file) else { throw fault(row, origin, "the file is missing") }
        guard size == row.bytes else { throw fault(row, origin, "the file has \(size) bytes instead of \(row.bytes)") }
        return try reading(row, origin) {
            let stream = try SegmentStream(file)
            guard stream.header.origin == origin, stream.header.first == row.first, stream.header.last == row.last,
                stream.header.headHash == row.hash, stream.header.contentDigest == row.digest
            else { throw fault(row, origin, "it is another segment than the database says") }
            let content: Content
            if stream.header.contentBytes <= Self.wholeBytesMax {
                content = .whole(try folder.read(file).withUnsafeBytes { try Segment(decoding: $0) })
            } else {
                content = .long(try SegmentIndex(stream))
            }
            damaged = damaged.filter { $0.file != file }
            kept = (row, content)
            return content
        }
    }

    /// - Throws: `ArchiveFault` in place of what `body` throws, if that is about the file.
    private func reading<T>(_ row: SegmentTable.Row, _ origin: OriginID, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let failure as DecodingFailure {
            let found = fault(row, origin, "the file is damaged: \(failure)")
            damaged.insert(found)
            throw found
        } catch let found as ArchiveFault {
            throw found
        } catch let error as StoreError { throw fault(row, origin, error.reason) } catch {
            throw fault(row, origin, "\(error)")
        }
    }

    /// Calls `body` with the segment's entries from `first` on, in ascending order, until it has
    /// enough. The whole file was checked before.
    ///
    /// - Returns: whether it had enough.
    /// - Throws: `ArchiveFault`, and what `body` throws.
    package func walk(
        _ row: SegmentTable.Row, origin: OriginID, from first: UInt64, _ body: (LogEntryView) throws -> LogScan.Step
    ) throws -> Bool {
        switch try content(row, origin: origin) {
        case .whole(let segment):
            return try segment.content.withUnsafeBytes { bytes in
                for seq in max(first, row.first)...max(first, row.last) where seq <= row.last {
                    if case .enough = try body(LogEntryView(segment.entries[Int(seq - row.first)], seq, bytes)) {
                        return true
                    }
                }
                return false
            }
        case .long:
            let stream = try stream(row, origin, from: first)
            while let entry = try reading(row, origin, { try stream.next() }) {
                if case .enough = try LogEntryView.with(entry, body) { return true }
            }
            return false
        }
    }

    /// The segment's file again, from an entry on.
    private func stream(_ row: SegmentTable.Row, _ origin: OriginID, from first: UInt64) throws -> SegmentStream {
        try reading(row, origin) {
            let stream = try SegmentStream(folder.file(origin, first: row.first, last: row.last))
            while stream.seq < first, stream.seq <= row.last { try stream.skip() }
            return stream
        }
    }

    /// A part of the payload of one entry. Whoever reads one part after the other has the file read
    /// once.
    ///
    /// - Throws: `ArchiveFault`, also if the payload is shorter.
    func part(_ row: SegmentTable.Row, origin: OriginID, seq: UInt64, from offset: Int, count: Int) throws -> [UInt8] {
        guard case .long(let index) = try content(row, origin: origin) else {
            var bytes: [UInt8] = []
            _ = try walk(row, origin: origin, from: seq) { entry in
                bytes = Array(entry.payload.dropFirst(offset).prefix(count))
                return .enough
            }
            return bytes
        }
        guard offset >= 0, count >= 0, count <= index.size(of: seq) - offset else {
            throw fault(row, origin, "entry \(seq) is shorter")
        }
        if let open, open.row == row, open.seq == seq, open.offset == offset {
        } else {
            let stream = try stream(row, origin, from: seq)
            try reading(row, origin) {
                _ = try stream.begin()
                var left = offset
                while left > 0 {
                    let piece = min(left, 1 << 20)
                    _ = try stream.part(piece)
                    left -= piece
                }
            }
            open = (row, seq, offset, stream)
        }
        guard let stream = open?.stream else { return [] }
        let bytes = try reading(row, origin) { try stream.part(count) }
        open?.offset += count
        if offset + count == index.size(of: seq) { open = nil }
        return bytes
    }
}

extension ArchiveReader.Content {
    func size(of seq: UInt64, in row: SegmentTable.Row) -> Int {
        switch self {
        case .whole(let segment): segment.entries[Int(seq - row.first)].payload.count
        case .long(let index): index.size(of: seq)
        }
    }

    func signature(of seq: UInt64, in row: SegmentTable.Row) -> [UInt8]? {
        switch self {
        case .whole(let segment): segment.entries[Int(seq - row.first)].signature.map { Array(segment.content[$0]) }
        case .long(let index): index.signatures[seq]
        }
    }
}
