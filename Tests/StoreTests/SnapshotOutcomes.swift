import ParkSyncStore
import Synchronization

@testable import ParkSyncFiles

/// What became of a snapshot when a test opened a store.
private let outcomes = Mutex<[ObjectIdentifier: SnapshotInstall.Outcome]>([:])

extension ParkStore {
    var snapshotOutcome: SnapshotInstall.Outcome? { outcomes.withLock { $0[ObjectIdentifier(self)] } }

    /// Opens a store as a node does, and remembers what came of a snapshot.
    static func opened(_ options: StoreOptions) throws -> ParkStore {
        let file = try NodeFile.open(options)
        outcomes.withLock { $0[ObjectIdentifier(file.store)] = file.snapshotOutcome }
        return file.store
    }
}
