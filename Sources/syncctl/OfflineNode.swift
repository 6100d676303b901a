import ArgumentParser
import Crypto
import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncStore

/// A node's files, worked on while its daemon is down.
struct OfflineNode {
    let origin: OriginID
    let database: String
    let backups: BackupMemory
    let members: [String: [UInt8]]
    /// Bytes of the longest entry; nil if the configuration does not say.
    let entryBytesMax: Int?
    private let identityPath: String
    private let schemaPath: String?

    /// - Parameter config: the node's configuration file. What the daemon gets from its environment
    ///   is not known here.
    init(config: String) async throws {
        let file = try await ZoneFile(config)
        guard let park = file.text("park"), let origin = OriginID(park), let state = try file.path("state"),
            let identity = try file.path("identity")
        else { throw ValidationError("\(config) lacks park, state or identity.") }
        self.origin = origin
        database = FileSystem.resolvingLinks(state + "/parksync.sqlite")
        backups = BackupMemory(statePath: state)
        members = try file.memberKeys()
        entryBytesMax = file.entryBytesMax()
        identityPath = identity
        schemaPath = try file.path("schema")
    }

    func schema() throws -> CompiledSchema { try Self.schema(folder: schemaPath) }

    /// The schema files of a folder in the order of their names, or the catalogue's.
    ///
    /// - Throws: `ValidationError` for what is wrong in them.
    static func schema(folder schemaPath: String?) throws -> CompiledSchema {
        guard let schemaPath else {
            return try CompiledSchema(CatalogueSchema.files.map { SchemaFile(name: $0.name, sql: $0.sql) })
        }
        do { return try CompiledSchema(SchemaFile.all(in: schemaPath)) } catch let error as SchemaError {
            throw ValidationError("\(error)")
        }
    }

    /// Opens the database, and closes it whatever comes of the work.
    ///
    /// - Throws: what `open`, the work and closing throw; of the last two what closing throws.
    func withStore<T>(_ work: (ParkStore) async throws -> T) async throws -> T {
        let store = try open()
        let done: Result<T, any Error>
        do { done = .success(try await work(store)) } catch { done = .failure(error) }
        try await store.close()
        return try done.get()
    }

    /// Opens the database as the daemon does: what other programs wrote meanwhile is sealed.
    ///
    /// - Throws: `StoreError` if the daemon is running, or there is no database.
    func open() throws -> ParkStore {
        guard FileSystem.exists(database) else {
            throw StoreError(
                .invalidInput, "\(database) does not exist", remedy: "Check `state` in the node's configuration.")
        }
        let text: String
        do { text = try String(contentsOfFile: identityPath, encoding: .utf8) } catch {
            throw StoreError(
                .invalidInput,
                "\(identityPath), the file of `identity` in the configuration, cannot be read: \(ErrorWords.of(error))",
                remedy: "Check `identity`, and run the command as root or as the node's user.")
        }
        guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let identity = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else {
            throw StoreError(
                .invalidInput, "\(identityPath), the file of `identity` in the configuration, holds no key",
                remedy: "Restore the file from its backup.")
        }
        return try NodeFile.open(
            StoreOptions(
                path: database, origin: origin, identity: identity, members: members, schema: schema(),
                clock: RealClock())
        ).store
    }
}
