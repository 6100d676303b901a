import ParkSyncCore
import ParkSyncFiles
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore

/// Whole files that come and go: backups, bundles, snapshots.
struct NodeTransfers: TransferServing {
    let store: ParkStore
    let databasePath: String
    let copies: CopyShelf
    let imports: ImportShelf
    let snapshots: SnapshotShelf
    let fetching: SnapshotFetching
    let driver: ReplicationDriver
    let isPaused: @Sendable (String) -> Bool
    let backups: BackupMemory
    let clock: any NodeClock

    private var databaseBytes: UInt64 { ["", "-wal"].reduce(0) { $0 + FileSystem.bytes(databasePath + $1) } }

    func makeBackup() async throws -> BackupReport {
        try await withProblems {
            let (id, made) = try await copies.add(bytes: databaseBytes, isBackup: true) {
                try await store.backup(to: $0)
            }
            var report = made
            report.id = id
            return report
        }
    }

    func makeBundle(_ request: BundleRequest) async throws -> BundleReport {
        try await withProblems {
            var since = driver.reports().first { $0.peer.park == request.to }?.remote?.logged ?? VersionVector()
            if let text = request.since {
                guard let vector = VersionVector(parsing: text) else {
                    throw StoreError(
                        .invalidInput, "\(text) is not a vector",
                        remedy: "Write it as syncctl status does, as in 'south:12 west:7'.")
                }
                since = vector
            }
            let (id, made) = try await copies.add(bytes: databaseBytes) { [since] in
                try await store.exportBundle(to: request.to, before: since, path: $0)
            }
            var report = made
            report.id = id
            return report
        }
    }

    func copy(_ id: String) async throws -> CopyFile { try await copies.open(id) }
    func dropCopy(_ id: String, isKept: Bool) async throws {
        try await withProblems { if await copies.drop(id), isKept { try backups.note(clock.wallMilliseconds()) } }
    }

    func takeImport(_ id: String, offset: UInt64, _ bytes: [UInt8]) async throws {
        try await withProblems { try await imports.append(id, offset: offset, bytes) }
    }

    func importBundle(_ id: String) async throws -> ImportReport {
        try await withProblems {
            let path = try await imports.file(id)
            do {
                let report = try await store.importBundle(path)
                await imports.drop(id)
                return report
            } catch var error as StoreError {
                await imports.drop(id)
                error.reason = error.reason.replacing(path, with: "the bundle")
                throw error
            }
        }
    }

    func fetchSnapshot(_ request: SnapshotRequest) async throws -> SnapshotProgress { try fetching.ask(request) }
    func snapshotProgress() async -> SnapshotProgress { fetching.progress }

    func snapshotManifest(for park: String, entriesMin: UInt64) async throws -> [UInt8] {
        try checkLink(park)
        return try await withProblems { try await snapshots.manifest(entriesMin: entriesMin) }
    }

    func snapshot(_ id: String, for park: String) async throws -> CopyFile {
        try checkLink(park)
        return try await snapshots.open(id)
    }

    private func checkLink(_ park: String) throws { if isPaused(park) { throw PeerFeedService.paused(park) } }
}
