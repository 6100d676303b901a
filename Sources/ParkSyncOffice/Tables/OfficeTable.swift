/// What is listed: a table with what belongs to its rows, and its columns as people know them.
package struct OfficeTable: Hashable, Sendable {
    /// As in the paths of the API.
    package var name: String
    package var label: Wording
    /// SQL behind FROM, with aliases.
    var from: String
    /// SQL of a condition that always holds; empty if there is none.
    var condition: String
    /// The column that tells the rows apart, in SQL.
    var key: String
    /// The JSON object with the fields of the kind, in SQL; nil if it has none.
    var detail: String?
    /// What a text is looked for in, in SQL.
    var texts: [String]
    package var columns: [Column]
    /// Whose rows they are, for `Sight`.
    var sight: Sight.Rows
    /// Whether nothing of a row is for others than those who see it.
    var isForSeers = false

    package func column(_ name: String) -> Column? { columns.first { $0.name.utf8.elementsEqual(name.utf8) } }

    /// Whether a text can be looked for.
    package var isSearched: Bool { !texts.isEmpty }
}

extension OfficeTable {
    /// Those that are there whatever the schema brings.
    package static let always: [OfficeTable] = [
        .items, .requests, .organisations, .people, .parks, .acts, .steps, .use, .transfers, .documents,
    ]

    /// One of those.
    package static func named(_ name: String) -> OfficeTable? {
        always.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

extension Vocabulary {
    /// The table of the rows of a kind, with the fields of the kind as columns; nil if there is no
    /// such kind. `organisation`, `person`, `park` and `use` are kinds here, too.
    package func table(of kind: String) -> OfficeTable? {
        switch kind {
        case "organisation": return .organisations
        case "person": return .people
        case "park": return .parks
        case "use": return .use
        case "document": return .documents
        default: break
        }
        guard let row = self.kind(kind) else { return nil }
        var table = row.isRequest ? OfficeTable.requests : OfficeTable.items
        table.name = row.kind
        table.label = row.label
        if let machine = row.machine, let state = table.columns.firstIndex(where: { $0.name == "state" }) {
            table.columns[state].type = .code
            table.columns[state].list = "state:\(machine)"
        }
        let columns = table.columns
        table.columns += fields(of: kind).map { Column($0, isPrivate: row.isRequest, beside: columns) }
        return table
    }

    /// All that can be listed, what the schema brings behind what is always there.
    package var tables: [OfficeTable] {
        OfficeTable.always + kinds.compactMap { table(of: $0.kind) }
    }
}
