import Configuration
import Crypto
import Foundation
import Logging
import ParkSyncCore
import ParkSyncStore

/// What a node is started with: a YAML file, overridden by environment variables
/// (`PARKSYNC_LOCAL_HTTP`), overridden by flags (`--local-http`). Relative paths of the file are
/// relative to the file's folder.
package struct NodeConfiguration: Sendable {
    package struct Member: Hashable, Sendable {
        package var park: String
        /// Where its peer interface is called.
        package var url: String
        /// Raw Ed25519 key, 32 bytes.
        package var publicKey: [UInt8]
    }

    /// Where somebody listens.
    package struct Address: Hashable, Sendable {
        package var host: String
        /// 0 lets the system choose one.
        package var port: Int
    }

    /// A group of this machine's accounts.
    package struct Group: Hashable, Sendable {
        package var name: String
        package var id: UInt32
    }

    /// What lets a program in over the loopback listener: its digest alone is kept.
    package struct TokenDigest: Hashable, Sendable {
        package var name: String
        package var digest: SHA256Digest
    }

    package struct LocalHTTP: Hashable, Sendable {
        package var address: Address
        package var tokens: [TokenDigest]
    }

    package struct TLSFiles: Hashable, Sendable {
        package var certificate: String
        package var key: String
        package var authority: String
    }

    /// Whose snapshots are taken without an operator's word.
    package enum SnapshotSource: Hashable, Sendable { case auto, never, park(String) }

    package var park: OriginID
    /// Folder of the database and its lock.
    package var statePath: String
    /// File with the base64 of the node's Ed25519 private key.
    package var identityPath: String
    package var socketPath: String?
    /// Whose members give operators' commands, besides root and the node's own user.
    package var operators: Group?
    /// Nil if the local API is on the socket alone.
    package var localHTTP: LocalHTTP?
    package var peerListen: Address?
    /// Where figures may be read without authentication.
    package var metricsListen: Address?
    /// Peers are neither encrypted nor authenticated; on loopback only.
    package var isPlainHTTP: Bool
    package var tls: TLSFiles?
    /// All parks of the zone, this one included, sorted.
    package var members: [Member]
    /// Raw public keys of parks that have left the zone.
    package var formerKeys: [String: [UInt8]]
    /// Folder of schema files; nil for the catalogue's.
    package var schemaPath: String?
    /// Whether this node decides on what is asked of its park.
    package var isArbiter: Bool
    package var logLevel: Logger.Level
    /// A client's statement that takes as long is told in the log; 0 for none.
    package var slowMilliseconds: UInt64
    package var recoveryWaitMilliseconds: UInt64
    package var acceptsLoss: Bool
    /// How often old entries are archived and what others wait for is acknowledged.
    package var retentionIntervalMilliseconds: UInt64
    /// Whether traces of deleted rows are dropped without being asked to.
    package var compactsByItself: Bool
    package var archivePolicy: ArchivePolicy
    package var snapshotFrom: SnapshotSource
    /// A new node with fewer entries to fetch takes them from the log.
    package var snapshotEntriesMin: UInt64
    package var acceptsWithoutPeers: Bool
    /// The longest entry that this node takes and makes.
    package var entryBytesMax: Int

    /// When the node acknowledges, archives and compacts.
    package var retentionSchedule: RetentionSchedule {
        RetentionSchedule(
            interval: retentionIntervalMilliseconds,
            works: RetentionSchedule.Work.allCases.filter { $0 != .compact || compactsByItself })
    }
    /// The file itself: where `parksync.sqlite` of the state folder is a symbolic link, what that
    /// leads to.
    package var databasePath: String
    /// How many addresses and paths the node listens on.
    package var listenersCount: Int {
        [socketPath != nil, localHTTP != nil, peerListen != nil, metricsListen != nil].filter { $0 }.count
    }
    /// Those that a node with a damaged database opens.
    package var damagedListenersCount: Int {
        [socketPath != nil, localHTTP != nil, metricsListen != nil].filter { $0 }.count
    }
    /// Which local socket the node has made.
    package var socketNotePath: String { statePath + "/local-socket" }
    /// Present until the node is started for the first time ever.
    package var firstStartPath: String { statePath + "/first-start" }
}

