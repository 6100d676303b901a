import ParkSyncCore
import ParkSyncNode
import ParkSyncReplication
import ParkSyncStore
import ServiceLifecycle

/// Verifies rows when their schedule says so, and says what it found.
struct RowVerificationService: Service {
    let store: ParkStore
    let clock: any NodeClock
    let journal: Journal

    func run() async throws {
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let token = store.observe { wake.yield() }
        try await untilShutdown {
            let verifier = try await RowVerifier(store, clock: clock) { tell($0) }
            wake.yield()
            var timer: (at: UInt64, task: Task<Void, Never>)?
            defer { timer?.task.cancel() }
            for await _ in events {
                await verifier.turn()
                let at = verifier.nextWake
                if timer?.at == at, at > clock.monotonicMilliseconds() { continue }
                timer?.task.cancel()
                timer = (
                    at,
                    Task { [clock] in
                        do { try await clock.sleep(until: at) } catch { return }
                        wake.yield()
                    }
                )
            }
        }
        withExtendedLifetime(token) {}
    }

    private func tell(_ news: RowVerifier.News) {
        switch news {
        case .triggersLost(let tables): journal.write(.triggersLost(tables))
        case .foreignDropped(let objects): for object in objects { journal.write(.foreignDropped(object)) }
        case .constantsRestored(let tables): for table in tables { journal.write(.constantRestored(table)) }
        case .found(let difference): journal.write(.rowDiffers(difference))
        case .failed(let error): journal.failed(Self.work, error, .rowsNotVerified(error))
        case .finished(let rows):
            journal.write(.rowsVerified(rows))
            journal.done(Self.work, wrote: false)
        }
    }

    private static let work = "verifying rows"
}
