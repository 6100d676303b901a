import ParkSyncCore

/// What else people write: use and money, items and what surrounds them, remarks; and what the
/// schema refuses.
extension CatalogueWork {
    /// The use of what this park gave, or a reversal of a record.
    mutating func use(_ place: Workload.Place) -> Activity.Statement? {
        if chance.oneIn(4), let (rows, row) = pick("usage", place, own: true), rows.text(row, "reverses_id") == nil {
            let negated = { (name: String) in Value.integer(-(rows.integer(row, name) ?? 0)) }
            return Self.insert(
                "usage",
                [
                    "id": .string(fresh(place, "usage")), "item_id": rows[row, "item_id"] ?? .null,
                    "request_id": rows[row, "request_id"] ?? .null, "party_id": rows[row, "party_id"] ?? .null,
                    "started_at": rows[row, "started_at"] ?? .null, "minutes": negated("minutes"),
                    "samples": negated("samples"), "source": .string("hand"),
                    "is_external": rows[row, "is_external"] ?? .null, "reverses_id": rows[row, "id"] ?? .null,
                    "at": .string(instant(place)),
                ])
        }
        guard let places = rows("place", place), let requests = rows("request", place) else { return nil }
        let begun = ["confirmed", "in_use", "used"]
        let own = places.rows.filter { row in
            places.text(row, "machine") == "booking" && begun.contains(places.text(row, "state") ?? "")
                && places.text(row, "starts_at") ?? "~" < instant(place)
                && CatalogueFacts.park(of: places.text(row, "subject_id") ?? "") == place.park
        }
        guard let row = chance.pick(own),
            let request = requests.rows.first(where: { $0.first == places[row, "request_id"] })
        else { return nil }
        return Self.insert(
            "usage",
            [
                "id": .string(fresh(place, "usage")), "item_id": places[row, "subject_id"] ?? .null,
                "request_id": places[row, "request_id"] ?? .null, "party_id": requests[request, "party_id"] ?? .null,
                "started_at": places[row, "starts_at"] ?? .null, "minutes": .integer(Int64(chance.below(30))),
                "samples": .integer(Int64(chance.below(5))), "source": .string("meter"), "is_external": .integer(1),
                "at": .string(instant(place)),
            ])
    }

    /// From an account of this park, or a new amount from its mint; at times more than there is.
    mutating func pay(_ place: Workload.Place) -> Activity.Statement? {
        guard isFounded(place), let items = rows("item", place) else { return nil }
        if chance.oneIn(4), let (rows, row) = pick("transfer", place), rows.integer(row, "reverses") == 0,
            CatalogueFacts.park(of: rows.text(row, "to_id") ?? "") == place.park
        {
            return transfer(
                place, from: rows[row, "to_id"], to: rows[row, "from_id"], unit: rows[row, "unit_id"],
                Int64(1 + chance.below(300)), because: rows[row, "id"], reverses: true)
        }
        let accounts = items.rows.filter { items.text($0, "kind") == "account" }.compactMap(\.first)
        let unit = Value.string("\(place.park):unit:fen")
        let own = Value.string("\(place.park):account:\(1 + chance.below(2))")
        let from = chance.oneIn(4) ? unit : own
        let to = chance.oneIn(10) ? unit : chance.pick(accounts)
        let amount = Int64(1 + chance.below(chance.oneIn(10) ? Int(Self.fundFen) * 2 : 500))
        var because: Value?
        if chance.oneIn(2), let (rows, row) = pick("request", place), rows.text(row, "machine") == "award" {
            because = rows[row, "id"]
        }
        return transfer(place, from: from, to: to, unit: unit, amount, because: because, reverses: false)
    }

    private mutating func transfer(
        _ place: Workload.Place, from: Value?, to: Value?, unit: Value?, _ amount: Int64, because: Value?,
        reverses: Bool
    ) -> Activity.Statement {
        Self.insert(
            "transfer",
            [
                "from_id": from ?? .null, "id": .string(fresh(place, "transfer")), "to_id": to ?? .null,
                "unit_id": unit ?? .null, "amount": .integer(amount), "because_id": because ?? .null,
                "reverses": .integer(reverses ? 1 : 0), "at": .string(instant(place)),
            ])
    }

