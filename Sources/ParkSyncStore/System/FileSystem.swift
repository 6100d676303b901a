import Crypto
import Foundation
import ParkSyncReplication

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What copies need of the file system, with errors that name the file.
package enum FileSystem {
    package static let chunkBytes = 1 << 20

    package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether it is a plain file, or a link that leads to one.
    package static func isRegular(_ path: String) -> Bool {
        var found = stat()
        return stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFREG
    }

    /// The folder that a path's last name stands in.
    package static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    /// Where a chain of symbolic links leads; also if there is nothing (yet). What SQLite keeps
    /// beside a database lies there, and so do its lock and its archive.
    package static func resolvingLinks(_ path: String) -> String {
        var resolved = path
        for _ in 0..<linksMax {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: resolved) else {
                return resolved
            }
            resolved = target.hasPrefix("/") ? target : folder(of: resolved) + "/" + target
        }
        // A circle; opening the file says so.
        return path
    }

    /// As many as Linux follows.
    private static let linksMax = 40

    /// 0 for a file that is not there.
    package static func bytes(_ path: String) -> UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }

    /// Free bytes for this user on the file system of a folder.
    package static func freeBytes(_ folder: String) throws -> UInt64 { try space(folder).free }

    /// Bytes that are free for this user on the file system of a folder, and all that it has.
    package static func space(_ folder: String) throws -> (free: UInt64, all: UInt64) {
        var figures = statvfs()
        guard statvfs(folder, &figures) == 0 else { throw failure("Asking for the free space of", folder) }
        let block = UInt64(figures.f_frsize)
        return (UInt64(figures.f_bavail) &* block, UInt64(figures.f_blocks) &* block)
    }

    /// Brings a file, or the names in a folder, to the disk.
    package static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("Opening", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("Writing", path) }
    }

    /// Replaces `target`, and brings the new name to the disk.
    package static func rename(_ path: String, to target: String) throws {
        guard Foundation.rename(path, target) == 0 else { throw failure("Renaming \(path) to", target) }
        try sync(URL(fileURLWithPath: target).deletingLastPathComponent().path)
    }

    /// Makes an empty file that says something by being there, and brings its name to the disk.
    package static func touch(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("Making", path) }
        close(descriptor)
        try sync(folder(of: path))
    }

    /// What is not there is no error.
    package static func remove(_ path: String) { unlink(path) }

    /// Removes a database with what SQLite keeps beside it. What is not there is no error.
    package static func removeDatabase(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }

    /// SHA-256 of a file's bytes.
    package static func hash(_ path: String) throws -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else { throw failure("Opening", path) }
        defer { try? file.close() }
        var hasher = SHA256()
        while let chunk = try file.read(upToCount: chunkBytes), !chunk.isEmpty { hasher.update(data: chunk) }
        return Array(hasher.finalize())
    }

    /// For what Foundation says of a file that cannot be written.
    package static func notWritten(_ path: String, _ error: any Error) -> StoreError {
        let isFull = ErrorWords.isDiskFull(error)
        return StoreError(
            isFull ? .diskFull : .readOnly, "\(path) cannot be written: \(ErrorWords.of(error))",
            remedy: isFull
                ? "Free disk space, then repeat." : "Check the path, the permissions and the disk, then repeat.")
    }

    package static func failure(_ what: String, _ path: String) -> StoreError {
        let number = errno
        let isFull = number == ENOSPC || number == EDQUOT
        return StoreError(
            isFull ? .diskFull : .readOnly, "\(what) \(path): \(String(cString: strerror(number)))",
            remedy: isFull
                ? "Free disk space and repeat; nothing was changed." : "Check the path, the permissions and the disk.")
    }
}
