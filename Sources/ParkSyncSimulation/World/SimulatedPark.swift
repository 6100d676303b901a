import Crypto
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncStore

/// One node of a world: its disk and clock, and while it runs, its store, other programs and what
/// its services are about.
final class SimulatedPark: @unchecked Sendable {
    // Confined to one thread.
    let index: Int
    let origin: OriginID
    let identity: Curve25519.Signing.PrivateKey
    let disk: VirtualDisk
    let clock: ParkClock
    /// How many schema files are installed.
    var schemas = 1
    /// Whether each schema file comes with software that speaks another version of the peer
    /// protocol.
    let upgradesSoftware: Bool
    /// 0 for the software of the beginning.
    var software: Int { upgradesSoftware ? schemas - 1 : 0 }
    /// Nil while the node is down.
    var store: ParkStore?
    var writing: WorkLane?
    var verifying: WorkLane?
    /// What its readers and copies do, at commands only.
    var reading: WorkLane?
    var observation: ObservationToken?
    /// Counts starts and ends: what was planned in an earlier life does not happen.
    var life: UInt64 = 0
    /// Whether the operator wants it to run.
    var isWanted = true
    /// Whether it ran before: a file that is missing then was lost.
    var hasRun = false
    /// The newest copy of its file that somebody keeps, and the one that another machine would go
    /// on with.
    var backup: FileCopy?
    var clone: FileCopy?
    var swaps = 0
    /// Somebody changes something about its file until then.
    var handledUntil: UInt64 = 0
    /// What another park did while this one was down, for its operator.
    var lieToTell: PeerLie?
    /// The branch of its own log that it fetches, as it was first seen.
    var branchSeen: BranchSeen?
    /// Whether its file was exchanged for an old copy, not lost.
    var wasPutBack = false
    /// Its disk says yes to syncs and keeps nothing.
    var isLiedTo = false
    /// Power has failed while it did, and nobody has looked at the file since.
    var hasLostSyncs = false
    /// The store has published something that was not looked at.
    var hasNews = false
    /// Another program in the middle of a transaction.
    var program: SQLiteFile?
    var programMark: String?
    /// Its connection between two transactions.
    var idleProgram: SQLiteFile?
    /// Reads the file beside the store.
    var witness: SQLiteFile?

    // What a node's services keep.
    var driver: NodeDriver?
    var desk: CatalogueDesk?
    var verifier: VerificationDriver?

    static let file = "parksync.sqlite"
    /// Where its segments lie; nil before its first start.
    var archivePath: String?
    /// What SQLite opens in the present life of the machine.
    var path: String { disk.path(Self.file) }
    var hasFile: Bool { disk.files.contains { $0.name == Self.file } }

    init(index: Int, origin: OriginID, disk: VirtualDisk, clock: ParkClock, upgradesSoftware: Bool) throws {
        self.upgradesSoftware = upgradesSoftware
        self.index = index
        self.origin = origin
        self.disk = disk
        self.clock = clock
        // The same keys in all histories: what is random about a key is not what is tested.
        identity = try Curve25519.Signing.PrivateKey(rawRepresentation: Array(repeating: UInt8(1 + index), count: 32))
    }
}
