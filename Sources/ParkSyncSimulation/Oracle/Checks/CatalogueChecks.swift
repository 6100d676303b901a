import ParkSyncCore

/// What must hold of the catalogue at every node, read from the rows without the schema's own
/// views.
extension Checks {
    /// The last steps of each branch of each request.
    private static func leaves(_ steps: NamedRows) -> [[Value]] {
        let followed = Set(steps.rows.map { [steps[$0, "subject_id"], steps[$0, "request_id"], steps[$0, "follows"]] })
        return steps.rows.filter {
            !followed.contains([steps[$0, "subject_id"], steps[$0, "request_id"], steps[$0, "id"]])
        }
    }

    /// Promise 8: at no instant more holds of an item than it has room for.
    ///
    /// - Parameter sparing: parks as which two files wrote: after a fork both branches hold until a
    ///   person ends one.
    static func overbooked(
        _ observation: NodeObservation, facts: CatalogueFacts, sparing: Set<String> = []
    ) -> [BrokenPromise] {
        guard let steps = NamedRows(observation.tables, observation.schema, "step"),
            let items = NamedRows(observation.tables, observation.schema, "item")
        else { return [] }
        var capacities: [String: Int64?] = [:]
        for row in items.rows { if let id = items.text(row, "id") { capacities[id] = items.integer(row, "capacity") } }
        var held: [String: [(start: String, end: String, weight: Int64, request: String)]] = [:]
        for row in leaves(steps) {
            guard let subject = steps.text(row, "subject_id"), let machine = steps.text(row, "machine"),
                let state = steps.text(row, "to_state"), !sparing.contains(CatalogueFacts.park(of: subject)),
                facts.occupying.contains(CatalogueFacts.State(machine: machine, name: state)),
                let start = steps.text(row, "starts_at"), let end = steps.text(row, "ends_at")
            else { continue }
            held[subject, default: []].append(
                (start, end, steps.integer(row, "weight") ?? 0, steps.text(row, "request_id") ?? ""))
        }
        var result: [BrokenPromise] = []
        for (subject, places) in held.sorted(by: { $0.key < $1.key }) {
            guard let capacity = capacities[subject] ?? 0 else { continue }
            // Where a place begins the load rises.
            for instant in Set(places.map(\.start)).sorted() {
                let load = places.filter { $0.start <= instant && $0.end > instant }
                guard load.reduce(0, { $0 + $1.weight }) > capacity else { continue }
                let names = load.map { "\($0.weight) by \($0.request) from \($0.start) to \($0.end)" }.sorted()
                    .joined(separator: " and ")
                result.append(
                    BrokenPromise(
                        .neverDoubleBooked, node: observation.origin,
                        "\(subject) has room for \(capacity), and at \(instant) hold \(names)"))
            }
        }
        return limited(result)
    }

    /// Every step is a declared move that begins where the one before it led, of a request that is
    /// there; and the clock moves no request that it has moved.
    static func moves(_ observation: NodeObservation, facts: CatalogueFacts, sparing: Set<String> = [])
        -> [BrokenPromise]
    {
        guard let steps = NamedRows(observation.tables, observation.schema, "step"),
            let requests = NamedRows(observation.tables, observation.schema, "request")
        else { return [] }
        let known = Set(requests.rows.compactMap { requests.text($0, "id") })
        var states: [[Value?]: String] = [:]
        for row in steps.rows {
            states[[steps[row, "subject_id"], steps[row, "request_id"], steps[row, "id"]]] = steps.text(row, "to_state")
        }
        var numbers: Set<[Value?]> = []
        var result: [BrokenPromise] = []
        func broken(_ what: String) { result.append(BrokenPromise(.declaredMoves, node: observation.origin, what)) }
        for row in steps.rows {
            let request = steps.text(row, "request_id") ?? ""
            let from = steps.text(row, "from_state") ?? ""
            let name = "step \(steps.integer(row, "n") ?? 0) of \(request)"
            let isDeclared = facts.moves(steps.text(row, "machine") ?? "", from: from).contains {
                $0.to == steps.text(row, "to_state") && $0.act == steps.text(row, "act")
            }
            if !isDeclared { broken("\(name) is no declared move: \(ModelReader.show(row))") }
            if !known.contains(request) { broken("\(name) is there, and its request is not") }
            let before = states[[steps[row, "subject_id"], steps[row, "request_id"], steps[row, "follows"]]] ?? ""
            if before != from { broken("\(name) begins in \(from), and the one before it led to \(before)") }
            let subject = steps.text(row, "subject_id") ?? ""
            if !sparing.contains(CatalogueFacts.park(of: subject)),
                !numbers.insert([steps[row, "subject_id"], steps[row, "request_id"], steps[row, "n"]]).inserted
            {
                broken("\(name) is there twice")
            }
        }
        return limited(result)
    }

    /// What leaves one account arrives in another, no account is overdrawn, and the balances are
    /// what the transfers say.
    static func money(_ observation: NodeObservation, sparing: Set<String> = []) -> [BrokenPromise] {
        guard let transfers = NamedRows(observation.tables, observation.schema, "transfer"),
            let balances = NamedRows(observation.tables, observation.schema, "account_balance")
        else { return [] }
        var expected: [[String]: (paidIn: Int64, paidOut: Int64)] = [:]
        for row in transfers.rows {
            guard let from = transfers.text(row, "from_id"), let to = transfers.text(row, "to_id"),
                let unit = transfers.text(row, "unit_id"), let amount = transfers.integer(row, "amount")
            else { continue }
            let park = CatalogueFacts.park(of: from) + ":park"
            expected[[park, from, unit], default: (0, 0)].paidOut += amount
            expected[[park, to, unit], default: (0, 0)].paidIn += amount
        }
        var result: [BrokenPromise] = []
        func broken(_ what: String) { result.append(BrokenPromise(.balanced, node: observation.origin, what)) }
        var sums: [[String]: Int64] = [:]
        for (key, amounts) in expected { sums[Array(key.dropFirst()), default: 0] += amounts.paidIn - amounts.paidOut }
        for (key, amount) in sums.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
        where amount < 0 && key[0] != key[1] && !sparing.contains(CatalogueFacts.park(of: key[0])) {
            broken("\(key[0]) has \(amount) of \(key[1])")
        }
        for row in balances.rows {
            let key = ["park_id", "account_id", "unit_id"].map { balances.text(row, $0) ?? "" }
            if sparing.contains(CatalogueFacts.park(of: key[0])) { continue }
            let (paidIn, paidOut) = (balances.integer(row, "paid_in") ?? 0, balances.integer(row, "paid_out") ?? 0)
            let amounts = expected[key] ?? (0, 0)
            if amounts != (paidIn, paidOut) {
                broken("\(key) says \(paidIn) in and \(paidOut) out, its transfers say \(amounts)")
            }
        }
        return limited(result)
    }
}
