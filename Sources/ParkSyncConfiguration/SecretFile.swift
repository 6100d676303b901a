import Foundation
import ParkSyncServer
import ParkSyncStore

/// A file that belongs to the daemon alone: who has the key writes the park's log.
package enum SecretFile {
    /// Others than its owner must not read it, and its owner is the node's user or root.
    ///
    /// - Parameter key: of the configuration, which names the file.
    /// - Throws: `ConfigurationError`. A file that does not exist is for the caller to notice.
    package static func check(_ path: String, key: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        guard let found = FileOwnership(of: path) else { return }
        let user = geteuid()
        // systemd keeps credentials in a folder that only the service can enter, and may let it in through an access list, of which
        // the mode shows the mask as the group's bits.
        let isCredential = environment["CREDENTIALS_DIRECTORY"].map { path.hasPrefix($0 + "/") && found.group == 0 } ?? false
        guard found.mode & (isCredential ? 0o007 : 0o077) == 0 else {
            throw ConfigurationError(
                key, "\(path) has the mode \(found.octalMode): others than the node can read it",
                remedy: "Take it away from them (chown \(account(user)) \(path) && chmod 600 \(path)). If somebody may have read it, replace the key."
            )
        }
        guard found.user == user || found.user == 0 || user == 0 else {
            throw ConfigurationError(
                key, "\(path) belongs to \(account(found.user)), the node runs as \(account(user))",
                remedy: "Give it to the node's user (chown \(account(user)) \(path)).")
        }
    }

    private static func account(_ user: UInt32) -> String { SystemAccounts().name(of: user) ?? "\(user)" }
}
