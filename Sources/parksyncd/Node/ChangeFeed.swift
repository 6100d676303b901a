import ParkSyncCore
import ParkSyncReplication
import ParkSyncServer
import ParkSyncStore
import ParkSyncWire

/// Reads applied entries from the log as they become visible, for one subscriber.
struct ChangeFeed: Sendable {
    let store: ParkStore
    /// Empty for all tables.
    let tables: Set<ExactText>

    /// Entries read at a time.
    static let batchEntries = 100
    /// Events that wait for a slow subscriber before it is ended; it can resume from the last event's vector.
    static let bufferedEventsMax = 10_000

    func stream(after vector: VersionVector) -> AsyncThrowingStream<SubscriptionEvent, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: SubscriptionEvent.self, throwing: (any Error).self, bufferingPolicy: .bufferingOldest(Self.bufferedEventsMax))
        let task = Task {
            do {
                try await run(after: vector, continuation)
                continuation.finish()
            } catch { continuation.finish(throwing: error) }
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private func run(after vector: VersionVector, _ continuation: AsyncThrowingStream<SubscriptionEvent, any Error>.Continuation) async throws {
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let token = store.observe { wake.yield() }
        var vector = vector
        wake.yield()
        for await _ in events {
            while true {
                let entries = try await store.appliedEntries(after: vector, limit: Self.batchEntries)
                for entry in entries {
                    vector[entry.header.origin] = entry.header.seq
                    guard let event = event(entry) else { continue }
                    if case .dropped = continuation.yield(SubscriptionEvent(vector: vector.description, event: event)) {
                        throw ProblemDetails(
                            code: "subscriber-behind", title: "The subscriber is too slow", status: 503,
                            detail: "\(Self.bufferedEventsMax) events wait",
                            remedy: "Subscribe again after the last event's id.")
                    }
                }
                if entries.isEmpty { break }
            }
            try Task.checkCancellation()
        }
        withExtendedLifetime(token) {}
    }

    private func event(_ entry: LoggedEntry) -> ChangeEvent? {
        guard entry.state == "applied" else { return nil }
        let changes = entry.changes.filter { tables.isEmpty || tables.contains(ExactText($0.table)) }
        guard !changes.isEmpty else { return nil }
        return ChangeEvent(
            origin: entry.header.origin.name, seq: entry.header.seq, writtenAt: entry.header.stamp.milliseconds, author: entry.header.author,
            note: entry.header.note, changes: changes.map(StoreNodeAPI.change))
    }
}
