import ParkSyncCore

/// What a park begins with: its people, accounts with money in them, and one item of every kind
/// that can be asked for. The same each time, so that a park that lost it founds it again.
extension CatalogueWork {
    static let day = "2026-09-01"
    static let moment = "2026-09-01T00:00:00Z"
    /// SHA-256 of nothing in particular.
    static let hash = String(repeating: "0a", count: 32)
    static let fundFen: Int64 = 100_000

    func foundation(_ place: Workload.Place) -> [Activity.Statement] {
        let park = place.park
        func row(_ table: String, _ values: KeyValuePairs<String, Value>) -> Activity.Statement {
            Self.insert(table, values, or: "OR IGNORE ")
        }
        let owner = Value.string("\(park):organisation:1")
        var work = [
            row("park", ["id": .string("\(park):park"), "name_zh": .string("园区")]),
            row("organisation", ["id": owner, "kind": .string("park_office"), "name_zh": .string("管理办公室")]),
            row(
                "organisation",
                [
                    "id": .string("\(park):organisation:2"), "kind": .string("enterprise"), "name_zh": .string("企业"),
                ]),
        ]
        for (name, kind, organisation) in [
            ("manager", "manager", 1), ("officer", "officer", 1), ("reviewer", "reviewer", 1), ("user", "talent", 2),
        ] {
            work.append(
                row(
                    "person",
                    [
                        "id": .string("\(park):person:\(name)"), "kind": .string(kind), "name_zh": .string("人员"),
                        "organisation_id": .string("\(park):organisation:\(organisation)"),
                    ]))
        }
        for relation in ["manager", "officer"] {
            work.append(
                row(
                    "link",
                    [
                        "subject_id": .string("\(park):park"), "relation": .string(relation),
                        "object_id": .string("\(park):person:\(relation)"),
                    ]))
        }
        work += accounts(park).map { row($0.table, $0.values) }
        for (index, kind) in facts.subjects.enumerated() {
            work += subject(kind, index, place).map { row($0.table, $0.values) }
        }
        return work
    }

    private typealias Row = (table: String, values: KeyValuePairs<String, Value>)

    private func accounts(_ park: String) -> [Row] {
        let unit = Value.string("\(park):unit:fen")
        var rows: [Row] = [
            (
                "item",
                [
                    "id": unit, "kind": .string("unit"), "name_zh": .string("分"), "capacity": .null,
                    "detail": .string(#"{"unit":"fen"}"#),
                ]
            )
        ]
        for number in 1...2 {
            let account = Value.string("\(park):account:\(number)")
            rows.append(
                (
                    "item",
                    [
                        "id": account, "kind": .string("account"), "name_zh": .string("账户"), "capacity": .null,
                        "owner_id": .string("\(park):organisation:\(number)"),
                        "detail": .string(#"{"account_type":"organisation"}"#),
                    ]
                ))
            rows.append(
                (
                    "transfer",
                    [
                        "from_id": unit, "id": .string("\(park):transfer:\(number)"), "to_id": account, "unit_id": unit,
                        "amount": .integer(Self.fundFen), "reverses": .integer(0), "at": .string(Self.moment),
                    ]
                ))
        }
        return rows
    }

    /// An item with room for one or two, or for everybody; given by the node or by a person. What
    /// has a price costs a fen.
    private func subject(_ kind: String, _ index: Int, _ place: Workload.Place) -> [Row] {
        let park = place.park
        let id = "\(park):\(kind):1"
        let capacity: Value =
            switch kind {
            case "programme": .integer(2_000)
            case "talent_time": .integer(10_000)
            default: index % 5 == 4 ? .null : .integer(Int64(1 + index % 2))
            }
        let isByPerson = (index + park.utf8.count) % 3 == 0
        var rows: [Row] = [
            (
                "item",
                [
                    "id": .string(id), "kind": .string(kind), "name_zh": .string("条目"), "capacity": capacity,
                    "owner_id": .string("\(park):organisation:1"), "account_id": .string("\(park):account:1"),
                    "approval": .string(isByPerson ? "person" : "automatic"), "hold_minutes": .integer(90),
                    "no_show_minutes": .integer(20), "cancel_minutes": .integer(60), "confirm_days": .integer(2),
                    "detail": .string(foundingDetail(kind, place)),
                ]
            )
        ]
        if index % 2 == 0 {
            rows.append(
                (
                    "rate",
                    [
                        "id": .string("\(park):rate:\(kind)"), "item_id": .string(id), "class": .string("zone"),
                        "version": .integer(1), "unit": .string("use"), "unit_id": .string("\(park):unit:fen"),
                        "fen": .integer(3), "valid_from": .string(Self.day),
                    ]
                ))
        }
        if ["programme", "round", "project"].contains(kind) {
            rows.append(
                (
                    "link",
                    [
                        "subject_id": .string(id), "relation": .string("reviewer"),
                        "object_id": .string("\(park):person:reviewer"),
                    ]
                ))
        }
        if ["policy", "practice"].contains(kind) {
            rows.append(
                (
                    "document",
                    [
                        "id": .string("\(park):document:\(kind)"), "about_id": .string(id), "kind": .string("policy"),
                        "version": .integer(1), "name_zh": .string("正文"), "sha256": .string(Self.hash),
                        "media_type": .string("text/plain"), "bytes": .integer(1), "at": .string(Self.moment),
                    ]
                ))
        }
        return rows
    }

    private func foundingDetail(_ kind: String, _ place: Workload.Place) -> String {
        var chance = Chance(seed: 1)
        var own = ["closes_at": "\"2026-09-24T00:00:00Z\"", "publicity_days": "2"]
        if kind == "event" || kind == "course" {
            own["starts_at"] = "\"2026-09-23T00:00:00Z\""
            own["ends_at"] = "\"2026-09-23T04:00:00Z\""
        }
        return detail(kind, place, &chance, own: own)
    }

    /// An object with all fields that a kind requires, and some of the others.
    ///
    /// - Parameter own: JSON of fields that are to be what they are here.
    func detail(_ kind: String, _ place: Workload.Place, _ chance: inout Chance, own: [String: String] = [:]) -> String
    {
        let members = facts.fields(of: kind).compactMap { field -> String? in
            if let json = own[field.name] { return "\"\(field.name)\":\(json)" }
            guard field.isRequired else { return nil }
            return "\"\(field.name)\":\(json(field, place, &chance))"
        }
        return "{\(members.joined(separator: ","))}"
    }

    private func json(_ field: CatalogueFacts.Field, _ place: Workload.Place, _ chance: inout Chance) -> String {
        let code = chance.pick(field.codes) ?? "文本"
        switch field.type {
        case "code": return "\"\(code)\""
        case "list": return "[\"\(code)\"]"
        case "integer", "number", "fen", "minutes", "percent": return "\(1 + chance.below(100))"
        case "boolean": return chance.oneIn(2) ? "true" : "false"
        case "date": return "\"\(Self.day)\""
        case "instant": return "\"\(Self.moment)\""
        case "id":
            return field.name == "person_id" ? "\"\(place.park):person:user\"" : "\"\(place.park):organisation:1\""
        default: return field.name == "sha256" ? "\"\(Self.hash)\"" : "\"文本\""
        }
    }
}
