import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Synchronization

extension ParkStore {
    /// Executes a local transaction and seals it into an entry of its own. Returns when it is
    /// durable.
    ///
    /// - Throws: `StoreError`, or `CancellationError` when the task was cancelled; nothing was
    ///   written then. At the latest when the time limit of the transaction has passed since this
    ///   call, unless it is being executed.
    package func transact(_ transaction: StoreTransaction) async throws -> TransactionResult {
        let held = Mutex<WaitingTransaction?>(nil)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = makeJob(transaction) { [deadlines] job, result in
                    deadlines.remove(job)
                    continuation.resume(with: result)
                }
                guard let job else { return }
                held.withLock { $0 = job }
                deadlines.add(job)
                // Whoever was cancelled before has found nothing to abandon.
                if Task.isCancelled { job.abandon() }
                enqueue { $0.transactions.append(job) }
            }
        } onCancel: {
            held.withLock { $0 }?.abandon()
        }
    }

    /// The same as `transact(_:)`, for a caller without tasks. `finish` is called when the outcome
    /// is durable, and not before the store comes to the transaction.
    package func transact(_ transaction: StoreTransaction, then finish: @escaping StoreCompletion<TransactionResult>) {
        guard let job = makeJob(transaction, then: { finish($1) }) else { return }
        enqueue { $0.transactions.append(job) }
    }

    /// - Returns: nil if it is refused, and told so.
    private func makeJob(_ transaction: StoreTransaction, then answer: @escaping WaitingTransaction.Answer)
        -> WaitingTransaction?
    {
        let job = WaitingTransaction(transaction, now: options.clock.monotonicMilliseconds(), then: answer)
        guard transaction.author.utf8.count <= CoreLimits.authorBytesMax,
            transaction.note.utf8.count <= CoreLimits.noteBytesMax
        else {
            job.end(
                StoreError(
                    .tooLarge, "the author or the note is too long",
                    remedy: """
                        An author has at most \(CoreLimits.authorBytesMax) bytes, a note \(CoreLimits.noteBytesMax).
                        """))
            return nil
        }
        return job
    }
}

extension StoreCore {
    private typealias Outcome = Result<TransactionResult, any Error>

    /// One SQLite transaction for all that wait. One that fails is undone alone; one that makes
    /// SQLite give up the whole transaction (its time limit does) is taken out and the others are
    /// executed again. When the commit itself fails, each gets one of its own, so that those fail
    /// that have to.
    func commit(_ waiting: [WaitingTransaction]) {
        // A savepoint keeps a copy of each page that is changed in it, beyond 64 KiB in a temporary
        // file: only small transactions gain by sharing one commit.
        var jobs: [WaitingTransaction] = []
        for job in waiting {
            if job.transaction.statements.count > Self.groupedStatementsMax {
                commitTogether([job])
            } else {
                jobs.append(job)
            }
        }
        if !jobs.isEmpty { commitTogether(jobs) }
    }

    /// Transactions with more statements are committed alone.
    private static let groupedStatementsMax = 32

    private func commitTogether(_ jobs: [WaitingTransaction]) {
        var outcomes: [Outcome?] = Array(repeating: nil, count: jobs.count)
        while outcomes.contains(where: { $0 == nil }) {
            let open = outcomes.indices.filter { outcomes[$0] == nil }
            do {
                var next = current
                let results = try writer.waiting(while: {
                    open.contains { jobs[$0].isWanted && !self.isOverdue(jobs[$0]) }
                }) {
                    try writer.transaction { try execute(open.map { ($0, jobs[$0]) }, &next) }
                }
                for (index, result) in results { outcomes[index] = result }
                current = next
                publish(next)
                // Into which file it was written is known only now.
                do { try board.openFiles.check() } catch {
                    for index in open { outcomes[index] = .failure(error) }
                }
            } catch let lost as TransactionLost {
                outcomes[lost.index] = .failure(lost.cause)
            } catch let error as StoreError where open.count > 1 && [.constraint, .diskFull].contains(error.code) {
                for index in open { commitTogether([jobs[index]]) }
                return finish(jobs, outcomes)
            } catch {
                let named = writeLock.naming(error)
                for index in open { outcomes[index] = .failure(failure(jobs[index], named)) }
            }
        }
        finish(jobs, outcomes)
    }

