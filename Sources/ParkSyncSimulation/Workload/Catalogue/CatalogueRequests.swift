import Crypto
import ParkSyncCatalog
import ParkSyncCore

/// What is asked for, and what is done about it.
extension CatalogueWork {
    private static let minutes = 10

    /// A request of any kind for an item of any park; now and then for one that is not there.
    mutating func ask(_ place: Workload.Place) -> Activity.Statement? {
        // Half of it is for the times of instruments, which are contested.
        let contested = chance.oneIn(2) ? facts.forms.first { $0.machine == "booking" } : nil
        guard isFounded(place), let form = contested ?? chance.pick(facts.forms),
            let kind = contested != nil && chance.oneIn(2) ? form.subjects.first : chance.pick(form.subjects)
        else { return nil }
        let known = items(of: kind, place)
        var subject = chance.pick(known) ?? "\(place.park):\(kind):1"
        if contested != nil, !chance.oneIn(4), let first = known.first { subject = first }
        if chance.oneIn(25) { subject = "\(place.park):\(kind):nowhere" }
        let isTimed = ["booking", "lend", "second"].contains(form.machine) || chance.oneIn(6)
        let (start, end) = isTimed ? interval(place) : ("", "~")
        let weight: Int64 =
            switch form.machine {
            case "award": Int64(1 + chance.below(900))
            case "second": 5_000
            default: chance.oneIn(8) ? 2 : 1
            }
        let hasAmount = ["award", "offer", "pledge"].contains(form.machine)
        var own = ["may_wait": chance.oneIn(2) ? "true" : "false", "successor_id": "\"\(place.park):\(kind):moved\""]
        if chance.oneIn(9) { own["sha256"] = "\"\(String(repeating: "ff", count: 32))\"" }
        if let other = pick("organisation", place), let id = other.1.first {
            own["to_id"] = "\"\(CatalogueFacts.text(id))\""
        }
        let detail = detail(form.kind, place, &chance, own: own)
        return Self.insert(
            "request",
            [
                "id": .string(fresh(place, form.kind)), "kind": .string(form.kind), "machine": .string(form.machine),
                "subject_id": .string(subject), "party_id": .string("\(place.park):organisation:2"),
                "by_id": .string("\(place.park):person:user"), "class": .string("zone"), "starts_at": .string(start),
                "ends_at": .string(end), "weight": .integer(weight), "amount": hasAmount ? .integer(100) : .null,
                "unit_id": hasAmount ? .string("\(place.park):unit:fen") : .null,
                "account_id": .string("\(place.park):account:2"), "at": .string(instant(place)),
                "detail": .string(detail),
            ])
    }

    private func items(of kind: String, _ place: Workload.Place) -> [String] {
        guard let items = rows("item", place) else { return [] }
        return items.rows.filter { items.text($0, "kind") == kind }.compactMap { items.text($0, "id") }
    }

    /// Some hours from now, on the quarters of an hour, so that intervals meet; now and then past.
    private mutating func interval(_ place: Workload.Place) -> (String, String) {
        let quarter: UInt64 = 900_000
        let start = (place.now / quarter + UInt64(chance.below(6))) * quarter
        let begin = chance.oneIn(15) ? start - 24 * quarter : start
        return (ValueMix.instant(begin), ValueMix.instant(begin + quarter * UInt64(1 + chance.below(14))))
    }

    // MARK: acts

    /// The state that a park sees a request in.
    private struct Seen {
        var id: String
        var machine: String
        var subject: String
        var party: String
        var state: String
        var n: Int64
        var step: String?
        /// Where it is decided on.
        var home: String
    }

    /// By somebody of this park, on a request that it knows: mostly what may be done in the state
    /// that it sees.
    mutating func act(_ place: Workload.Place) -> [Activity.Statement]? {
        let known = seen(place)
        for _ in 0..<8 {
            guard let request = chance.pick(known) else { return nil }
            let all = facts.moves.filter { $0.key.machine == request.machine }.sorted { $0.key.name < $1.key.name }
                .flatMap(\.value)
            let open = chance.oneIn(12) ? all : facts.moves(request.machine, from: request.state)
            let own = open.filter { !["ask", "room", "clock"].contains($0.act) && mayAct($0, request, place) }
            // A note, a refusal and the end of a branch are possible everywhere, and would be most.
            let endsBranches = chance.oneIn(10)
            let effects = own.filter { $0.byWhom != "anyone" && (endsBranches || $0.act != "fork") }
            guard let move = chance.pick(chance.oneIn(20) ? own : effects) else { continue }
            return statements(move, request, place)
        }
        return nil
    }

