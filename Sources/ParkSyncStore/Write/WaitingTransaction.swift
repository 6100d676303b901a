import ParkSyncReplication
import ParkSyncReports
import Synchronization

/// A local transaction that waits for its turn, and who waits for it.
///
/// Its time limit counts from the request. Whoever gives up, or is told that the time is over, can
/// be sure that it is not executed afterwards: it begins only while it waits, and ends its wait
/// only once.
final class WaitingTransaction: Sendable {
    private enum Stage { case waiting, begun, abandoned, over }

    typealias Answer = @Sendable (WaitingTransaction, Result<TransactionResult, any Error>) -> Void

    let transaction: StoreTransaction
    /// Monotonic milliseconds.
    let deadline: UInt64
    private let hasGone: @Sendable () -> Bool
    private let answer: Answer
    private let stage = Mutex(Stage.waiting)

    /// - Parameter hasGone: whether the client has hung up; asked until the transaction is begun.
    init(
        _ transaction: StoreTransaction, now: UInt64,
        hasGone: @escaping @Sendable () -> Bool = ClientPresence.hasCurrentGone,
        then answer: @escaping Answer
    ) {
        self.transaction = transaction
        self.hasGone = hasGone
        deadline = now + UInt64(max(1, transaction.timeoutMilliseconds))
        self.answer = answer
    }

    /// Whether somebody waits for it still.
    var isWanted: Bool {
        let stage = stage.withLock { $0 }
        return stage == .begun || (stage == .waiting && !hasGone())
    }

    /// Whether it may be executed; from then on only its outcome ends it. A client that hangs up
    /// later does not.
    func begin() -> Bool {
        if hasGone() { end(StoreError.clientGone) }
        return stage.withLock { stage in
            if stage == .waiting { stage = .begun }
            return stage == .begun
        }
    }

    /// Ends the wait with an error if it was not begun.
    ///
    /// - Returns: whether it was ended.
    @discardableResult
    func end(_ error: any Error) -> Bool {
        let isEnded = stage.withLock { stage in
            guard stage == .waiting else { return false }
            stage = .over
            return true
        }
        if isEnded { answer(self, .failure(error)) }
        return isEnded
    }

    /// Nobody waits any more. What was begun is undone at the next chance, unless it is being
    /// committed.
    func abandon() {
        guard !end(CancellationError()) else { return }
        stage.withLock { if $0 == .begun { $0 = .abandoned } }
    }

    func finish(_ result: Result<TransactionResult, any Error>) {
        let last = stage.withLock { stage in
            defer { stage = .over }
            return stage
        }
        switch (last, result) {
        case (.over, _): break
        // Whatever kept it from being executed then: it was undone because nobody waited any more.
        case (.abandoned, .failure): answer(self, .failure(CancellationError()))
        default: answer(self, result)
        }
    }
}

/// Ends transactions that wait beyond their time limit, also while the writing queue is busy with
/// something else.
///
/// One task for all, and only while some wait.
final class TransactionDeadlines: Sendable {
    private struct State {
        var waiting: [ObjectIdentifier: WaitingTransaction] = [:]
        /// The earliest deadline, and who sleeps until then.
        var wakesAt: UInt64?
        var sleeper: Task<Void, Never>?
    }

    private let clock: any NodeClock
    private let overdue: @Sendable (WaitingTransaction) -> any Error
    private let state = Mutex(State())

    /// - Parameter overdue: says why a transaction was not begun in time.
    init(clock: any NodeClock, overdue: @escaping @Sendable (WaitingTransaction) -> any Error) {
        self.clock = clock
        self.overdue = overdue
    }

    func add(_ job: WaitingTransaction) {
        state.withLock { state in
            state.waiting[ObjectIdentifier(job)] = job
            if state.wakesAt.map({ job.deadline < $0 }) ?? true { sleep(until: job.deadline, &state) }
        }
    }

    func remove(_ job: WaitingTransaction) {
        state.withLock { state in
            state.waiting[ObjectIdentifier(job)] = nil
            if state.waiting.isEmpty { sleep(until: nil, &state) }
        }
    }

    private func sleep(until due: UInt64?, _ state: inout State) {
        state.sleeper?.cancel()
        state.wakesAt = due
        state.sleeper = due.map { due in
            Task { [weak self, clock] in
                do { try await clock.sleep(until: due) } catch { return }
                self?.wake(due)
            }
        }
    }

    private func wake(_ due: UInt64) {
        let now = clock.monotonicMilliseconds()
        let late = state.withLock { state -> [WaitingTransaction] in
            let late = state.waiting.values.filter { $0.deadline <= now }
            for job in late { state.waiting[ObjectIdentifier(job)] = nil }
            // Unless somebody else sleeps already.
            if state.wakesAt == due { sleep(until: state.waiting.values.map(\.deadline).min(), &state) }
            return late
        }
        for job in late { job.end(overdue(job)) }
    }
}