    private func finish(_ jobs: [WaitingTransaction], _ outcomes: [Outcome?]) {
        for (job, outcome) in zip(jobs, outcomes) { if let outcome { job.finish(outcome) } }
    }

    private struct TransactionLost: Error {
        var index: Int
        var cause: any Error
    }

    private func failure(_ job: WaitingTransaction, _ error: any Error) -> any Error {
        if isOverdue(job) { return writeLock.notBegun(job) }
        return job.isWanted ? error : StoreError.clientGone
    }

    private func isOverdue(_ job: WaitingTransaction) -> Bool { options.clock.monotonicMilliseconds() > job.deadline }

    /// Whether a transaction may be executed still: somebody waits for it, and its time is not
    /// over.
    private func begin(_ job: WaitingTransaction) -> Bool {
        if isOverdue(job) { job.end(writeLock.notBegun(job)) }
        return job.begin()
    }

    private func execute(_ all: [(Int, WaitingTransaction)], _ next: inout StoreState) throws -> [(Int, Outcome)] {
        let wall = options.clock.wallMilliseconds()
        var outcomes: [(Int, Outcome)] = []
        // While the log is compared nothing of it is signed: what was captured before has a number
        // for the time being.
        try guardSchema(&next, on: writer)
        do { try next.ownLog.checkWrites() } catch { return all.map { ($0.0, .failure(error)) } }
        // Now that the write lock is there: who has given up waiting for it has been told so.
        var jobs: [(Int, WaitingTransaction)] = []
        for (index, job) in all {
            if begin(job) { jobs.append((index, job)) } else { outcomes.append((index, .failure(CancellationError()))) }
        }
        if jobs.isEmpty { return outcomes }
        do { _ = try writerSealer.seal(&next, wallMilliseconds: wall) } catch { throw try explained(error) }
        try writerSealer.signIfLong(&next, key: options.identity)
        if jobs.count == 1, let (index, job) = jobs.first {
            // Alone it needs no savepoint, which would copy each page before it changes; what fails
            // takes the transaction with it.
            do { outcomes.append((index, .success(try execute(job, &next, wall: wall)))) } catch {
                throw TransactionLost(index: index, cause: error)
            }
            try writerSealer.sign(&next, key: options.identity)
            return outcomes
        }
        for (index, job) in jobs {
            let before = next
            try writer.statement("SAVEPOINT local").run()
            do {
                let result = try execute(job, &next, wall: wall)
                try writer.statement("RELEASE local").run()
                outcomes.append((index, .success(result)))
            } catch {
                next = before
                guard writer.isInTransaction else { throw TransactionLost(index: index, cause: error) }
                try writer.statement("ROLLBACK TO local").run()
                try writer.statement("RELEASE local").run()
                outcomes.append((index, .failure(error)))
            }
            try writerSealer.signIfLong(&next, key: options.identity)
        }
        try writerSealer.sign(&next, key: options.identity)
        return outcomes
    }

    private func execute(_ job: WaitingTransaction, _ next: inout StoreState, wall: UInt64) throws -> TransactionResult
    {
        try next.ownLog.checkWrites()
        let (clock, transaction) = (options.clock, job.transaction)
        let sql = String(
            decoding: (transaction.statements.first?.sql ?? "").utf8.prefix(Liveness.shownBytesMax), as: UTF8.self)
        liveness.beat(Liveness.Running(since: clock.monotonicMilliseconds(), deadline: job.deadline, sql: sql))
        let results = try TransactionRunner(connection: writer).run(transaction) {
            clock.monotonicMilliseconds() > job.deadline || !job.isWanted
        }
        // SQLite asks deferred foreign keys only at the commit, which others share.
        guard !writer.hasOpenReferences else {
            throw StoreError(
                .constraint,
                """
                FOREIGN KEY constraint failed: at the end of the transaction a row refers to a row that does \
                not exist
                """,
                remedy: "Nothing was written; correct the values.")
        }
        let entry = try writerSealer.seal(
            &next, wallMilliseconds: wall, author: transaction.author, note: transaction.note, refusal: .fails)
        return TransactionResult(origin: next.origins[next.own].origin.name, seq: entry?.seq, results: results)
    }
}
