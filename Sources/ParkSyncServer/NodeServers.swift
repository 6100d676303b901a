import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire
import ServiceLifecycle

/// The node's HTTP listeners: the local API for the programs of the park, the peer interface for
/// the other parks.
///
/// Each listener is a `Service` for the daemon's `ServiceGroup`. The group needs a
/// `maximumGracefulShutdownDuration`: a client that does not read keeps its listener from ending by
/// itself.
package struct NodeServers {
    package struct Configuration: Sendable {
        /// Path of the local API's Unix socket; nil for none.
        package var socketPath: String?
        /// Where the node notes which socket it has made; nil if it leaves none behind.
        package var socketNote: String?
        /// The local API over TCP; nil for none.
        package var localTCP: LocalTCP?
        /// Address of the peer interface; nil for none.
        package var peer: Address?
        package var peerSecurity: PeerSecurity
        /// Address at which figures, and nothing else, may be read without authentication; nil for
        /// none.
        package var metrics: Address?
        /// Who may do what over the local listeners.
        package var access: LocalAccess
        /// What is told to peers, and to nobody else.
        package var software: NodeSoftware
        package init(
            socketPath: String?, socketNote: String? = nil, localTCP: LocalTCP?, peer: Address?,
            peerSecurity: PeerSecurity,
            metrics: Address? = nil, access: LocalAccess,
            software: NodeSoftware = NodeSoftware(version: SoftwareVersion.current, sqliteVersion: nil)
        ) {
            self.software = software
            self.socketPath = socketPath
            self.socketNote = socketNote
            self.localTCP = localTCP
            self.peer = peer
            self.peerSecurity = peerSecurity
            self.metrics = metrics
            self.access = access
        }
    }

    package struct Address: Hashable, Sendable {
        package var host: String
        /// 0 lets the system choose one; `Listening` tells which.
        package var port: Int
        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// Where the local API is over TCP, and what lets programs in: there is no such listener
    /// without tokens.
    package struct LocalTCP: Hashable, Sendable {
        /// On loopback.
        package var address: Address
        package var tokens: LocalTokens
        package init(address: Address, tokens: LocalTokens) { (self.address, self.tokens) = (address, tokens) }
    }

    /// How peers are told apart.
    package enum PeerSecurity: Sendable {
        /// Both ends show certificates of the zone's authority.
        case mutualTLS(PeerCertificates)
        /// The peer's word is taken. Only on a loopback address.
        case plainLoopback
    }

    /// A listener that is ready, with the port it really has.
    package enum Listening: Hashable, Sendable {
        case localSocket(path: String)
        case localTCP(Address)
        case peer(Address, isTLS: Bool)
        case metrics(Address)
    }

    /// Most connections of each listener; further ones wait in the system's queue.
    static let localConnectionsMax = 1_024
    /// Beyond what `ConnectionTable` allows to strangers and to a zone's parks.
    static let peerConnectionsMax = 1_024
    static let metricsConnectionsMax = 16
    /// A connection is closed when no request, or no more of one, came for so long.
    static let idleSeconds: Int64 = 75
    /// The system's limit of a Unix socket's path.
    static let socketPathBytesMax = 107

    private let configuration: Configuration
    private let api: any NodeAPI
    private let feed: any PeerFeedServing
    private let transfers: (any TransferServing)?
    private let isMember: @Sendable (String) -> Bool
    private let clock: any NodeClock
    private let counters: ServerCounters
    private let subscriptions: SubscriptionSlots
    private let budget = BodyBudget()
    private let logger: Logger
    private let onListening: @Sendable (Listening) -> Void
    private let onNotice: @Sendable (ServerNotice) -> Void

    /// - Parameters:
    ///   - transfers: makes and takes whole files; nil leaves their routes out.
    ///   - isMember: whether a park is a configured peer.
    ///   - subscriptionsMax: most change subscriptions at a time, of all local listeners together.
    ///   - onNotice: told what belongs into the node's journal; must not block.
    ///   - onListening: called once for each listener when it accepts connections.
    package init(
        _ configuration: Configuration, api: any NodeAPI, feed: any PeerFeedServing,
        transfers: (any TransferServing)? = nil,
        isMember: @escaping @Sendable (String) -> Bool,
        clock: any NodeClock, counters: ServerCounters, logger: Logger,
        subscriptionsMax: Int = LocalLimits.subscriptionsMax,
        onNotice: @escaping @Sendable (ServerNotice) -> Void = { _ in },
        onListening: @escaping @Sendable (Listening) -> Void
    ) {
        self.configuration = configuration
        self.api = api
        self.feed = feed
        self.transfers = transfers
        self.isMember = isMember
        self.clock = clock
        self.counters = counters
        self.subscriptions = SubscriptionSlots(limit: subscriptionsMax, counters: counters)
        self.logger = logger
        self.onListening = onListening
        self.onNotice = onNotice
    }

    /// The configured listeners. Each may be run once.
    /// - Throws: `ServerStartError` when an address must not be used. One that cannot be used now
    ///   is tried again by the services' `run`.
    package func services() throws -> [any Service] {
        var services: [any Service] = []
        if let path = configuration.socketPath { services.append(try localSocket(path)) }
        if let local = configuration.localTCP { services.append(try localTCP(local)) }
        if let address = configuration.peer { services.append(try peer(address)) }
        if let address = configuration.metrics { services.append(metrics(address)) }
        return services
    }

    private func localSocket(_ path: String) throws -> any Service {
        guard (1...Self.socketPathBytesMax).contains(path.utf8.count) else {
            throw ServerStartError(
                "the path of the local socket, \(path), is empty or longer than \(Self.socketPathBytesMax) bytes",
                remedy: "Configure a shorter path.")
        }
        return listener(
            "local-socket", router: localRouter(tokens: nil), address: .unixDomainSocket(path: path), place: path,
            socket: SocketFile(path: path, note: configuration.socketNote),
            server: .http1(configuration: Self.localHTTP1(isTCP: false)), connectionsMax: Self.localConnectionsMax
        ) { _ in .localSocket(path: path) }
    }

    private func localTCP(_ local: LocalTCP) throws -> any Service {
        let address = local.address
        guard Loopback.isHost(address.host) else {
            throw ServerStartError(
                "the local API is not encrypted and must not listen on \(address.host)",
                remedy: "Use 127.0.0.1 or ::1, or only the Unix socket.")
        }
        return listener(
            "local-http", router: localRouter(tokens: local.tokens), address: Self.bindAddress(address),
            place: "\(address.host):\(address.port)",
            socket: nil,
            server: .http1(configuration: Self.localHTTP1(isTCP: true)), connectionsMax: Self.localConnectionsMax
        ) { .localTCP(Address(host: address.host, port: $0 ?? address.port)) }
    }

    private func peer(_ address: Address) throws -> any Service {
        let server: HTTPServerBuilder
        let isTLS: Bool
        switch configuration.peerSecurity {
        case .plainLoopback:
            guard Loopback.isHost(address.host) else {
                throw ServerStartError(
                    "the peer interface without TLS must not listen on \(address.host)",
                    remedy: "Configure TLS, or a loopback address for a trial on one machine.")
            }
            (server, isTLS) = (.http1(configuration: Self.http1), false)
        case .mutualTLS(let certificates):
            let wallSeconds: @Sendable () -> Int64 = { [clock] in Int64(clamping: clock.wallMilliseconds() / 1_000) }
            server = .peerTLS(Self.http1, certificates: certificates, wallSeconds: wallSeconds) {
                [onNotice] address, reason in
                onNotice(.strangerRefused(address: address, reason: reason))
            }
            isTLS = true
        }
        let router = NodeRouter(context: NodeRequestContext.self)
        router.add(middleware: ProblemMiddleware(audience: .peers, counters: counters, notice: onNotice))
        router.add(middleware: HostGuard())
        let identity = PeerIdentity(isCertified: isTLS, isMember: isMember)
        PeerRoutes(feed: feed, identity: identity, streams: PeerStreams(counters: counters), counters: counters).add(
            to: router)
        if let transfers {
            PeerSnapshotRoutes(transfers: transfers, identity: identity, counters: counters).add(to: router)
        }
        return listener(
            "peer", router: router, address: Self.bindAddress(address), place: "\(address.host):\(address.port)",
            socket: nil, server: server,
            serverName: configuration.software.field, connectionsMax: Self.peerConnectionsMax
        ) { .peer(Address(host: address.host, port: $0 ?? address.port), isTLS: isTLS) }
    }

    /// Not only on loopback addresses: whoever reads it learns figures, and can change nothing.
    private func metrics(_ address: Address) -> any Service {
        let router = NodeRouter(context: NodeRequestContext.self)
        router.add(middleware: ProblemMiddleware(audience: .monitors, counters: counters, notice: onNotice))
        router.add(middleware: HostGuard())
        router.add(middleware: CrossSiteGuard())
        router.add(MetricsRoutes.table, of: MetricsRoutes(api: api)) { _, _, _ in }
        return listener(
            "metrics", router: router, address: Self.bindAddress(address), place: "\(address.host):\(address.port)",
            socket: nil,
            server: .http1(configuration: Self.http1), connectionsMax: Self.metricsConnectionsMax
        ) { .metrics(Address(host: address.host, port: $0 ?? address.port)) }
    }

    /// - Parameter tokens: of the loopback listener; nil for the Unix socket.
    func localRouter(tokens: LocalTokens?) -> NodeRouter {
        let router = NodeRouter(context: NodeRequestContext.self)
        let gate = LocalGate(
            access: configuration.access, names: AuthorNames(access: configuration.access, clock: clock),
            tokens: tokens, notice: onNotice)
        router.add(middleware: ProblemMiddleware(audience: .local(gate), counters: counters, notice: onNotice))
        router.add(middleware: HostGuard())
        if let tokens {
            router.add(middleware: LoopbackGuard())
            router.add(middleware: CrossSiteGuard())
            router.add(middleware: TokenGuard(tokens: tokens))
        }
        let local = LocalRouter(router: router, gate: gate)
        let routes = LocalRoutes(api: api, clock: clock, subscriptions: subscriptions, gate: gate)
        local.add(LocalRoutes.table, of: routes)
        local.add(MetricsRoutes.table, of: MetricsRoutes(api: api))
        if let transfers { local.add(LocalTransferRoutes.table, of: LocalTransferRoutes(transfers: transfers)) }
        return router
    }

    private func listener(
        _ interface: String, router: NodeRouter, address: BindAddress, place: String, socket: SocketFile?,
        server: HTTPServerBuilder,
        serverName: String = SoftwareVersion.serverName, connectionsMax: Int,
        describe: @escaping @Sendable (_ port: Int?) -> Listening
    ) -> any Service {
        let state = ListenerState(socket: socket)
        let configuration = ServerConfiguration(
            address: address, serverName: serverName,
            availableConnectionsDelegate: MaximumAvailableConnections(connectionsMax))
        let responder = router.buildResponder()
        let date = ResponseDate()
        return ListenerService(interface: interface, place: place, state: state, clock: clock, notice: onNotice) {
            [logger, clock, budget, onListening] in
            // Without Hummingbird's `Application`, whose clock for the `Date` field wakes an idle
            // node every second.
            try server.buildServer(
                configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
            ) {
                request, writer, channel in
                var response = try await BodyBudget.Share.$current.withValue(BodyBudget.Share(budget, clock: clock)) {
                    try await responder.respond(
                        to: request,
                        context: NodeRequestContext(
                            source: ApplicationRequestContextSource(channel: channel, logger: logger)))
                }
                response.headers[.date] = date.text(at: clock.wallMilliseconds())
                response.headers[.server] = serverName
                // A request that turns out to be damaged now must not get a second answer behind
                // this one.
                do { try await writer.write(response: response.head, body: response.body) } catch {
                    throw ResponseBroken(cause: ErrorWords.of(error))
                }
            } onServerRunning: { channel in
                do {
                    try state.didBind()
                    onListening(describe(channel.localAddress?.port))
                } catch {
                    channel.close(promise: nil)
                }
            }
        }
    }

    private static var http1: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(idleTimeout: .seconds(idleSeconds))
    }

    private static func localHTTP1(isTCP: Bool) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [HangUpWatch(isTCP: isTCP)], idleTimeout: .seconds(idleSeconds))
    }

    /// `localhost` is taken as 127.0.0.1, whatever the name service says.
    private static func bindAddress(_ address: Address) -> BindAddress {
        .hostname(address.host.lowercased() == "localhost" ? "127.0.0.1" : address.host, port: address.port)
    }
}

/// An answer that could not be sent to its end; the connection is closed.
private struct ResponseBroken: Error, CustomStringConvertible {
    var cause: String
    var description: String { "an answer could not be sent to its end: \(cause)" }
}

/// A listener that cannot start: what failed, and the remedy.
package struct ServerStartError: Error, Hashable, Sendable, CustomStringConvertible {
    package var reason: String
    package var remedy: String

    package init(_ reason: String, remedy: String) {
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(reason). \(remedy)" }
}
