import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire
import Synchronization

/// How much memory requests may take at a time, those of all listeners together.
final class BodyBudget: Sendable {
    /// A body is there as it came, as one piece, and as what is decoded from it.
    static let copiesOfBody = 4
    /// What a decoded value of JSON takes besides its bytes.
    static let bytesPerValue = 160

    /// So much of each request counts for nothing: who sends little is answered also while others
    /// send much.
    static let freeBytes = 64 << 10

    private let bytesMax: Int
    private let taken = Mutex(0)

    init(bytesMax: Int = LocalLimits.requestBytesMax) { self.bytesMax = bytesMax }

    /// What one request has of the budget, until the request is done.
    final class Share: Sendable {
        /// Of the request that the task answers.
        @TaskLocal static var current: Share?

        private let budget: BodyBudget
        private let clock: any NodeClock
        private let deadline: UInt64
        private struct Own {
            var bytes = 0
            /// Of that what the budget gave.
            var taken = 0
        }
        private let own = Mutex(Own())

        init(_ budget: BodyBudget, clock: any NodeClock) {
            (self.budget, self.clock) = (budget, clock)
            deadline = clock.monotonicMilliseconds() &+ LocalLimits.bodyMillisecondsMax
        }

        deinit { budget.give(own.withLock { $0.taken }) }

        /// For a piece of the body that has come.
        ///
        /// - Throws: a 408 or 429 problem.
        func take(body bytes: Int) throws {
            guard clock.monotonicMilliseconds() <= deadline else {
                throw Problems.slowBody(LocalLimits.bodyMillisecondsMax)
            }
            try take(bytes * BodyBudget.copiesOfBody)
        }

        func take(values: Int) throws { try take(values * BodyBudget.bytesPerValue) }

        private func take(_ bytes: Int) throws {
            let isGiven = own.withLock { own in
                let more = max(0, own.bytes + bytes - BodyBudget.freeBytes) - own.taken
                guard budget.take(more) else { return false }
                own = Own(bytes: own.bytes + bytes, taken: own.taken + more)
                return true
            }
            guard isGiven else { throw Problems.tooManyBytes }
        }
    }

    private func take(_ bytes: Int) -> Bool {
        taken.withLock { taken in
            guard bytes <= bytesMax - taken else { return false }
            taken += bytes
            return true
        }
    }

    private func give(_ bytes: Int) { taken.withLock { $0 -= bytes } }
}
