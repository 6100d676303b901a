import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// Verifies a store's rows as the schedule says. Whoever has it calls `turn()` at the times of
/// `nextWake`, and when the store tells its observers of something; one call at a time.
package final class RowVerifier: @unchecked Sendable {
    // What changes is confined to whoever calls; one call at a time.
    /// What an operator should hear of, once.
    package enum News: Sendable {
        case triggersLost([String])
        /// Triggers and indexes of others on ParkSync's own tables were dropped: the newest of
        /// them, in words.
        case foreignDropped([String])
        /// The rows of constant tables were put back at the start.
        case constantsRestored([RestoredConstant])
        case found(RowDifference)
        case failed(any Error)
        case finished(rows: Int64)
    }

    private let store: ParkStore
    private let clock: any NodeClock
    private let tell: @Sendable (News) -> Void
    private var schedule: VerificationSchedule
    private var schemaChanges: UInt64
    private var suspicions: [RowsStatus.Suspicion] = []
    private var differencesFound: UInt64 = 0
    private var droppedTold: UInt64 = 0
    private var constantsTold: [RestoredConstant] = []
    /// Differences of before the start have been looked at again.
    private var hasRechecked = false
    private var lastFailure = ""

    package init(_ store: ParkStore, clock: any NodeClock, tell: @escaping @Sendable (News) -> Void) async throws {
        (self.store, self.clock, self.tell) = (store, clock, tell)
        let memory = try await store.rememberedVerification()
        schedule = VerificationSchedule(
            tables: store.schema.tables.map(\.name), position: memory.position, compared: memory.compared,
            now: clock.monotonicMilliseconds())
        schemaChanges = store.schemaChanges
        // Whatever happened while the node was down: all rows are verified once from the beginning.
        _ = schedule.handle(.disturbed, at: moment)
    }

    package var nextWake: UInt64 { schedule.nextWake }

    private var moment: VerificationSchedule.Moment {
        .init(now: clock.monotonicMilliseconds(), wall: clock.wallMilliseconds(), applied: store.state().applied)
    }

    package func turn() async {
        noteDropped()
        noteConstants()
        noteSchema()
        await noteDifferences()
        await handle(.due)
    }

    /// Tells what was found while rows were written.
    private func noteDifferences() async {
        let found = store.differencesFound
        guard found != differencesFound else { return }
        let before = store.rowsStatus.differences
        do {
            try await store.nameFoundDifferences()
            differencesFound = found
        } catch { return await note(error) }
        for difference in store.rowsStatus.differences where !before.contains(difference) { tell(.found(difference)) }
    }

    private func noteDropped() {
        let dropped = store.droppedObjects
        // The count begins anew with a state that was read from the file.
        let new = dropped.count >= droppedTold ? dropped.count - droppedTold : dropped.count
        droppedTold = dropped.count
        if new > 0 { tell(.foreignDropped(Array(dropped.newest.suffix(Int(clamping: new))))) }
    }

    private func noteConstants() {
        let restored = store.restoredConstants
        guard restored != constantsTold else { return }
        constantsTold = restored
        if !restored.isEmpty { tell(.constantsRestored(restored)) }
    }

    private func noteSchema() {
        let found = store.rowsStatus.suspected
        let new = found.filter { !suspicions.contains($0) }
        suspicions = found
        if !new.isEmpty {
            tell(.triggersLost(new.map(\.table)))
            _ = schedule.handle(.suspected(new.map(\.table)), at: moment)
        }
        guard store.schemaChanges != schemaChanges else { return }
        schemaChanges = store.schemaChanges
        _ = schedule.handle(.disturbed, at: moment)
    }

    private func handle(_ event: VerificationSchedule.Event) async {
        for action in schedule.handle(event, at: moment) {
            do { try await carryOut(action) } catch is CancellationError { return } catch {
                await note(error)
                _ = schedule.handle(.failed, at: moment)
            }
        }
    }

    /// A failure that comes again and again is told once.
    private func note(_ error: any Error) async {
        if let error = error as? StoreError {
            if error.code == .notReady { return }
            // Who holds the lock is named elsewhere; everything else leaves rows unread until it is
            // over.
            if error.code != .busy { await store.noteVerificationFailure(error) }
        }
        guard lastFailure != "\(error)" else { return }
        lastFailure = "\(error)"
        tell(.failed(error))
    }

    private func carryOut(_ action: VerificationSchedule.Action) async throws {
        switch action {
        case .wake: break
        case .look(let request): try await look(request)
        case .remember(let position): try await store.rememberVerification(position)
        case .clear(let table, let since): try await store.clearSuspicion(table, since: since)
        case .finish(let rows, let seen):
            // What is found is the store's damage, and told as that.
            do { try await store.checkControls() } catch let error as StoreError where error.isOfFile { return }
            try await store.finishVerification(rows: rows, seen: seen)
            lastFailure = ""
            tell(.finished(rows: rows))
        }
    }

    private func look(_ request: RowSliceRequest) async throws {
        let before = store.rowsStatus.differences
        if !hasRechecked, store.standing().isReady {
            try await store.recheckDifferences()
            hasRechecked = true
        }
        let outcome = try await store.verifySlice(request)
        for difference in store.rowsStatus.differences where !before.contains(difference) { tell(.found(difference)) }
        await handle(.looked(rows: outcome.rows, milliseconds: outcome.milliseconds, next: outcome.next))
    }
}
