import Crypto
import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncFiles
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// One park's node: the store, the links to the peers and the listeners, started and stopped
/// together.
struct Node {
    let live: LiveConfiguration
    let environment: [String: String]
    let journal: Journal

    private var configuration: NodeConfiguration { live.current }

    /// How long a graceful stop waits for clients that do not finish, in seconds.
    static let stopSecondsMax: Int64 = 10
    /// How often it is looked whether the store that was closed has been let go of.
    static let releaseMilliseconds: UInt64 = 20

    /// Runs until SIGTERM or SIGINT, then stops in good order: no new requests, what is under way
    /// ends, the database is written back into one file.
    func run() async throws {
        // A reader of standard error, or a peer, that goes away must not end the node.
        signal(SIGPIPE, SIG_IGN)
        // Trapped before all else: a reload that comes early would end the process.
        let hangUps = await UnixSignalsSequence(trapping: .sighup)
        let notifier = SystemdNotifier(environment: environment)
        let reloads = Task { [live] in
            for await _ in hangUps { await notifier.whileReloading(RealClock()) { await live.reload() } }
        }
        defer { reloads.cancel() }
        let last = LastStore()
        while try await runOnce(last, notifier) {
            journal.write(.reopened)
            // Answers that are still on their way hold connections to the old database, which would
            // keep it from being exchanged.
            let clock = RealClock()
            let limit = clock.monotonicMilliseconds() + UInt64(Self.stopSecondsMax) * 1_000
            while last.isAlive, clock.monotonicMilliseconds() < limit {
                try await clock.sleep(until: clock.monotonicMilliseconds() + Self.releaseMilliseconds)
            }
        }
    }

    /// - Returns: whether the node is to be opened anew.
    private func runOnce(_ last: LastStore, _ notifier: SystemdNotifier) async throws -> Bool {
        let clock = RealClock()
        let file: NodeFile
        do { file = try openStore(clock: clock) } catch let damage as StoreError where damage.isOfFile {
            try await DamagedNode(
                configuration: configuration, damage: damage, notifier: notifier, journal: journal, clock: clock
            ).run(stopSecondsMax: Self.stopSecondsMax)
            return false
        } catch let full as StoreError where full.code == .diskFull {
            throw Self.full(configuration.statePath, full)
        }
        let store = file.store
        last.set(store)
        let loop = CurlLoop()
        let directory = PeerDirectory(urls: configuration.peerURLs, tls: configuration.curlFiles)
        let transport = CurlPeerTransport(loop: loop, own: configuration.park, directory: directory)
        let driver = makeDriver(store, transport, clock: clock)
        let phase = NodePhase()
        let restart = RestartFlag()
        var outcome: Result<Void, any Error> = .success(())
        do {
            let certificates = try configuration.tls.map {
                try PeerCertificates(PeerCertificates.Files($0), park: configuration.park.name)
            }
            live.attach(
                LiveConfiguration.Parts(certificates: certificates, directory: directory) { driver.reopen(park: $0) })
            let announcer = ReadyAnnouncer(
                listeners: configuration.listenersCount, origin: store.state().origin.name, notifier: notifier,
                journal: journal)
            let report = ServiceReport(
                listeners: { announcer.listeners }, urls: { directory.urls }, peerCertificates: certificates)
            let services = try makeServices(
                file, driver, transport, announcer, report, loop: loop, clock: clock, phase: phase, notifier: notifier,
                restart: restart)
            var group = ServiceGroupConfiguration(
                services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: LibraryLog.logger(journal, "lifecycle"))
            group.maximumGracefulShutdownDuration = .seconds(Self.stopSecondsMax)
            group.maximumCancellationDuration = .seconds(Self.stopSecondsMax)
            try await ServiceGroup(configuration: group).run()
        } catch { outcome = .failure(error) }
        live.attach(nil)
        if !restart.isWanted { notifier.send("STOPPING=1") }
        loop.stop()
        try await store.close()
        try outcome.get()
        if !restart.isWanted { journal.write(.stopped) }
        return restart.isWanted
    }

