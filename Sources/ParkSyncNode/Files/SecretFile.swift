import Crypto
import Foundation
import ParkSyncStore
import ParkSyncReports

/// A file that belongs to the daemon alone: who has the key writes the park's log.
package enum SecretFile {
    /// Others than its owner must not read it, and its owner is the node's user or root.
    ///
    /// - Parameters:
    ///   - key: of the configuration, which names the file.
    ///   - isForGroup: whether its group may read it, and no more.
    /// - Throws: `ConfigurationError`. A file that does not exist is for the caller to notice.
    package static func check(
        _ path: String, key: String, isForGroup: Bool = false,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        guard let found = FileOwnership(of: path) else { return }
        let user = geteuid()
        // systemd keeps credentials in a folder that only the service can enter, and may let it in
        // through an access list, of which the mode shows the mask as the group's bits.
        let isCredential =
            environment["CREDENTIALS_DIRECTORY"].map { path.hasPrefix($0 + "/") && found.group == 0 } ?? false
        let closed: UInt32 = isForGroup ? 0o037 : 0o077
        guard found.mode & (isCredential ? 0o007 : closed) == 0 else {
            let whose = isForGroup ? "and its group can read it, or its group can write it" : "can read it"
            let mode = isForGroup ? 640 : 600
            throw ConfigurationError(
                key, "\(path) has the mode \(found.octalMode): others than the node \(whose)",
                remedy:
                    "Take it away from them (chown \(account(user)) \(path) && chmod \(mode) \(path)). If "
                    + "somebody may have read it, replace the "
                    + (isForGroup ? "token." : "key.")
            )
        }
        guard found.user == user || found.user == 0 || user == 0 else {
            throw ConfigurationError(
                key, "\(path) belongs to \(account(found.user)), the node runs as \(account(user))",
                remedy: "Give it to the node's user (chown \(account(user)) \(path)).")
        }
    }

    /// The tokens of the loopback listener, which its group may read: the programs that are to use
    /// it.
    ///
    /// - Throws: `ConfigurationError` if the file is missing, open to others, or holds no tokens.
    static func tokens(_ path: String, key: String) throws -> [NodeConfiguration.TokenDigest] {
        try check(path, key: key, isForGroup: true)
        let text = try ConfiguredFile.text(
            path, key: key, bytesMax: LocalLimits.tokenFileBytesMax,
            remedy: "Make it (syncctl init DIR --token PARK), or name the one that there is."
        )
        do {
            return try LocalToken.parse(text).map {
                NodeConfiguration.TokenDigest(name: $0.name, digest: SHA256.hash(data: [UInt8]($0.secret.utf8)))
            }
        } catch {
            throw ConfigurationError(
                key, "\(path), \(error)",
                remedy:
                    """
                    Write one line for each token: a name, a space, and the token. `syncctl init DIR --token \
                    PARK` makes one.
                    """
            )
        }
    }

    private static func account(_ user: UInt32) -> String { SystemAccounts().name(of: user) ?? "\(user)" }
}
