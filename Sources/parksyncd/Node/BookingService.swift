import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore
import ServiceLifecycle

/// Decides on booking requests for this park's resources as they become visible, in the order of their arrival.
actor BookingService: Service {
    private let store: ParkStore
    private let park: String
    private let clock: any NodeClock
    private let journal: Journal
    private let monitor: ArbiterMonitor
    /// Resources that may have something to be decided.
    private var touched: Set<ExactText> = []
    /// Wakes the arbiter after a failure, since no other change need come.
    private var retry: Task<Void, Never>?
    private var seen = VersionVector()
    /// The log was being fetched when it was looked at last.
    private var wasGated = false

    /// Entries looked at in one go.
    static let batchEntries = 256
    /// The tables whose changes can call for a decision.
    static let tables: Set = Set(["booking_request", "booking_decision", "resource"].map(ExactText.init))
    static let author = "arbiter"
    private static let work = "deciding on bookings"
    /// After a failure.
    static let retryMilliseconds: UInt64 = 5_000

    init(store: ParkStore, park: String, clock: any NodeClock, journal: Journal, monitor: ArbiterMonitor) {
        self.monitor = monitor
        self.store = store
        self.park = park
        self.clock = clock
        self.journal = journal
    }

    /// A schema of one's own need not have bookings; then there is nothing to decide.
    nonisolated private var hasBookings: Bool { Self.tables.allSatisfy { store.schema.index(ofTable: $0.text) != nil } }

    func run() async throws {
        guard hasBookings else { return try await gracefulShutdown() }
        let (events, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let token = store.observe { wake.yield() }
        seen = store.state().applied
        touched = try await openResources()
        wake.yield()
        try await untilShutdown { [self] in
            for await _ in events { await work { wake.yield() } }
        }
        retry?.cancel()
        withExtendedLifetime(token) {}
    }

    private func openResources() async throws -> Set<ExactText> {
        Set(try await rows(BookingSQL.openResources, [.string(park)]).compactMap { $0.first?.text.map(ExactText.init) })
    }

    /// - Parameter again: has the work done once more.
    private func work(again: @escaping @Sendable () -> Void) async {
        do {
            try await collect()
            // While the node fetches its own entries back, its decisions may still be on their way.
            guard store.standing().isReady else {
                wasGated = true
                return
            }
            if wasGated {
                // Entries may have taken the place of others that had their numbers.
                seen = store.state().applied
                touched.formUnion(try await openResources())
                wasGated = false
            }
            try await decideAll(again)
        } catch is CancellationError {} catch { failed(error, resource: nil, again) }
    }

    /// A resource whose requests cannot be answered keeps no other waiting.
    private func decideAll(_ again: @escaping @Sendable () -> Void) async throws {
        var failure: (resource: String, error: any Error)?
        for resource in touched.sorted() {
            do {
                try await decide(resource.text)
                touched.remove(resource)
            } catch is CancellationError { throw CancellationError() } catch { failure = failure ?? (resource.text, error) }
        }
        guard let failure else {
            journal.done(Self.work, wrote: false)
            return monitor.succeeded()
        }
        failed(failure.error, resource: failure.resource, again)
    }

    private func failed(_ error: any Error, resource: String?, _ again: @escaping @Sendable () -> Void) {
        monitor.failed(error, resource: resource, waiting: touched.count, delay: Self.retryMilliseconds)
        journal.failed(Self.work, error, .bookingFailed(error))
        retry?.cancel()
        retry = Task { [clock] in
            // Cancelled when the service ends, or by the next failure.
            do { try await clock.sleep(until: clock.monotonicMilliseconds() + Self.retryMilliseconds) } catch { return }
            again()
        }
    }

    /// Notes the resources that the newest entries concern.
    private func collect() async throws {
        while true {
            let entries = try await store.appliedEntries(
                after: seen, limit: Self.batchEntries, bytes: ChangeFeed.batchBytesTarget, tables: Self.tables)
            if entries.isEmpty { return }
            for entry in entries {
                for change in entry.changes { if let resource = try await resource(of: change) { touched.insert(ExactText(resource)) } }
                seen[entry.header.origin] = entry.header.seq
            }
        }
    }

    private func resource(of change: LoggedEntry.Change) async throws -> String? {
        guard let key = change.key.first?.text else { return nil }
        let resource =
            change.table.isExactly("booking_request") ? try await rows(BookingSQL.resourceOfRequest, [.string(key)]).first?.first?.text : key
        guard let resource, resource.beginsExactly(with: park + ":") else { return nil }
        return resource
    }

    private func decide(_ id: String) async throws {
        let actions = BookingArbiter.decide(resource: try await resource(id), requests: try await requests(id), decisions: try await decisions(id))
        guard !actions.isEmpty else { return }
        let now = Self.instant(clock.wallMilliseconds())
        _ = try await store.transact(StoreTransaction(statements: actions.map { Self.statement($0, resource: id, now: now) }, author: Self.author))
    }

    private static func statement(_ action: BookingArbiter.Action, resource: String, now: String) -> StoreStatement {
        switch action {
        case .insert(let decision, let reason):
            StoreStatement(
                sql: BookingSQL.insert,
                parameters: [
                    .string(resource), .string(decision.requestID), .integer(decision.revision), .string(decision.outcome.rawValue),
                    reason.map { .string($0) } ?? .null,
                    .string(decision.startsAt), .string(decision.endsAt), .string(now),
                ])
        case .update(let request, let revision, let outcome, let reason):
            StoreStatement(
                sql: BookingSQL.update,
                parameters: [
                    .string(resource), .string(request), .integer(revision), .string(outcome.rawValue), reason.map { .string($0) } ?? .null,
                    .string(now),
                ])
        }
    }

    static func instant(_ milliseconds: UInt64) -> String {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds / 1_000)))
    }

    // MARK: reading

    private func resource(_ id: String) async throws -> BookingArbiter.Resource? {
        guard let row = try await rows(BookingSQL.resource, [.string(id)]).first, row.count == 2, case .integer(let capacity) = row[0] else {
            return nil
        }
        return BookingArbiter.Resource(capacity: capacity, isOpen: row[1].text == "open")
    }

    private func requests(_ resource: String) async throws -> [BookingArbiter.Request] {
        try await rows(BookingSQL.requests, [.string(resource)]).compactMap { row in
            guard row.count == 7, let id = row[0].text, case .integer(let revision) = row[1], let start = row[2].text, let end = row[3].text else {
                return nil
            }
            return BookingArbiter.Request(
                id: id, revision: revision, startsAt: start, endsAt: end, mayWait: row[4] == .integer(1), isCancelled: row[5].text == "cancelled",
                requestedAt: row[6].text ?? "")
        }
    }

    private func decisions(_ resource: String) async throws -> [BookingArbiter.Decision] {
        try await rows(BookingSQL.decisions, [.string(resource)]).compactMap { row in
            guard row.count == 5, let request = row[0].text, case .integer(let revision) = row[1],
                let outcome = row[2].text.flatMap(BookingArbiter.Outcome.init),
                let start = row[3].text, let end = row[4].text
            else { return nil }
            return BookingArbiter.Decision(requestID: request, revision: revision, outcome: outcome, startsAt: start, endsAt: end)
        }
    }

    private func rows(_ sql: String, _ parameters: [Value]) async throws -> [[Value]] {
        let cursor = try await QueryCursor.open(sql, parameters, on: store, lane: .background, timeoutMilliseconds: 60_000)
        defer { cursor.finish() }
        return try await cursor.rest()
    }
}

extension Value {
    /// Nil unless it is a text in UTF-8.
    fileprivate var text: String? {
        guard case .text(let bytes) = self else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
