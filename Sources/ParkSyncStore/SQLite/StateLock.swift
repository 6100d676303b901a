#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a second daemon off a database: an exclusive lock on a file beside it, released with the
/// process.
package final class StateLock {
    private let descriptor: Int32

    /// - Throws: `StoreError`: `busy` only if somebody holds the lock; `readOnly` or `diskFull` if
    ///   the file cannot be opened or locked.
    package init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.unopened(path, errno) }
        // Closed by `deinit`, which also runs for an object that is made no further than its
        // properties. A second close would take a number that another thread may have been given
        // meanwhile: its file would be gone under it.
        try Self.lock(descriptor, path)
        // One that root has made would keep the node's own user out.
        FileOwnership.giveToFolderOwner(descriptor, path)
    }

    private static func lock(_ descriptor: Int32, _ path: String) throws {
        var result = flock(descriptor, LOCK_EX | LOCK_NB)
        while result != 0, errno == EINTR { result = flock(descriptor, LOCK_EX | LOCK_NB) }
        guard result != 0 else { return }
        let number = errno
        guard number == EWOULDBLOCK else {
            throw StoreError(
                .readOnly, "\(path) cannot be locked: \(String(cString: strerror(number)))",
                remedy: "Put the state folder on a file system of this machine that knows locks.")
        }
        throw StoreError(
            .busy, "\(path) is locked: another parksyncd works on this state folder",
            remedy: "Stop it, or give this node a state folder of its own.")
    }

    /// Why the file could not be opened. Nobody is known to hold it.
    private static func unopened(_ path: String, _ number: Int32) -> StoreError {
        let reason = "the lock file \(path) cannot be opened: \(String(cString: strerror(number)))"
        let folder = FileSystem.folder(of: path)
        switch number {
        case ENOSPC, EDQUOT, EMFILE, ENFILE:
            let isFull = number == ENOSPC || number == EDQUOT
            return StoreError(
                isFull ? .diskFull : .readOnly, reason,
                remedy: isFull
                    ? "Free disk space for the state folder, then repeat."
                    : "Raise the limit of open files (LimitNOFILE).")
        case EROFS: return StoreError(.readOnly, reason, remedy: "Mount the file system of \(folder) for writing.")
        case EACCES, EPERM:
            let user = geteuid()
            guard let owner = FileOwnership(of: path) else {
                return StoreError(
                    .readOnly, "\(reason), for the user \(user)",
                    remedy: "Let the node's user write the state folder \(folder) (chown, chmod).")
            }
            return StoreError(
                .readOnly,
                """
                \(reason), for the user \(user); it belongs to the user \(owner.user), with the mode \
                \(owner.octalMode)
                """,
                remedy: "Give it to the node's user (chown), or remove it while no node works on the folder.")
        default:
            return StoreError(
                .readOnly, reason,
                remedy: "Check that the state folder \(folder) exists, and that the node's user may write it.")
        }
    }

    /// Unlocks at once, also if a child process has inherited the descriptor and not closed it yet.
    package func release() { flock(descriptor, LOCK_UN) }

    deinit {
        release()
        close(descriptor)
    }
}
