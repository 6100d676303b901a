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
struct DamagedAPI: RefusingNode {
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

    var refusal: any Error {
        ProblemDetails(
            code: "damaged", title: "The database is damaged", status: 500, detail: damage.reason, remedy: damage.remedy
        )
    }
}
