import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// How much of the log stays in the database. An entry is archived when both bounds allow it.
package struct ArchivePolicy: Hashable, Sendable {
    /// The newest entries of each origin that stay.
    package var keepEntries: UInt64
    /// Entries written less than so many milliseconds ago stay.
    package var keepMilliseconds: UInt64

    package static let keepEntriesDefault: UInt64 = 10_000
    package static let keepDaysDefault: UInt64 = 30

    package init(keepEntries: UInt64, keepMilliseconds: UInt64) {
        self.keepEntries = keepEntries
        self.keepMilliseconds = keepMilliseconds
    }
}

/// What one run of the archive did.
package struct ArchiveOutcome: Hashable, Sendable {
    package var segments = 0
    package var entries: UInt64 = 0
    package var fileBytes = 0
    package init() {}
}

/// What lies in the archive.
package struct ArchiveReport: Hashable, Sendable {
    package var segments = 0
    package var entries: UInt64 = 0
    package var fileBytes = 0
    /// For each origin the last archived entry.
    package var through = VersionVector()
    /// Segments that are missing, have another length, or were found damaged when they were read,
    /// and what cannot be known without them.
    package var faults: [String] = []
}

/// One run of the archive at a time.
final class ArchiveTurn: Sendable {
    private let isTaken = Atomic(false)
    /// - Returns: whether nobody else is at it.
    func begin() -> Bool {
        isTaken.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
    }
    func end() { isTaken.store(false, ordering: .releasing) }
}

/// Where a run was broken off by a test, as a crash would.
enum ArchiveStep: Hashable, Sendable { case written, verified, taken }

extension ParkStore {
    /// Moves old entries into segment files, segment by segment, until the policy leaves nothing.
    ///
    /// The file is complete and verified on the disk before the database gives up the rows, so that
    /// at each moment an entry is in at least one of them. The queue is only held while the rows of
    /// one segment are deleted.
    /// - Returns: nothing done if another run is under way, which does the same. Two would write
    ///   one file, and each take what the other has just written for what a crash has left.
    /// - Throws: `StoreError`; what was archived before stays so.
    package func archive(_ policy: ArchivePolicy) async throws -> ArchiveOutcome { try await archive(policy) { _ in } }

    func archive(_ policy: ArchivePolicy, after step: @escaping @Sendable (ArchiveStep) throws -> Void) async throws
        -> ArchiveOutcome
    {
        guard archiveTurn.begin() else { return ArchiveOutcome() }
        defer { archiveTurn.end() }
        let wall = options.clock.wallMilliseconds()
        let written = wall > policy.keepMilliseconds ? wall - policy.keepMilliseconds : 0
        var outcome = ArchiveOutcome()
        try await removeRemains()
        for origin in state().logged.elements.map(\.origin) {
            while let bound = try await onQueue({ $0.archivable(origin, keepEntries: policy.keepEntries) }),
                let made = try await readers.read(
                    .background,
                    { [self] reader in
                        try reader.snapshot {
                            try makeSegment(reader.connection, origin, bound: bound, writtenBefore: written, step)
                        }
                    })
            {
                try await onQueue { try $0.moveOut(made) }
                try step(.taken)
                outcome.segments += 1
                outcome.entries += made.last - made.first + 1
                outcome.fileBytes += made.bytes
            }
        }
        return outcome
    }

    /// Writes the next segment and reads it back.
    ///
    /// - Returns: nil if there is none to write.
    private func makeSegment(
        _ connection: Connection, _ origin: OriginID, bound: ArchiveBound, writtenBefore: UInt64,
        _ step: (ArchiveStep) throws -> Void
    ) throws -> SegmentTable.Row? {
        let before = try SegmentTable.all(connection, ordinal: bound.ordinal).last
        let first = (before?.last ?? 0) + 1
        // A file that began as a snapshot may lack the entries in between: what is archived then
        // begins where the log begins.
        guard let start = try LogTable.oldest(connection, ordinal: bound.ordinal), start >= first else { return nil }
        let previous = start == first ? before?.hash ?? EntryChain.genesis : nil
        guard let previous,
            let header = try plan(connection, origin, bound, from: start, after: previous, writtenBefore)
        else { return nil }
        let folder = connection.archive.folder
        let file = folder.file(origin, first: start, last: header.last)
        try folder.write(to: file) { write in
            var head = ByteWriter(reserving: 256)
            header.write(to: &head)
            try head.bytes.withUnsafeBytes(write)
            let content = try ZstdFileWriter(bytes: header.contentBytes, write)
            try LogScan.ascend(
                connection, origin: origin, ordinal: bound.ordinal, after: start - 1, through: header.last
            ) { entry in
                try Segment.pieces(of: entry) { try content.add($0) }
                return .more
            }
            try content.end()
        }
        try step(.written)
        guard let bytes = folder.size(of: file), let stream = try? SegmentStream(file), stream.header == header,
            (try? SegmentIndex(stream)) != nil
        else {
            throw StoreError(
                .damaged, "\(file) does not hold what was written to it",
                remedy: "Check the disk; nothing was taken out of the database.")
        }
        try step(.verified)
        return SegmentTable.Row(
            ordinal: bound.ordinal, first: start, last: header.last, hash: header.headHash,
            digest: header.contentDigest, bytes: bytes)
    }

