import Configuration
import Foundation
import Logging
import ParkSyncCore
import ParkSyncServer
import ParkSyncStore
import SystemPackage

/// What a node is started with: a YAML file, overridden by environment variables (`PARKSYNC_LOCAL_HTTP`), overridden by flags
/// (`--local-http`). Relative paths of the file are relative to the file's folder.
struct NodeConfiguration: Sendable {
    struct Member: Hashable, Sendable {
        var park: String
        /// Where its peer interface is called.
        var url: String
        /// Raw Ed25519 key, 32 bytes.
        var publicKey: [UInt8]
    }

    typealias TLSFiles = PeerCertificates.Files

    /// Whose snapshots are taken without an operator's word.
    enum SnapshotSource: Hashable, Sendable { case auto, never, park(String) }

    var park: OriginID
    /// Folder of the database and its lock.
    var statePath: String
    /// File with the base64 of the node's Ed25519 private key.
    var identityPath: String
    var socketPath: String?
    /// Whose members give operators' commands, besides root and the node's own user.
    var operators: LocalAccess.Group?
    var localHTTP: NodeServers.Address?
    var peerListen: NodeServers.Address?
    /// Where figures may be read without authentication.
    var metricsListen: NodeServers.Address?
    /// Peers are neither encrypted nor authenticated; on loopback only.
    var isPlainHTTP: Bool
    var tls: TLSFiles?
    /// All parks of the zone, this one included, sorted.
    var members: [Member]
    /// Folder of schema files; nil for the starter schema.
    var schemaPath: String?
    /// Whether this node decides booking requests for its resources.
    var isArbiter: Bool
    var logLevel: Logger.Level
    /// A client's statement that takes as long is told in the log; 0 for none.
    var slowMilliseconds: UInt64
    var recoveryWaitMilliseconds: UInt64
    var acceptsLoss: Bool
    /// How often old entries are archived and what others wait for is acknowledged.
    var retentionIntervalMilliseconds: UInt64
    /// Whether traces of deleted rows are dropped without being asked to.
    var compactsByItself: Bool
    var archivePolicy: ArchivePolicy
    var snapshotFrom: SnapshotSource
    /// A new node with fewer entries to fetch takes them from the log.
    var snapshotEntriesMin: UInt64
    var acceptsWithoutPeers: Bool
    /// The longest entry that this node takes and makes.
    var entryBytesMax: Int

    /// The file itself: where `parksync.sqlite` of the state folder is a symbolic link, what that leads to.
    var databasePath: String
    /// How many addresses and paths the node listens on.
    var listenersCount: Int { [socketPath != nil, localHTTP != nil, peerListen != nil, metricsListen != nil].filter { $0 }.count }
    /// Those that a node with a damaged database opens.
    var damagedListenersCount: Int { [socketPath != nil, localHTTP != nil, metricsListen != nil].filter { $0 }.count }
    /// Which local socket the node has made.
    var socketNotePath: String { statePath + "/local-socket" }
    /// Present until the node is started for the first time ever.
    var firstStartPath: String { statePath + "/first-start" }
}

