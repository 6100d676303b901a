import ParkSyncOffice
import ParkSyncReports

/// Schemas (JSON Schema 2020-12, as OpenAPI 3.1 has them) of what the API answers and takes.
enum OpenAPISchemas {
    /// A row of a table, or of a kind with its fields. What it does not have, or the viewer does
    /// not see, is absent.
    static func record(_ table: OfficeTable, _ language: Language) -> JSONTree {
        let properties = table.columns.map { ($0.name, column($0, language)) }
        return [
            "type": "object", "description": .text(table.label.text(language)), "required": ["id"],
            "properties": .object(members(properties)),
        ]
    }

    /// - Parameter isGiven: whether it is what somebody fills in. What stands in a row may have
    ///   been written by a park with another schema, so that no range is promised of it.
    static func column(_ column: Column, _ language: Language, isGiven: Bool = false) -> JSONTree {
        var tree = type(column.type, isGiven: isGiven)
        var what = column.label.text(language)
        if let unit = column.unit { what += language.pick("，单位：\(unit)", ", in \(unit)") }
        if column.isPrivate, !isGiven {
            what += language.pick("（仅当事双方与审计可见）", " (for the two sides and auditors)")
        }
        tree = tree.adding(["description": .text(what)])
        if let list = column.list { tree = tree.adding(["x-list": .text(list)]) }
        if let standard = column.standard { tree = tree.adding(["x-standard": .text(standard)]) }
        return tree
    }

    static func type(_ type: ValueType, isGiven: Bool = false) -> JSONTree {
        switch type {
        case .text, .code: isGiven ? ["type": "string", "minLength": 1] : ["type": "string"]
        case .id: isGiven ? ["type": "string", "pattern": "^[a-z][^\\s:]*(:[^\\s:]+)+$"] : ["type": "string"]
        case .date: ["type": "string", "format": "date"]
        case .instant: ["type": "string", "format": "date-time"]
        case .boolean: ["type": "boolean"]
        case .number: ["type": "number"]
        case .integer: ["type": "integer", "format": "int64"]
        case .fen, .minutes: isGiven ? ["type": "integer", "format": "int64", "minimum": 0] : whole
        case .percent: isGiven ? ["type": "integer", "minimum": 0, "maximum": 10_000] : whole
        case .list: ["type": "array", "items": ["type": "string"]]
        }
    }

    private static let whole: JSONTree = ["type": "integer", "format": "int64"]

    static func page(of schema: String) -> JSONTree {
        [
            "type": "object", "required": ["rows"],
            "properties": [
                "rows": ["type": "array", "items": .reference(schema)], "next": ["type": "string"],
            ],
        ]
    }

    /// What a form takes, with what a body has beside it.
    ///
    /// - Parameter isWhole: whether the form is always filled in.
    static func body(_ form: Form, _ more: String, _ language: Language, isWhole: Bool = true) -> JSONTree {
        let others = parsed(more)
        let inputs = form.inputs.map { ($0.column.name, column($0.column, language, isGiven: true)) }
        let required = others.required + form.inputs.filter { $0.isRequired && isWhole }.map(\.column.name)
        return [
            "type": "object", "additionalProperties": false, "required": .array(required.map { .text($0) }),
            "properties": .object(members(others.properties + inputs)),
        ]
    }

    // MARK: the others

