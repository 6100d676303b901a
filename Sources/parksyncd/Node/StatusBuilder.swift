import Foundation
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import Synchronization

/// Puts together what the node knows of itself and of its peers. Only what was really seen: what is
/// not known is left out.
struct StatusBuilder: Sendable {
    let store: ParkStore
    let driver: ReplicationDriver
    let configuration: NodeConfiguration
    let clock: any NodeClock
    let phase: NodePhase
    let recovery: RecoveryService
    let retention: RetentionMonitor
    let machine: MachineProbe
    /// The software that a park's node has named last.
    let peerSoftware: @Sendable (String) -> NodeSoftware?
    let service: ServiceReport
    let arbiter: ArbiterMonitor
    let damageMemory = DamageMemory()

    func build() async throws -> NodeStatus {
        let found = FoundDamage()
        let (unsealedRows, state) = try await SealedLook.look {
            try await read(0, found) { try await store.unsealedRows() }
        } state: {
            store.state()
        }
        let counts = store.counts
        let fenced = store.membership().fenced
        let reports = PeerFigures.counting(driver.reports(), fenced: fenced)
        let peers = try await peers(reports, state)
        var status = NodeStatus(
            park: configuration.park.name, origin: state.origin.name, phase: phase.current(counts.ownLog),
            version: SoftwareVersion.current,
            schemaNumber: state.schemaNumber, schemaHash: Hex.encode(state.schemaHash),
            applied: state.applied.description,
            logged: state.logged.description,
            // Entries without a valid number count as the rows that they are made of: not sealed.
            unsealedRows: unsealedRows + Int64(clamping: counts.tentativeEntries), conflicts: counts.conflicts,
            tables: counts.tables,
            digestVector: (state.digest?.vector ?? VersionVector()).description,
            digest: state.digest.map { Hex.encode($0.hash) } ?? "",
            stuck: StuckList.of(store.stuck, store.quarantined, ClockRemedy(reports, fenced: fenced))
                + driver.tooLong().map {
                    NodeStatus.Stuck(
                        origin: $0.origin.name, seq: $0.seq, state: .held, code: StuckCause.Code.tooLong.rawValue,
                        cause: $0.cause, remedy: $0.remedy)
                },
            peers: peers, databaseBytes: databaseBytes(), now: clock.wallMilliseconds())
        status.fence = counts.fenced.map { "\($0.reason). \($0.remedy)" }
        status.retention = retention.latest
        status.database = store.databaseStatus
        // The log of a damaged database is not looked at; that it is damaged is told below.
        let future: FutureStanding? = try await read(nil, found) { try await store.futureStamps() }
        (status.futureStamps, status.reissuePossibleAt) = (future?.stamps, future?.possibleAt)
        status.check = recovery.check()
        status.machine = machine.look()
        status.arbiter = arbiter.current
        let obstacles = store.obstacles
        status.tableObstacles = obstacles.isEmpty ? nil : obstacles
        status.rows = store.rowsStatus
        status.forks = try await read([], found) { try await store.firstForks() }
        if let damage = store.damage ?? found.first {
            status.damage = DamageStatus(
                cause: damage.reason, remedy: damage.remedy, since: damageMemory.since(clock.wallMilliseconds()))
            status.phase = .damaged
        } else {
            damageMemory.clear()
        }
        let refused = store.refusedRows
        status.refusedRows = refused.count > 0 ? refused : nil
        status.listeners = service.listeners()
        status.certificates = service.certificates()
        return status
    }

    /// What is read from the file; `instead` if that fails because the file is damaged, which is
    /// told then.
    private func read<T: Sendable>(_ instead: T, _ found: FoundDamage, _ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let error as StoreError {
            let damage = await store.lookedForDamage()
            guard let damage = damage ?? (error.isOfFile ? error : nil) else { throw error }
            found.note(damage)
            return instead
        }
    }

    /// By how much this node's clock differs from its peers', if it is the one that is wrong.
    var ownClockOffset: Int64? { ClockRemedy(driver.reports()).ownOffset }

    private func peers(_ reports: [PeerReport], _ state: NodeState) async throws -> [NodeStatus.Peer] {
        let figures = PeerFigures(own: state, stuck: store.stuck, membership: store.membership(), clock: clock)
        let urls = service.urls()
        var peers: [NodeStatus.Peer] = []
        for report in reports {
            let park = report.peer.park
            var peer = figures.peer(report, url: urls[park] ?? "", software: peerSoftware(park))
            if let had = figures.lacksOwn(report) {
                peer.theyNeedSince = try await Self.since { try await store.timeWritten(state.origin, after: had) }
            }
            peers.append(peer)
        }
        return peers
    }

    /// When the oldest entry was written that a peer lacks; nil if nothing tells: its file is lost,
    /// which is told elsewhere, or the database is damaged, which is told as well.
    static func since(_ read: () async throws -> WrittenTime) async throws -> UInt64? {
        do {
            switch try await read() {
            case .at(let time): return time
            case .lost, .notLogged: return nil
            }
        } catch let error as StoreError where error.isOfFile { return nil }
    }

    /// The database file and its write-ahead log. 0 for a file that is not there.
    func databaseBytes() -> Int64 {
        ["", "-wal"].reduce(0) { sum, suffix in
            let attributes = try? FileManager.default.attributesOfItem(atPath: configuration.databasePath + suffix)
            return sum + ((attributes?[.size] as? NSNumber)?.int64Value ?? 0)
        }
    }
}

/// Two looks at what programs wrote, while it is being sealed.
enum SealedLook {
    /// Unsealed rows are asked for first: what is sealed between the two looks is then in both. The
    /// other way round it would be in neither, and a status would leave out what was written before
    /// it was asked for.
    static func look<State>(unsealed: () async throws -> Int64, state: () async throws -> State) async rethrows -> (
        unsealed: Int64, state: State
    ) {
        let rows = try await unsealed()
        return (rows, try await state())
    }
}

/// Whether the node is about to stop.
final class NodePhase: Sendable {
    private let isStopping = Atomic(false)

    func stop() { isStopping.store(true, ordering: .relaxed) }

    func current(_ log: OwnLog) -> NodeStatus.Phase {
        if isStopping.load(ordering: .relaxed) { return .stopping }
        return switch log {
        case .writing: .ready
        case .checking: .checking
        case .fetching: .recovering
        case .fenced: .fenced
        }
    }
}

/// What looking at the file for one status has found to be damaged.
private final class FoundDamage: Sendable {
    private let found = Mutex<StoreError?>(nil)

    var first: StoreError? { found.withLock { $0 } }
    func note(_ damage: StoreError) { found.withLock { if $0 == nil { $0 = damage } } }
}

/// Since when the database has been found damaged.
final class DamageMemory: Sendable {
    private let since = Mutex<UInt64?>(nil)

    func since(_ now: UInt64) -> UInt64 {
        since.withLock { since in
            let first = since ?? now
            since = first
            return first
        }
    }

    func clear() { since.withLock { $0 = nil } }
}
