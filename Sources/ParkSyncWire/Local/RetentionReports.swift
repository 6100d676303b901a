/// What is kept for the other parks' sake, and in the archive. Part of the node's status.
package struct RetentionStatus: Codable, Hashable, Sendable {
    package struct Holder: Codable, Hashable, Sendable {
        package var park: String
        /// When the park wrote its newest entry that is applied here, in Unix milliseconds; absent if it has never written.
        package var since: UInt64?
        package init(park: String, since: UInt64?) {
            self.park = park
            self.since = since
        }
    }
    /// When this was found, in Unix milliseconds.
    package var at: UInt64
    /// For each origin the newest entry that every park which counts has acknowledged.
    package var frontier: String
    /// Parks that have not acknowledged all deletions, the longest silent first.
    package var heldBy: [Holder]
    /// Traces of deleted rows, and their bytes.
    package var tombstoneRows: Int
    package var tombstoneBytes: Int
    /// Those that a compaction would drop now.
    package var droppableRows: Int
    /// By how much the traces grow; absent until it was measured for an hour.
    package var bytesPerDay: Int64?
    /// When they would fill the disk at this rate, in Unix milliseconds; absent if unknown.
    package var diskFullAt: UInt64?
    /// Parks that were fenced and count no longer, and those where a park has yet to acknowledge the fence.
    package var fenced: [String]
    package var fencing: [String]
    package var archivedEntries: UInt64
    package var archiveSegments: Int
    package var archiveBytes: Int
    /// Segments that cannot be read.
    package var archiveFaults: [String]
    /// Parks that acknowledge entries of another branch of some log than the one here; what they acknowledge counts for nothing. Absent if there are
    /// none.
    package var otherBranch: [String]?

    package init(
        at: UInt64, frontier: String, heldBy: [Holder], tombstoneRows: Int, tombstoneBytes: Int, droppableRows: Int, bytesPerDay: Int64?,
        diskFullAt: UInt64?, fenced: [String], fencing: [String], archivedEntries: UInt64, archiveSegments: Int, archiveBytes: Int,
        archiveFaults: [String]
    ) {
        (self.at, self.frontier, self.heldBy) = (at, frontier, heldBy)
        (self.tombstoneRows, self.tombstoneBytes, self.droppableRows) = (tombstoneRows, tombstoneBytes, droppableRows)
        (self.bytesPerDay, self.diskFullAt, self.fenced, self.fencing) = (bytesPerDay, diskFullAt, fenced, fencing)
        (self.archivedEntries, self.archiveSegments, self.archiveBytes) = (archivedEntries, archiveSegments, archiveBytes)
        self.archiveFaults = archiveFaults
    }

    enum CodingKeys: String, CodingKey {
        case at, frontier, heldBy = "held_by", tombstoneRows = "tombstone_rows", tombstoneBytes = "tombstone_bytes"
        case droppableRows = "droppable_rows", bytesPerDay = "bytes_per_day", diskFullAt = "disk_full_at", fenced, fencing
        case archivedEntries = "archived_entries", archiveSegments = "archive_segments", archiveBytes = "archive_bytes"
        case archiveFaults = "archive_faults", otherBranch = "other_branch"
    }
}

/// Body of `POST /v1/compact`.
package struct CompactRequest: Codable, Hashable, Sendable {
    /// Also move old entries into the archive, as the configuration says.
    package var archive: Bool?
    /// Also rewrite the database file, so that free pages go back to the disk.
    package var vacuum: Bool?
    package init(archive: Bool? = nil, vacuum: Bool? = nil) {
        self.archive = archive
        self.vacuum = vacuum
    }
}

/// Answer of `POST /v1/compact`.
package struct CompactReport: Codable, Hashable, Sendable {
    /// The entry by which all nodes drop traces of deleted rows; absent if there was nothing to drop.
    package var seq: UInt64?
    package var droppedRows: Int
    package var archivedEntries: UInt64
    package var archivedSegments: Int
    /// Size of the database file with its write-ahead log, before and after.
    package var bytesBefore: Int64
    package var bytesAfter: Int64
    package var retention: RetentionStatus
    package init(
        seq: UInt64?, droppedRows: Int, archivedEntries: UInt64, archivedSegments: Int, bytesBefore: Int64, bytesAfter: Int64,
        retention: RetentionStatus
    ) {
        (self.seq, self.droppedRows) = (seq, droppedRows)
        (self.archivedEntries, self.archivedSegments) = (archivedEntries, archivedSegments)
        (self.bytesBefore, self.bytesAfter, self.retention) = (bytesBefore, bytesAfter, retention)
    }
    enum CodingKeys: String, CodingKey {
        case seq, droppedRows = "dropped_rows", archivedEntries = "archived_entries", archivedSegments = "archived_segments"
        case bytesBefore = "bytes_before", bytesAfter = "bytes_after", retention
    }
}

/// Body of `POST /v1/fences`.
package struct FenceRequest: Codable, Hashable, Sendable {
    package var park: String
    package init(park: String) { self.park = park }
}

/// Answer of `POST /v1/fences`: the entry that takes the park out.
package struct FenceReport: Codable, Hashable, Sendable {
    package var park: String
    package var origin: String
    package var seq: UInt64
    package init(park: String, origin: String, seq: UInt64) {
        self.park = park
        self.origin = origin
        self.seq = seq
    }
}
