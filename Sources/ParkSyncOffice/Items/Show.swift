import ParkSyncCatalog
import ParkSyncReports

/// A record with all that belongs to it.
package enum Shown: Hashable, Sendable {
    case item(ShownItem)
    case request(ShownRequest)
}

/// All that is known of an item, an organisation or a person.
package struct ShownItem: Hashable, Sendable {
    /// The table that it is of, as in `instrument` or `people`.
    package var table: String
    package var card: Record
    /// Of an item, also those that no kind declares any more.
    package var fields: [FieldValue]
    package var rates: [RateRow]
    package var documents: [Record]
    /// The newest ones.
    package var requests: [Record]
    /// The kinds of request that it takes.
    package var asks: [Vocabulary.Kind]
}

/// All that is known of a request.
package struct ShownRequest: Hashable, Sendable {
    /// More than one while two branches of a fork hold.
    package var branches: [Record]
    package var fields: [FieldValue]
    package var history: [HistoryRow]
    /// Acts that the arbiter has not answered.
    package var waiting: [WaitingAct]
    package var documents: [Record]
    /// What the reasons in the history mean, and what to do about them.
    package var reasons: [ReasonRow]
    /// What somebody may do now.
    package var possible: [PossibleMove]
}

extension Office {
    /// How many requests of an item are shown.
    package static let requestsShown = 20

    private struct WhatIs: Codable { var what: String }

    /// - Throws: the fault if there is no such record.
    package func show(_ id: String) async throws -> Shown {
        try check(.read)
        let field = OfficeField("id", "编号", "id")
        let id = try Given.id(id, field)
        switch try await rows(ItemScreens.whatIs, [.text(id)], as: WhatIs.self).first?.what {
        case "request": return .request(try await shownRequest(id))
        case "item": return .item(try await shownItem(id))
        case "organisation": return .item(try await shownCard(id, .organisations))
        case "person": return .item(try await shownCard(id, .people))
        default: throw OfficeFault.unknown(id, field)
        }
    }

    private func shownItem(_ id: String) async throws -> ShownItem {
        // Its kind says which columns it has; one that is in force no longer has those of all.
        guard let plain = try await records(.items, id: id).first else {
            throw OfficeFault.unknown(id, OfficeField("id", "编号", "id"))
        }
        let kind = plain["kind"]?.text ?? ""
        let table = vocabulary.table(of: kind) ?? .items
        let today = Shanghai.day(of: store.now()).text
        let requests = ListRequest(
            filters: [.init("subject_id", id)], sort: "-asked_at", limit: Self.requestsShown)
        return ShownItem(
            table: table.name, card: try await records(table, id: id).first ?? plain,
            fields: try await list(ItemScreens.fields(of: "item"), [.text(id)]),
            rates: try await list(ItemScreens.rates, [.text(id), .text(today)]),
            documents: try await documents(about: id),
            requests: try await page(of: "requests", requests).records, asks: vocabulary.asks(of: kind))
    }

    private func shownCard(_ id: String, _ table: OfficeTable) async throws -> ShownItem {
        // It was there a moment ago.
        guard let card = try await records(table, id: id).first else {
            throw OfficeFault.unknown(id, OfficeField("id", "编号", "id"))
        }
        return ShownItem(
            table: table.name, card: card, fields: [], rates: [], documents: try await documents(about: id),
            requests: [], asks: [])
    }

    private func shownRequest(_ id: String) async throws -> ShownRequest {
        let (standing, branches) = try await standing(id)
        let table = vocabulary.table(of: standing.kind) ?? .requests
        let records = try await records(table, id: id)
        let isSeen = records.first?.isSeen == true
        let key = [JSONValue.text(id)]
        var history: [HistoryRow] = try await list(RequestScreens.history, key)
        var waiting: [WaitingAct] = try await list(RequestScreens.waitingActs, key)
        if !isSeen {
            history = history.map(\.withoutParty)
            waiting = waiting.map(\.withoutParty)
        }
        let codes = try RowCoding.jsonText(history.flatMap { $0.reasons?.texts ?? [] })
        return ShownRequest(
            branches: records, fields: isSeen ? try await list(ItemScreens.fields(of: "request"), key) : [],
            history: history, waiting: waiting, documents: try await documents(about: id),
            reasons: try await rows(RequestScreens.reasons, [.text(codes)]),
            possible: vocabulary.possible(standing, isForked: branches > 1, here: park))
    }

    private func documents(about id: String) async throws -> [Record] {
        let request = ListRequest(filters: [.init("about_id", id)], limit: ListRequest.limitMax)
        return try await page(of: "documents", request).records
    }
}
