import ParkSyncReplication
import ServiceLifecycle

/// Exchanges entries with the peers until the node stops.
struct ReplicationService: Service {
    let driver: ReplicationDriver
    let phase: NodePhase

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await driver.run() }
        } onGracefulShutdown: {
            phase.stop()
        }
    }
}
