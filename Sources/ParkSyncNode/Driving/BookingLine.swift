import ParkSyncCatalog
import ParkSyncCore

/// A revision of a booking request, for one resource.
struct BookingName: Hashable, Comparable, Sendable {
    var resource: ExactText
    var request: ExactText
    var revision: Int64

    static func < (a: Self, b: Self) -> Bool {
        (a.resource, a.request, a.revision) < (b.resource, b.request, b.revision)
    }
}

/// What the arbiter reads of one resource.
struct BookingLine {
    var resource: BookingArbiter.Resource?
    var requests: [BookingArbiter.Request] = []
    var decisions: [BookingArbiter.Decision] = []
    /// Requests that no decision can name.
    var unanswerable: [UnansweredBooking] = []

    /// - Parameter rows: as `BookingSQL.resource`, `.requests` and `.decisions` give them.
    init(_ id: String, resource: [[Value]], requests: [[Value]], decisions: [[Value]]) {
        if let row = resource.first, row.count == 2, case .integer(let capacity) = row[0] {
            self.resource = BookingArbiter.Resource(capacity: capacity, isOpen: row[1].utf8Text == "open")
        }
        for row in requests where row.count == 7 { read(request: row, of: id) }
        self.decisions = decisions.compactMap(Self.decision)
    }

    private mutating func read(request row: [Value], of resource: String) {
        let isCancelled = row[5].utf8Text == "cancelled"
        guard let id = row[0].utf8Text, case .integer(let revision) = row[1], let start = row[2].utf8Text,
            let end = row[3].utf8Text
        else {
            if !isCancelled { unanswerable.append(Self.unreadable(row, resource)) }
            return
        }
        let key = KeyCoding.encode([.string(resource), .string(id), .integer(revision)])
        guard let key, key.count <= CoreLimits.keyBytesMax else {
            let cause =
                "the key of its decision would have \(key?.count ?? 0) bytes of at most \(CoreLimits.keyBytesMax)"
            if !isCancelled {
                unanswerable.append(
                    UnansweredBooking(
                        resource: resource, request: id, revision: revision, cause: cause, isOfRequest: true))
            }
            return
        }
        requests.append(
            BookingArbiter.Request(
                id: id, revision: revision, startsAt: start, endsAt: end, mayWait: row[4] == .integer(1),
                isCancelled: isCancelled,
                requestedAt: row[6].utf8Text ?? ""))
    }

    private static func unreadable(_ row: [Value], _ resource: String) -> UnansweredBooking {
        let id =
            if case .text(let bytes) = row[0] { String(decoding: bytes, as: UTF8.self) } else {
                "without a text for its id"
            }
        var revision: Int64?
        if case .integer(let number) = row[1] { revision = number }
        let cause =
            row[0].utf8Text == nil
            ? "its id is no text in UTF-8"
            : revision == nil ? "its revision is no whole number" : "its interval is no text in UTF-8"
        return UnansweredBooking(resource: resource, request: id, revision: revision, cause: cause, isOfRequest: true)
    }

    private static func decision(_ row: [Value]) -> BookingArbiter.Decision? {
        guard row.count == 5, let request = row[0].utf8Text, case .integer(let revision) = row[1],
            let outcome = row[2].utf8Text.flatMap(BookingArbiter.Outcome.init),
            let start = row[3].utf8Text, let end = row[4].utf8Text
        else { return nil }
        return BookingArbiter.Decision(
            requestID: request, revision: revision, outcome: outcome, startsAt: start, endsAt: end)
    }
}

extension BookingArbiter.Action {
    /// The request that it answers.
    func name(of resource: ExactText) -> BookingName {
        switch self {
        case .insert(let decision, _):
            BookingName(resource: resource, request: ExactText(decision.requestID), revision: decision.revision)
        case .update(let request, let revision, _, _):
            BookingName(resource: resource, request: ExactText(request), revision: revision)
        }
    }
}
