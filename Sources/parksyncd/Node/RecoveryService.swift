import Logging
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import ServiceLifecycle

/// Ends the recovery of a lost database when the peers have given this node's own entries back.
///
/// Any peer may hold an entry that no other has, so all of them are waited for. Only with `recovery.accept_loss` is the
/// recovery ended without those that stay out of reach.
struct RecoveryService: Service {
    let store: ParkStore
    let driver: ReplicationDriver
    let configuration: NodeConfiguration
    let clock: any NodeClock
    let logger: Logger

    static let lookMilliseconds: UInt64 = 100

    func run() async throws {
        guard store.counts.isRecovering else { return try await gracefulShutdown() }
        logger.notice("the database is new: fetching this node's own entries back from its peers before writes are accepted")
        let start = clock.monotonicMilliseconds()
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled, store.counts.isRecovering {
                await look(waited: clock.monotonicMilliseconds() - start)
                do { try await clock.sleep(until: clock.monotonicMilliseconds() + Self.lookMilliseconds) } catch { return }
            }
        }
        try await gracefulShutdown()
    }

    private func look(waited: UInt64) async {
        let verdict = RecoveryVerdict.judge(
            own: store.state(), reports: driver.reports(), mayLeaveOut: configuration.acceptsLoss && waited >= configuration.recoveryWaitMilliseconds)
        guard case .complete(let missing) = verdict else { return }
        do {
            try await store.finishRecovery()
        } catch let error as StoreError where error.code == .notReady {
            return
        } catch {
            return logger.error("the recovery could not be ended and is tried again", metadata: ["error": "\(error)"])
        }
        driver.setRecovering(false)
        let seq = store.state().logged[configuration.park]
        logger.notice(
            "own entries are back; writes are accepted", metadata: ["own_entries": "\(seq)", "parks_left_out": "\(missing.joined(separator: " "))"])
    }
}
