import ParkSyncReplication
import ParkSyncStore
import Synchronization

/// Has a row verifier's turns taken. Ends are told on any thread, also before the call returns.
package protocol VerificationHands: AnyObject, Sendable {
    /// Rings at this monotonic time or earlier. The earliest of those that were asked for counts;
    /// the others are forgotten.
    func wake(at time: UInt64, then ring: @escaping @Sendable () -> Void)
    /// `RowVerifier.turn`.
    func turn(then finish: @escaping @Sendable () -> Void)
}

/// Drives the verification of rows: a turn when the node begins, when the store tells its observers
/// of something, and when the verifier's schedule says so; one at a time.
package final class VerificationDriver: Sendable {
    private struct Turn {
        var isUnderWay = false
        /// Something has happened since the turn began that is under way.
        var isWantedAgain = false
    }

    private let verifier: RowVerifier
    private let hands: any VerificationHands
    private let turn = Mutex(Turn())

    package init(_ verifier: RowVerifier, hands: any VerificationHands) {
        (self.verifier, self.hands) = (verifier, hands)
    }

    /// - Returns: a token with which the driver hears of what the store publishes; it ends with the
    ///   token.
    package func begin(observing store: ParkStore) -> ObservationToken {
        let token = store.observe { [weak self] in self?.look() }
        look()
        return token
    }

    /// Something has happened, or the time of a `wake` has come.
    package func look() {
        let mayBegin = turn.withLock { turn in
            turn.isWantedAgain = turn.isUnderWay
            defer { turn.isUnderWay = true }
            return !turn.isUnderWay
        }
        if mayBegin { hands.turn { [weak self] in self?.ended() } }
    }

    private func ended() {
        // Before another turn may begin: it is the verifier's, which takes one call at a time.
        let next = verifier.nextWake
        let isWantedAgain = turn.withLock { turn in
            defer { turn = Turn() }
            return turn.isWantedAgain
        }
        if isWantedAgain { return look() }
        hands.wake(at: next) { [weak self] in self?.look() }
    }
}
