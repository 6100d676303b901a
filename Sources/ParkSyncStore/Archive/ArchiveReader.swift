import ParkSyncCore

/// Why entries that were archived cannot be read.
struct ArchiveFault: Error, Hashable, CustomStringConvertible {
    var origin: OriginID
    var first: UInt64
    var last: UInt64
    /// Of the last entry, as the database keeps it.
    var hash: [UInt8]
    var file: String
    var reason: String

    var description: String { "\(origin): entries \(first) to \(last) are in \(file): \(reason)" }

    var storeError: StoreError {
        StoreError(
            .damaged, description,
            remedy: "Restore the file from a copy of the state folder. Shared tables need it not; replay and peers far behind do.")
    }
}

/// Reads entries out of segment files, each file checked as a whole before anything of it is used.
///
/// Used by one thread at a time, like the connection that it belongs to.
final class ArchiveReader {
    let folder: ArchiveFolder
    /// Segments that were found damaged when they were read, and not sound since.
    private(set) var damaged: Set<ArchiveFault> = []
    private var kept: (row: SegmentTable.Row, segment: Segment)?
    /// The content of a segment that is longer is not kept in memory after its use.
    private static let keptBytesMax = 16 << 20

    init(folder: ArchiveFolder) { self.folder = folder }

    /// - Throws: `ArchiveFault`.
    func segment(_ row: SegmentTable.Row, origin: OriginID) throws -> Segment {
        if let kept, kept.row == row { return kept.segment }
        let file = folder.file(origin, first: row.first, last: row.last)
        func fault(_ reason: String) -> ArchiveFault {
            ArchiveFault(origin: origin, first: row.first, last: row.last, hash: row.hash, file: file, reason: reason)
        }
        guard let size = folder.size(of: file) else { throw fault("the file is missing") }
        guard size == row.bytes else { throw fault("the file has \(size) bytes instead of \(row.bytes)") }
        do {
            let bytes = try folder.read(file)
            let segment = try bytes.withUnsafeBytes { try Segment(decoding: $0) }
            guard segment.header.origin == origin, segment.header.first == row.first, segment.header.last == row.last,
                segment.header.headHash == row.hash, segment.header.contentDigest == row.digest
            else { throw fault("it is another segment than the database says") }
            damaged = damaged.filter { $0.file != file }
            kept = segment.content.count <= Self.keptBytesMax ? (row, segment) : nil
            return segment
        } catch let failure as DecodingFailure {
            damaged.insert(fault("the file is damaged: \(failure)"))
            throw fault("the file is damaged: \(failure)")
        } catch let error as StoreError {
            throw fault(error.reason)
        }
    }
}
