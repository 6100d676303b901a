import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncStore

/// Decides on booking requests for this park's resources, in the order of their arrival. When it
/// looks, `ArbitrationSchedule` says; one look at a time.
package final class BookingDesk: @unchecked Sendable {
    package typealias News = ArbiterNews

    private let store: ParkStore
    private let park: String
    private let clock: any NodeClock
    private let monitor: ArbiterMonitor
    private let tell: @Sendable (News) -> Void
    // Confined to whoever calls.
    /// Resources that may have something to be decided.
    private var touched: Set<ExactText> = []
    private var seen = VersionVector()
    /// Requests whose answers could not be written.
    private var setAside = SetAside<BookingName>()
    /// Requests that no decision can name, by resource: the first, and how many.
    private var unanswerable: [ExactText: (first: UnansweredBooking, count: Int)] = [:]

    /// The tables whose changes can call for a decision.
    static let tables: Set = Set(["booking_request", "booking_decision", "resource"].map(ExactText.init))
    /// Answers for one resource that are written in one go: then come the others, and programs that
    /// wait to write.
    static let answersAtOnceMax = 1_000

    /// Nil if the schema has no bookings: one of one's own need not; then there is nothing to
    /// decide.
    package init?(
        store: ParkStore, park: String, clock: any NodeClock, monitor: ArbiterMonitor,
        tell: @escaping @Sendable (News) -> Void
    ) {
        guard Self.tables.allSatisfy({ store.schema.index(ofTable: $0.text) != nil }) else { return nil }
        (self.store, self.park, self.clock) = (store, park, clock)
        (self.monitor, self.tell) = (monitor, tell)
    }

    private func openResources() async throws -> Set<ExactText> {
        Set(
            try await rows(BookingSQL.openResources, [.string(park)]).compactMap {
                $0.first?.utf8Text.map(ExactText.init)
            })
    }

    /// Answers what can be answered now.
    ///
    /// - Parameter isAnew: looks at all that is open. Entries may have taken the place of others
    ///   that had their numbers.
    package func decide(anew isAnew: Bool) async -> Decided {
        var hasRead = false
        do {
            if isAnew {
                seen = store.state().applied
                touched.formUnion(try await openResources())
            }
            try await collect()
            hasRead = true
            return try await decideAll()
        } catch is CancellationError { return .done(.never) } catch {
            failed(error, resource: nil)
            return .failed(hasRead: hasRead)
        }
    }

    /// A resource whose requests cannot be answered keeps no other waiting, nor does a request
    /// another one of its resource.
    private func decideAll() async throws -> Decided {
        var failure: (resource: String, error: any Error)?
        var isDone = true
        touched.formUnion(setAside.due(now: clock.monotonicMilliseconds()).map(\.resource))
        for resource in touched.sorted() {
            do {
                if try await decide(resource) { touched.remove(resource) } else { isDone = false }
            } catch is CancellationError { throw CancellationError() } catch {
                failure = failure ?? (resource.text, error)
            }
        }
        if let failure {
            failed(failure.error, resource: failure.resource)
            return .failed(hasRead: true)
        }
        tell(.looked)
        tellUnanswered()
        if !isDone { return .done(.now) }
        return .done(setAside.nextTryAt.map { ArbitrationSchedule.Again.at($0) } ?? .never)
    }

    /// Names what is not answered.
    private func tellUnanswered() {
        let found = setAside.first.map {
            UnansweredBooking(
                resource: $0.name.resource.text, request: $0.name.request.text, revision: $0.name.revision,
                cause: $0.obstacle.cause,
                isOfRequest: false)
        }
        let count = unanswerable.values.reduce(setAside.found.count) { $0 &+ $1.count }
        guard let first = found ?? unanswerable.min(by: { $0.key < $1.key })?.value.first else {
            tell(.answeredAll)
            return monitor.succeeded()
        }
        let resources = Set(setAside.found.keys.map(\.resource)).union(unanswerable.keys)
        let now = clock.monotonicMilliseconds()
        let delay = setAside.nextTryAt.map { $0 > now ? $0 - now : 0 }
        let told = monitor.setAside(
            first, count: count, resources: resources.count, delay: delay ?? SetAside<BookingName>.delayMillisecondsMax)
        tell(.setAside(told))
    }

    private func failed(_ error: any Error, resource: String?) {
        monitor.failed(error, resource: resource, waiting: touched.count, delay: ArbitrationSchedule.retryMilliseconds)
        tell(.failed(error))
    }

    /// Notes the resources that the newest entries concern.
    private func collect() async throws {
        while true {
            let entries = try await store.appliedEntries(
                after: seen, limit: DeskLimits.entries, bytes: DeskLimits.entryBytesTarget, tables: Self.tables)
            if entries.isEmpty { return }
            for entry in entries {
                for change in entry.changes {
                    if let resource = try await resource(of: change) { touched.insert(ExactText(resource)) }
                }
                seen[entry.header.origin] = entry.header.seq
            }
        }
    }

    private func resource(of change: LoggedEntry.Change) async throws -> String? {
        guard let key = change.key.first?.utf8Text else { return nil }
        let resource =
            change.table.isExactly("booking_request")
            ? try await rows(BookingSQL.resourceOfRequest, [.string(key)]).first?.first?.utf8Text : key
        guard let resource, resource.beginsExactly(with: park + ":") else { return nil }
        return resource
    }

    /// - Returns: whether all that can be answered was.
    private func decide(_ id: ExactText) async throws -> Bool {
        guard id.text.utf8.count <= CoreLimits.keyBytesMax else {
            noteUnanswerable(
                UnansweredBooking(
                    resource: id.text, request: "of any id", revision: nil,
                    cause: "the id of its resource has more bytes than a key may have, \(CoreLimits.keyBytesMax)",
                    isOfRequest: true), 1, of: id)
            return true
        }
        for _ in 0..<DeskLimits.setAside {
            let line = try await line(id.text)
            note(line, of: id)
            let now = clock.monotonicMilliseconds()
            let open = line.requests.filter {
                !setAside.waits(BookingName(resource: id, request: ExactText($0.id), revision: $0.revision), now: now)
            }
            let all = BookingArbiter.decide(resource: line.resource, requests: open, decisions: line.decisions)
            let actions = Array(all.prefix(Self.answersAtOnceMax))
            guard let failed = try await write(actions, id.text) else {
                if actions.count < all.count { return false }
                let answered = Set(setAside.due(now: now).filter { $0.resource == id })
                setAside.forget { answered.contains($0) }
                return true
            }
            // What it was to take is free for the others: they are decided on anew, without it.
            setAside.note(failed.action.name(of: id), cause: ErrorWords.of(failed.error), now: now)
        }
        return false
    }

    /// Forgets requests that are gone, and notes those that no decision can name.
    private func note(_ line: BookingLine, of id: ExactText) {
        let names = Set(
            line.requests.map { BookingName(resource: id, request: ExactText($0.id), revision: $0.revision) }
                + line.decisions.map {
                    BookingName(resource: id, request: ExactText($0.requestID), revision: $0.revision)
                })
        setAside.forget { $0.resource == id && !names.contains($0) }
        unanswerable[id] = nil
        if let first = line.unanswerable.first { noteUnanswerable(first, line.unanswerable.count, of: id) }
    }

    private func noteUnanswerable(_ first: UnansweredBooking, _ count: Int, of id: ExactText) {
        if unanswerable.count < DeskLimits.unanswerableSubjects { unanswerable[id] = (first, count) }
    }

    /// Writes answers together; if that fails by what they are, one by one.
    ///
    /// - Returns: the one that cannot be written, if there is one; those before it are.
    private func write(_ actions: [BookingArbiter.Action], _ id: String) async throws -> (
        action: BookingArbiter.Action, error: StoreError
    )? {
        guard let first = actions.first else { return nil }
        do {
            try await transact(actions, id)
            return nil
        } catch let error as StoreError where Self.isOfAnswer(error) { if actions.count == 1 { return (first, error) } }
        for action in actions {
            do { try await transact([action], id) } catch let error as StoreError where Self.isOfAnswer(error) {
                return (action, error)
            }
        }
        return nil
    }

    private func transact(_ actions: [BookingArbiter.Action], _ id: String) async throws {
        let now = Self.instant(clock.wallMilliseconds())
        let statements = actions.map { Self.statement($0, resource: id, now: now) }
        tell(.wrote(try await store.transact(StoreTransaction(statements: statements, author: DeskLimits.author))))
    }

    /// Whether what is written has failed, and not the disk, a lock or the node, which all answers
    /// share.
    private static func isOfAnswer(_ error: StoreError) -> Bool {
        [.sql, .constraint, .tooLarge, .forbidden, .invalidInput].contains(error.code)
    }

    private static func statement(_ action: BookingArbiter.Action, resource: String, now: String) -> StoreStatement {
        switch action {
        case .insert(let decision, let reason):
            StoreStatement(
                sql: BookingSQL.insert,
                parameters: [
                    .string(resource), .string(decision.requestID), .integer(decision.revision),
                    .string(decision.outcome.rawValue),
                    reason.map { .string($0) } ?? .null,
                    .string(decision.startsAt), .string(decision.endsAt), .string(now),
                ])
        case .update(let request, let revision, let outcome, let reason):
            StoreStatement(
                sql: BookingSQL.update,
                parameters: [
                    .string(resource), .string(request), .integer(revision), .string(outcome.rawValue),
                    reason.map { .string($0) } ?? .null,
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

    private func line(_ id: String) async throws -> BookingLine {
        BookingLine(
            id, resource: try await rows(BookingSQL.resource, [.string(id)]),
            requests: try await rows(BookingSQL.requests, [.string(id)]),
            decisions: try await rows(BookingSQL.decisions, [.string(id)]))
    }

    private func rows(_ sql: String, _ parameters: [Value]) async throws -> [[Value]] {
        let cursor = try await QueryCursor.open(
            sql, parameters, on: store, lane: .background, timeoutMilliseconds: 60_000)
        defer { cursor.finish() }
        return try await cursor.rest()
    }
}