    private func mayAct(_ move: CatalogueFacts.Move, _ request: Seen, _ place: Workload.Place) -> Bool {
        switch move.byWhom {
        case "manager": request.home == place.park
        case "asker", "holder": CatalogueFacts.park(of: request.id) == place.park
        default: true
        }
    }

    private func seen(_ place: Workload.Place) -> [Seen] {
        guard let requests = rows("request", place), let places = rows("place", place) else { return [] }
        var heads: [String: [Value]] = [:]
        for row in places.rows where places.text(row, "branch") == "" {
            heads[places.text(row, "request_id") ?? ""] = row
        }
        return requests.rows.compactMap { row in
            guard let id = requests.text(row, "id"), let machine = requests.text(row, "machine"),
                let subject = requests.text(row, "subject_id"), let party = requests.text(row, "party_id")
            else { return nil }
            let head = heads[id]
            return Seen(
                id: id, machine: machine, subject: subject, party: party,
                state: head.flatMap { places.text($0, "state") } ?? "asked",
                n: head.flatMap { places.integer($0, "n") } ?? 0, step: head.flatMap { places.text($0, "step_id") },
                home: facts.home(of: id, machine: machine, subject: subject))
        }
    }

    private mutating func statements(_ move: CatalogueFacts.Move, _ request: Seen, _ place: Workload.Place)
        -> [Activity.Statement]
    {
        var work: [Activity.Statement] = []
        var (start, end, weight, amount): (Value, Value, Value, Value) = (.null, .null, .null, .null)
        if ["amend", "counter", "decide"].contains(move.act), chance.oneIn(2) {
            if chance.oneIn(2) {
                let wish = interval(place)
                (start, end) = (.string(wish.0), .string(wish.1))
            } else if move.act != "decide" {
                weight = .integer(Int64(1 + chance.below(3)))
            }
            if move.act == "counter" { amount = .integer(Int64(50 + chance.below(100))) }
        }
        var members: [String] = []
        if let step = request.step, chance.oneIn(2) { members.append("\"on_step\":\"\(step)\"") }
        // The rounds have no weights, so there is nothing to score.
        if move.act == "score" { members.append("\"inputs\":[\(chance.oneIn(6) ? "1" : "")]") }
        var document: Value = .null
        if move.to == "listed" {
            let list = list(of: request.subject, place)
            work.append(list.document)
            document = .string(list.id)
            members.append("\"count\":\(list.count)")
        }
        work.append(
            Self.insert(
                "act",
                [
                    "id": .string(fresh(place, "act")), "request_id": .string(request.id),
                    "machine": .string(request.machine), "by_id": .string(actor(move, request, place)),
                    "act": .string(move.act), "on_n": .integer(chance.oneIn(15) ? max(0, request.n - 1) : request.n),
                    "to_state": move.act == "decide" ? .string(move.to) : .null, "starts_at": start, "ends_at": end,
                    "weight": weight, "amount": amount, "document_id": document, "at": .string(instant(place)),
                    "detail": members.isEmpty ? .null : .string("{\(members.joined(separator: ","))}"),
                ]))
        return work
    }

    private mutating func actor(_ move: CatalogueFacts.Move, _ request: Seen, _ place: Workload.Place) -> String {
        let anybody = ["person:user", "person:manager", "person:officer", "organisation:1", "organisation:2"]
        if chance.oneIn(15) { return "\(place.park):\(chance.pick(anybody) ?? "")" }
        switch move.byWhom {
        case "manager": return "\(place.park):person:\(chance.oneIn(3) ? "officer" : "manager")"
        case "asker", "holder": return chance.oneIn(2) ? request.party : "\(place.park):person:user"
        case "reviewer": return "\(place.park):person:reviewer"
        default: return "\(place.park):\(chance.pick(anybody) ?? "")"
        }
    }

    /// The ranking of a round as this park sees it, as the document that a decision cites. All
    /// scores are 0: the items have no weights.
    private mutating func list(of round: String, _ place: Workload.Place) -> (
        document: Activity.Statement, id: String, count: Int
    ) {
        let ranked = seen(place).filter {
            $0.subject == round && $0.machine == "pick" && Ranking.states.contains(ExactText($0.state))
        }
        let rows = Ranking.rows(ranked.map { Ranking.Candidate(id: ExactText($0.id), inputs: []) }, weights: [])
        let id = fresh(place, "document")
        let document = Self.insert(
            "document",
            [
                "id": .string(id), "about_id": .string(round), "kind": .string("list"), "version": .integer(1),
                "name_zh": .string("名单"),
                "sha256": .string(Hex.encode(Array(SHA256.hash(data: Array(Ranking.text(rows).utf8))))),
                "media_type": .string("text/plain"), "bytes": .integer(1), "at": .string(instant(place)),
            ])
        return (document, id, rows.count)
    }
}
