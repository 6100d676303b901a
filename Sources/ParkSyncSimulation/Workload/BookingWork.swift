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
