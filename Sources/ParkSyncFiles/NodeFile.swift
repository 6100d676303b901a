import ParkSyncReplication
import ParkSyncStore

/// A node's database, opened as the daemon and the commands for a node that is down do it: locked,
/// with its place taken by whatever was to take it, and then as a store.
package struct NodeFile: Sendable {
    package let store: ParkStore
    /// What became of a snapshot that waited to be taken as the database; nil if there was none.
    package let snapshotOutcome: SnapshotInstall.Outcome?

    /// - Throws: `StoreError`, `SchemaError`.
    package static func open(_ options: StoreOptions) throws -> NodeFile {
        guard options.locksFile else { return NodeFile(store: try ParkStore(options), snapshotOutcome: nil) }
        // Files are exchanged only under the lock.
        let lock = try StateLock(path: options.path + ".lock")
        try FileSwap.finish(options.path, label: FileSwap.label(options.clock.wallMilliseconds()))
        Restore.removeLeftovers(of: options.path)
        let outcome = try SnapshotInstall.consider(options)
        return NodeFile(store: try ParkStore(options, lock: lock), snapshotOutcome: outcome)
    }
}
