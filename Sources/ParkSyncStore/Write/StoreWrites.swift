import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import Synchronization

/// A received slice that waits for its turn.
struct WaitingSlice: Sendable {
    var slice: VerifiedSlice
    var finish: @Sendable (Result<Void, any Error>) -> Void
}

/// What `sealForeign` found.
package enum ForeignSeal: Hashable, Sendable {
    case sealed
    /// No program has written anything that is not sealed.
    case nothing
    /// A program is writing at this moment.
    case writerActive
}

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
                    remedy:
                        "An author has at most \(CoreLimits.authorBytesMax) bytes, a note \(CoreLimits.noteBytesMax)."))
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

    /// Appends and applies received slices. Those that cannot be applied are kept nevertheless.
    func commit(_ jobs: [WaitingSlice]) {
        var entries = EntryQueue(connection: applier.connection, schema: schema)
        var refusals: [Int: any Error] = [:]
        do {
            do {
                refusals = try append(jobs, &entries, applying: true)
            } catch  where Applier.isRefusal(error) {
                entries = EntryQueue(connection: applier.connection, schema: schema)
                refusals = try append(jobs, &entries, applying: false)
            }
        } catch {
            let named = writeLock.naming(error)
            for job in jobs { job.finish(.failure(named)) }
            return
        }
        for (index, job) in jobs.enumerated() { if let refusal = refusals[index] { job.finish(.failure(refusal)) } }
        let stored = LoggedSlices(jobs.enumerated().filter { refusals[$0.offset] == nil }.map(\.element))
        applyRest(entries) { state, isDone in stored.finish(state, all: isDone) }
    }

    /// - Returns: why slices were refused, by their index.
    private func append(_ jobs: [WaitingSlice], _ entries: inout EntryQueue, applying: Bool) throws -> [Int: any Error]
    {
        var refusals: [Int: any Error] = [:]
        try applyTransaction { next, wall in
            for (index, job) in jobs.enumerated() {
                do {
                    if let branch = next.branch, job.slice.origin == next.origins[next.own].origin {
                        try keepBeside(job.slice, branch, &next)
                        continue
                    }
                    let fresh = try applier.append(job.slice, to: &next, wallMilliseconds: wall)
                    guard let origin = next.index(of: job.slice.origin) else { continue }
                    for entry in fresh { entries.decoded[origin, default: [:]][entry.header.seq] = entry }
                } catch let refusal as SliceRefused { refusals[index] = refusal }
            }
            if applying { _ = try applier.applyBatch(&entries, &next, wallMilliseconds: wall) }
        }
        return refusals
    }

    func noteApplyFailure(_ error: any Error) {
        // Of a table that is gone or altered SQLite says only that it is wrong SQL.
        let obstacle = (error as? StoreError)?.code == .sql ? obstacles.first : nil
        let cause = obstacle?.cause ?? "applying failed: \(ErrorWords.of(error))"
        var next = current
        for (index, origin) in current.origins.enumerated() where index != current.own && origin.folded < origin.logged
        {
            next.held.append(
                StuckEntry(
                    origin: origin.origin, seq: origin.folded + 1, state: .held,
                    kind: obstacle.map { StuckCause(.table, $0.table) } ?? StuckCause(.failed), cause: cause,
                    remedy: obstacle?.remedy ?? "It is tried again with the next received entry or housekeeping."))
        }
        publish(next)
    }

    /// One transaction of the applier: foreign writes are sealed and the tail is folded before
    /// `body`, so that clocks, digests and dependencies are those of the tables as they are.
    func applyTransaction(_ body: (inout StoreState, UInt64) throws -> Void) throws {
        liveness.beat()
        var next = current
        let wall = options.clock.wallMilliseconds()
        try applier.connection.transaction {
            try noteTables()
            try guardSchema(&next, on: applier.connection)
            if !next.ownLog.isUncertain {
                _ = try applier.sealer.seal(&next, wallMilliseconds: wall)
                try applier.sealer.sign(&next, key: options.identity)
            }
            try applier.fold(&next)
            try body(&next, wall)
            try applier.keepDifferences(&next, wallMilliseconds: wall)
            try judgeZone(&next)
            try StateLoader.save(applier.connection, next, before: current)
        }
        advance(next)
    }

    func advance(_ next: StoreState) {
        var next = next
        if next.isTentative {
            next.digest = nil
        } else if next.isFolded || next.ownLog.isFetching {
            let vector = next.applied
            if next.digest?.vector != vector {
                next.digest = StateDigest(
                    vector: vector, schemaNumber: schema.number, hash: StateHash.of(next, schema: schema))
            }
        }
        next._checkInvariants()
        current = next
        publish(next)
    }

    package func foldNow() throws { try applyTransaction { _, _ in } }

    /// See `ParkStore.sealForeign()`.
    fileprivate func sealForeign() throws -> ForeignSeal {
        if try noteTables() { applyWaiting {} }
        guard !current.ownLog.isUncertain else { return .nothing }
        let hasForeignSchema = try hasForeignSchema()
        let isVisible = try hasForeignSchema || !applier.sealer.pendingTables().isEmpty
        var next = current
        let sealing = { [self] () -> ForeignSeal in
            try guardSchema(&next, on: applier.connection)
            guard try !applier.sealer.pendingTables().isEmpty else { return .nothing }
            do {
                let entry = try applier.sealer.seal(&next, wallMilliseconds: options.clock.wallMilliseconds())
                try applier.sealer.sign(&next, key: options.identity)
                // A park that comes back into the zone may write behind the first entry of its new
                // log.
                if next.ownLog.obstacle != nil { try judgeZone(&next) }
                return entry == nil ? .nothing : .sealed
            } catch { throw try explained(error) }
        }
        guard
            let outcome = isVisible
                ? try applier.connection.transaction(sealing) : try applier.connection.transactionIfFree(sealing)
        else {
            return .writerActive
        }
        let hasRefused = next.refused != current.refused
        current = next
        if outcome == .sealed || hasForeignSchema || hasRefused { publish(next) }
        return outcome
    }

    /// See `ParkStore.housekeep()`.
    fileprivate func housekeep(then finish: @escaping () -> Void) throws {
        if !current.isFolded || current.digest?.vector != current.applied { try foldNow() }
        applyWaiting(then: finish)
    }

    /// - Parameter finish: called when nothing more can be applied.
    private func applyWaiting(then finish: @escaping () -> Void) {
        // A recovering node's own entries are applied like anybody's.
        let waits = current.origins.enumerated().contains {
            ($0 != current.own || current.ownLog.isFetching) && $1.folded < $1.logged
        }
        guard waits else {
            publishObstacles()
            return finish()
        }
        applier.refusals.retry()
        applyRest(EntryQueue(connection: applier.connection, schema: schema)) { _, isDone in
            if isDone { finish() }
            return isDone
        }
    }
}

