/// The database file of a node, its write-ahead log and its locks: a part of `NodeStatus`. Times
/// are Unix milliseconds.
package struct DatabaseStatus: Codable, Hashable, Sendable {
    /// The write-ahead log, as it was when the node looked last.
    package struct Log: Codable, Hashable, Sendable {
        package var bytes: Int64
        /// Frames in the log, and how many of them are in the database file already.
        package var frames: UInt32
        package var writtenBackFrames: UInt32
        /// Whether no other program can write the log back, which older releases of SQLite may lose
        /// commits by: see `CheckpointGuard`.
        package var isGuarded: Bool
        /// Absent while it is guarded.
        package var unguardedSince: UInt64?
        /// Since when somebody who reads the database has kept the log from beginning anew; absent
        /// if nobody does.
        package var heldBackSince: UInt64?
        /// Who reads it, as in `process 4711 (sqlite3)`; empty if the system does not tell.
        package var heldBackBy: [String]
        /// At this length the node accepts no writes while the log is held back.
        package var bytesMax: Int64
        /// How often the wal-index was wrong and was set right since the start, and when last.
        package var repairs: Int
        package var repairedAt: UInt64?
        /// Why the log could not be written back last.
        package var failure: String?

        package init(
            bytes: Int64 = 0, frames: UInt32 = 0, writtenBackFrames: UInt32 = 0, isGuarded: Bool = false,
            unguardedSince: UInt64? = nil,
            heldBackSince: UInt64? = nil, heldBackBy: [String] = [], bytesMax: Int64, repairs: Int = 0,
            repairedAt: UInt64? = nil,
            failure: String? = nil
        ) {
            self.bytes = bytes
            self.frames = frames
            self.writtenBackFrames = writtenBackFrames
            self.isGuarded = isGuarded
            self.unguardedSince = unguardedSince
            self.heldBackSince = heldBackSince
            self.heldBackBy = heldBackBy
            self.bytesMax = bytesMax
            self.repairs = repairs
            self.repairedAt = repairedAt
            self.failure = failure
        }
        enum CodingKeys: String, CodingKey {
            case bytes, frames, writtenBackFrames = "written_back_frames", isGuarded = "guarded", unguardedSince =
                "unguarded_since"
            case heldBackSince = "held_back_since", heldBackBy = "held_back_by", bytesMax = "bytes_max", repairs,
                repairedAt = "repaired_at", failure
        }
    }

    /// Another program keeps the write lock from the node.
    package struct WriteLock: Codable, Hashable, Sendable {
        /// When the node found the lock taken; it has not had it since.
        package var since: UInt64
        /// Who has it, as in `process 4711 (sqlite3)`; empty if the system does not tell.
        package var holders: [String]
        package init(since: UInt64, holders: [String]) { (self.since, self.holders) = (since, holders) }
        package var who: String { holders.isEmpty ? "another program" : holders.joined(separator: ", ") }
    }

    /// A client's transaction that the node is executing; nobody else writes meanwhile.
    package struct RunningTransaction: Codable, Hashable, Sendable {
        package var since: UInt64
        /// When its time limit is over.
        package var deadline: UInt64
        /// The beginning of its first statement.
        package var sql: String
        package init(since: UInt64, deadline: UInt64, sql: String) {
            (self.since, self.deadline, self.sql) = (since, deadline, sql)
        }
    }

    /// Of the library that the node uses; other programs may bring another one.
    package var sqliteVersion: String
    /// Whether that release has SQLite's own repair of the WAL-reset race.
    package var isResetRaceFixed: Bool
    package var log: Log
    /// Absent if the lock was free when the node wanted it last.
    package var writeLock: WriteLock?
    package var transaction: RunningTransaction?

    package init(
        sqliteVersion: String, isResetRaceFixed: Bool, log: Log, writeLock: WriteLock? = nil,
        transaction: RunningTransaction? = nil
    ) {
        self.transaction = transaction
        self.sqliteVersion = sqliteVersion
        self.isResetRaceFixed = isResetRaceFixed
        self.log = log
        self.writeLock = writeLock
    }
    enum CodingKeys: String, CodingKey {
        case sqliteVersion = "sqlite_version", isResetRaceFixed = "reset_race_fixed", log, writeLock = "write_lock",
            transaction
    }
}
