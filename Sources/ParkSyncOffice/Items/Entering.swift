import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// An item that somebody enters.
package struct NewItem: Hashable, Sendable {
    package var kind: String
    /// By the names of the inputs of `OfficeForms.entering`.
    package var entries: [ExactText: FormEntry]
    package var note: String?
    /// As `Wish.key`.
    package var key: UInt64?

    package init(kind: String, entries: [ExactText: FormEntry], note: String? = nil, key: UInt64? = nil) {
        (self.kind, self.entries, self.note, self.key) = (kind, entries, note, key)
    }
}

/// What somebody changes of an item.
package struct ItemChange: Hashable, Sendable {
    package var id: String
    /// nil: whatever kind it is of.
    package var kind: String?
    /// By the names of the inputs of `OfficeForms.changing`; what is not named stays.
    package var entries: [ExactText: FormEntry]
    /// What the item was, as `Office.version(of:)` has it; nil: whatever it is.
    package var seen: String?
    package var note: String?

    package init(
        id: String, kind: String? = nil, entries: [ExactText: FormEntry], seen: String? = nil, note: String? = nil
    ) {
        (self.id, self.kind, self.entries, self.seen, self.note) = (id, kind, entries, seen, note)
    }
}

extension Office {
    /// Enters an item of this park. A manager enters those of his organisation.
    ///
    /// - Returns: its id.
    package func enter(_ item: NewItem) async throws -> String {
        _ = try actor(for: .enter)
        let kind = try itemKind(item.kind)
        let filled = try forms.entering(kind).check(item.entries, vocabulary)
        let owner = try owner(filled)
        let id = newID(kind.kind, item.key)
        var query = QueryText()
        var columns = [("id", query.bind(.text(id))), ("kind", query.bind(.text(kind.kind)))]
        for column in OfficeTable.items.columns where column.detailField == nil {
            if let value = filled.values[ExactText(column.name)], column.name != "owner_id" {
                columns.append((column.name, query.bind(value.sql)))
            }
        }
        columns.append(("owner_id", query.bind(.text(owner))))
        columns.append(("detail", query.bind(.text(try filled.detail()))))
        // The names are those of the table in the code.
        let statement = SQLStatement(
            """
            INSERT INTO item (\(columns.map(\.0).joined(separator: ", ")))
            VALUES (\(columns.map(\.1).joined(separator: ", ")))
            """, query.parameters)
        try await writeOnce(
            statement, id, item.key, note: item.note,
            known: "SELECT name_zh AS about, kind AS what FROM item WHERE id = ?1",
            as: Written(byID: nil, about: filled.text("name_zh") ?? "", what: kind.kind))
        return id
    }

    /// What an item is, as one text: another one after each change of it.
    ///
    /// - Throws: the fault if there is no such item.
    package func version(of id: String) async throws -> String {
        let field = OfficeField("id", "编号", "id")
        let id = try Given.id(id, field)
        let answer = try await store.read(
            SQLStatement("SELECT \(Self.content("i")) FROM item AS i WHERE i.id = ?1", [.text(id)]))
        guard let text = answer.rows.first?.first?.text else { throw OfficeFault.unknown(id, field) }
        return text
    }

    /// All of an item that changes, in SQL.
    private static func content(_ row: String) -> String {
        let names = OfficeForms.changed.map { "\(row).\($0)" } + ["\(row).detail"]
        return "json_array(\(names.joined(separator: ", ")))"
    }

    private struct Managed: Codable {
        var kind: String
        var isManaged: Int64?
        enum CodingKeys: String, CodingKey { case kind, isManaged = "is_managed" }
    }

    /// Changes an item. Nothing is written if it is not what was seen any more.
    package func change(_ change: ItemChange) async throws {
        _ = try actor(for: .enter)
        let field = OfficeField("id", "编号", "id")
        let id = try Given.ofPark(change.id, park, field)
        let kind = try await managedKind(id, field)
        if let wanted = change.kind, !wanted.isExactly(kind.kind) { throw OfficeFault.unknown(id, field) }
        let filled = try forms.changing(kind).check(change.entries, vocabulary, isChange: true)
        var query = QueryText()
        var sets: [String] = []
        for name in OfficeForms.changed {
            if let value = filled.values[ExactText(name)] {
                sets.append("\(name) = \(query.bind(value.sql))")
            } else if filled.cleared.contains(where: { $0.detailField == nil && $0.name == name }) {
                sets.append("\(name) = NULL")
            }
        }
        if let patch = try filled.detailPatch() {
            sets.append("detail = json_patch(detail, \(query.bind(.text(patch))))")
        }
        if sets.isEmpty { return }
        var condition = "id = \(query.bind(.text(id)))"
        if let seen = change.seen { condition += " AND \(Self.content("item")) = \(query.bind(.text(seen)))" }
        let statement = SQLStatement(
            "UPDATE item SET \(sets.joined(separator: ", ")) WHERE \(condition)", query.parameters)
        if try await write([statement], note: change.note) == [0] {
            throw reason("stale", field, cause: .stale)
        }
    }

    private func managedKind(_ id: String, _ field: OfficeField) async throws -> Vocabulary.Kind {
        var query = QueryText()
        let manages = sight.manages("i", &query)
        let answer = try await store.read(
            SQLStatement(
                "SELECT i.kind, \(manages) AS is_managed FROM item AS i WHERE i.id = \(query.bind(.text(id)))",
                query.parameters))
        guard let found = try RowCoding.decode(Managed.self, answer).first else { throw OfficeFault.unknown(id, field) }
        guard found.isManaged == 1 else { throw notManaged(field) }
        return try itemKind(found.kind)
    }

    private func itemKind(_ name: String) throws(OfficeFault) -> Vocabulary.Kind {
        if let kind = vocabulary.kind(name), !kind.isRequest { return kind }
        throw reason("wrong_kind", OfficeField("kind", "资源类别", "kind"), cause: .input)
    }

    /// Whose a new item is.
    private func owner(_ filled: FilledForm) throws(OfficeFault) -> String? {
        let named = filled.text("owner_id")
        if viewer.roles.contains(.officer) { return named }
        let owner = named ?? viewer.organisation
        guard let owner, viewer.ids.contains(where: { $0.isExactly(owner) }) else {
            throw notManaged(OfficeField("owner_id", "所属", "owner"))
        }
        return owner
    }

    private func notManaged(_ field: OfficeField) -> OfficeFault {
        OfficeFault(
            .forbidden, "not_allowed", field, Wording("不是由您管理的资源", "it is not yours to manage"),
            Wording("由其管理员或本园区业务主管办理", "Have its manager or an officer of its park do it"))
    }
}
