import Foundation
import ParkSyncCore
import ParkSyncCurl
import ParkSyncNode
import ParkSyncServer
import ParkSyncStore
import Synchronization

/// The configuration that is in force. The log's level, the certificates and the peers' addresses
/// may change while the node runs.
final class LiveConfiguration: Sendable {
    /// The parts of a running node that take what has changed.
    struct Parts: Sendable {
        /// Nil without TLS.
        var certificates: PeerCertificates?
        var directory: PeerDirectory
        /// Opens the link to a park anew.
        var reopen: @Sendable (_ park: String) -> Void
    }

    private struct State {
        var current: NodeConfiguration
        var parts: Parts?
    }

    private let state: Mutex<State>
    private let journal: Journal
    private let load: @Sendable () async throws -> NodeConfiguration

    /// - Parameter load: reads the configuration again, with the environment and the options that
    ///   the node was started with.
    init(
        _ configuration: NodeConfiguration, journal: Journal,
        load: @escaping @Sendable () async throws -> NodeConfiguration
    ) {
        state = Mutex(State(current: configuration))
        (self.journal, self.load) = (journal, load)
        journal.level = Priority(configuration.logLevel)
    }

    var current: NodeConfiguration { state.withLock { $0.current } }

    /// - Parameter parts: nil while the node is being opened or closed.
    func attach(_ parts: Parts?) { state.withLock { $0.parts = parts } }

    /// Reads the configuration again, and takes of it what may change; all of that or nothing. Says
    /// in the journal what became of it.
    func reload() async {
        let new: NodeConfiguration
        do { new = try await load() } catch { return journal.write(.reloadRefused(ErrorText.of(error))) }
        let (old, parts) = state.withLock { ($0.current, $0.parts) }
        let isOther: Bool
        do {
            isOther = try new.tls.map { try parts?.certificates?.reload(PeerCertificates.Files($0)) ?? false } ?? false
        } catch {
            return journal.write(.reloadRefused(ErrorText.of(error)))
        }

        var next = old
        var changed: [String] = []
        if old.tls != nil, new.tls != nil {
            next.tls = new.tls
            changed.append("tls")
        }
        if old.logLevel != new.logLevel { changed.append("log.level") }
        if old.slowMilliseconds != new.slowMilliseconds { changed.append("log.slow_milliseconds") }
        (next.logLevel, next.slowMilliseconds) = (new.logLevel, new.slowMilliseconds)
        journal.level = Priority(new.logLevel)
        let moved = next.takeAddresses(of: new)
        changed += moved.map { "members.\($0).url" }
        let taken = next
        state.withLock { $0.current = taken }
        if let parts {
            parts.directory.update(urls: taken.peerURLs, tls: taken.curlFiles)
            // A stream stays what it was when it was opened: with the certificates of then.
            let all = taken.members.map(\.park)
            for park in isOther ? all : moved where park != taken.park.name { parts.reopen(park) }
        }
        journal.write(.reloaded(changed))
        let waiting = taken.keysThatDiffer(from: new)
        if !waiting.isEmpty { journal.write(.restartNeeded(waiting)) }
    }
}

extension NodeConfiguration {
    /// Takes the addresses of parks that both know.
    ///
    /// - Returns: the parks whose address is another one now.
    fileprivate mutating func takeAddresses(of other: NodeConfiguration) -> [String] {
        var moved: [String] = []
        for index in members.indices {
            guard let there = other.members.first(where: { $0.park == members[index].park }),
                there.url != members[index].url
            else { continue }
            members[index].url = there.url
            moved.append(there.park)
        }
        return moved
    }

    /// The other parks.
    var others: [Member] { members.filter { $0.park != park.name } }
    var peerURLs: [String: String] {
        Dictionary(others.map { ($0.park, $0.url) }, uniquingKeysWith: { first, _ in first })
    }
    var curlFiles: ParkSyncCurl.TLSFiles? {
        tls.map { ParkSyncCurl.TLSFiles(authority: $0.authority, certificate: $0.certificate, key: $0.key) }
    }

    /// What each key, or section of keys, came to. One test holds that none is missing.
    static let parts: [(key: String, value: @Sendable (NodeConfiguration) -> AnyHashable?)] = [
        ("park", { $0.park }), ("state", { $0.statePath }), ("identity", { $0.identityPath }),
        ("local.socket", { $0.socketPath }),
        ("local.operators", { $0.operators }), ("local.http", { $0.localHTTP?.address }),
        ("local.http_token_file", { $0.localHTTP?.tokens }), ("peer.listen", { $0.peerListen }),
        ("peer.plain_http", { $0.isPlainHTTP }), ("tls", { $0.tls }), ("parks", { $0.members.map(\.park) }),
        ("members", { $0.members }),
        ("former_parks", { $0.formerKeys }),
        ("schema", { $0.schemaPath }), ("arbiter", { $0.isArbiter }), ("log.level", { $0.logLevel }),
        ("recovery.wait_seconds", { $0.recoveryWaitMilliseconds }), ("recovery.accept_loss", { $0.acceptsLoss }),
        ("recovery.accept_without_peers", { $0.acceptsWithoutPeers }),
        ("retention.interval_seconds", { $0.retentionIntervalMilliseconds }),
        ("retention.auto_compact", { $0.compactsByItself }), ("archive.keep_entries", { $0.archivePolicy.keepEntries }),
        ("archive.keep_days", { $0.archivePolicy.keepMilliseconds }), ("snapshot.from", { $0.snapshotFrom }),
        ("snapshot.entries_min", { $0.snapshotEntriesMin }), ("log.slow_milliseconds", { $0.slowMilliseconds }),
        ("metrics.listen", { $0.metricsListen }), ("entry.bytes_max", { $0.entryBytesMax }),
    ]

    /// Sorted.
    func keysThatDiffer(from other: NodeConfiguration) -> [String] {
        Self.parts.filter { $0.value(self) != $0.value(other) }.map(\.key).sorted()
    }
}
