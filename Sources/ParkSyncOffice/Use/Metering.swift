import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// What an item was used for: one record, or the correction of one, or both.
package struct MeterReading: Hashable, Sendable {
    /// The request, or the item where there was none.
    package var subject: String
    /// By the names of the inputs of `OfficeForms.meter`; empty: only something is taken back.
    package var entries: [ExactText: FormEntry]
    /// A record that is taken back.
    package var reverses: String?
    package var note: String?
    /// As `Wish.key`.
    package var key: UInt64?

    package init(
        subject: String, entries: [ExactText: FormEntry] = [:], reverses: String? = nil, note: String? = nil,
        key: UInt64? = nil
    ) {
        (self.subject, self.entries, self.reverses, self.note) = (subject, entries, reverses, note)
        self.key = key
    }

    var hasRecord: Bool { !entries.isEmpty || reverses == nil }
    /// Of what is taken back: another id than that of the record beside it.
    var reversalKey: UInt64? { key.map { $0 ^ 1 } }
}

/// What was recorded.
package struct Metered: Hashable, Sendable {
    /// The ids of the new records.
    package var records: [String] = []
    /// The act that leads the request on; nil where none does.
    package var done: Done?
}

extension Office {
    /// Records a use, and leads the request on to its settlement, in one transaction. The user
    /// countersigns it by the act `confirm`, or disputes it.
    package func meter(_ reading: MeterReading) async throws -> Metered {
        let person = try actor(for: .meter)
        let (item, request) = try await metered(reading.subject)
        let field = OfficeField("item_id", "资源编号", "item")
        guard item.beginsExactly(with: "\(park):") else {
            let home = Given.home(of: item)
            throw OfficeFault(
                .forbidden, "not_party", field,
                Wording("使用由设备所在园区 \(home) 计量", "the use is recorded by the park of the item, \(home)"),
                Wording("到其园区的节点办理", "Do it at the node of that park"))
        }
        if let before = try await written(reading, item, request, by: person) { return before }
        var metered = Metered()
        var statements: [SQLStatement] = []
        if let wrong = reading.reverses {
            let id = newID("usage", reading.reversalKey)
            metered.records.append(id)
            statements.append(try await reversal(id, of: wrong, item, request, person))
        }
        if reading.hasRecord {
            let id = newID("usage", reading.key)
            metered.records.append(id)
            statements.append(try record(id, reading.entries, item, request, person))
        }
        if let request, let (done, act) = try leadOn(request, reading, person) {
            metered.done = done
            statements.append(act)
        }
        try await write(statements, note: reading.note)
        return metered
    }

    private struct Named: Codable { var id: String }

    /// What was recorded before under the same key; nil: nothing.
    private func written(
        _ reading: MeterReading, _ item: String, _ request: RequestStanding?, by person: String
    ) async throws -> Metered? {
        guard let key = reading.key else { return nil }
        let known = "SELECT by_id, item_id AS about, 'use' AS what FROM usage WHERE id = ?1"
        var metered = Metered()
        if reading.reverses != nil { metered.records.append(newID("usage", reading.reversalKey)) }
        if reading.hasRecord { metered.records.append(newID("usage", key)) }
        for id in metered.records {
            let same = Written(byID: person, about: item, what: "use")
            guard try await isWritten(id, key, known: known, as: same) else { return nil }
        }
        if let request {
            let found: [Named] = try await rows(
                "SELECT id FROM act WHERE id = ?1 AND request_id = ?2",
                [.text(newID("act", key)), .text(request.id)])
            metered.done = found.first.map { Done(id: $0.id, requestID: request.id) }
        }
        return metered
    }

    private struct WhatIs: Codable { var what: String }

    private func metered(_ subject: String) async throws -> (item: String, request: RequestStanding?) {
        let field = OfficeField("id", "编号", "id")
        let id = try Given.id(subject, field)
        switch try await rows(ItemScreens.whatIs, [.text(id)], as: WhatIs.self).first?.what {
        case "item": return (id, nil)
        case "request":
            let (request, _) = try await standing(id)
            return (request.subjectID, request)
        default: throw OfficeFault.unknown(id, field)
        }
    }

    private func record(
        _ id: String, _ entries: [ExactText: FormEntry], _ item: String, _ request: RequestStanding?, _ person: String
    ) throws -> SQLStatement {
        let filled = try forms.meter.check(entries, vocabulary)
        let field = OfficeField("party_id", "使用方", "user")
        guard let party = request?.partyID ?? filled.text("party_id") else {
            throw OfficeFault(
                .input, "unknown_party", field, Wording("没有填写使用方", "nobody is named who used it"),
                Wording("填写使用单位或人员的编号", "Give an organisation or a person"))
        }
        let values: [JSONValue] = [
            .text(id), .text(item), .text(request?.id), .text(party), .text(filled.text("started_at")),
            .integer(filled.integer("preparation_minutes") ?? 0), .integer(filled.integer("minutes")),
            .integer(filled.integer("after_minutes") ?? 0), .integer(filled.integer("samples") ?? 0),
            .text(filled.text("source") ?? "meter"), .text(person), .text(store.now().text),
        ]
        return SQLStatement(UseScreens.insert, values)
    }

    private struct UseKey: Codable {
        var itemID: String
        var requestID: String?
        enum CodingKeys: String, CodingKey { case itemID = "item_id", requestID = "request_id" }
    }

    private func reversal(
        _ id: String, of wrong: String, _ item: String, _ request: RequestStanding?, _ person: String
    ) async throws -> SQLStatement {
        let field = OfficeField("reverses_id", "更正的记录", "record that is taken back")
        let wrong = try Given.id(wrong, field)
        let found = try await rows(UseScreens.record, [.text(wrong)], as: UseKey.self).first
        guard let found, found.itemID.isExactly(item),
            request.map({ found.requestID?.isExactly($0.id) == true }) ?? true
        else {
            throw OfficeFault(
                .missing, "unknown_subject", field,
                Wording("没有这条使用记录“\(wrong)”", "there is no record \(wrong) of this"),
                Wording("核对使用记录的编号", "Check the id of the record"))
        }
        return SQLStatement(
            UseScreens.reverse, [.text(id), .text(wrong), .text(person), .text(store.now().text)])
    }

    /// By `meter`, or by `finish` while it is in use: that is where the state leads on to what is
    /// paid. A record of what is settled already stays without an act.
    private func leadOn(
        _ request: RequestStanding, _ reading: MeterReading, _ person: String
    ) throws -> (Done, SQLStatement)? {
        let moves = vocabulary.possible(request, isForked: false, here: park)
        guard let name = ["meter", "finish"].first(where: { act in moves.contains { $0.act == act } }) else {
            if reading.reverses != nil { return nil }
            throw reason(
                "not_this_state", Self.requestField, detail: Wording(request.stateZh, request.stateEn))
        }
        let doing = Doing(request: request.id, act: name, key: reading.key)
        return try statement(doing, to: nil, of: request, by: person)
    }
}
