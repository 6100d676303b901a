import ParkSyncReplication
import ServiceLifecycle

/// Exchanges entries with the peers until the node stops.
struct ReplicationService: Service {
    let driver: ReplicationDriver
    let phase: NodePhase
    /// Opens when it is decided that the entries come by the log.
    let gate: StartGate

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await gate.wait()
                await driver.run()
            }
        } onGracefulShutdown: {
            phase.stop()
        }
    }
}
