import Foundation
import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore
import ServiceLifecycle
import Synchronization

/// What was found last about the frontier and the archive, and how fast traces of deleted rows grow.
final class RetentionMonitor: Sendable {
    private struct State {
        var latest: RetentionStatus?
        /// Where the measurement of growth began.
        var first: (at: UInt64, bytes: Int)?
    }

    private let store: ParkStore
    private let statePath: String
    private let clock: any NodeClock
    private let state = Mutex(State())

    /// Growth is told when it was measured for so long.
    static let growthMillisecondsMin: UInt64 = 3_600_000
    private static let dayMilliseconds = 86_400_000.0

    init(store: ParkStore, statePath: String, clock: any NodeClock) {
        (self.store, self.statePath, self.clock) = (store, statePath, clock)
    }

    /// Nil before the first look.
    var latest: RetentionStatus? { state.withLock { $0.latest } }

    /// Looks at all traces and segments, and keeps what it finds for the status.
    @discardableResult
    func look() async throws -> RetentionStatus {
        let found = try await store.retention()
        let now = found.at
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: statePath)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.doubleValue
        return state.withLock { state in
            let kept = state.first.flatMap { found.tombstoneBytes < $0.bytes || now < $0.at ? nil : $0 }
            let first = kept ?? (at: now, bytes: found.tombstoneBytes)
            state.first = first
            let elapsed = now - first.at
            let perDay =
                elapsed >= Self.growthMillisecondsMin ? Double(found.tombstoneBytes - first.bytes) / Double(elapsed) * Self.dayMilliseconds : nil
            var status = found
            if let perDay, let free, perDay >= 1 { status.diskFullAt = now &+ UInt64(min(1e17, free / perDay * Self.dayMilliseconds)) }
            status.bytesPerDay = perDay.map { Int64(max(0, min(1e17, $0))) }
            state.latest = status
            return status
        }
    }
}

/// Acknowledges what others wait for, archives old entries, and drops traces of deleted rows if it is told to.
struct RetentionService: Service {
    let store: ParkStore
    let monitor: RetentionMonitor
    let configuration: NodeConfiguration
    let clock: any NodeClock
    let journal: Journal

    private static let work = "archiving"

    /// A turn for each interval, and one as soon as parks were taken out of the zone, or back, or may be: what this node alone had of them counts
    /// when an entry of its own says so, and until then the others, and a replay, have less than it.
    func run() async throws {
        let (turns, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let latest = Mutex(store.zoneNews())
        let token = store.observe { [store] in
            let now = store.zoneNews()
            let isNews = latest.withLock { known in
                defer { known = now }
                return known != now
            }
            if isNews { wake.yield() }
        }
        wake.yield()
        try await untilShutdown {
            var timer: Task<Void, Never>?
            defer { timer?.cancel() }
            for await _ in turns {
                await turn()
                timer?.cancel()
                timer = Task {
                    do {
                        try await clock.sleep(until: clock.monotonicMilliseconds() + configuration.retentionIntervalMilliseconds)
                    } catch { return }
                    wake.yield()
                }
            }
        }
        withExtendedLifetime(token) {}
    }

    /// What one part of a turn cannot do keeps none of the others.
    private func turn() async {
        var failure: (any Error)?
        for part in [acknowledge, archive, compact, look] {
            do { try await part() } catch is CancellationError { return } catch { failure = failure ?? error }
        }
        if let failure { journal.failed(Self.work, failure, .retentionFailed(failure)) } else { journal.done(Self.work, wrote: false) }
    }

    private func acknowledge() async throws { if try await store.acknowledge() { journal.write(.acknowledged) } }

    private func archive() async throws {
        let archived = try await store.archive(configuration.archivePolicy)
        if archived.entries > 0 { journal.write(.archived(entries: archived.entries, segments: archived.segments)) }
    }

    /// That the node may not write now, or not any more, is no failure: it compares its log, fetches it, or is out of the zone.
    private func compact() async throws {
        guard configuration.compactsByItself, !store.counts.isRecovering, store.counts.fenced == nil else { return }
        do {
            let compacted = try await store.compact()
            if compacted.droppedRows > 0 { journal.write(.compacted(rows: compacted.droppedRows)) }
        } catch let error as StoreError where [.notReady, .fenced].contains(error.code) {}
    }

    private func look() async throws { try await monitor.look() }
}
