#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a second daemon off a database: an exclusive lock on a file beside it, released with the process.
final class StateLock {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .busy, "\(path): \(String(cString: strerror(errno)))", remedy: "Check that the state folder exists and is writable by this user.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreError(
                .busy, "\(path) is locked: another parksyncd works on this state folder",
                remedy: "Stop it, or give this node a state folder of its own.")
        }
    }

    /// Unlocks at once, also if a child process has inherited the descriptor and not closed it yet.
    func release() { flock(descriptor, LOCK_UN) }

    deinit {
        release()
        close(descriptor)
    }
}
