import CSQLite

/// How a connection waits for a lock that another one has: it looks again every tenth of a
/// millisecond.
///
/// SQLite's own timeout looks ever less often, in the end every 100 ms. A program that commits and
/// begins again without a pause leaves the lock free for some ten microseconds between two
/// transactions. Looked at so rarely, that moment was missed for seconds: what the program wrote
/// was not sealed until the triggers refused its 200,000th row (in transactions of 1,000 rows, on a
/// disk that syncs in 0.2 ms).
final class LockWait {
    static let pauseMicroseconds: Int32 = 100
    static let waitMicrosecondsMax = 10_000_000

    private let fileSystem: UnsafeMutablePointer<sqlite3_vfs>?
    private var waited = 0
    /// Longest wait; 0 for none at all.
    var limitMicroseconds = waitMicrosecondsMax
    /// Told once for each lock that has to be waited for.
    var onWait: (() -> Void)?
    /// Asked while a lock is waited for; false ends the wait.
    var isWanted: (() -> Bool)?

    /// Installs itself as the connection's handler; whoever lets go of it takes the handler away
    /// first.
    init(_ handle: OpaquePointer) {
        var found: UnsafeMutablePointer<sqlite3_vfs>?
        let result = sqlite3_file_control(handle, "main", SQLITE_FCNTL_VFS_POINTER, &found)
        fileSystem = result == SQLITE_OK ? found : sqlite3_vfs_find(nil)
        sqlite3_busy_handler(
            handle,
            { context, tries in
                guard let context else { return 0 }
                return Unmanaged<LockWait>.fromOpaque(context).takeUnretainedValue().wait(after: tries) ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Runs `body` again while it fails for want of a lock. For what SQLite does not ask the
    /// handler about: a connection that reads and wants to write is refused at once, and a file
    /// that is changed to a write-ahead log is read first.
    func retrying(_ body: () throws -> Void) throws {
        var spent = 0
        while true {
            // What the handler waits within `body` counts, too: between others who take turns this
            // ends.
            waited = 0
            do { return try body() } catch let error as StoreError where error.code == .busy {
                spent += waited
                guard spent < Self.waitMicrosecondsMax, wait(after: 0) else { throw error }
                spent += waited
            }
        }
    }

    /// Tries `attempt` again while it returns SQLITE_BUSY, for locks that SQLite does not ask the
    /// handler about.
    ///
    /// - Returns: what it returned last.
    func polling(atMost microseconds: Int, _ attempt: () -> Int32) -> Int32 {
        var spent = 0
        while true {
            let result = attempt()
            guard result & 0xFF == SQLITE_BUSY, spent < microseconds, let slept = pause() else { return result }
            spent += slept
        }
    }

    /// - Parameter tries: since the lock was asked for first.
    /// - Returns: whether to try once more.
    private func wait(after tries: Int32) -> Bool {
        if tries == 0 {
            waited = 0
            onWait?()
        }
        guard waited < limitMicroseconds, isWanted?() != false, let slept = pause() else { return false }
        waited += slept
        return true
    }

    /// - Returns: how long it was, in microseconds. Nil if the file system cannot wait.
    private func pause() -> Int? {
        // The file system's own sleep, since a virtual one has its own time.
        guard let fileSystem, let sleep = fileSystem.pointee.xSleep else { return nil }
        return Int(max(Self.pauseMicroseconds, sleep(fileSystem, Self.pauseMicroseconds)))
    }
}
