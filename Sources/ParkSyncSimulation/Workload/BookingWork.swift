import ParkSyncCatalog
import ParkSyncCore

/// Bookings on contested slots, in the tables of the starter schema.
extension Workload {
    /// Slots begin on one day, at these hours, so that requests of several parks overlap.
    private static let hours = 6

    mutating func bookingStatements(_ kind: Kind, _ place: Place) -> ([Activity.Statement], Activity.Outcome)? {
        switch kind {
        case .foundation: return (foundation(place), .succeeds)
        case .request:
            // A park that has no organisation of its own yet founds one first; so has its
            // resources.
            guard hasOrganisation(place) else { return (foundation(place), .succeeds) }
            guard let resource = chance.pick(place.contents.rows("resource"))?.first else { return nil }
            let (start, end) = slot()
            let sql = """
                INSERT INTO booking_request(id, resource_id, organisation_id, starts_at, ends_at, may_wait, \
                requested_at) VALUES(?, ?, ?, ?, ?, ?, ?)
                """
            let id = "\(place.park):booking:\(fresh(place.park))"
            let now = ValueMix.instant(place.now)
            return (
                [
                    Activity.Statement(
                        sql,
                        [
                            .string(id), resource, .string("\(place.park):organisation:1"), .string(start),
                            .string(end),
                            .integer(Int64(chance.below(2))), .string(now),
                        ])
                ], .succeeds
            )
        case .cancelRequest:
            guard let id = ownRequest(place) else { return nil }
            return (
                [Activity.Statement("UPDATE booking_request SET state = 'cancelled' WHERE id = ?", [id])], .succeeds
            )
        case .moveRequest:
            guard let id = ownRequest(place) else { return nil }
            let (start, end) = slot()
            let sql =
                """
                UPDATE booking_request SET revision = revision + 1, starts_at = ?, ends_at = ?, state = \
                'requested' WHERE id = ?
                """
            return ([Activity.Statement(sql, [.string(start), .string(end), id])], .succeeds)
        default: return nil
        }
    }

    private func hasOrganisation(_ place: Place) -> Bool {
        place.contents.rows("organisation").contains { $0.first == .string("\(place.park):organisation:1") }
    }

    /// An organisation and two resources of the park, one of them with two places.
    private func foundation(_ place: Place) -> [Activity.Statement] {
        let organisation = Value.string("\(place.park):organisation:1")
        let resource =
            "INSERT OR IGNORE INTO resource(id, kind, name_zh, owner_id, capacity) VALUES(?, 'instrument', '仪器', ?, ?)"
        return [
            Activity.Statement(
                "INSERT OR IGNORE INTO organisation(id, kind, name_zh) VALUES(?, 'institute', '研究院')", [organisation]),
            Activity.Statement(resource, [.string("\(place.park):instrument:1"), organisation, .integer(1)]),
            Activity.Statement(resource, [.string("\(place.park):instrument:2"), organisation, .integer(2)]),
        ]
    }

    private mutating func slot() -> (String, String) {
        let start = chance.below(Self.hours)
        let end = start + 1 + chance.below(3)
        return ("2026-12-07T0\(start):00:00Z", "2026-12-07T0\(end):00:00Z")
    }

    private mutating func ownRequest(_ place: Place) -> Value? {
        let prefix = Array("\(place.park):".utf8)
        return chance.pick(
            place.contents.rows("booking_request").compactMap(\.first).filter { key in
                if case .text(let bytes) = key { return bytes.starts(with: prefix) }
                return false
            })
    }
}

/// The step "the arbiter of a park runs": what `parksyncd` does when it sees requests, with the
/// same rule and the same statements.
package enum ArbiterStep {
    /// - Parameters:
    ///   - file: the node's file.
    ///   - now: the node's wall clock, Unix milliseconds.
    /// - Returns: one activity for each resource of the park that has something to be decided;
    ///   through the API, like the daemon's.
    package static func activities(of park: String, on file: SQLiteFile, now: UInt64) throws -> [Activity] {
        let open = try file.rows(BookingSQL.openResources, [.string(park)]).compactMap(\.first)
        return try open.compactMap { resource in
            let actions = BookingArbiter.decide(
                resource: try self.resource(resource, file), requests: try requests(resource, file),
                decisions: try decisions(resource, file))
            guard !actions.isEmpty else { return nil }
            let statements = actions.map { statement($0, resource: resource, now: .string(ValueMix.instant(now))) }
            return Activity(label: "arbiter", channel: .api, statements: statements)
        }
    }

    private static func statement(_ action: BookingArbiter.Action, resource: Value, now: Value) -> Activity.Statement {
        switch action {
        case .insert(let decision, let reason):
            Activity.Statement(
                BookingSQL.insert,
                [
                    resource, .string(decision.requestID), .integer(decision.revision),
                    .string(decision.outcome.rawValue),
                    reason.map { .string($0) } ?? .null, .string(decision.startsAt), .string(decision.endsAt), now,
                ])
        case .update(let request, let revision, let outcome, let reason):
            Activity.Statement(
                BookingSQL.update,
                [
                    resource, .string(request), .integer(revision), .string(outcome.rawValue),
                    reason.map { .string($0) } ?? .null, now,
                ])
        }
    }

    private static func resource(_ id: Value, _ file: SQLiteFile) throws -> BookingArbiter.Resource? {
        guard let row = try file.rows(BookingSQL.resource, [id]).first, case .integer(let capacity) = row[0] else {
            return nil
        }
        return BookingArbiter.Resource(capacity: capacity, isOpen: row[1] == .string("open"))
    }

    private static func requests(_ resource: Value, _ file: SQLiteFile) throws -> [BookingArbiter.Request] {
        try file.rows(BookingSQL.requests, [resource]).compactMap { row in
            guard let id = text(row[0]), case .integer(let revision) = row[1], let start = text(row[2]),
                let end = text(row[3])
            else { return nil }
            return BookingArbiter.Request(
                id: id, revision: revision, startsAt: start, endsAt: end, mayWait: row[4] == .integer(1),
                isCancelled: row[5] == .string("cancelled"),
                requestedAt: text(row[6]) ?? "")
        }
    }

    private static func decisions(_ resource: Value, _ file: SQLiteFile) throws -> [BookingArbiter.Decision] {
        try file.rows(BookingSQL.decisions, [resource]).compactMap { row in
            guard let request = text(row[0]), case .integer(let revision) = row[1],
                let outcome = text(row[2]).flatMap(BookingArbiter.Outcome.init(rawValue:)), let start = text(row[3]),
                let end = text(row[4])
            else { return nil }
            return BookingArbiter.Decision(
                requestID: request, revision: revision, outcome: outcome, startsAt: start, endsAt: end)
        }
    }

    private static func text(_ value: Value) -> String? {
        guard case .text(let bytes) = value else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
