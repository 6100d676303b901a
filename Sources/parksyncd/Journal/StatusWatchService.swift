import ParkSyncReplication
import ParkSyncStore
import ParkSyncWire
import ServiceLifecycle

/// Looks at the node's own status when something was applied or sealed, and now and then, and tells
/// what has changed.
struct StatusWatchService: Service {
    let store: ParkStore
    let status: StatusBuilder
    let clock: any NodeClock
    let journal: Journal

    /// Clocks, certificates and comparisons change without the store's doing.
    static let lookMilliseconds: UInt64 = 5_000
    /// Under load the status is looked at this often at most.
    static let spacingMilliseconds: UInt64 = 1_000

    func run() async throws {
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let token = store.observe { wake.yield() }
        try await untilShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while true {
                        wake.yield()
                        try await clock.sleep(until: clock.monotonicMilliseconds() + Self.lookMilliseconds)
                    }
                }
                group.addTask {
                    var watch = StatusWatch()
                    for await _ in events {
                        if let now = try? await status.build() {
                            for event in watch.look(at: now) { journal.write(event) }
                        }
                        try await clock.sleep(until: clock.monotonicMilliseconds() + Self.spacingMilliseconds)
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }
        withExtendedLifetime(token) {}
    }
}