    /// For a node that cannot start: which disk it is, and that nothing else is wrong.
    private static func full(_ folder: String, _ error: StoreError) -> StoreError {
        let free = (try? FileSystem.freeBytes(folder)).map { "\($0) bytes are free" } ?? "its free bytes cannot be told"
        return StoreError(
            .diskFull, "the node cannot start: the disk of \(folder) is full, \(free) (\(error.reason))",
            remedy:
                """
                Free disk space there; nothing that was acknowledged is lost. systemd tries it again by itself, \
                otherwise start it then.
                """
        )
    }

    private func openStore(clock: any NodeClock) throws -> NodeFile {
        try NodeFiles.makeFolder(configuration.statePath)
        let isFirstStart = FileManager.default.fileExists(atPath: configuration.firstStartPath)
        let members = memberKeys
        let identity = try NodeFiles.identity(configuration.identityPath)
        guard members[configuration.park.name] == Array(identity.publicKey.rawRepresentation) else {
            throw ConfigurationError(
                "identity", "its public key is not that of the member \(configuration.park)",
                remedy:
                    """
                    Use this park's own key; its public key is \
                    \(identity.publicKey.rawRepresentation.base64EncodedString()).
                    """
            )
        }
        let file = try NodeFile.open(
            options(identity: identity, members: members, clock: clock, isFirstStart: isFirstStart))
        // From here on a database that is missing is one that was lost.
        if isFirstStart { try FileManager.default.removeItem(atPath: configuration.firstStartPath) }
        return file
    }

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
        options.entryBytesMax = configuration.entryBytesMax
        options.former = configuration.formerKeys
        return options
    }

    private func makeDriver(_ store: ParkStore, _ transport: CurlPeerTransport, clock: any NodeClock)
        -> ReplicationDriver
    {
        let links = LinkJournal(journal: journal, clock: clock)
        return ReplicationDriver(
            log: store, transport: transport, clock: clock,
            peers: configuration.others.compactMap { OriginID($0.park) },
            seed: UInt64.random(in: 0 ... .max), isRecovering: store.counts.isRecovering,
            entryBytesMax: configuration.entryBytesMax
        ) { links.note($0) }
    }

    private func makeServices(
        _ file: NodeFile, _ driver: ReplicationDriver, _ transport: CurlPeerTransport, _ announcer: ReadyAnnouncer,
        _ report: ServiceReport, loop: CurlLoop, clock: any NodeClock, phase: NodePhase, notifier: SystemdNotifier,
        restart: RestartFlag
    ) throws -> [any Service] {
        let store = file.store
        let counters = ServerCounters()
        let feed = PeerFeedService(log: store, clock: clock, refusal: { driver.refusal(of: $0, from: $1) }) {
            driver.contacted(by: $0, as: $1)
        }
        let retention = RetentionMonitor(store: store, statePath: configuration.statePath)
        let recovery = RecoveryService(
            store: store, driver: driver, configuration: configuration, clock: clock, journal: journal)
        let arbiter = ArbiterMonitor(clock: clock)
        let desk = configuration.isArbiter ? makeDesk(store, arbiter, clock: clock) : nil
        let status = StatusBuilder(
            store: store, driver: driver, configuration: configuration, clock: clock, phase: phase, recovery: recovery,
            retention: retention, machine: MachineProbe(statePath: configuration.statePath),
            peerSoftware: { transport.software(of: $0) }, service: report, arbiter: arbiter)
        let exclusion = ExclusionService(store: store, driver: driver, clock: clock, journal: journal)
        let api = StoreNodeAPI(
            store: store, status: status, recovery: recovery, exclusion: exclusion,
            links: NodeLinks(driver: driver, feed: feed),
            statements: StatementWatch(journal: journal, clock: clock) { [live] in live.current.slowMilliseconds },
            metricsText: MetricsText(traffic: { counters.snapshot() }, refusals: { [journal] in journal.refusals }))
        let fetching = SnapshotFetching(peers: Set(configuration.others.map(\.park)))
        let gate = StartGate()
        let transfers = makeTransfers(store, driver, feed, fetching, clock: clock)
        let servers = makeServers(
            store, api, feed, transfers, announcer, report, clock: clock, counters: counters)
        var services: [any Service] = [
            NodeService(
                store: store, path: configuration.databasePath, retention: configuration.retentionSchedule,
                monitor: retention, policy: configuration.archivePolicy, desk: desk,
                watcher: StatusWatcher(status: status, journal: journal), clock: clock, journal: journal),
            RowVerificationService(store: store, clock: clock, journal: journal),
            SnapshotService(
                store: store, outcome: file.snapshotOutcome, driver: driver, configuration: configuration,
                candidate: SnapshotCandidate(
                    origin: configuration.park,
                    members: memberKeys.merging(configuration.formerKeys) { member, _ in member },
                    schema: try NodeFiles.schema(configuration.schemaPath), entryBytesMax: configuration.entryBytesMax),
                peers: PeerSnapshots(loop: loop, park: configuration.park.name, directory: transport.directory),
                fetching: fetching, gate: gate, restart: restart, clock: clock, journal: journal),
            recovery, exclusion,
        ]
        if let watchdog = WatchdogService(
            environment: environment, notifier: notifier, clock: clock, isAlive: { await store.isAnswering() })
        {
            services.append(watchdog)
        }
        services.append(DamageService(store: store, driver: driver, feed: feed, clock: clock))
        services.append(ReplicationService(driver: driver, phase: phase, gate: gate))
        return services + (try servers.services())
    }

    /// Nil if the tables are not the catalogue's: then there is nothing to decide on.
    private func makeDesk(_ store: ParkStore, _ monitor: ArbiterMonitor, clock: any NodeClock) -> CatalogueDesk? {
        CatalogueDesk(
            store: store, park: configuration.park.name, clock: clock, random: { UInt64.random(in: 0 ... .max) },
            monitor: monitor
        ) { [journal] in journal.tell($0) }
    }

    private func makeTransfers(
        _ store: ParkStore, _ driver: ReplicationDriver, _ feed: PeerFeedService, _ fetching: SnapshotFetching,
        clock: any NodeClock
    ) -> NodeTransfers {
        let (statePath, databasePath) = (configuration.statePath, configuration.databasePath)
        return NodeTransfers(
            store: store, databasePath: databasePath, copies: CopyShelf(statePath: statePath, clock: clock),
            imports: ImportShelf(statePath: statePath, clock: clock),
            snapshots: SnapshotShelf(store: store, statePath: statePath, databasePath: databasePath, clock: clock),
            fetching: fetching, driver: driver, isPaused: { feed.isPaused($0) },
            backups: BackupMemory(statePath: statePath), clock: clock)
    }

    private func makeServers(
        _ store: ParkStore, _ api: StoreNodeAPI, _ feed: PeerFeedService, _ transfers: NodeTransfers,
        _ announcer: ReadyAnnouncer, _ report: ServiceReport, clock: any NodeClock, counters: ServerCounters
    ) -> NodeServers {
        let others = Set(configuration.others.map(\.park))
        return NodeServers(
            NodeServers.Configuration(
                socketPath: configuration.socketPath, socketNote: configuration.socketNotePath,
                localTCP: configuration.localTCP, peer: configuration.peerListen.map { NodeServers.Address($0) },
                peerSecurity: report.peerCertificates.map { .mutualTLS($0) } ?? .plainLoopback,
                metrics: configuration.metricsListen.map { NodeServers.Address($0) }, access: configuration.access,
                software: NodeSoftware(version: SoftwareVersion.current, sqliteVersion: SQLiteLibrary.version)),
            api: api, feed: feed, transfers: transfers,
            isMember: { others.contains($0) || store.membership().fenced.contains($0) },
            clock: clock, counters: counters, logger: LibraryLog.logger(journal, "server"),
            onNotice: { announcer.note($0) }
        ) { announcer.add($0) }
    }
}
