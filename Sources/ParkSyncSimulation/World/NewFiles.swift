import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import Synchronization

/// Disks with a park's new file. Making a file costs more than many a history, so most worlds begin
/// with copies of files that the shipped store has made once.
enum NewFiles {
    /// All that a new file depends on: what is kept for one world must be what any other would
    /// make.
    private struct Name: Hashable {
        var kind: WorldWork.Kind
        var park: OriginID
        /// In order.
        var members: [String]
    }

    private static let made = Mutex<[Name: VirtualDisk.Snapshot]>([:])

    /// - Throws: what making the file throws.
    static func file(_ kind: WorldWork.Kind, _ park: SimulatedPark, schema: CompiledSchema, members: [String: [UInt8]])
        throws -> VirtualDisk.Snapshot
    {
        let name = Name(kind: kind, park: park.origin, members: members.keys.sorted())
        if let known = made.withLock({ $0[name] }) { return known }
        let disk = try World.makeDisk(seed: 1)
        try make(disk, park, schema, members)
        let snapshot = disk.snapshot()
        // Of two worlds that make it at a time, the first one's stays: a world that is run again
        // finds what it found before.
        return made.withLock { made in
            if let known = made[name] { return known }
            made[name] = snapshot
            return snapshot
        }
    }

    /// When it returns the store is gone, and the file is whole.
    private static func make(
        _ disk: VirtualDisk, _ park: SimulatedPark, _ schema: CompiledSchema, _ members: [String: [UInt8]]
    ) throws {
        var options = StoreOptions(
            path: disk.path(SimulatedPark.file), origin: park.origin, identity: park.identity, members: members,
            schema: schema,
            clock: ParkClock { 0 }, locksFile: false)
        options.makeQueue = { _ in WorkLane {} }
        _ = try ParkStore(options)
    }
}

extension WorldWork {
    func newFile(of park: SimulatedPark, members: [String: [UInt8]]) throws -> VirtualDisk.Snapshot {
        try NewFiles.file(kind, park, schema: compiled[0], members: members)
    }
}
