import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports

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

extension StoreCore {
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
