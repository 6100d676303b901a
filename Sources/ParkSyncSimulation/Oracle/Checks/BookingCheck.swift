import ParkSyncCore

extension Checks {
    /// Promise 8: at no instant more bookings hold than the resource has places. Read from the
    /// rows, without the schema's own view.
    package static func doubleBooking(_ observation: NodeObservation) -> [BrokenPromise] {
        guard let decisions = Columns(observation, "booking_decision"), let resources = Columns(observation, "resource")
        else { return [] }
        var capacities: [Value: Int64] = [:]
        for row in resources.rows {
            if case .integer(let capacity)? = resources[row, "capacity"], let id = resources[row, "id"] {
                capacities[id] = capacity
            }
        }
        let holding = ["held", "confirmed", "in_use"].map { Value.string($0) }
        var bookings: [Value: [(start: String, end: String, request: String)]] = [:]
        for row in decisions.rows {
            guard let outcome = decisions[row, "outcome"], holding.contains(outcome),
                let resource = decisions[row, "resource_id"],
                let start = text(decisions[row, "starts_at"]), let end = text(decisions[row, "ends_at"]),
                let request = text(decisions[row, "request_id"])
            else { continue }
            bookings[resource, default: []].append((start, end, request))
        }
        var result: [BrokenPromise] = []
        for (resource, held) in bookings.sorted(by: { SQLiteOrder.precedes($0.key, $1.key) }) {
            let capacity = capacities[resource] ?? 0
            // Where a booking begins the load rises.
            for instant in Set(held.map(\.start)).sorted() {
                let load = held.filter { $0.start <= instant && $0.end > instant }
                guard load.count > capacity else { continue }
                let names = load.map { "\($0.request) from \($0.start) to \($0.end)" }.sorted().joined(
                    separator: " and ")
                result.append(
                    BrokenPromise(
                        .neverDoubleBooked, node: observation.origin,
                        "\(ModelReader.show(resource)) has \(capacity) places, and at \(instant) hold \(names)"))
            }
        }
        return limited(result)
    }

    private static func text(_ value: Value?) -> String? {
        guard case .text(let bytes)? = value else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Rows of one table by the names of their columns.
    private struct Columns {
        let rows: [[Value]]
        private let positions: [String: Int]

        init?(_ observation: NodeObservation, _ name: String) {
            guard let table = observation.schema.tables.first(where: { $0.name == name }) else { return nil }
            rows = observation.tables.rows(name)
            positions = Dictionary((table.keyColumns + table.columns).enumerated().map { ($1.name, $0) }) { first, _ in
                first
            }
        }

        subscript(row: [Value], name: String) -> Value? {
            guard let position = positions[name], row.indices.contains(position) else { return nil }
            return row[position]
        }
    }
}
