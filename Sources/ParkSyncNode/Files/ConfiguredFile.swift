import Foundation
import ParkSyncReplication
import ParkSyncStore

/// A file that the configuration names.
package enum ConfiguredFile {
    /// - Parameters:
    ///   - key: of the configuration; empty for the configuration itself.
    ///   - remedy: for a file that is not there, or is none.
    /// - Returns: what the file holds, one byte beyond `bytesMax` at most.
    /// - Throws: `ConfigurationError` with the file and the reason.
    package static func bytes(_ path: String, key: String, bytesMax: Int, remedy: String) throws -> [UInt8] {
        func refuse(_ number: Int32) -> ConfigurationError {
            let user = SystemAccounts().name(of: geteuid()) ?? "\(geteuid())"
            return ConfigurationError(
                key, "\(path): \(ErrorWords.ofSystem(number))",
                remedy: number == EACCES
                    ? """
                    Let the account \(user), as which this runs, read the file and enter its folders (chown \
                    \(user) \(path)).
                    """
                    : remedy)
        }
        // Nobody is waited for who would have to write into a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refuse(errno) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw refuse(errno) }
        guard found.st_mode & S_IFMT == S_IFREG else {
            let kind = found.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or pipe"
            throw ConfigurationError(key, "\(path): it is \(kind)", remedy: remedy)
        }
        do { return Array(try file.read(upToCount: bytesMax + 1) ?? Data()) } catch {
            throw ConfigurationError(key, "\(path): \(ErrorWords.of(error))", remedy: remedy)
        }
    }

    /// - Throws: as `bytes`, and for what is no UTF-8.
    package static func text(_ path: String, key: String, bytesMax: Int, remedy: String) throws -> String {
        guard
            let text = String(validating: try bytes(path, key: key, bytesMax: bytesMax, remedy: remedy), as: UTF8.self)
        else {
            throw ConfigurationError(key, "\(path) is not UTF-8 text", remedy: remedy)
        }
        return text
    }
}
