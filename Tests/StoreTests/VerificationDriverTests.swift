import ParkSyncNode
import Synchronization
import Testing

@testable import ParkSyncStore

/// When the turns of the verification are taken, in the daemon and in the simulator.
@Suite struct VerificationDriverTests {
    /// Keeps what it is asked for.
    private final class Hands: VerificationHands {
        typealias Call = @Sendable () -> Void
        private struct Asked {
            var turns = 0
            var end: Call?
            var wakes: [UInt64] = []
            var ring: Call?
        }
        private let asked = Mutex(Asked())

        var turns: Int { asked.withLock { $0.turns } }
        var wakes: [UInt64] { asked.withLock { $0.wakes } }

        func wake(at time: UInt64, then ring: @escaping Call) {
            asked.withLock {
                $0.wakes.append(time)
                $0.ring = ring
            }
        }

        func turn(then finish: @escaping Call) {
            asked.withLock {
                $0.turns += 1
                $0.end = finish
            }
        }

        func complete(_ verifier: RowVerifier) async throws {
            let end = try #require(asked.withLock { $0.end })
            await verifier.turn()
            end()
        }

        func ring() throws {
            let ring = try #require(asked.withLock { $0.ring })
            ring()
        }
    }

    @Test func oneTurnIsUnderWayAndNewsBringAnother() async throws {
        let federation = try Federation(["south", "west"], schema: shapes)
        let verifier = try await RowVerifier(federation["south"], clock: federation.clock) { _ in }
        let hands = Hands()
        let driver = VerificationDriver(verifier, hands: hands)
        driver.look()
        for _ in 0..<3 { driver.look() }
        #expect(hands.turns == 1 && hands.wakes == [])
        try await hands.complete(verifier)
        #expect(hands.turns == 2 && hands.wakes == [], "something has happened since it began")
        try await hands.complete(verifier)
        #expect(hands.turns == 2 && hands.wakes == [verifier.nextWake])
        try hands.ring()
        #expect(hands.turns == 3)
    }
}
