import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncStore
import Synchronization

/// Does what a node's schedules decide, each work in a task of its own, and tells the journal what
/// came of it.
final class DaemonHands: NodeHands {
    typealias Work = @Sendable () async -> Void

    private let store: ParkStore
    private let monitor: RetentionMonitor
    private let policy: ArchivePolicy
    private let desk: CatalogueDesk?
    private let watcher: StatusWatcher
    private let journal: Journal
    private let begin: @Sendable (@escaping Work) -> Void
    private let alarm: Alarm
    /// The first of the turn of retention that is under way.
    private let failure = Mutex<(any Error)?>(nil)

    private static let sealing = "sealing"
    private static let tidying = "housekeeping"
    private static let walking = "looking at the log"
    private static let archiving = "archiving"

    /// - Parameters:
    ///   - desk: nil where nothing is decided.
    ///   - begin: has a work done beside the others.
    init(
        store: ParkStore, monitor: RetentionMonitor, policy: ArchivePolicy, desk: CatalogueDesk?,
        watcher: StatusWatcher, clock: any NodeClock, journal: Journal,
        begin: @escaping @Sendable (@escaping Work) -> Void
    ) {
        (self.store, self.monitor, self.policy, self.desk) = (store, monitor, policy, desk)
        (self.watcher, self.journal, self.begin) = (watcher, journal, begin)
        alarm = Alarm(clock)
    }

    func wake(at time: UInt64, then ring: @escaping @Sendable () -> Void) { alarm.wake(at: time, then: ring) }

    /// Nothing rings any more.
    func rest() { alarm.rest() }

    func seal(then finish: @escaping @Sendable (SealSchedule.Outcome) -> Void) {
        begin { [store, journal] in
            do {
                let outcome = try await store.sealForeign()
                if outcome == .writerActive { return finish(.writerActive) }
                journal.done(Self.sealing, wrote: outcome == .sealed)
            } catch is CancellationError {} catch let error as StoreError where error.code == .busy {
                // Another program has the write lock: that is told with its name, see
                // `DatabaseWatch`.
            } catch {
                journal.failed(Self.sealing, error, .sealFailed(error))
            }
            finish(.done)
        }
    }

    func tidy(then finish: @escaping @Sendable () -> Void) {
        begin { [store, journal] in
            do {
                try await store.housekeep()
                journal.done(Self.tidying)
            } catch let error as StoreError where error.code == .busy {
                // Likewise.
            } catch { journal.failed(Self.tidying, error, .housekeepingFailed(error)) }
            finish()
        }
    }

    func walk(then finish: @escaping @Sendable () -> Void) {
        begin { [store, journal] in
            do {
                try await store.walkLog()
                journal.done(Self.walking, wrote: false)
            } catch { journal.failed(Self.walking, error, .housekeepingFailed(error)) }
            finish()
        }
    }

    func retain(_ work: RetentionSchedule.Work, then finish: @escaping @Sendable () -> Void) {
        begin { [self] in
            do { try await carryOut(work) } catch is CancellationError { return } catch {
                failure.withLock { $0 = $0 ?? error }
            }
            finish()
        }
    }

    private func carryOut(_ work: RetentionSchedule.Work) async throws {
        switch work {
        case .acknowledge:
            if try await store.acknowledge(desk?.heard ?? VersionVector()) { journal.write(.acknowledged) }
        case .archive:
            let archived = try await store.archive(policy)
            if archived.entries > 0 { journal.write(.archived(entries: archived.entries, segments: archived.segments)) }
        case .compact:
            // That the node may not write any more is no failure: it compares its log, fetches it,
            // or is out of the zone.
            do {
                let compacted = try await store.compact()
                if compacted.droppedRows > 0 { journal.write(.compacted(rows: compacted.droppedRows)) }
            } catch let error as StoreError where [.notReady, .fenced].contains(error.code) {}
        case .survey: try await monitor.look()
        }
    }

    func endRetention() {
        let first = failure.withLock { failure in
            defer { failure = nil }
            return failure
        }
        if let first {
            journal.failed(Self.archiving, first, .retentionFailed(first))
        } else {
            journal.done(Self.archiving, wrote: false)
        }
    }

    func decide(anew: Bool, then finish: @escaping @Sendable (Decided) -> Void) {
        begin { [desk] in finish(await desk?.decide(anew: anew) ?? .done(.never)) }
    }

    func watch(then finish: @escaping @Sendable () -> Void) {
        begin { [watcher] in
            await watcher.look()
            finish()
        }
    }
}