extension ParkStore {
    /// Seals what other programs wrote.
    ///
    /// A write is on the disk a moment before it is visible. So when nothing is visible, the write
    /// lock tells whether a writer is still at it; whoever was told of a write by the kernel then
    /// has to ask again.
    @discardableResult
    package func sealForeign() async throws -> ForeignSeal {
        try await withCheckedThrowingContinuation { continuation in sealForeign { continuation.resume(with: $0) } }
    }

    /// The same as `sealForeign()`, for a caller without tasks.
    package func sealForeign(then finish: @escaping StoreCompletion<ForeignSeal>) {
        onQueue({ try $0.sealForeign() }, then: finish)
    }

    /// Folds the tail of own entries into clocks and digests, and applies what has waited and can
    /// be applied now.
    package func housekeep() async throws {
        try await withCheckedThrowingContinuation { continuation in housekeep { continuation.resume(with: $0) } }
    }

    /// The same as `housekeep()`, for a caller without tasks.
    package func housekeep(then finish: @escaping StoreCompletion<Void>) {
        core.async { core in
            do {
                try core.makeReady()
                try core.housekeep { finish(.success(())) }
            } catch { finish(.failure(core.writeLock.naming(error))) }
            core.logKeeper.tend(core.applier.connection)
        }
    }

    /// Ends the check of a file, or the fetching of own entries: from now on writes are accepted.
    ///
    /// - Throws: `StoreError.notReady` while fetched entries are not applied yet.
    package func finishRecovery() async throws {
        try await withCheckedThrowingContinuation { continuation in finishRecovery { continuation.resume(with: $0) } }
    }

    /// The same as `finishRecovery()`, for a caller without tasks.
    package func finishRecovery(then finish: @escaping StoreCompletion<Void>) {
        onQueue({ try $0.acceptWrites() }, then: finish)
    }
}