    /// Members of objects: `name:type`, with `?` where one may be absent; `name:Schema[]` is an
    /// array of another schema.
    private static let objects: [(name: String, members: String)] = [
        (
            "Found",
            "items:items[] organisations:organisations[] people:people[] kinds:Facet[] homes:Facet[]"
        ),
        ("Facet", "value:string count:integer"), ("Kind", "kind:string of:string machine?:string zh:string en:string"),
        (
            "KindDescription",
            "kind:string zh:string en:string columns:Column[] form?:Column[] asks?:string[]"
        ),
        (
            "Column",
            "name:string zh:string en:string type:string unit?:string standard?:string is_private:boolean "
                + "is_required?:boolean choices?:Choice[]"
        ),
        ("Choice", "code:string zh:string en:string"),
        ("Viewer", "park:string person?:string organisation?:string roles:string[]"),
        (
            "ShownItem",
            "table:string card:Record fields:FieldValue[] rates:Rate[] documents:documents[] requests:requests[] "
                + "asks:string[]"
        ),
        (
            "ShownRequest",
            "branches:Record[] fields:FieldValue[] history:Step[] waiting:WaitingAct[] documents:documents[] "
                + "reasons:Reason[] possible:Move[]"
        ),
        (
            "FieldValue",
            "name:string zh:string en:string type?:string unit?:string value:string value_zh?:string value_en?:string"
        ),
        (
            "Rate",
            "rate_id:string class:string class_zh?:string class_en?:string unit:string unit_zh?:string "
                + "unit_en?:string unit_id:string fen:integer valid_from:string valid_until?:string"
        ),
        (
            "Step",
            "n:integer act:string state:string state_zh?:string state_en?:string starts_at:string ends_at:string "
                + "weight:integer amount?:integer unit_id?:string reasons?:string[] by_id?:string acted_by?:string "
                + "at:string"
        ),
        ("WaitingAct", "id:string act:string by_id?:string at:string"),
        (
            "Reason",
            "code:string zh:string en:string remedy_zh:string remedy_en:string override_by?:string"
        ),
        (
            "Move",
            "act:string state:string state_zh:string state_en:string occupies:boolean ends:boolean by_whom:string "
                + "is_here:boolean"
        ),
        ("Answer", "request:Record home:Home is_answered:boolean reasons:Reason[]"),
        ("Home", "park:string name_zh?:string name_en?:string in_reach:boolean last_heard_at?:string"),
        ("FreeSlots", "rows:FreeSlot[]"), ("FreeSlot", "item_id:string starts_at:string ends_at:string"),
        ("Inbox", "rows:InboxRow[]"),
        (
            "InboxRow",
            "request_id:string kind:string kind_zh:string kind_en:string machine:string subject_id:string "
                + "subject_zh?:string subject_en?:string party_id?:string party_zh?:string party_en?:string "
                + "state:string state_zh:string state_en:string n:integer waits_for:string for_id?:string "
                + "starts_at:string ends_at:string weight:integer since_at:string due_at?:string"
        ),
        ("Balances", "rows:Balance[]"),
        (
            "Balance",
            "unit_id:string unit_zh?:string unit_en?:string paid_in:integer paid_out:integer amount:integer "
                + "owes:integer awaits:integer"
        ),
        ("Postings", "rows:Posting[]"),
        (
            "Posting",
            "at:string amount:integer balance:integer unit_id:string unit_zh?:string unit_en?:string other_id:string "
                + "other_zh?:string other_en?:string transfer_id:string because_id?:string reverses:integer"
        ),
        ("Asked", "id:string kind:string party_id:string"), ("Checked", "kind:string party_id:string"),
        ("Entered", "id:string"), ("Done", "id:string request_id:string"), ("Metered", "records:string[] act?:string"),
        ("Indicators", "targets:Target[] values:Indicator[] computed:Standing"),
        (
            "Target",
            "target_id:string name_zh:string name_en?:string indicator:string year?:integer least?:integer "
                + "most?:integer value:integer is_reached?:integer"
        ),
        ("Indicator", "indicator:string zh:string en:string year:integer home?:string value:integer"),
        ("Drill", "indicator:string count:integer records:Counted[] computed:Standing"),
        ("Counted", "id:string home:string name_zh?:string name_en?:string year?:integer value?:integer"),
        ("UseReport", "period:string from:string until:string parks:UseSum[] items:UseRow[] computed:Standing"),
        (
            "UseSum",
            "home?:string items:integer used_items:integer records:integer minutes:integer external_minutes:integer "
                + "occupied_minutes:integer samples:integer claimed_fen:integer"
        ),
        (
            "UseRow",
            "item_id:string home:string kind:string kind_zh:string kind_en:string name_zh:string name_en?:string "
                + "owner_id?:string owner_zh?:string owner_en?:string records:integer minutes:integer "
                + "external_minutes:integer occupied_minutes:integer samples:integer claimed_fen:integer"
        ),
        ("Standing", "vector:string computed_at:string stale:Home[]"),
        (
            "Problem",
            "type:string title:string status:integer detail:string remedy:string field?:string errors?:ProblemDetail[]"
        ),
        ("ProblemDetail", "code:string field?:string detail:string remedy:string"),
    ]

    static var named: [(String, JSONTree)] {
        let written = objects.map { name, text in
            let (properties, required) = parsed(text)
            return (
                name,
                [
                    "type": "object", "required": .array(required.map { .text($0) }),
                    "properties": .object(members(properties)),
                ] as JSONTree
            )
        }
        return written + [
            ("Description", ["type": "object"]), ("Record", ["type": "object", "required": ["id"]]),
            ("Kinds", ["type": "array", "items": .reference("Kind")]),
            ("Shown", ["anyOf": [.reference("ShownItem"), .reference("ShownRequest")]]),
        ]
    }

    static func members(_ pairs: [(String, JSONTree)]) -> [MemberName: JSONTree] {
        Dictionary(pairs.map { (MemberName(stringLiteral: $0.0), $0.1) }) { first, _ in first }
    }

    private static func parsed(_ text: String) -> (properties: [(String, JSONTree)], required: [String]) {
        var properties: [(String, JSONTree)] = []
        var required: [String] = []
        for member in text.split(separator: " ") {
            let parts = member.split(separator: ":").map(String.init)
            guard parts.count == 2 else { continue }
            let isOptional = parts[0].hasSuffix("?")
            let name = isOptional ? String(parts[0].dropLast()) : parts[0]
            if !isOptional { required.append(name) }
            properties.append((name, schema(parts[1])))
        }
        return (properties, required)
    }

    private static func schema(_ name: String) -> JSONTree {
        if name.hasSuffix("[]") { return ["type": "array", "items": schema(String(name.dropLast(2)))] }
        switch name {
        case "string", "integer", "number", "boolean", "object": return ["type": .text(name)]
        default: return .reference(name)
        }
    }
}