    /// Which entries the next segment has. They are read once for this, and once more when it is
    /// written: only one of them is in memory.
    ///
    /// - Returns: nil if there are none.
    private func plan(
        _ connection: Connection, _ origin: OriginID, _ bound: ArchiveBound, from start: UInt64,
        after previous: [UInt8], _ writtenBefore: UInt64
    ) throws -> SegmentHeader? {
        var (digest, bytes) = (SHA256(), 0)
        var header: SegmentHeader?
        try LogScan.ascend(connection, origin: origin, ordinal: bound.ordinal, after: start - 1, through: bound.through)
        { entry in
            let count = Int(entry.seq - start)
            guard try entry.stamp().milliseconds < writtenBefore, count < SegmentHeader.entriesMax,
                header == nil || bytes + entry.payload.count <= SegmentHeader.contentBytesMax - 1024
            else { return .enough }
            Segment.pieces(of: entry) {
                digest.update(bufferPointer: $0)
                bytes += $0.count
            }
            guard let signature = entry.signature else { return .more }
            header = SegmentHeader(
                origin: origin, first: start, last: entry.seq, previousHash: previous, headHash: Array(entry.hash),
                signature: Array(signature),
                contentBytes: bytes, contentDigest: Array(digest.finalize()))
            return bytes < SegmentHeader.contentBytesTarget ? .more : .enough
        }
        return header
    }

    /// Removes what a crash left: files that were being written, and segments whose entries are all
    /// in the database still.
    private func removeRemains() async throws {
        try await readers.read(.background) { reader in
            try reader.snapshot {
                let connection = reader.connection
                let folder = connection.archive.folder
                for found in folder.files() {
                    guard let range = found.range else {
                        folder.remove(found.file)
                        continue
                    }
                    guard let ordinal = try reader.origins().first(where: { $0.origin == found.origin })?.ordinal,
                        try SegmentTable.find(connection, ordinal: ordinal, seq: range.lowerBound) == nil
                    else { continue }
                    let rows = try LogTable.count(connection, ordinal: ordinal, range)
                    if rows == Int64(range.count) { folder.remove(found.file) }
                }
            }
        }
    }

    /// What lies in the archive. Lengths of files are looked at, their content is not: that is what
    /// verification does.
    package func archiveReport() async throws -> ArchiveReport {
        var report = try await readers.read(.node) { reader in
            try reader.snapshot {
                var report = ArchiveReport()
                let origins = try reader.origins()
                for row in try SegmentTable.all(reader.connection) {
                    guard let origin = origins.first(where: { $0.ordinal == row.ordinal })?.origin else { continue }
                    report.segments += 1
                    report.entries += row.last - row.first + 1
                    report.fileBytes += row.bytes
                    report.through[origin] = max(report.through[origin], row.last)
                    let folder = reader.connection.archive.folder
                    let file = folder.file(origin, first: row.first, last: row.last)
                    let size = folder.size(of: file)
                    if size != row.bytes {
                        let what = size == nil ? "is missing" : "has another length"
                        report.faults.append(
                            "\(origin): entries \(row.first) to \(row.last) are in \(file), which \(what)")
                    }
                }
                if let unknown = try UnknownTraces.load(reader.connection) {
                    report.faults.append(UnknownTraces.text(unknown))
                }
                return report
            }
        }
        report.faults += logReader.withLock { $0.archive.damaged.map(\.description).sorted() }
        return report
    }

    /// Rewrites the database so that it gives the pages that are free back to the disk. Needs as
    /// much free space as the file has, and holds up all writing meanwhile.
    package func vacuum() async throws {
        try await onQueue { core in
            core.liveness.beat(
                Liveness.Running(since: core.options.clock.monotonicMilliseconds(), deadline: .max, sql: "VACUUM"))
            defer { core.liveness.beat() }
            try core.applier.connection.execute("VACUUM")
            try core.logKeeper.empty(core.applier.connection)
        }
    }
}

/// How far an origin's log may be archived.
private struct ArchiveBound: Sendable {
    var ordinal: Int64
    /// Entries up to here may go.
    var through: UInt64
}

extension StoreCore {
    /// What of an origin need not stay in the file: the head stays, what is not applied, and own
    /// entries that a member has not acknowledged.
    fileprivate func archivable(_ origin: OriginID, keepEntries: UInt64) -> ArchiveBound? {
        guard let index = current.index(of: origin), !current.ownLog.isFetching else { return nil }
        let found = current.origins[index]
        var through = min(found.folded, found.signed > 0 ? found.signed - 1 : 0)
        through = min(through, found.logged > keepEntries ? found.logged - keepEntries : 0)
        if origin.park == options.origin.park {
            through = min(through, Frontier(current, members: parks).vector[origin])
        }
        return ArchiveBound(ordinal: found.ordinal, through: through)
    }

    /// Gives up the rows of a segment that is safe on the disk.
    fileprivate func moveOut(_ made: SegmentTable.Row) throws {
        liveness.beat()
        try applier.connection.transaction {
            try SegmentTable.insert(applier.connection, made)
            try LogTable.remove(applier.connection, ordinal: made.ordinal, after: made.first - 1, through: made.last)
        }
    }
}
