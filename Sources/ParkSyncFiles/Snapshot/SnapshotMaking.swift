import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

extension ParkStore {
    /// Makes a snapshot for other parks while the node works.
    ///
    /// - Parameters:
    ///   - path: the file to make; one that is there is replaced.
    ///   - id: `SnapshotManifest.idBytes` random bytes.
    /// - Returns: the signed manifest.
    /// - Throws: `StoreError.notReady` while the node recovers or compares its log: its own entries
    ///   may be none that count.
    package func makeSnapshot(at path: String, id: [UInt8]) async throws -> (
        manifest: SnapshotManifest, signed: [UInt8]
    ) {
        do {
            let connection = try await options.blockingWork.run { [options] in
                try SnapshotTables.begin(path, from: options.path, schema: options.schema, park: options.origin.park)
            }
            let state = try await quiet { try SnapshotTables.hold(connection) }
            if state.ownLog.isUncertain, let reason = state.ownLog.gate {
                throw StoreError(
                    .notReady, "\(reason.rawValue), and serves no snapshot before that is done",
                    remedy: "Ask another park, or again later.")
            }
            return try await options.blockingWork.run { [options, schemaHash] in
                try SnapshotTables.fill(connection, schema: options.schema.schema)
                let archive =
                    options.archivePath.map { ArchiveFolder(path: $0) } ?? ArchiveFolder(database: options.path)
                try connection.transaction { try SnapshotTables.unpack(connection, from: archive) }
                try FileSystem.sync(path)
                let heads = try CopyChecks.heads(SQLReader(connection: connection))
                let manifest = SnapshotManifest(
                    park: options.origin.park, id: id, madeAt: options.clock.wallMilliseconds(),
                    schemaNumber: options.schema.schema.number,
                    schemaHash: schemaHash, vector: state.applied, heads: heads,
                    stateHash: StateHash.of(state, schema: options.schema.schema),
                    bytes: FileSystem.bytes(path), hash: try FileSystem.hash(path))
                return (manifest, try manifest.signed(by: options.identity))
            }
        } catch {
            FileSystem.removeDatabase(path)
            throw error
        }
    }
}