    /// An item of this park: how much of it there is, who gives it, whether it is shared at all.
    mutating func change(_ place: Workload.Place) -> Activity.Statement? {
        guard let (_, row) = pick("item", place, own: true), let id = row.first else { return nil }
        let (column, value): (String, Value) =
            switch chance.below(10) {
            case 0...2: ("capacity", .integer(Int64(chance.below(4))))
            case 3: ("capacity", .null)
            case 4...5: ("approval", .string(chance.oneIn(2) ? "person" : "automatic"))
            case 6: ("buffer_minutes", .integer(Int64(chance.below(30))))
            case 7: ("hold_minutes", .integer(Int64(1 + chance.below(200))))
            case 8: ("name_en", .string("Item \(chance.below(100))"))
            default: ("state", .string(chance.oneIn(3) ? "ended" : "active"))
            }
        return Activity.Statement("UPDATE item SET \(column) = ? WHERE id = ?", [value, id])
    }

    mutating func window(_ place: Workload.Place) -> Activity.Statement {
        let item = chance.pick(facts.subjects).map { "\(place.park):\($0):1" } ?? ""
        let kind = chance.oneIn(3) ? "open" : "maintenance"
        return Self.insert(
            "window",
            [
                "id": .string("\(place.park):window:\(chance.below(4))"), "item_id": .string(item),
                "kind": .string(kind), "starts_minute": .integer(kind == "open" ? 0 : Int64(chance.below(1_000))),
                "ends_minute": .integer(kind == "open" ? 1_440 : 1_000 + Int64(chance.below(400))),
            ], or: "OR REPLACE ")
    }

    mutating func rate(_ place: Workload.Place) -> Activity.Statement {
        let item = chance.pick(facts.subjects).map { "\(place.park):\($0):1" } ?? ""
        return Self.insert(
            "rate",
            [
                "id": .string(fresh(place, "rate")), "item_id": .string(item), "class": .string("zone"),
                "version": .integer(2), "unit": .string(chance.pick(facts.codes("rate_unit")) ?? ""),
                "unit_id": .string("\(place.park):unit:fen"), "fen": .integer(Int64(chance.below(9))),
                "valid_from": .string(Self.day),
            ])
    }

    /// Organisations and people that several parks enter, certificates, and who belongs to whom.
    mutating func people(_ place: Workload.Place) -> Activity.Statement {
        switch chance.below(4) {
        case 0:
            return Self.insert(
                "organisation",
                [
                    "id": .string(fresh(place, "organisation")), "kind": .string("enterprise"),
                    "name_zh": .string("企业"),
                    // From a small set: parks that are apart enter the same one.
                    "credit_code": .string("91510100MA6000000\(chance.below(10))"),
                ])
        case 1:
            return Self.insert(
                "credential",
                [
                    "id": .string(fresh(place, "credential")), "holder_id": .string("\(place.park):person:user"),
                    "kind": .string("training"), "number": .string("T-1"), "from_on": .string(Self.day),
                ])
        case 2:
            return Self.insert(
                "link",
                [
                    "subject_id": .string("\(place.park):organisation:1"), "relation": .string("member"),
                    "object_id": .string("\(place.park):organisation:\(1 + chance.below(3))"),
                ], or: "OR REPLACE ")
        default:
            return Activity.Statement(
                "DELETE FROM link WHERE subject_id = ? AND relation = 'member'",
                [.string("\(place.park):organisation:1")])
        }
    }

