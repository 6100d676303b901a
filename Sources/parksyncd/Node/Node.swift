import Crypto
import Foundation
import Logging
import ParkSyncCore
import ParkSyncCurl
import ParkSyncReplication
import ParkSyncServer
import ParkSyncStore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// One park's node: the store, the links to the peers and the listeners, started and stopped together.
struct Node {
    let configuration: NodeConfiguration
    let environment: [String: String]
    let logger: Logger

    /// How long a graceful stop waits for clients that do not finish, in seconds.
    static let stopSecondsMax: Int64 = 10
    /// How often it is looked whether the store that was closed has been let go of.
    static let releaseMilliseconds: UInt64 = 20

    /// Runs until SIGTERM or SIGINT, then stops in good order: no new requests, what is under way ends, the database is
    /// written back into one file.
    func run() async throws {
        let last = LastStore()
        while try await runOnce(last) {
            logger.notice("opening the node anew with the snapshot that has come")
            // Answers that are still on their way hold connections to the old database, which would keep it from being exchanged.
            let clock = RealClock()
            let limit = clock.monotonicMilliseconds() + UInt64(Self.stopSecondsMax) * 1_000
            while last.isAlive, clock.monotonicMilliseconds() < limit {
                try await clock.sleep(until: clock.monotonicMilliseconds() + Self.releaseMilliseconds)
            }
        }
    }

