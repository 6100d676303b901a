import CSQLiteSwitches
import CSQLite

/// The wal-index under a connection: what all connections of all processes share about the
/// write-ahead log, and the locks on it.
///
/// Only for a connection that has read its database since it was opened. Used by one thread at a
/// time.
struct WalIndex {
    /// What the wal-index says of the log.
    struct State: Hashable, Sendable {
        /// The newest committed frame; 0 for an empty log.
        var frames: UInt32
        /// How many of them are in the database file.
        var writtenBack: UInt32
        var pageBytes: UInt32
        /// False while somebody writes the header, or if somebody died over it; the other figures
        /// mean nothing then.
        var isWhole: Bool

        /// More is said to be written back than there is: readers pass over what the log holds, and
        /// the next commits are lost.
        var isWrong: Bool { isWhole && writtenBack > frames }
    }

    enum Slot: Sendable {
        /// Of whoever writes.
        case write
        /// Of whoever writes the log back.
        case checkpoint
        /// Of those who read the database file alone; shared, it keeps everybody from writing the
        /// log back into the file.
        case readFile

        fileprivate var number: Int32 {
            switch self {
            case .write: PARKSYNC_WAL_WRITE
            case .checkpoint: PARKSYNC_WAL_CHECKPOINT
            case .readFile: PARKSYNC_WAL_READ_FILE
            }
        }
        fileprivate var isShared: Int32 { self == .readFile ? 1 : 0 }
    }

    private let connection: UnsafeMutableRawPointer

    init(_ connection: OpaquePointer) { self.connection = UnsafeMutableRawPointer(connection) }

    /// Nil where there is no wal-index, or it cannot be reached.
    func look() -> State? {
        var state = parksync_wal_state()
        guard parksync_wal_look(connection, &state) == SQLITE_OK else { return nil }
        return State(
            frames: state.last_frame, writtenBack: state.backfilled, pageBytes: state.page_bytes,
            isWhole: state.is_whole != 0)
    }

    /// Takes a lock at once, or returns SQLITE_BUSY. SQLite knows nothing of it: until it is given
    /// back, no statement of this connection may need the same slot.
    func lock(_ slot: Slot) -> Int32 { parksync_wal_lock(connection, slot.number, slot.isShared) }

    func unlock(_ slot: Slot) { _ = parksync_wal_unlock(connection, slot.number, slot.isShared) }

    /// Has SQLite make it anew out of the log, in whatever connection reads next; nothing of the
    /// log counts as written back then, and every connection reads its pages again. The caller has
    /// the lock `write`.
    func invalidate() -> Int32 { parksync_wal_invalidate(connection) }

    /// The size of the log's file; 0 if there is none.
    var fileBytes: Int64 { parksync_wal_file_bytes(connection) }
}
