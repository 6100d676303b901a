import Crypto
import Foundation
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Synchronization

/// What the queue of a store shares with everybody else: what was made known last, what waits for
/// the queue, and the watches that look after it.
final class StoreBoard: Sendable {
    /// As of the newest commit that others may be told of.
    struct Known {
        var node: NodeState
        var state = StoreState()
        var counts = StoreCounts()
        var obstacles: [TableObstacleStatus] = []
        var membership = Membership()
        var zoneNews = ZoneNews()
        var keysByPark: [String: [UInt8]] = [:]
        fileprivate var rememberedKeys = 0
        var matched = MatchedEntries()
        fileprivate var observers: [UInt64: @Sendable () -> Void] = [:]
        fileprivate var nextObserver: UInt64 = 0
    }

    /// What waits for the queue.
    struct Inbox {
        var transactions: [WaitingTransaction] = []
        var slices: [WaitingSlice] = []
        var verifiedAhead: [OriginID: VerifiedEntries] = [:]
        var isDrainScheduled = false
        var mustEndApplying = false
    }

    let options: StoreOptions
    let schemaHash: [UInt8]
    let known: Mutex<Known>
    let inbox = Mutex(Inbox())
    let liveness = Liveness()
    let rowWatch = RowWatch()
    let logWatch = LogWatch()
    let logFigures: PublishedLogFigures
    let openFiles: OpenFiles
    let writeLock: WriteLock

    init(_ opened: StoreOpening.Opened, _ options: StoreOptions) {
        self.options = options
        schemaHash = Array(SHA256.hash(data: options.schema.schema.canonicalBytes))
        known = Mutex(Known(node: Self.nodeState(opened.state, options, schemaHash)))
        (logFigures, writeLock) = (opened.logKeeper.published, opened.writeLock)
        openFiles = OpenFiles(path: opened.logKeeper.path)
        let rows = opened.rows
        rowWatch.change { $0 = rows }
    }

    var schema: SharedSchema { options.schema.schema }
    var memberKeys: [String: [UInt8]] { known.withLock { $0.keysByPark } }
    var obstacles: [TableObstacleStatus] { known.withLock { $0.obstacles } }

    private static func nodeState(_ state: StoreState, _ options: StoreOptions, _ hash: [UInt8]) -> NodeState {
        NodeState(
            origin: state.origins[state.own].origin, schemaNumber: options.schema.schema.number, schemaHash: hash,
            applied: state.applied,
            logged: state.served,
            digest: state.digest)
    }

    /// Makes a committed state known to readers and observers.
    func publish(_ new: StoreState) {
        let node = Self.nodeState(new, options, schemaHash)
        let counts = StoreCounts(new, schema: schema)
        let (membership, news) = (new.membership(configured: options.members), ZoneNews(new))
        let listeners = known.withLock { known in
            (known.node, known.state, known.counts) = (node, new, counts)
            (known.membership, known.zoneNews) = (membership, news)
            if known.keysByPark.isEmpty || new.memberKeys.count != known.rememberedKeys {
                (known.rememberedKeys, known.keysByPark) = (
                    new.memberKeys.count, new.memberKeys.merging(options.keysByPark) { $1 }
                )
            }
            return known.observers.sorted { $0.key < $1.key }.map(\.value)
        }
        rowWatch.change { $0.suspected = new.watch.suspicions }
        for listener in listeners { listener() }
    }

    func observe(_ body: @escaping @Sendable () -> Void) -> ObservationToken {
        let id = known.withLock { known in
            known.nextObserver += 1
            known.observers[known.nextObserver] = body
            return known.nextObserver
        }
        return ObservationToken { [weak self] in self?.known.withLock { $0.observers[id] = nil } }
    }

    func isSigned(_ head: LogBranch.Head, of origin: OriginID) -> Bool {
        guard let raw = memberKeys[origin.park], let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
        else { return false }
        return key.isValidSignature(
            head.signature, for: EntryChain.headMessage(origin: origin, seq: head.seq, hash: head.hash))
    }
}
