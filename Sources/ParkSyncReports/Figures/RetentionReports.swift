/// What is kept for the other parks' sake, and in the archive. Part of the node's status.
package struct RetentionStatus: Codable, Hashable, Sendable {
    package struct Holder: Codable, Hashable, Sendable {
        package var park: String
        /// When the park wrote its newest entry that is applied here, in Unix milliseconds; absent
        /// if it has never written.
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
    /// Traces of deleted rows, and the bytes of their clocks and lengths.
    package var tombstoneRows: Int
    package var tombstoneBytes: Int
    /// Those that every park that counts has acknowledged: a compaction would drop them now.
    package var droppableRows: Int
    /// By how much the traces grow; absent until it was measured for an hour.
    package var bytesPerDay: Int64?
    /// When they would fill the disk at this rate, in Unix milliseconds; absent if unknown.
    package var diskFullAt: UInt64?
    /// Parks that were fenced and count no longer, and those that were fenced where a park that
    /// counts has yet to acknowledge it.
    package var fenced: [String]
    package var fencing: [String]
    package var archivedEntries: UInt64
    package var archiveSegments: Int
    package var archiveBytes: Int
    /// Segments that are missing, have another length, or were found damaged when they were read,
    /// and what cannot be known without them.
    package var archiveFaults: [String]
    /// Parks that acknowledge entries of another branch of some log than the one here; what they
    /// acknowledge counts for nothing. Absent if there are none.
    package var otherBranch: [String]?
    /// What parks have voted for about taking another one out of the zone or back, and what is not
    /// decided; absent if there is nothing.
    package var proposals: [FenceProposalStatus]?

    package init(
        at: UInt64 = 0, frontier: String = "", heldBy: [Holder] = [], tombstoneRows: Int = 0, tombstoneBytes: Int = 0,
        droppableRows: Int = 0,
        bytesPerDay: Int64? = nil, diskFullAt: UInt64? = nil, fenced: [String] = [], fencing: [String] = [],
        archivedEntries: UInt64 = 0,
        archiveSegments: Int = 0, archiveBytes: Int = 0, archiveFaults: [String] = []
    ) {
        (self.at, self.frontier, self.heldBy) = (at, frontier, heldBy)
        (self.tombstoneRows, self.tombstoneBytes, self.droppableRows) = (tombstoneRows, tombstoneBytes, droppableRows)
        (self.bytesPerDay, self.diskFullAt, self.fenced, self.fencing) = (bytesPerDay, diskFullAt, fenced, fencing)
        (self.archivedEntries, self.archiveSegments, self.archiveBytes) = (
            archivedEntries, archiveSegments, archiveBytes
        )
        self.archiveFaults = archiveFaults
    }

    enum CodingKeys: String, CodingKey {
        case at, frontier, heldBy = "held_by", tombstoneRows = "tombstone_rows", tombstoneBytes = "tombstone_bytes"
        case droppableRows = "droppable_rows", bytesPerDay = "bytes_per_day", diskFullAt = "disk_full_at", fenced,
            fencing
        case archivedEntries = "archived_entries", archiveSegments = "archive_segments", archiveBytes = "archive_bytes"
        case archiveFaults = "archive_faults", otherBranch = "other_branch", proposals
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
    enum CodingKeys: String, CodingKey, CaseIterable { case archive, vacuum }
}

/// Answer of `POST /v1/compact`.
package struct CompactReport: Codable, Hashable, Sendable {
    /// The entry by which all nodes drop traces of deleted rows; absent if there was nothing to
    /// drop.
    package var seq: UInt64?
    package var droppedRows: Int
    package var archivedEntries: UInt64
    package var archivedSegments: Int
    /// Size of the database file with its write-ahead log, before and after.
    package var bytesBefore: Int64
    package var bytesAfter: Int64
    package var retention: RetentionStatus
    package init(
        seq: UInt64?, droppedRows: Int, archivedEntries: UInt64, archivedSegments: Int, bytesBefore: Int64,
        bytesAfter: Int64,
        retention: RetentionStatus
    ) {
        (self.seq, self.droppedRows) = (seq, droppedRows)
        (self.archivedEntries, self.archivedSegments) = (archivedEntries, archivedSegments)
        (self.bytesBefore, self.bytesAfter, self.retention) = (bytesBefore, bytesAfter, retention)
    }
    enum CodingKeys: String, CodingKey {
        case seq, droppedRows = "dropped_rows", archivedEntries = "archived_entries", archivedSegments =
            "archived_segments"
        case bytesBefore = "bytes_before", bytesAfter = "bytes_after", retention
    }
}

/// A fence, or the end of one, that parks have voted for and that is not decided.
package struct FenceProposalStatus: Codable, Hashable, Sendable {
    /// Out of the zone, or back.
    package enum Kind: String, Codable, Hashable, Sendable { case fence, unfence }
    package var park: String
    package var kind: Kind
    /// Parks that want it, sorted.
    package var consents: [String]
    /// How many it takes.
    package var needed: Int
    package init(park: String, kind: Kind, consents: [String], needed: Int) {
        (self.park, self.kind, self.consents, self.needed) = (park, kind, consents, needed)
    }
}

/// Body of `POST /v1/fences`.
package struct FenceRequest: Codable, Hashable, Sendable {
    package var park: String
    /// Take the park back that was taken out, or this park's own word for a fence.
    package var lift: Bool?
    package init(park: String, lift: Bool? = nil) { (self.park, self.lift) = (park, lift) }
    enum CodingKeys: String, CodingKey, CaseIterable { case park, lift }
}

/// Answer of `POST /v1/fences`: the entry with this park's word, and what it came to.
package struct FenceReport: Codable, Hashable, Sendable {
    package var park: String
    package var origin: String
    package var seq: UInt64
    package var kind: FenceProposalStatus.Kind
    /// Whether enough parks have agreed, so that the entry decides it.
    package var isDecided: Bool
    package var consents: [String]
    package var needed: Int
    package init(origin: String, seq: UInt64, isDecided: Bool, proposal: FenceProposalStatus) {
        (park, kind, consents, needed) = (proposal.park, proposal.kind, proposal.consents, proposal.needed)
        (self.origin, self.seq, self.isDecided) = (origin, seq, isDecided)
    }
    enum CodingKeys: String, CodingKey { case park, origin, seq, kind, isDecided = "is_decided", consents, needed }
}
