import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncServer
import ParkSyncStore
import ParkSyncWire

/// Reads applied entries from the log as they become visible, for one subscriber.
///
/// Nothing is read before the subscriber has taken what was read, so what a slow one costs does not
/// grow: the log waits for it.
struct ChangeFeed: Sendable {
    let store: ParkStore
    /// Empty for all tables.
    let tables: Set<ExactText>

    /// Entries read at a time.
    static let batchEntries = 100
    /// No further entry is read once those before it have so many bytes in the log. As JSON an
    /// entry takes up to ten times as much.
    static let batchBytesTarget = 256 << 10

    func stream(after vector: VersionVector) -> AsyncThrowingStream<SubscriptionEvent, any Error> {
        let reader = Reader(feed: self, vector: vector)
        return AsyncThrowingStream { try await reader.next() }
    }

    private actor Reader {
        private let feed: ChangeFeed
        private var vector: VersionVector
        private var waiting: ArraySlice<SubscriptionEvent> = []
        private let wakes: AsyncStream<Void>
        private let token: ObservationToken

        init(feed: ChangeFeed, vector: VersionVector) {
            (self.feed, self.vector) = (feed, vector)
            let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            self.wakes = wakes
            token = feed.store.observe { wake.yield() }
        }

        /// The next event; nil once the subscriber's task is cancelled.
        func next() async throws -> SubscriptionEvent? {
            while true {
                if let event = waiting.popFirst() { return event }
                let entries = try await feed.store.appliedEntries(
                    after: vector, limit: ChangeFeed.batchEntries, bytes: ChangeFeed.batchBytesTarget,
                    entryBytesMax: LocalLimits.eventEntryBytesMax, tables: feed.tables.isEmpty ? nil : feed.tables)
                var events: [SubscriptionEvent] = []
                for entry in entries {
                    vector[entry.header.origin] = entry.header.seq
                    if let event = ChangeFeed.event(entry) {
                        events.append(SubscriptionEvent(vector: vector.description, event: event))
                    }
                }
                waiting = events[...]
                if entries.isEmpty, await !isWoken() { return nil }
            }
        }

        /// - Returns: false once the subscriber's task is cancelled.
        private func isWoken() async -> Bool {
            for await _ in wakes { return true }
            return false
        }
    }

    private static func event(_ entry: LoggedEntry) -> ChangeEvent? {
        let omitted = entry.bytes > LocalLimits.eventEntryBytesMax ? entry.changeCount : nil
        guard entry.state == "applied", !entry.changes.isEmpty || omitted != nil else { return nil }
        return ChangeEvent(
            origin: entry.header.origin.name, seq: entry.header.seq, writtenAt: entry.header.stamp.milliseconds,
            author: entry.header.author,
            note: entry.header.note, changes: entry.changes.map(StoreNodeAPI.change), omitted: omitted)
    }
}