extension NodeConfiguration {
    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - file: path of the YAML file.
    ///   - overrides: flags, as in `--local-http 127.0.0.1:7600`.
    /// - Throws: `ConfigurationError`.
    static func load(file: String, overrides: [String], environment: [String: String]) async throws -> NodeConfiguration {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ConfigurationError(
                "", "\(file) cannot be read as UTF-8 text", remedy: "Name the node's configuration with --config; `syncctl init` writes one.")
        }
        try ConfigurationKeys.check(yaml: text, file: file)
        try ConfigurationKeys.check(arguments: overrides)
        let provider: FileProvider<YAMLSnapshot>
        do { provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)) } catch {
            throw ConfigurationError("", "\(file): \(error)", remedy: "Correct the file.")
        }
        let variables = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "parksync")
        let reader = ConfigReader(providers: [CommandLineArgumentsProvider(arguments: ["parksyncd"] + overrides), variables, provider])
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        return try NodeConfiguration(ConfigurationSource(reader: reader, file: file, folder: folder))
    }

    init(_ source: ConfigurationSource) throws {
        let name = try source.required("park")
        guard let origin = OriginID(name), origin.park == name else {
            throw ConfigurationError(
                "park", "\(name) is not a park's name",
                remedy: "A letter, then lower-case letters, digits or hyphens, at most \(CoreLimits.parkNameBytesMax).")
        }
        park = origin
        statePath = source.path(try source.required("state"))
        databasePath = FileSystem.resolvingLinks(statePath + "/parksync.sqlite")
        identityPath = source.path(try source.required("identity"))
        socketPath = source.string("local.socket").map(source.path)
        operators = try source.group("local.operators")
        localHTTP = try source.address("local.http")
        peerListen = try source.address("peer.listen")
        metricsListen = try source.address("metrics.listen")
        isPlainHTTP = try source.bool("peer.plain_http", default: false)
        tls = try source.tlsFiles()
        members = try source.members()
        schemaPath = source.string("schema").map(source.path)
        isArbiter = try source.bool("arbiter", default: true)
        let level = source.string("log.level") ?? "info"
        guard let parsed = Logger.Level(rawValue: level) else {
            throw ConfigurationError(
                "log.level", "there is no level \(level)", remedy: "Use one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        logLevel = parsed
        slowMilliseconds = try source.number("log.slow_milliseconds", default: Self.slowMillisecondsDefault)
        recoveryWaitMilliseconds = try source.seconds("recovery.wait_seconds", default: 30)
        acceptsLoss = try source.bool("recovery.accept_loss", default: false)
        retentionIntervalMilliseconds = max(1_000, try source.seconds("retention.interval_seconds", default: 600))
        compactsByItself = try source.bool("retention.auto_compact", default: false)
        archivePolicy = ArchivePolicy(
            keepEntries: try source.number("archive.keep_entries", default: ArchivePolicy.keepEntriesDefault),
            keepMilliseconds: try source.number("archive.keep_days", default: ArchivePolicy.keepDaysDefault) * 86_400_000)
        snapshotFrom = try source.snapshotSource()
        snapshotEntriesMin = try source.number("snapshot.entries_min", default: Self.snapshotEntriesMinDefault)
        acceptsWithoutPeers = try source.bool("recovery.accept_without_peers", default: false)
        entryBytesMax = try source.entryBytesMax()
        try checkFit()
        try NodePaths(self, file: source.file).check()
    }

    static let snapshotEntriesMinDefault: UInt64 = 50_000
    static let slowMillisecondsDefault: UInt64 = 1_000

    private func checkFit() throws {
        guard members.contains(where: { $0.park == park.name }) else {
            throw ConfigurationError("parks", "this park, \(park), is not among them", remedy: "List all parks of the zone, this one included.")
        }
        if case .park(let park) = snapshotFrom, park == self.park.name || !members.contains(where: { $0.park == park }) {
            throw ConfigurationError(
                "snapshot.from", "\(park) is not another park of the zone", remedy: "Write auto, never, or one of the other parks.")
        }
        guard socketPath != nil || localHTTP != nil else {
            throw ConfigurationError("local.socket", "the node has no local interface", remedy: "Give local.socket, local.http or both.")
        }
        if peerListen != nil, tls == nil, !isPlainHTTP {
            throw ConfigurationError(
                "tls", "peers need certificates",
                remedy: "Give tls.certificate, tls.key and tls.authority; peer.plain_http: true is for trials on one machine.")
        }
        if isPlainHTTP, tls != nil {
            throw ConfigurationError("peer.plain_http", "it contradicts the TLS files that are configured", remedy: "Remove the one or the other.")
        }
    }
}
