import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ParkSyncCore
import ParkSyncReplication
import ParkSyncReports
import ParkSyncWire
import Synchronization

/// `GET /v1/changes`: applied entries as server-sent events.
struct ChangeSubscription: Sendable {
    static let contentType = "text/event-stream"
    /// A comment is sent this often, so that both ends notice a connection that is gone.
    static let keepAliveMilliseconds: UInt64 = 15_000

    let api: any NodeAPI
    let clock: any NodeClock
    let slots: SubscriptionSlots

    func respond(to request: Request, _ context: NodeRequestContext) async throws -> Response {
        let parameters = try QueryParameters(request, known: ["after", "tables"])
        // A browser that reconnects repeats the URL and adds the header; the header is the newer
        // place.
        let resumed = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
        let after = resumed ?? parameters.text("after")
        if let after, VersionVector(parsing: after) == nil {
            throw Problems.invalid(
                "\(resumed == nil ? "after" : "Last-Event-ID"): \(after) is not a vector, as in airport:12 south:40")
        }
        // By bytes: a name may begin with a combining mark, which Swift would join to the comma.
        let names =
            parameters.text("tables")?.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) ?? []
        let tables = names.map { String(Substring($0)) }
        guard !tables.contains("") else { throw Problems.invalid("tables: an empty name") }
        let slot = try slots.take()
        let events = try await api.subscribe(after: after, tables: tables)
        let producer = BodyProducer(endsAtShutdown: true) { [clock] pipe in
            try await Self.produce(events, clock: clock, into: pipe)
        }
        return StreamedResponse(
            headers: [.contentType: Self.contentType, .cacheControl: "no-store"], producer: producer,
            first: ByteBuffer(string: ": subscribed\n\n"), channel: context.channel, connection: .watched(request.body),
            ticket: slot
        ).response()
    }

    private static func produce(
        _ events: AsyncThrowingStream<SubscriptionEvent, any Error>, clock: any NodeClock, into pipe: BodyPipe
    ) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await event in events {
                        try await pipe.push(try text(event: "entry", id: event.vector, data: event.event))
                    }
                }
                group.addTask {
                    while true {
                        try await clock.sleep(until: clock.monotonicMilliseconds() &+ keepAliveMilliseconds)
                        try await pipe.push(ByteBuffer(string: ": keep-alive\n\n"))
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try await pipe.push(
                try text(
                    event: "problem", id: nil, data: ProblemDetails(error, path: LocalPath.changes, showsCause: true)))
        }
    }

    private static func text(event: String, id: String?, data: some Encodable) throws -> ByteBuffer {
        var buffer = ByteBuffer(string: "event: \(event)\n")
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeString("data: ")
        buffer.writeImmutableBuffer(try JSONBody.encode(data))
        buffer.writeString("\n\n")
        return buffer
    }
}

/// Counts the change subscriptions of all local listeners.
final class SubscriptionSlots: Sendable {
    /// One subscription's place; given back when it is released.
    final class Slot: Sendable {
        private let slots: SubscriptionSlots
        fileprivate init(_ slots: SubscriptionSlots) { self.slots = slots }
        deinit { slots.change(by: -1) }
    }

    private let taken = Mutex(0)
    private let limit: Int
    private let counters: ServerCounters

    init(limit: Int, counters: ServerCounters) {
        self.limit = limit
        self.counters = counters
    }

    /// - Throws: a 429 problem when there are as many subscriptions as allowed.
    func take() throws -> Slot {
        let isFree = taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            counters.setSubscriptionsOpen(taken)
            return true
        }
        guard isFree else {
            throw Problems.tooMany("too-many-subscriptions", "There are \(limit) change subscriptions already.")
        }
        return Slot(self)
    }

    private func change(by difference: Int) {
        taken.withLock { taken in
            taken += difference
            counters.setSubscriptionsOpen(taken)
        }
    }
}
