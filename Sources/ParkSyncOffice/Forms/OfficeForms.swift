import ParkSyncCatalog
import ParkSyncCore

/// What has to be filled in for what people do.
package struct OfficeForms: Sendable {
    private let vocabulary: Vocabulary

    package init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

    private static let terms: [ExactText] = [
        "starts_at", "ends_at", "weight", "amount", "document_id", "text_id",
    ]

    /// To ask for something: what all requests have, and the fields of the kind.
    package func asking(_ kind: Vocabulary.Kind) -> Form {
        let always = Self.columns(.requests, ["party_id", "class", "unit_id", "account_id"] + Self.terms)
        let fields = vocabulary.fields(of: kind.kind).map { field in
            (Column(field, isPrivate: true, beside: OfficeTable.requests.columns), field.required == 1)
        }
        return form(kind.kind, kind.label, always.map { ($0, false) } + fields)
    }

    /// The columns of an item that can be given.
    private static let card = [
        "name_zh", "name_en", "owner_id", "capacity", "share_class", "approval", "min_minutes", "max_minutes",
        "buffer_minutes", "horizon_days", "notice_minutes", "cancel_minutes", "confirm_days", "training_code",
        "account_id", "natural_key", "scope",
    ]

    /// Those that can be changed.
    static let changed = card + ["state", "successor_id"]

    /// To enter an item: what all items have, and the fields of the kind.
    package func entering(_ kind: Vocabulary.Kind) -> Form { item(kind, Self.card) }

    /// To change one: the same, and its end.
    package func changing(_ kind: Vocabulary.Kind) -> Form { item(kind, Self.changed) }

    private func item(_ kind: Vocabulary.Kind, _ names: [String]) -> Form {
        let card = Self.columns(.items, names.map { ExactText($0) }).map { ($0, $0.name == "name_zh") }
        let fields = vocabulary.fields(of: kind.kind).map { field in
            (Column(field, isPrivate: false, beside: OfficeTable.items.columns), field.required == 1)
        }
        return form(kind.kind, kind.label, card + fields)
    }

    /// For an act: new terms.
    package var act: Form {
        form("act", Wording("办理", "act"), Self.columns(.requests, Self.terms).map { ($0, false) })
    }

    /// For a record of use.
    package var meter: Form {
        let required = Self.columns(.use, ["started_at", "minutes"])
        let others = Self.columns(.use, ["preparation_minutes", "after_minutes", "samples", "source", "party_id"])
        return form("use", OfficeTable.use.label, required.map { ($0, true) } + others.map { ($0, false) })
    }

    /// In the order of the table.
    private static func columns(_ table: OfficeTable, _ names: [ExactText]) -> [Column] {
        table.columns.filter { names.contains(ExactText($0.name)) }
    }

    private func form(_ name: String, _ label: Wording, _ columns: [(Column, Bool)]) -> Form {
        let inputs = columns.map { column, isRequired in
            // The elements of a list have no choices in a form: they are written in it.
            let list = column.type == .code ? column.list : nil
            return Form.Input(column: column, isRequired: isRequired, choices: list.map(vocabulary.choices) ?? [])
        }
        return Form(name: name, label: label, inputs: inputs)
    }
}

extension Office {
    package var forms: OfficeForms { OfficeForms(vocabulary) }
}
