import CSQLite

/// Keeps SQLite's WAL-reset race away from a database, for all programs that have it open.
///
/// Before 3.51.3 (3.50.7, 3.44.6) SQLite can lose committed transactions. A checkpoint reads the
/// header of the wal-index, and then how many frames are in the database file already. If all are,
/// a commit may begin the log anew in between. The checkpoint then notes frames as written back
/// that are not there any more: what is committed next is passed over by every reader, and lost
/// with the next reset. See decision 16.
///
/// The guard holds the lock that every checkpoint needs, the *checkpoint lock*, on a connection of
/// its own. SQLite then answers every checkpoint of any other connection with BUSY; commits, which
/// try one now and then, go through all the same. The node's own checkpoints go through the guard,
/// and no other can come to harm while the lock is given away for them:
///
/// - `writeBack` runs while a connection of ours has the *write lock*. SQLite takes the checkpoint
///   lock by itself, so it has to be free for a moment before and after. A checkpoint of another
///   program that gets it then reads the header after that, and we wait for its end before the
///   write lock is given away. A log begins anew only with the write lock: neither that checkpoint
///   nor our own can meet it.
/// - `cut` and `setRight` cannot keep the write lock, because SQLite needs it itself. Instead they
///   share the lock `readFile` from before until after. A checkpoint needs that one alone before it
///   copies anything and notes what it has copied. So one that comes between notes nothing.
///
/// Used by one thread at a time.
final class CheckpointGuard {
    /// Longest wait for another program that is at a checkpoint, when the lock was given away or is
    /// taken first.
    static let lockMicrosecondsMax = 10_000_000
    /// Longest wait for readers to leave the log, while nobody can write.
    static let cutMicrosecondsMax = 50_000

    private let connection: Connection
    private let index: WalIndex
    /// Whether no other connection can write the log back.
    private(set) var isHeld = false
    /// The lock was free for a while without one of the two others: what the wal-index says is
    /// written back is not to be believed.
    private(set) var isInDoubt = true

    init(path: String, archive: String?) throws {
        connection = try Connection(path: path, role: .guardian, archive: archive)
        // SQLite opens the log when it reads for the first time.
        _ = try connection.int64("SELECT count(*) FROM sqlite_master")
        index = WalIndex(connection.handle)
    }

    deinit { release() }

    var path: String { sqlite3_db_filename(connection.handle, "main").map { String(cString: $0) } ?? "" }
    func look() -> WalIndex.State? { index.look() }
    var logBytes: Int64 { index.fileBytes }

    /// Takes the checkpoint lock.
    ///
    /// - Returns: whether it is held; not if another program has been at a checkpoint for all that
    ///   time.
    @discardableResult
    func take(within microseconds: Int) -> Bool {
        if !isHeld { isHeld = wait(.checkpoint, within: microseconds) }
        return isHeld
    }

    /// Gives all up, for good.
    func release() {
        if isHeld { index.unlock(.checkpoint) }
        isHeld = false
    }

    /// Copies into the database file what the readers allow. The caller's connection has the write
    /// lock from before until after.
    ///
    /// - Returns: the log afterwards.
    func writeBack() throws -> WalIndex.State? {
        guard isHeld else { return index.look() }
        index.unlock(.checkpoint)
        isHeld = false
        let result = sqlite3_wal_checkpoint_v2(connection.handle, "main", SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        // Nobody can begin the log anew before this returns.
        if !take(within: Self.lockMicrosecondsMax) { isInDoubt = true }
        guard result == SQLITE_OK || result & 0xFF == SQLITE_BUSY else {
            throw StoreError.sqlite(result, connection: connection.handle, doing: "Writing the write-ahead log back")
        }
        return index.look()
    }

    /// Makes the log empty and its file short, if all of it is written back and its readers leave
    /// in time.
    ///
    /// - Parameters:
    ///   - idle: another connection of ours, which does nothing meanwhile.
    ///   - microseconds: longest wait for the write lock, and then for readers.
    /// - Returns: whether it was done.
    func cut(idle: Connection, within microseconds: Int) throws -> Bool {
        guard isHeld, let state = index.look(), state.writtenBack == state.frames else { return false }
        let other = WalIndex(idle.handle)
        guard bridge(other) else { return false }
        defer { unbridge(other) }
        let result = connection.patiently(atMost: microseconds) {
            sqlite3_wal_checkpoint_v2(connection.handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        }
        guard result == SQLITE_OK || result & 0xFF == SQLITE_BUSY else {
            throw StoreError.sqlite(result, connection: connection.handle, doing: "Cutting the write-ahead log")
        }
        return result == SQLITE_OK
    }

    /// Has SQLite make the wal-index anew, out of the log, if it is not to be believed:
    ///
    /// - a program died while it wrote the header. SQLite makes it anew only with the checkpoint
    ///   lock, and would try in vain in every program for as long as the guard has it;
    /// - it says that more is written back than there is;
    /// - the guard was not held for a while.
    ///
    /// Setting the count right would not do: connections that have read in the wrong state would
    /// keep what they have read.
    ///
    /// - Parameters:
    ///   - reader: another connection of ours, outside of transactions; it reads, and so makes the
    ///     index anew.
    ///   - microseconds: longest wait for the write lock.
    /// - Returns: whether the wal-index was seen to be wrong.
    func setRight(reader: Connection, within microseconds: Int) throws -> Bool {
        guard isHeld, let seen = index.look(), isSuspect(seen) else { return false }
        // A header is being written at every commit, and a log that begins anew looks wrong for a
        // moment: not with the write lock.
        guard wait(.write, within: microseconds) else { return false }
        guard let state = index.look(), isSuspect(state), bridge(index) else {
            index.unlock(.write)
            return false
        }
        defer { unbridge(index) }
        let result = state.isWhole ? index.invalidate() : SQLITE_OK
        index.unlock(.write)
        guard result == SQLITE_OK else {
            throw StoreError.sqlite(result, connection: nil, doing: "Setting the wal-index right")
        }
        _ = try reader.int64("SELECT count(*) FROM sqlite_master")
        isInDoubt = false
        return !state.isWhole || state.isWrong
    }

    private func isSuspect(_ state: WalIndex.State) -> Bool {
        // An index that says that nothing is written back was made just now, or hides nothing.
        if state.isWhole, state.writtenBack == 0 { isInDoubt = false }
        return !state.isWhole || state.isWrong || isInDoubt
    }

    /// Gives the checkpoint lock away, and keeps everybody else from writing the log back until
    /// `unbridge`.
    ///
    /// - Parameter other: of a connection of ours that reads nothing meanwhile.
    private func bridge(_ other: WalIndex) -> Bool {
        // Never busy: only a checkpoint takes it alone.
        guard other.lock(.readFile) == SQLITE_OK else { return false }
        index.unlock(.checkpoint)
        isHeld = false
        return true
    }

    private func unbridge(_ other: WalIndex) {
        if !take(within: Self.lockMicrosecondsMax) { isInDoubt = true }
        other.unlock(.readFile)
    }

    private func wait(_ slot: WalIndex.Slot, within microseconds: Int) -> Bool {
        connection.polling(atMost: microseconds) { index.lock(slot) } == SQLITE_OK
    }
}
