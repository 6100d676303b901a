/// A column of a table or a field of its detail: what forms, lists, filters, exports and the
/// description of the API say of it.
package struct Column: Hashable, Sendable {
    /// Where its value is.
    package enum Source: Hashable, Sendable {
        /// SQL over the aliases of its table. It is written in the code, never taken from outside.
        case expression(String)
        /// The member of the JSON object in the column `detail` that the field is.
        case detail(String)
    }

    /// As in SQL and in JSON.
    package var name: String
    package var label: Wording
    package var type: ValueType
    package var unit: String?
    /// Of a code, or of the elements of a list: what `Vocabulary.choices` knows.
    package var list: String?
    /// Whether only those see it who may see whose it is and what for: see `Sight`.
    package var isPrivate: Bool
    package var source: Source
    /// What a standard calls it.
    package var standard: String?

    package init(
        _ name: String, _ zh: String, _ en: String, _ type: ValueType, unit: String? = nil,
        list: String? = nil, isPrivate: Bool = false, _ expression: String
    ) {
        (self.name, label, self.type, self.unit, self.list) = (name, Wording(zh, en), type, unit, list)
        (self.isPrivate, source) = (isPrivate, .expression(expression))
    }

    /// A text that everybody sees.
    package init(_ name: String, _ zh: String, _ en: String, _ expression: String) {
        self.init(name, zh, en, .text, expression)
    }

    /// A field of a kind's detail. What a request brings along is for those who see it.
    ///
    /// - Parameter columns: of its table. A field that is called as one of them is stands beside it
    ///   under a longer name, so that neither hides the other.
    package init(_ field: Vocabulary.Field, isPrivate: Bool, beside columns: [Column]) {
        let isTaken = columns.contains { $0.name.utf8.elementsEqual(field.name.utf8) }
        name = isTaken ? "detail_\(field.name)" : field.name
        (label, type) = (field.label, ValueType(named: field.type))
        (unit, list, standard) = (field.unit, field.list, field.standard)
        (self.isPrivate, source) = (isPrivate, .detail(field.name))
    }

    /// The field of the detail that it is; nil for a column of the table.
    package var detailField: String? { if case .detail(let name) = source { name } else { nil } }

    /// For those alone who see whose the row is and what for.
    var hidden: Column {
        var column = self
        column.isPrivate = true
        return column
    }

    /// A list has no order.
    package var isSorted: Bool { type != .list }
    package var field: OfficeField { OfficeField(name, label) }
}