extension NodeConfiguration {
    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - file: path of the YAML file.
    ///   - overrides: flags, as in `--local-http 127.0.0.1:7600`.
    /// - Throws: `ConfigurationError`.
    package static func load(file: String, overrides: [String], environment: [String: String]) throws
        -> NodeConfiguration
    {
        let text = try ConfiguredFile.text(
            file, key: "", bytesMax: ConfigurationKeys.fileBytesMax,
            remedy: "Name the node's configuration with --config; `syncctl init` writes one.")
        return try NodeConfiguration(yaml: text, file: file, overrides: overrides, environment: environment)
    }

    /// - Parameters:
    ///   - text: what is in the file. What is checked is what is used, also if the file changes
    ///     meanwhile.
    ///   - file: its path.
    /// - Throws: `ConfigurationError`.
    package init(yaml text: String, file: String, overrides: [String] = [], environment: [String: String] = [:]) throws
    {
        try ConfigurationKeys.check(yaml: text, file: file)
        try ConfigurationKeys.check(arguments: overrides)
        let keys = try YAMLText(text, file: file)
        let variables = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "parksync")
        let reader = ConfigReader(providers: [
            CommandLineArgumentsProvider(arguments: ["parksyncd"] + overrides), variables, keys,
        ])
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        try self.init(ConfigurationSource(reader: reader, file: file, folder: folder))
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
        localHTTP = try source.localHTTP()
        peerListen = try source.address("peer.listen")
        metricsListen = try source.address("metrics.listen")
        isPlainHTTP = try source.bool("peer.plain_http", default: false)
        tls = try source.tlsFiles()
        members = try source.members()
        formerKeys = try source.formerKeys(besides: members)
        schemaPath = source.string("schema").map(source.path)
        isArbiter = try source.bool("arbiter", default: true)
        let level = source.string("log.level") ?? "info"
        guard let parsed = Logger.Level(rawValue: level) else {
            throw ConfigurationError(
                "log.level", "there is no level \(level)",
                remedy: "Use one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        logLevel = parsed
        slowMilliseconds = try source.number("log.slow_milliseconds", default: Self.slowMillisecondsDefault)
        recoveryWaitMilliseconds = try source.seconds("recovery.wait_seconds", default: 30)
        acceptsLoss = try source.bool("recovery.accept_loss", default: false)
        retentionIntervalMilliseconds = max(1_000, try source.seconds("retention.interval_seconds", default: 600))
        compactsByItself = try source.bool("retention.auto_compact", default: false)
        archivePolicy = ArchivePolicy(
            keepEntries: try source.number("archive.keep_entries", default: ArchivePolicy.keepEntriesDefault),
            keepMilliseconds: try source.number("archive.keep_days", default: ArchivePolicy.keepDaysDefault)
                * 86_400_000)
        snapshotFrom = try source.snapshotSource()
        snapshotEntriesMin = try source.number("snapshot.entries_min", default: Self.snapshotEntriesMinDefault)
        acceptsWithoutPeers = try source.bool("recovery.accept_without_peers", default: false)
        entryBytesMax = try source.entryBytesMax()
        try checkFit()
        try NodePaths(self, file: source.file, tokens: source.string("local.http_token_file").map(source.path)).check()
    }

    static let snapshotEntriesMinDefault: UInt64 = 50_000
    static let slowMillisecondsDefault: UInt64 = 1_000

    private func checkFit() throws {
        guard members.contains(where: { $0.park == park.name }) else {
            throw ConfigurationError(
                "parks", "this park, \(park), is not among them",
                remedy: "List all parks of the zone, this one included.")
        }
        if case .park(let park) = snapshotFrom, park == self.park.name || !members.contains(where: { $0.park == park })
        {
            throw ConfigurationError(
                "snapshot.from", "\(park) is not another park of the zone",
                remedy: "Write auto, never, or one of the other parks.")
        }
        guard socketPath != nil || localHTTP != nil else {
            throw ConfigurationError(
                "local.socket", "the node has no local interface", remedy: "Give local.socket, local.http or both.")
        }
        if peerListen != nil, tls == nil, !isPlainHTTP {
            throw ConfigurationError(
                "tls", "peers need certificates",
                remedy:
                    """
                    Give tls.certificate, tls.key and tls.authority; peer.plain_http: true is for trials on one \
                    machine.
                    """
            )
        }
        if isPlainHTTP, tls != nil {
            throw ConfigurationError(
                "peer.plain_http", "it contradicts the TLS files that are configured",
                remedy: "Remove the one or the other.")
        }
    }
}
