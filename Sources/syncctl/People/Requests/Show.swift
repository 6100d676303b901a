import ArgumentParser
import ParkSyncCatalog
import ParkSyncReports

/// All that `syncctl show` knows of an item, an organisation or a person.
struct ShownItem: Codable, Hashable, Sendable {
    var card: ItemCard
    var fields: [FieldValue]
    var rates: [RateRow]
    var documents: [DocumentRow]
    /// The newest ones.
    var requests: [RequestRow]
}

/// All that `syncctl show` knows of a request.
struct ShownRequest: Codable, Hashable, Sendable {
    /// More than one while two branches of a fork hold.
    var request: [RequestRow]
    var fields: [FieldValue]
    var history: [HistoryRow]
    /// Acts that the arbiter has not answered.
    var waiting: [WaitingAct]
    var documents: [DocumentRow]
    /// What the reasons in the history mean, and what to do about them.
    var reasons: [ReasonRow]
    /// What somebody may do now.
    var possible: [MoveRow]
}

/// `syncctl show`: a record with all that belongs to it.
struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show an item, an organisation, a person or a request, with all that belongs to it.",
        discussion: """
            Of an item: its fields by their labels, its owner, prices, documents and newest requests. Of a request: \
            where it stands, whom it waits for, each step with its reasons and remedies, and what can be done now.

            Examples:
              syncctl show science:instrument:0001 --lang zh
              syncctl show bio:booking:3f2a9c5b7d1e8a40
              syncctl show bio:booking:3f2a9c5b7d1e8a40 --json
            """)

    @OptionGroup var people: PeopleOptions

    @Argument(help: "The record's id.")
    var id: String

    /// How many requests of an item are shown.
    static let requestsMax: Int64 = 20

    func run() async throws {
        try await people.atDesk("show") { desk in
            let field = PeopleField("id", "编号")
            let id = try Given.id(id, field: field)
            let what = try await desk.rows(ItemScreens.whatIs, [.text(id)], as: WhatIs.self).first?.what
            switch what {
            case "request":
                let shown = try await Self.request(id, desk)
                if people.json { return try Console.json(shown) }
                for line in RequestText.lines(shown, people.language) { print(line) }
            case .some(let what):
                let shown = try await Self.item(id, what, desk)
                if people.json { return try Console.json(shown) }
                for line in ItemText.lines(shown, people.language) { print(line) }
            case nil: throw Given.unknown(id, field: field)
            }
        }
    }

    static func request(_ id: String, _ desk: ParkDesk) async throws -> ShownRequest {
        let key = [JSONValue.text(id)]
        let rows = try await desk.rows(RequestScreens.request, key, as: RequestRow.self)
        let history = try await desk.rows(RequestScreens.history, key, as: HistoryRow.self)
        let codes = history.flatMap { $0.reasons?.texts ?? [] }
        let codesText = try DeskRows.jsonText(codes)
        return ShownRequest(
            request: rows,
            fields: try await desk.rows(ItemScreens.fields(of: "request"), key),
            history: history,
            waiting: try await desk.rows(RequestScreens.waitingActs, key),
            documents: try await desk.list(ItemScreens.documents, key),
            reasons: try await desk.rows(RequestScreens.reasons, [.text(codesText)]),
            possible: try await rows.first.asyncMap { try await Possible.moves($0, isForked: rows.count > 1, desk) }
                ?? [])
    }

    private static func item(_ id: String, _ what: String, _ desk: ParkDesk) async throws -> ShownItem {
        let key = [JSONValue.text(id)]
        let sql =
            switch what {
            case "organisation": ItemScreens.organisation
            case "person": ItemScreens.person
            default: ItemScreens.item
            }
        let cards = try await desk.rows(sql, key, as: ItemCard.self)
        // It was there a moment ago.
        guard let card = cards.first else { throw Given.unknown(id, field: .init("id", "编号")) }
        let isItem = what == "item"
        let today = Shanghai.day(of: Given.now()).text
        return ShownItem(
            card: card, fields: isItem ? try await desk.rows(ItemScreens.fields(of: "item"), key) : [],
            rates: isItem ? try await desk.list(ItemScreens.rates, key + [.text(today)]) : [],
            documents: try await desk.rows(ItemScreens.documents, key),
            requests: isItem ? try await desk.list(RequestScreens.ofItem, key + [.integer(requestsMax)]) : [])
    }
}

/// What can be done about a request.
enum Possible {
    /// Before its home has taken it up, a request can be withdrawn, and nothing else.
    static func moves(_ request: RequestRow, isForked: Bool, _ desk: ParkDesk) async throws -> [MoveRow] {
        var state = request.state
        if request.n == 0 {
            guard let initial = try await initial(request.machine, desk) else { return [] }
            state = initial.state
        }
        let rows = try await desk.rows(
            RequestScreens.moves, [.text(request.machine), .text(state)], as: MoveRow.self)
        return rows.filter { row in
            if request.n == 0 { return row.act == "withdraw" }
            // While two branches hold, one has to be ended first; otherwise none is to be ended.
            return (row.act == "fork") == isForked || row.act == "note"
        }
    }

    struct Initial: Codable {
        var state: String
        var waitsFor: String?
        enum CodingKeys: String, CodingKey { case state, waitsFor = "waits_for" }
    }

    static func initial(_ machine: String, _ desk: ParkDesk) async throws -> Initial? {
        try await desk.rows(RequestScreens.initial, [.text(machine)], as: Initial.self).first
    }

    static var columns: [PeopleColumn<MoveRow>] {
        [
            .init("动作", "act") { $0.act },
            .init("含义", "meaning") { row, language in PeopleWords.act(row.act, language) },
            .init("结果", "leads to") { $0.state },
            .init("状态", "state") { row, language in language.pick(row.stateZh, row.stateEn) },
            .init("办理人", "by") { row, language in PeopleWords.people(row.byWhom, language) },
        ]
    }
}

extension Optional {
    /// `map` with a body that waits.
    func asyncMap<T>(_ body: (Wrapped) async throws -> T) async rethrows -> T? {
        guard let value = self else { return nil }
        return try await body(value)
    }
}
