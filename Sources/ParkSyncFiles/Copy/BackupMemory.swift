import Foundation
import ParkSyncStore

/// When a verified copy of a node's database was last kept: a file beside the database, so that a
/// restored one does not bring its own.
package struct BackupMemory: Sendable {
    private let path: String

    package init(statePath: String) { path = statePath + "/last-backup" }

    /// Unix milliseconds; nil if no backup was ever kept, or the file cannot be read.
    package var lastAt: UInt64? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// - Parameter milliseconds: Unix time.
    /// - Throws: `StoreError` if the file cannot be written.
    package func note(_ milliseconds: UInt64) throws {
        let scratch = path + ".new"
        guard
            FileManager.default.createFile(
                atPath: scratch, contents: Data("\(milliseconds)\n".utf8), attributes: [.posixPermissions: 0o640])
        else {
            throw FileSystem.failure("Writing", scratch)
        }
        // An administrator's offline backup must leave the node able to note its own.
        var folder = stat()
        if stat((path as NSString).deletingLastPathComponent, &folder) == 0 {
            _ = chown(scratch, folder.st_uid, folder.st_gid)
        }
        try FileSystem.rename(scratch, to: path)
    }
}
