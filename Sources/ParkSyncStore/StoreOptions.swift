import Crypto
import ParkSyncCore
import ParkSyncReplication

/// What a store is opened with.
package struct StoreOptions: Sendable {
    /// The SQLite file, a path or a `file:` URI. Its folder must exist.
    package var path: String
    /// The author of this node's entries.
    package var origin: OriginID
    /// Signs this node's heads.
    package var identity: Curve25519.Signing.PrivateKey
    /// Raw Ed25519 public keys (32 bytes) of all parks, this one included.
    package var members: [String: [UInt8]]
    /// Keys of parks that have left the zone without a fence: what they wrote is checked by them,
    /// and they count for nothing else.
    package var former: [String: [UInt8]] = [:]
    package var schema: CompiledSchema
    package var clock: any NodeClock
    /// Whether a file that did not exist before begins by fetching this node's own entries back
    /// from its peers.
    package var recoversWhenNew: Bool
    /// Whether the log of a file that is there is compared with what peers have of it before writes
    /// are accepted.
    package var checksHeads = false
    /// Whether a lock on a file beside the database keeps other processes off it. Not for a
    /// database that only this process can reach.
    package var locksFile: Bool
    /// The folder of the log's segments; nil for the one beside the database, which must be a file
    /// of the system then.
    package var archivePath: String?
    /// The length of the write-ahead log at which writes are refused while somebody keeps it from
    /// beginning anew.
    package var logBytesMax = Int64(LogLimits.logBytesMax)
    /// What the store's work runs on.
    package var makeQueue: @Sendable (StoreQueueRole) -> any StoreQueue = { DispatchStoreQueue($0) }
    /// What runs copies, snapshots and bundles.
    package var blockingWork = BlockingWork.onThreads
    /// The longest entry that this node takes and makes.
    package var entryBytesMax = CoreLimits.payloadBytesDefault
    /// See `MergeRule`: a node has no other.
    package var mergeRule = MergeRule.shipped

    package init(
        path: String, origin: OriginID, identity: Curve25519.Signing.PrivateKey, members: [String: [UInt8]],
        schema: CompiledSchema,
        clock: any NodeClock, recoversWhenNew: Bool = false, locksFile: Bool = true
    ) {
        self.path = path
        self.origin = origin
        self.identity = identity
        self.members = members
        self.schema = schema
        self.clock = clock
        self.recoversWhenNew = recoversWhenNew
        self.locksFile = locksFile
    }
}

extension StoreOptions {
    /// By which signatures are checked.
    package var keysByPark: [String: [UInt8]] { members.merging(former) { member, _ in member } }

    /// What may wait to be sealed.
    var budget: RowBudget { budget(schema.schema) }

    func budget(_ schema: SharedSchema) -> RowBudget { RowBudget(schema, entryBytesMax: entryBytesMax) }
}
