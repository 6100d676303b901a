import ParkSyncCore
import ParkSyncReplication
import Synchronization

/// Applying in turns: however much there is to apply, and whatever one entry costs, local
/// transactions, operators' commands and the end of the node wait for one turn and no longer.
struct ApplyTurns {
    /// Told after each turn how far it has come, and whether nothing more can be applied; returns
    /// whether it need not be told any more.
    typealias Watcher = (_ state: StoreState, _ isDone: Bool) -> Bool

    /// A turn ends with the batch in which it has lasted so long.
    static let milliseconds: UInt64 = 200

    var watchers: [Watcher] = []
    /// Whether a further turn stands in the store's queue.
    var isUnderWay = false
    /// Where it goes on.
    var queue: EntryQueue?
}

extension StoreCore {
    /// Goes on until nothing in the log can be applied. What fails here stays in the log and is
    /// tried again.
    ///
    /// - Parameter watcher: is told of it on the store's queue, at once if all is done in one turn.
    func applyRest(_ entries: EntryQueue, _ watcher: @escaping ApplyTurns.Watcher) {
        applyTurns.watchers.append(watcher)
        guard !applyTurns.isUnderWay else { return }
        applyTurns.queue = entries
        goOnApplying()
    }

    private func goOnApplying() {
        var entries = applyTurns.queue ?? EntryQueue(connection: applier.connection, schema: schema)
        let isDone = !applyTurn(&entries)
        (applyTurns.isUnderWay, applyTurns.queue) = (!isDone, isDone ? nil : entries.continued())
        // Whoever is told that nothing more can be applied may ask at once what stands in the way.
        if isDone { publishObstacles() }
        tellWatchers(isDone)
        if isDone { return }
        later { core in
            do {
                try core.makeReady()
                core.goOnApplying()
            } catch {
                core.noteApplyFailure(error)
                (core.applyTurns.isUnderWay, core.applyTurns.queue) = (false, nil)
                core.publishObstacles()
                core.tellWatchers(true)
            }
            core.logKeeper.noteBatch()
            core.logKeeper.tend(core.applier.connection)
        }
    }

    private func tellWatchers(_ isDone: Bool) {
        let watchers = applyTurns.watchers
        applyTurns.watchers = []
        applyTurns.watchers = watchers.filter { !$0(current, isDone) } + applyTurns.watchers
    }

    /// - Returns: whether there is more to apply.
    private func applyTurn(_ entries: inout EntryQueue) -> Bool {
        let end = options.clock.monotonicMilliseconds() &+ ApplyTurns.milliseconds
        var hasProgress = true
        while hasProgress {
            if board.inbox.withLock({ $0.mustEndApplying }) { return false }
            do {
                do {
                    try applyTransaction { next, wall in
                        hasProgress = try applier.applyBatch(&entries, &next, wallMilliseconds: wall)
                    }
                } catch  where Applier.isRefusal(error) {
                    // One entry breaks what SQLite or an index demands: the others of the batch
                    // must not wait for it.
                    try applyTransaction { next, wall in
                        hasProgress = try applier.applySingly(&entries, &next, wallMilliseconds: wall)
                    }
                }
            } catch {
                noteApplyFailure(error)
                return false
            }
            if hasProgress, options.clock.monotonicMilliseconds() >= end { return true }
        }
        return false
    }
}

extension ParkStore {
    /// What is in the log and not applied stays so until the file is opened again: the node is
    /// about to end, and whoever waits for the end of applying need not.
    package func endApplying() { board.inbox.withLock { $0.mustEndApplying = true } }
}

/// Slices that are in the log, until their entries are applied or cannot be.
final class LoggedSlices {
    private var jobs: [WaitingSlice]

    init(_ jobs: [WaitingSlice]) { self.jobs = jobs }

    /// - Returns: whether all have been finished.
    func finish(_ state: StoreState, all isDone: Bool) -> Bool {
        let open = jobs
        jobs = []
        for job in open {
            let index = state.index(of: job.slice.origin)
            let isApplied = index.map { state.origins[$0].folded >= job.slice.entries.last?.header.seq ?? 0 } ?? false
            if isDone || isApplied { job.finish(.success(())) } else { jobs.append(job) }
        }
        return jobs.isEmpty
    }
}
