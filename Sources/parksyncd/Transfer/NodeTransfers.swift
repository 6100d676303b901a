import ParkSyncCore
import ParkSyncServer
import ParkSyncStore
import ParkSyncWire

/// Whole files of the node: backups.
struct NodeTransfers: TransferServing {
    let store: ParkStore
    let databasePath: String
    let shelf: CopyShelf

    private var databaseBytes: UInt64 { ["", "-wal"].reduce(0) { $0 + FileSystem.bytes(databasePath + $1) } }

    func makeBackup() async throws -> BackupReport {
        try await withProblems {
            let (id, copy) = try await shelf.add(bytes: databaseBytes) { try await store.backup(to: $0) }
            return BackupReport(copy, id: id)
        }
    }

    func copy(_ id: String) async throws -> CopyFile { try await shelf.open(id) }
    func dropCopy(_ id: String) async { await shelf.drop(id) }
}

extension BackupReport {
    init(_ copy: VerifiedCopy, id: String?) {
        self.init(
            id: id, park: copy.park, bytes: copy.bytes, sha256: Hex.encode(copy.hash), vector: copy.vector.description,
            stateHash: Hex.encode(copy.stateHash), schemaNumber: copy.schemaNumber,
            heads: copy.heads.map { Head(origin: $0.origin.name, seq: $0.seq, hash: Hex.encode($0.hash)) },
            tables: copy.tables.map { NodeStatus.Table(name: $0.name, rows: $0.rows, digest: $0.digest.hex) })
    }
}
