import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import ServiceLifecycle

/// Seals what other programs write, as soon as the kernel reports a write to the file.
struct ForeignWriteService: Service {
    let store: ParkStore
    let path: String
    let clock: any NodeClock
    let journal: Journal

    /// Writers that the kernel does not report (a file system without inotify) are found by looking this often.
    static let lookMilliseconds: UInt64 = 5_000
    /// While a program holds the write lock, it is looked at again this often.
    static let activeMilliseconds: UInt64 = 5
    /// Least time between two seals: each takes the page cache away from the program that writes, so that one which writes
    /// without a pause is sealed in larger pieces. A single write is sealed at once.
    static let spacingMilliseconds: UInt64 = 10
    private static let work = "sealing"

    func run() async throws {
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watcher = try FileWatcher(database: path) { wake.yield() }
        try await untilShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        wake.yield()
                        try await clock.sleep(until: clock.monotonicMilliseconds() + Self.lookMilliseconds)
                    }
                }
                group.addTask {
                    for await _ in events {
                        await seal()
                        try await clock.sleep(until: clock.monotonicMilliseconds() + Self.spacingMilliseconds)
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }
        withExtendedLifetime(watcher) {}
    }

    private func seal() async {
        do {
            var outcome = try await store.sealForeign()
            while outcome == .writerActive {
                try await clock.sleep(until: clock.monotonicMilliseconds() + Self.activeMilliseconds)
                outcome = try await store.sealForeign()
            }
            journal.done(Self.work, wrote: outcome == .sealed)
        } catch is CancellationError {} catch let error as StoreError where error.code == .busy {
            // Another program has the write lock: that is told with its name, see `DatabaseWatch`.
        } catch {
            journal.failed(Self.work, error, .sealFailed(error))
        }
    }
}

/// Folds own entries into clocks and digests when the node has a quiet moment, and tries held entries again.
struct HousekeepingService: Service {
    let store: ParkStore
    let clock: any NodeClock
    let journal: Journal

    /// How long no write must have come before the tail is folded.
    static let quietMilliseconds: UInt64 = 40
    /// A tail of so many changes is folded without waiting.
    static let tailChangesMax = 20_000
    /// Held entries are tried again this often; a stamp in the future becomes due without any event. So is a fold that failed.
    static let retryMilliseconds: UInt64 = 5_000
    private static let work = "housekeeping"
    private static let walking = "looking at the log"

    func run() async throws {
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let token = store.observe { wake.yield() }
        // What a service waits for in the store has to come to an end, or the node does not.
        try await withGracefulShutdownHandler {
            try await tidyUntilShutdown(events)
        } onGracefulShutdown: {
            store.endApplying()
        }
        withExtendedLifetime(token) {}
    }

    private func tidyUntilShutdown(_ events: AsyncStream<Void>) async throws {
        try await untilShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        if store.needsHousekeeping { await tidy() }
                        await walk()
                        try await clock.sleep(until: clock.monotonicMilliseconds() + Self.retryMilliseconds)
                    }
                }
                group.addTask {
                    for await _ in events {
                        if store.counts.unfoldedChanges == 0, store.state().digest?.vector == store.state().applied { continue }
                        // While writes keep coming, folding waits for a pause, but not beyond the limit of the tail.
                        var seen = store.state().applied
                        while store.counts.unfoldedChanges < Self.tailChangesMax {
                            try await clock.sleep(until: clock.monotonicMilliseconds() + Self.quietMilliseconds)
                            let now = store.state().applied
                            if now == seen { break }
                            seen = now
                        }
                        await tidy()
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    private func walk() async {
        do {
            try await store.walkLog()
            journal.done(Self.walking, wrote: false)
        } catch { journal.failed(Self.walking, error, .housekeepingFailed(error)) }
    }

    private func tidy() async {
        do {
            try await store.housekeep()
            journal.done(Self.work)
        } catch let error as StoreError where error.code == .busy {
            // Likewise.
        } catch { journal.failed(Self.work, error, .housekeepingFailed(error)) }
    }
}
