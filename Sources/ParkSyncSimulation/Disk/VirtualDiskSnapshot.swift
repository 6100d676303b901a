import CFaultVFS

extension VirtualDisk {
    /// All files as they were at one moment: yesterday's backup. Shares its content with the disk
    /// until that changes.
    package final class Snapshot: @unchecked Sendable {
        // Never changes; the counts of the shared blocks are atomic.
        fileprivate let raw: OpaquePointer
        fileprivate init(_ raw: OpaquePointer) { self.raw = raw }
        deinit { parksync_disk_snapshot_release(raw) }
    }

    /// Copies every file as it is now, as an operator copies the database with its write-ahead log
    /// in one moment.
    package func snapshot() -> Snapshot { Snapshot(parksync_disk_take(raw)) }

    /// Makes the snapshot's files, durable, the only ones. Ends every process of the machine, as
    /// `kill` does.
    package func restore(_ snapshot: Snapshot) { parksync_disk_restore(raw, snapshot.raw) }

    /// A disk for another machine with the same files.
    ///
    /// - Throws: `VirtualDiskError` as `init` does.
    package func clone(name: String, seed: UInt64, model: Model = Model()) throws -> VirtualDisk {
        let made = try VirtualDisk(name: name, seed: seed, model: model)
        made.restore(snapshot())
        return made
    }
}