    /// What all parks write about any item.
    mutating func remark(_ place: Workload.Place) -> Activity.Statement {
        let subject = pick("item", place)?.1.first ?? .string("\(place.park):instrument:1")
        switch chance.below(5) {
        case 0: return Self.insert("tag", ["subject_id": subject, "tag": .string("共享")], or: "OR IGNORE ")
        case 1: return Activity.Statement("DELETE FROM tag WHERE subject_id = ?", [subject])
        case 2 where place.has("extra"):
            return Self.insert(
                "extra", ["id": .string("e\(chance.below(4))"), "v": ValueMix.any(&chance)], or: "OR REPLACE ")
        case 2, 3:
            return Activity.Statement(
                """
                INSERT INTO counter(subject_id, code, n) VALUES(?, 'views', 1)
                ON CONFLICT DO UPDATE SET n = n + 1
                """, [subject])
        default:
            return Self.insert(
                "annotation",
                [
                    "subject_id": subject, "field": .string("hint"), "lang": .string("zh"),
                    "text": .string("提示\(chance.below(100))"),
                ], or: "OR REPLACE ")
        }
    }

    mutating func document(_ place: Workload.Place) -> Activity.Statement {
        let subject = pick("item", place, own: true)?.1.first ?? .string("\(place.park):park")
        if chance.oneIn(2) {
            return Self.insert(
                "figure",
                [
                    "subject_id": subject, "code": .string(chance.pick(facts.codes("figure")) ?? ""),
                    "year": .integer(2_026), "version": .integer(Int64(1 + chance.below(9))),
                    "value": .integer(Int64(chance.below(1_000))), "at": .string(Self.moment),
                ])
        }
        return Self.insert(
            "text",
            [
                "id": .string(fresh(place, "text")), "sha256": .string(Self.hash), "media_type": .string("text/plain"),
                "body": .string("正文"),
            ])
    }

    // MARK: what is refused

    /// Nothing of it may stay, whatever the park holds.
    mutating func wrong(_ place: Workload.Place) -> Activity.Statement? {
        let own = "\(place.park):"
        switch chance.below(7) {
        case 0:
            guard let row = pick("item", place, own: true)?.1.first else { return nil }
            return Activity.Statement("DELETE FROM item WHERE id = ?", [row])
        case 1:
            guard let row = pick("request", place, own: true)?.1.first else { return nil }
            return Activity.Statement("UPDATE request SET weight = weight + 1 WHERE id = ?", [row])
        case 2: return strayStep(place)
        case 3:
            guard let row = pick("place", place, own: true)?.1.first else { return nil }
            return Activity.Statement("UPDATE place SET load = load + 1 WHERE subject_id = ?", [row])
        case 4:
            guard let row = pick("account_balance", place, own: true)?.1.first else { return nil }
            return Activity.Statement("UPDATE account_balance SET paid_in = paid_in + 1 WHERE park_id = ?", [row])
        case 5: return Activity.Statement("UPDATE move SET to_state = 'confirmed' WHERE machine = 'booking'")
        default:
            guard isFounded(place) else { return nil }
            return transfer(
                place, from: .string("\(own)account:1"), to: .string("\(own)account:2"),
                unit: .string("\(own)unit:fen"),
                1_000_000_000, because: nil, reverses: false)
        }
    }

    /// A step that a program writes itself: by no declared move.
    private mutating func strayStep(_ place: Workload.Place) -> Activity.Statement? {
        guard let (rows, row) = pick("step", place, own: true) else { return nil }
        return Self.insert(
            "step",
            [
                "subject_id": rows[row, "subject_id"] ?? .null, "request_id": rows[row, "request_id"] ?? .null,
                "n": .integer((rows.integer(row, "n") ?? 0) + 1), "id": .string(fresh(place, "step")),
                "follows": rows[row, "id"] ?? .null, "machine": rows[row, "machine"] ?? .null,
                "from_state": rows[row, "to_state"] ?? .null, "to_state": .string("nowhere"), "act": .string("clock"),
                "starts_at": rows[row, "starts_at"] ?? .null, "ends_at": rows[row, "ends_at"] ?? .null,
                "weight": rows[row, "weight"] ?? .null, "reasons": .string("[]"), "at": .string(instant(place)),
            ])
    }
}
