import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// What somebody asks for.
package struct Wish: Hashable, Sendable {
    package var subject: String
    /// nil: the one kind that the item takes, or a booking.
    package var kind: String?
    /// By the names of the inputs of `OfficeForms.asking`.
    package var entries: [ExactText: FormEntry]
    /// Why, for the log.
    package var note: String?
    /// What the id is made of; nil: of a number that is drawn. Whoever sends it again, because no
    /// answer came, writes it once.
    package var key: UInt64?

    package init(
        subject: String, kind: String? = nil, entries: [ExactText: FormEntry] = [:], note: String? = nil,
        key: UInt64? = nil
    ) {
        (self.subject, self.kind, self.entries, self.note, self.key) = (subject, kind, entries, note, key)
    }
}

/// A request that can be written as it is.
package struct CheckedWish: Hashable, Sendable {
    package var id: String
    package var kind: Vocabulary.Kind
    package var party: String
    fileprivate var statement: SQLStatement
}

extension Office {
    /// Writes a request. Its home answers, in the order in which requests arrive there.
    ///
    /// - Throws: `FormFaults` or `OfficeFault` for what is wrong with it; nothing is written then.
    /// - Returns: what was written, now or before.
    package func ask(_ wish: Wish) async throws -> CheckedWish {
        let checked = try await check(wish)
        try await writeOnce(
            checked.statement, checked.id, wish.key, note: wish.note,
            known: "SELECT by_id, subject_id AS about, kind AS what FROM request WHERE id = ?1",
            as: Written(byID: viewer.person, about: wish.subject, what: checked.kind.kind))
        return checked
    }

    /// Looks whether a request can be written, and writes nothing.
    package func check(_ wish: Wish) async throws -> CheckedWish {
        let by = try actor(for: .ask)
        let subject = try Given.id(wish.subject, OfficeField("subject_id", "资源编号", "item"))
        let kind = try await kind(wish.kind, of: subject)
        let filled = try forms.asking(kind).check(wish.entries, vocabulary)
        var faults = Self.faults(filled) + [Self.faultOfUnit(filled)].compactMap { $0 }
        var party = ""
        do {
            party = try await self.party(filled.text("party_id"), by)
        } catch let fault as OfficeFault { faults.append(fault) }
        if !faults.isEmpty { throw FormFaults(faults) }
        let id = newID(kind.kind, wish.key)
        let statement = try statement(id, kind, subject, party, by, filled)
        return CheckedWish(id: id, kind: kind, party: party, statement: statement)
    }

    private func statement(
        _ id: String, _ kind: Vocabulary.Kind, _ subject: String, _ party: String, _ by: String, _ filled: FilledForm
    ) throws -> SQLStatement {
        // What is asked for of a budget is its weight.
        let isOfBudget = kind.machine == "award" || kind.kind == "backing"
        let weight = filled.integer("weight") ?? (isOfBudget ? filled.integer("amount") : nil) ?? 1
        let values: [JSONValue] = [
            .text(id), .text(kind.kind), .text(kind.machine), .text(subject), .text(party), .text(by),
            .text(filled.text("class")), .text(filled.text("starts_at") ?? ""), .text(filled.text("ends_at") ?? "~"),
            .integer(weight), .integer(filled.integer("amount")), .text(filled.text("unit_id")),
            .text(filled.text("account_id")), .text(filled.text("document_id")), .text(filled.text("text_id")),
            .text(store.now().text), .text(try filled.detail()),
        ]
        return SQLStatement(RequestScreens.insertRequest, values)
    }

    // MARK: what it is

    /// What a bookable item is asked for unless something else is said.
    private static let usual = "booking"

    private struct ItemKind: Codable { var kind: String }

    private func kind(_ wanted: String?, of subject: String) async throws -> Vocabulary.Kind {
        let subjectField = OfficeField("subject_id", "资源编号", "item")
        let found = try await rows("SELECT kind FROM item WHERE id = ?1", [.text(subject)], as: ItemKind.self)
        guard let itemKind = found.first?.kind else { throw OfficeFault.unknown(subject, subjectField) }
        let kinds = vocabulary.asks(of: itemKind)
        if kinds.isEmpty { throw reason("wrong_kind", subjectField) }
        if let wanted {
            if let kind = kinds.first(where: { $0.kind.isExactly(wanted) }) { return kind }
        } else if let kind = kinds.count == 1 ? kinds.first : kinds.first(where: { $0.kind == Self.usual }) {
            return kind
        }
        let names = kinds.map { "\($0.kind)（\($0.zh)）" }.joined(separator: "、")
        let words = kinds.map { "\($0.kind) (\($0.en))" }.joined(separator: ", ")
        throw OfficeFault(
            .input, "wrong_kind", OfficeField("kind", "申请类别", "kind"),
            wanted == nil
                ? Wording("该资源可作多类申请", "the item takes several kinds of request")
                : Wording("该资源不接受这类申请", "the item takes no such request"),
            Wording("可选：\(names)", "Give one of \(words)"))
    }

    private struct Named: Codable { var id: String? }

    /// For whom it is: who is named, or the organisation of the one who asks, or himself.
    private func party(_ named: String?, _ by: String) async throws -> String {
        let field = OfficeField("party_id", "申请方", "for whom")
        if let named {
            let id = try Given.ofPark(named, park, field)
            // A member asks for nobody else.
            if viewer.may(.decide) || viewer.ids.contains(where: { $0.isExactly(id) }) { return id }
            throw reason("not_party", field, cause: .forbidden)
        }
        if let organisation = viewer.organisation { return try Given.ofPark(organisation, park, field) }
        let found = try await rows(RequestScreens.organisationOf, [.text(by)], as: Named.self)
        if let organisation = found.first?.id { return try Given.ofPark(organisation, park, field) }
        if !found.isEmpty { return by }
        throw OfficeFault(
            .input, "unknown_party", field, Wording("没有填写申请方", "nobody is named for whom it is"),
            Wording("填写本园区单位或人员的编号", "Give the id of an organisation or a person of this park"))
    }

    /// What fields have to do with one another.
    static func faults(_ filled: FilledForm) -> [OfficeFault] {
        var faults: [OfficeFault] = []
        if let start = filled.text("starts_at"), let end = filled.text("ends_at"), !start.precedesExactly(end) {
            faults.append(.badInterval(OfficeField("ends_at", "结束时间", "end")))
        }
        if let weight = filled.integer("weight"), weight < 1 {
            faults.append(
                OfficeFault(
                    .input, "bad_weight", OfficeField("weight", "数量", "quantity"),
                    Wording("数量须为正整数", "\(weight) is no positive whole number"),
                    Wording("填写不小于 1 的整数", "Give a whole number from 1")))
        }
        if let amount = filled.integer("amount"), amount < 0 {
            faults.append(
                OfficeFault(
                    .input, "bad_amount", OfficeField("amount", "金额", "amount"),
                    Wording("金额不能为负", "the amount is below zero"), Wording("填写不小于 0 的整数", "Give a whole number from 0"))
            )
        }
        return faults
    }

    static func faultOfUnit(_ filled: FilledForm) -> OfficeFault? {
        if (filled.integer("amount") == nil) == (filled.text("unit_id") == nil) { return nil }
        return OfficeFault(
            .input, "missing_unit", OfficeField("unit_id", "计量单位", "unit"),
            Wording("金额与计量单位须同时填写", "an amount and its unit go together"),
            Wording("填写计量单位的编号，可在目录的计量单位中查找", "Name the unit; the items of kind unit are there"))
    }
}
