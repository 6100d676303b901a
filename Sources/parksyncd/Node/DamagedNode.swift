import Foundation
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore
import ServiceLifecycle
import UnixSignals

/// A node whose database is damaged: it says so to everybody who asks, and does nothing else. To
/// end it would have systemd start it again and again, and tell the operator nothing.
struct DamagedNode {
    let configuration: NodeConfiguration
    let damage: StoreError
    let notifier: SystemdNotifier
    let journal: Journal
    let clock: any NodeClock

    /// Runs until the node is stopped.
    func run(stopSecondsMax: Int64) async throws {
        journal.write(.databaseDamaged(damage))
        let counters = ServerCounters()
        let announcer = ReadyAnnouncer(
            listeners: configuration.damagedListenersCount, origin: configuration.park.name, notifier: notifier,
            journal: journal)
        let api = DamagedAPI(
            configuration: configuration, damage: damage, clock: clock, since: clock.wallMilliseconds(),
            metricsText: MetricsText(traffic: { counters.snapshot() }, refusals: { [journal] in journal.refusals }))
        let servers = NodeServers(
            NodeServers.Configuration(
                socketPath: configuration.socketPath, socketNote: configuration.socketNotePath,
                localTCP: configuration.localTCP, peer: nil,
                peerSecurity: .plainLoopback,
                metrics: configuration.metricsListen.map { NodeServers.Address($0) }, access: configuration.access,
                software: NodeSoftware(version: SoftwareVersion.current, sqliteVersion: SQLiteLibrary.version)),
            api: api, feed: NoFeed(), isMember: { _ in false }, clock: clock, counters: counters,
            logger: LibraryLog.logger(journal, "server"),
            onNotice: { announcer.note($0) }
        ) { announcer.add($0) }
        var services = try servers.services()
        // Systemd's watchdog asks whether the process lives, and it does.
        let environment = ProcessInfo.processInfo.environment
        if let watchdog = WatchdogService(environment: environment, notifier: notifier, clock: clock, isAlive: { true })
        {
            services.append(watchdog)
        }
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: LibraryLog.logger(journal, "lifecycle"))
        group.maximumGracefulShutdownDuration = .seconds(stopSecondsMax)
        group.maximumCancellationDuration = .seconds(stopSecondsMax)
        try await ServiceGroup(configuration: group).run()
        notifier.send("STOPPING=1")
        journal.write(.stopped)
    }
}

/// Serves nobody: a damaged log is no evidence.
private struct NoFeed: PeerFeedServing {
    func serve(request: [UInt8], from park: String, send: @escaping @Sendable ([UInt8]) async throws -> Void)
        async throws
    {
        throw DamageService.refusal
    }
}

/// Answers with the status, and refuses everything else.
struct DamagedAPI: NodeAPI {
    let configuration: NodeConfiguration
    let damage: StoreError
    let clock: any NodeClock
    let since: UInt64
    let metricsText: MetricsText

    func status() async throws -> NodeStatus {
        var status = NodeStatus(
            park: configuration.park.name, origin: configuration.park.name, phase: .damaged,
            version: SoftwareVersion.current, schemaNumber: 0,
            schemaHash: "", applied: "-", logged: "-", unsealedRows: 0, conflicts: 0, tables: [], digestVector: "-",
            digest: "", stuck: [], peers: [],
            databaseBytes: Int64(clamping: FileSystem.bytes(configuration.databasePath)), now: clock.wallMilliseconds())
        status.damage = DamageStatus(cause: damage.reason, remedy: damage.remedy, since: since)
        return status
    }

    func metrics() async throws -> String { metricsText.render(try await status()) }
    func readiness() -> Readiness { .notReady(reason: damage.reason) }

    private func refuse<T>() throws -> T {
        throw ProblemDetails(
            code: "damaged", title: "The database is damaged", status: 500, detail: damage.reason, remedy: damage.remedy
        )
    }

    func transact(_ request: TransactionRequest) async throws -> TransactionResult { try refuse() }
    func query(
        _ request: QueryRequest, head: @escaping @Sendable ([String]) async throws -> Void,
        row: @escaping @Sendable ([JSONValue]) async throws -> Void
    ) async throws -> Int { try refuse() }
    func blame(table: String, key: [JSONValue]) async throws -> BlameReport { try refuse() }
    func conflicts(limit: Int, includesEqual: Bool) async throws -> [ConflictReport] { try refuse() }
    func confirm(_ request: ConfirmationRequest) async throws -> ConfirmationReport { try refuse() }
    func entries(origin: String?, after: UInt64?, limit: Int, withChanges: Bool) async throws -> [EntryReport] {
        try refuse()
    }
    func verify() async throws -> VerifyReport { try refuse() }
    func verifyRows(_ request: RowVerifyRequest) async throws -> RowVerifyReport { try refuse() }
    func repair(_ request: RepairRequest) async throws -> RepairReport { try refuse() }
    func refused(limit: Int) async throws -> [RefusedRowReport] { try refuse() }
    func dropRefused(_ request: DropRefusedRequest) async throws -> DropRefusedReport { try refuse() }
    func forks(limit: Int) async throws -> [ForkReport] { try refuse() }
    func acceptWrites(reason: String) async throws { try refuse() as Void }
    func subscribe(after vector: String?, tables: [String]) async throws -> AsyncThrowingStream<
        SubscriptionEvent, any Error
    > { try refuse() }
    func setLink(park: String, paused: Bool) async throws { try refuse() as Void }
    func compact(_ request: CompactRequest, author: String) async throws -> CompactReport { try refuse() }
    func fence(park: String, lift: Bool, author: String) async throws -> FenceReport { try refuse() }
    func reissue(_ request: ReissueRequest) async throws -> ReissueReport { try refuse() }
}
