import Crypto
import Foundation
import ParkSyncCatalog
import ParkSyncReplication
import ParkSyncStore

/// Reads what a node's configuration points to.
package enum NodeFiles {
    package static let identityBytes = 32
    private static let identityFileBytesMax = 1_024

    package static func identity(_ path: String) throws -> Curve25519.Signing.PrivateKey {
        try SecretFile.check(path, key: "identity")
        let text = try ConfiguredFile.text(
            path, key: "identity", bytesMax: identityFileBytesMax,
            remedy:
                """
                Name the file that syncctl init has made, or restore it from its backup: there is no other copy \
                of the key.
                """
        )
        guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            bytes.count == identityBytes,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else {
            throw ConfigurationError(
                "identity", "\(path) does not hold the base64 of a \(identityBytes)-byte Ed25519 key",
                remedy: "Restore the file from its backup; a new key needs a new member entry at every park.")
        }
        return key
    }

    /// The schema files of a folder in the order of their names, or the catalogue's.
    package static func schema(_ folder: String?) throws -> CompiledSchema {
        guard let folder else {
            return try CompiledSchema(CatalogueSchema.files.map { SchemaFile(name: $0.name, sql: $0.sql) })
        }
        return try CompiledSchema(SchemaFile.all(in: folder))
    }

    package static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch  where ErrorWords.isDiskFull(error) {
            throw FileSystem.notWritten(path, error)
        } catch {
            throw ConfigurationError(
                "state", "\(path) cannot be made: \(ErrorWords.of(error))", remedy: "Check the folder and its owner.")
        }
    }
}
