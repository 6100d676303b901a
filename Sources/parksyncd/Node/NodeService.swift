import ParkSyncNode
import ParkSyncReplication
import ParkSyncStore
import ServiceLifecycle

/// Drives the node's schedules on the machine's clock: seals what programs write, folds, tells
/// others what was seen, archives, decides on what is asked, and looks at its own status.
struct NodeService: Service {
    let store: ParkStore
    /// Of the database, which the kernel is asked about.
    let path: String
    let retention: RetentionSchedule
    let monitor: RetentionMonitor
    let policy: ArchivePolicy
    /// Nil where nothing is decided.
    let desk: CatalogueDesk?
    let watcher: StatusWatcher
    let clock: any NodeClock
    let journal: Journal

    func run() async throws {
        let (works, queue) = AsyncStream.makeStream(of: DaemonHands.Work.self)
        let hands = DaemonHands(
            store: store, monitor: monitor, policy: policy, desk: desk, watcher: watcher, clock: clock,
            journal: journal
        ) { queue.yield($0) }
        let schedule = NodeSchedule(retention: retention, hasArbiter: desk != nil, hasJournal: true)
        let driver = NodeDriver(store, clock: clock, schedule: schedule, hands: hands)
        let watcher = try FileWatcher(database: path) { driver.handle(.fileWritten) }
        // What a service waits for in the store has to come to an end, or the node does not.
        try await withGracefulShutdownHandler {
            try await untilShutdown {
                let token = driver.begin()
                await withDiscardingTaskGroup { group in for await work in works { group.addTask { await work() } } }
                hands.rest()
                withExtendedLifetime(token) {}
            }
        } onGracefulShutdown: {
            store.endApplying()
        }
        withExtendedLifetime(watcher) {}
    }
}
