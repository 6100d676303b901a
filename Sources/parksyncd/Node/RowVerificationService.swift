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
        let (turns, queue) = AsyncStream.makeStream(of: VerificationTurns.End.self)
        let hands = VerificationTurns(clock) { queue.yield($0) }
        try await untilShutdown {
            let verifier = try await RowVerifier(store, clock: clock) { tell($0) }
            let driver = VerificationDriver(verifier, hands: hands)
            let token = driver.begin(observing: store)
            for await end in turns {
                await verifier.turn()
                end()
            }
            hands.rest()
            withExtendedLifetime((token, driver)) {}
        }
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

/// The turns of the verification as the service takes them, one behind the other.
private final class VerificationTurns: VerificationHands {
    typealias End = @Sendable () -> Void

    private let alarm: Alarm
    private let begin: @Sendable (@escaping End) -> Void

    init(_ clock: any NodeClock, begin: @escaping @Sendable (@escaping End) -> Void) {
        (alarm, self.begin) = (Alarm(clock), begin)
    }

    func wake(at time: UInt64, then ring: @escaping @Sendable () -> Void) { alarm.wake(at: time, then: ring) }

    func turn(then finish: @escaping End) { begin(finish) }

    /// Nothing rings any more.
    func rest() { alarm.rest() }
}
