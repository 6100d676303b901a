import ParkSyncCore
import ParkSyncCurl
import ParkSyncFiles
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ParkSyncWire
import ServiceLifecycle

/// Takes other parks' snapshots: for a new node without rows and entries, and when an operator
/// asks.
///
/// A peer that no longer keeps what a node with data needs is named, and what the operator can do;
/// nothing is replaced by a peer's word. When a snapshot has come and was found sound, the service
/// ends; the node then closes its database, takes the snapshot in its place if nothing is lost by
/// it, and goes on.
struct SnapshotService: Service {
    let store: ParkStore
    /// Of the snapshot that waited when the database was opened.
    let outcome: SnapshotInstall.Outcome?
    let driver: ReplicationDriver
    let configuration: NodeConfiguration
    let candidate: SnapshotCandidate
    let peers: PeerSnapshots
    let fetching: SnapshotFetching
    let gate: StartGate
    let restart: RestartFlag
    let clock: any NodeClock
    let journal: Journal

    private var order: SnapshotOrder { SnapshotOrder(databasePath: configuration.databasePath) }

    /// How often it is looked whether a peer no longer keeps what this node needs.
    static let lookMilliseconds: UInt64 = 5_000
    /// After a snapshot that was not taken, the next one is not asked for by itself before so long.
    static let againMilliseconds: UInt64 = 300_000

    func run() async throws {
        reportOutcome()
        try await untilShutdown { [self] in
            if try await begin() { return restart.want() }
            gate.open()
            if try await follow() { restart.want() }
        }
        // With a snapshot to open nothing more is received into the database that it replaces.
        if restart.isWanted { return }
        gate.open()
        try await gracefulShutdown()
    }

    private func reportOutcome() {
        switch outcome {
        case nil: break
        case .installed(let vector, let aside):
            order.drop()
            fetching.end(error: nil, installed: vector.description)
            journal.write(.snapshotInstalled(vector: vector.description, aside: aside))
        case .refused(let error):
            order.drop()
            fetching.end(error: error.description)
            journal.write(.snapshotFailed(nil, error.description))
        }
    }

    var others: [String] { configuration.members.map(\.park).filter { $0 != configuration.park.name } }

    /// Before the links are opened: what an operator asked for is gone on with, and an empty node
    /// asks its peers.
    private func begin() async throws -> Bool {
        // One that was refused just now would be refused again.
        if case .refused = outcome { return false }
        if wasCheckCutOff() {
            order.drop()
            download(from: "").discard()
            return false
        }
        if let wanted = order.kept() { return try await carryOut(wanted) }
        guard try await mayBeginAnew() else {
            download(from: "").discard()
            return false
        }
        if let park = download(from: "").begun() { return try await fetchCandidate(park, entriesMin: 0) }
        for park in candidates() where try await fetchCandidate(park, entriesMin: configuration.snapshotEntriesMin) {
            return true
        }
        return false
    }

    /// Whether a snapshot may be taken without an operator's word: only where it replaces neither a
    /// row nor an entry.
    private func mayBeginAnew() async throws -> Bool {
        guard configuration.snapshotFrom != .never, store.state().logged == VersionVector() else { return false }
        let unsealedRows = try await store.unsealedRows()
        return unsealedRows == 0 && store.counts.tables.allSatisfy { $0.rows == 0 }
    }

    /// What the operator wants is done once, whatever comes of it.
    private func carryOut(_ wanted: SnapshotRequest) async throws -> Bool {
        if try await fetchCandidate(wanted.from, entriesMin: 0, isWaived: wanted.withoutConfirmation ?? false) {
            return true
        }
        order.drop()
        return false
    }

    private func candidates() -> [String] {
        switch configuration.snapshotFrom {
        case .never: []
        case .park(let park): [park]
        case .auto: others
        }
    }

    /// Waits until somebody asks, or a peer no longer keeps what a node without data needs.
    private func follow() async throws -> Bool {
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { [fetching] in
                for await _ in fetching.asked { wake.yield() }
                return false
            }
            group.addTask { [clock] in
                while true {
                    try await clock.sleep(until: clock.monotonicMilliseconds() + Self.lookMilliseconds)
                    wake.yield()
                }
            }
            group.addTask {
                var notBefore: UInt64 = 0
                var told: Set<String> = []
                for await _ in events {
                    if let wanted = fetching.takeWanted() {
                        try order.keep(wanted)
                        if try await carryOut(wanted) { return true }
                    } else if let park = goneAt() {
                        if try await mayBeginAnew() {
                            guard clock.monotonicMilliseconds() >= notBefore else { continue }
                            journal.write(.snapshotWanted(park))
                            if try await fetchCandidate(park, entriesMin: 0) { return true }
                            notBefore = clock.monotonicMilliseconds() + Self.againMilliseconds
                        } else if told.insert(park).inserted {
                            journal.write(.snapshotNeeded(park))
                        }
                    }
                }
                return false
            }
            defer { group.cancelAll() }
            while let isReady = try await group.next() { if isReady { return true } }
            return false
        }
    }

    /// A peer that no longer keeps what this node needs, if its snapshot may be taken.
    private func goneAt() -> String? {
        let parks = driver.reports().filter { !$0.gone.isEmpty }.map(\.peer.park)
        if case .park(let park) = configuration.snapshotFrom { return parks.isEmpty ? nil : park }
        return parks.first
    }

    func download(from park: String, as name: String = "download") -> SnapshotDownload {
        SnapshotDownload(
            peers: peers, databasePath: configuration.databasePath, name: name, members: candidate.members,
            clock: clock,
            report: { [fetching] in fetching.report($0, from: park, bytes: $1, total: $2) })
    }

    /// - Parameter isWaived: the operator takes the park's word where no other park confirms its
    ///   tables.
    /// - Returns: whether the candidate is ready.
    private func fetchCandidate(_ park: String, entriesMin: UInt64, isWaived: Bool = false) async throws -> Bool {
        let download = download(from: park)
        do {
            let manifest = try await download.run(from: park, entriesMin: entriesMin)
            journal.write(.snapshotReceived(park, bytes: manifest.bytes))
            fetching.report(.verifying, from: park, bytes: manifest.bytes, total: manifest.bytes)
            do { try await build(download.file, manifest, isWaived ? .waived : .missing) } catch let unconfirmed
                as UnconfirmedSnapshot
            {
                try await confirm(manifest, download.file, unconfirmed)
            }
            download.discard()
            fetching.report(.installing, from: park)
            return true
        } catch is CancellationError {
            throw CancellationError()
        } catch let refusal as PeerRefusal where refusal.kind == "snapshot-too-small" {
            fetching.end(error: nil)
        } catch let failure as LinkFailure where entriesMin > 0 {
            // A peer that is not there at the first start is nothing to report: the log comes from
            // whoever is.
            fetching.end(error: failure.description)
        } catch {
            // Of no use later, or in the way: a full disk would stay full.
            if !(error is LinkFailure), !(error is PeerRefusal) { download.discard() }
            note(error)
            let text =
                (error as? PeerRefusal).map { "\(ErrorText.sentence($0.reason)) \($0.remedy)" } ?? ErrorText.of(error)
            fetching.end(error: text)
            journal.write(.snapshotFailed(park, text))
        }
        return false
    }
}