    /// - Returns: whether the node is to be opened anew.
    private func runOnce(_ last: LastStore) async throws -> Bool {
        let clock = RealClock()
        let store = try openStore(clock: clock)
        last.set(store)
        let loop = CurlLoop()
        let transport = CurlPeerTransport(loop: loop, own: configuration.park, peers: urls, tls: tls)
        let driver = makeDriver(store, transport, clock: clock)
        let phase = NodePhase()
        let notifier = SystemdNotifier(environment: environment)
        let restart = RestartFlag()
        var outcome: Result<Void, any Error> = .success(())
        do {
            let services = try makeServices(
                store, driver, transport, loop: loop, clock: clock, phase: phase, notifier: notifier, restart: restart)
            var group = ServiceGroupConfiguration(
                services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            group.maximumGracefulShutdownDuration = .seconds(Self.stopSecondsMax)
            group.maximumCancellationDuration = .seconds(Self.stopSecondsMax)
            try await ServiceGroup(configuration: group).run()
        } catch { outcome = .failure(error) }
        if !restart.isWanted { notifier.send("STOPPING=1") }
        loop.stop()
        try await store.close()
        try outcome.get()
        if !restart.isWanted { logger.notice("stopped") }
        return restart.isWanted
    }

    private func openStore(clock: any NodeClock) throws -> ParkStore {
        try NodeFiles.makeFolder(configuration.statePath)
        let isFirstStart = FileManager.default.fileExists(atPath: configuration.firstStartPath)
        let members = memberKeys
        let identity = try NodeFiles.identity(configuration.identityPath)
        guard members[configuration.park.name] == Array(identity.publicKey.rawRepresentation) else {
            throw ConfigurationError(
                "identity", "its public key is not that of the member \(configuration.park)",
                remedy: "Use this park's own key; its public key is \(identity.publicKey.rawRepresentation.base64EncodedString()).")
        }
        let store = try ParkStore(
            options(identity: identity, members: members, clock: clock, isFirstStart: isFirstStart))
        // From here on a database that is missing is one that was lost.
        if isFirstStart { try FileManager.default.removeItem(atPath: configuration.firstStartPath) }
        // The lock on the state folder is ours: a socket that is still there belongs to nobody.
        if let socket = configuration.socketPath, FileManager.default.fileExists(atPath: socket) {
            try FileManager.default.removeItem(atPath: socket)
        }
        return store
    }

    private var others: [NodeConfiguration.Member] { configuration.members.filter { $0.park != configuration.park.name } }
    private var urls: [String: String] { Dictionary(others.map { ($0.park, $0.url) }, uniquingKeysWith: { first, _ in first }) }
    private var tls: TLSFiles? { configuration.tls.map { TLSFiles(authority: $0.authority, certificate: $0.certificate, key: $0.key) } }
    private var memberKeys: [String: [UInt8]] {
        Dictionary(configuration.members.map { ($0.park, $0.publicKey) }, uniquingKeysWith: { first, _ in first })
    }

    private func options(
        identity: Curve25519.Signing.PrivateKey, members: [String: [UInt8]], clock: any NodeClock, isFirstStart: Bool
    ) throws -> StoreOptions {
        var options = StoreOptions(
            path: configuration.databasePath, origin: configuration.park, identity: identity, members: members,
            schema: try NodeFiles.schema(configuration.schemaPath), clock: clock, recoversWhenNew: !isFirstStart)
        // Without peers there is nobody to compare with, and nobody who could have more.
        options.checksHeads = members.count > 1
        return options
    }

    private func makeDriver(_ store: ParkStore, _ transport: CurlPeerTransport, clock: any NodeClock) -> ReplicationDriver {
        ReplicationDriver(
            log: store, transport: transport, clock: clock, peers: others.compactMap { OriginID($0.park) }, seed: UInt64.random(in: 0 ... .max),
            isRecovering: store.counts.isRecovering)
    }

    private func makeServices(
        _ store: ParkStore, _ driver: ReplicationDriver, _ transport: CurlPeerTransport, loop: CurlLoop, clock: any NodeClock, phase: NodePhase,
        notifier: SystemdNotifier, restart: RestartFlag
    ) throws -> [any Service] {
        let counters = ServerCounters()
        let feed = PeerFeedService(log: store, clock: clock) { driver.contacted(by: $0) }
        let retention = RetentionMonitor(store: store, statePath: configuration.statePath, clock: clock)
        let recovery = RecoveryService(store: store, driver: driver, configuration: configuration, clock: clock, logger: logger)
        let status = StatusBuilder(
            store: store, driver: driver, configuration: configuration, clock: clock, phase: phase, recovery: recovery, retention: retention,
            machine: MachineProbe(statePath: configuration.statePath), peerVersion: { transport.version(of: $0) })
        let api = StoreNodeAPI(
            store: store, status: status, recovery: recovery, links: NodeLinks(driver: driver, feed: feed),
            metricsText: MetricsText(counters: counters))
        let others = Set(others.map(\.park))
        let (fetching, gate) = (SnapshotFetching(peers: others), StartGate())
        let transfers = NodeTransfers(
            store: store, databasePath: configuration.databasePath, copies: CopyShelf(statePath: configuration.statePath, clock: clock),
            imports: ImportShelf(statePath: configuration.statePath, clock: clock),
            snapshots: SnapshotShelf(
                store: store, statePath: configuration.statePath, databasePath: configuration.databasePath, clock: clock),
            fetching: fetching, driver: driver, isPaused: { feed.isPaused($0) },
            backups: BackupMemory(statePath: configuration.statePath), clock: clock)
        let security: NodeServers.PeerSecurity =
            configuration.tls.map { .mutualTLS(certificateChain: $0.certificate, privateKey: $0.key, trustRoots: $0.authority) } ?? .plainLoopback
        let listeners = [
            configuration.socketPath != nil, configuration.localHTTP != nil, configuration.peerListen != nil, configuration.metricsListen != nil,
        ]
        .filter { $0 }.count
        let announcer = ReadyAnnouncer(listeners: listeners, notifier: notifier, logger: logger)
        let servers = NodeServers(
            NodeServers.Configuration(
                socketPath: configuration.socketPath, localTCP: configuration.localHTTP, peer: configuration.peerListen, peerSecurity: security,
                metrics: configuration.metricsListen),
            api: api, feed: feed, transfers: transfers, isMember: { others.contains($0) }, clock: clock, counters: counters,
            logger: Self.quiet(logger)
        ) { announcer.add($0) }
        var services: [any Service] = [
            ForeignWriteService(store: store, path: configuration.databasePath, clock: clock, logger: logger),
            HousekeepingService(store: store, clock: clock, logger: logger),
            RetentionService(store: store, monitor: retention, configuration: configuration, clock: clock, logger: logger),
            SnapshotService(
                store: store, driver: driver, configuration: configuration,
                candidate: SnapshotCandidate(origin: configuration.park, members: memberKeys, schema: try NodeFiles.schema(configuration.schemaPath)),
                peers: PeerSnapshots(loop: loop, park: configuration.park.name, peers: urls, tls: tls), fetching: fetching, gate: gate,
                restart: restart, clock: clock, logger: logger),
            recovery,
        ]
        if configuration.isArbiter { services.append(BookingService(store: store, park: configuration.park.name, clock: clock, logger: logger)) }
        if let watchdog = WatchdogService(environment: environment, notifier: notifier, clock: clock, isAlive: { await store.isAnswering() }) {
            services.append(watchdog)
        }
        services.append(ReplicationService(driver: driver, phase: phase, gate: gate))
        return services + (try servers.services())
    }

    /// Hummingbird reports each start and stop by itself; the node says it once, in its own words.
    private static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}

/// Says that the node is up when all its listeners are.
final class ReadyAnnouncer: Sendable {
    private let listeners: Int
    private let notifier: SystemdNotifier
    private let logger: Logger
    private let count = Mutex(0)

    init(listeners: Int, notifier: SystemdNotifier, logger: Logger) {
        self.listeners = listeners
        self.notifier = notifier
        self.logger = logger
    }

    func add(_ listening: NodeServers.Listening) {
        switch listening {
        case .localSocket(let path): logger.notice("listening", metadata: ["interface": "local", "socket": "\(path)"])
        case .localTCP(let address): logger.notice("listening", metadata: ["interface": "local", "address": "\(address.host):\(address.port)"])
        case .metrics(let address): logger.notice("listening", metadata: ["interface": "metrics", "address": "\(address.host):\(address.port)"])
        case .peer(let address, let isTLS):
            logger.notice("listening", metadata: ["interface": "peer", "address": "\(address.host):\(address.port)", "tls": "\(isTLS)"])
        }
        let isReady = count.withLock { count in
            count += 1
            return count == listeners
        }
        guard isReady else { return }
        notifier.send("READY=1")
        logger.notice("started")
    }
}
