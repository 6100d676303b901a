import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whose a file is, and who may read and write it. A file that takes another's place keeps what
/// that one had: made by root, it would keep the node and the park's programs out.
package struct FileOwnership: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32
    /// The permission bits alone.
    package var mode: UInt32

    package init(user: UInt32, group: UInt32, mode: UInt32) { (self.user, self.group, self.mode) = (user, group, mode) }

    /// Nil if there is no such file. Follows a symbolic link.
    package init?(of path: String) {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        self.init(found)
    }

    private init(_ found: stat) {
        self.init(user: found.st_uid, group: found.st_gid, mode: UInt32(found.st_mode) & 0o7777)
    }

    /// As in `0660`.
    package var octalMode: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// What a file at this path is to have: what the one there has; else its folder's owner and
    /// group, and for each of them reading and writing as the folder grants it. Others get nothing.
    package static func expected(at path: String) -> FileOwnership? {
        if let there = FileOwnership(of: path) { return there }
        guard var folder = FileOwnership(of: FileSystem.folder(of: path)) else { return nil }
        folder.mode &= 0o660
        return folder
    }

    /// Gives a file this owner, group and mode.
    ///
    /// The node's own user cannot give a file away: where he owns the folder, he keeps what he
    /// makes.
    /// - Throws: `StoreError` if the file would end up as one that the node's user may not open.
    package func apply(to path: String) throws {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSystem.failure("Opening", path) }
        defer { close(descriptor) }
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw FileSystem.failure("Looking at", path) }
        let now = FileOwnership(found)
        if now.user != user, fchown(descriptor, user, .max) != 0 {
            let folder = FileOwnership(of: FileSystem.folder(of: path))
            guard folder?.user == geteuid() else {
                throw StoreError(
                    .readOnly,
                    """
                    \(path) cannot be given to the user \(user), whose the node's files are: \
                    \(String(cString: strerror(errno)))
                    """,
                    remedy: "Run the command as that user, or as root.")
            }
        }
        // Who may not give it to the group must not open it to another one.
        let keepsGroup = now.group == group || fchown(descriptor, .max, group) == 0
        let bits = keepsGroup ? mode : mode & ~0o070
        guard now.mode == bits || fchmod(descriptor, mode_t(bits)) == 0 else {
            throw FileSystem.failure("Setting the mode of", path)
        }
    }

    /// Makes an empty file with what a file at this path is to have, less what the process's mask
    /// takes away. One that is there stays.
    static func makeFile(_ path: String) throws {
        let mode = expected(at: path)?.mode ?? 0o600
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(mode & 0o660))
        guard descriptor >= 0 else { throw FileSystem.failure("Opening", path) }
        defer { close(descriptor) }
        giveToFolderOwner(descriptor, path)
        for name in [path, path + "-wal", path + "-shm"] { closeToOthers(name) }
    }

    /// Takes away what others than owner and group may do with a file, where this process may say
    /// so.
    static func closeToOthers(_ path: String) {
        guard let found = FileOwnership(of: path), found.mode & 0o007 != 0 else { return }
        chmod(path, mode_t(found.mode & ~0o007))
    }

    /// A file that root has made goes to the owner and the group of its folder.
    static func giveToFolderOwner(_ descriptor: Int32, _ path: String) {
        guard geteuid() == 0, let folder = FileOwnership(of: FileSystem.folder(of: path)) else { return }
        var found = stat()
        guard fstat(descriptor, &found) == 0, found.st_uid == 0, folder.user != 0 else { return }
        // Should it fail, the next start names the file and its owner.
        fchown(descriptor, folder.user, folder.group)
    }
}
