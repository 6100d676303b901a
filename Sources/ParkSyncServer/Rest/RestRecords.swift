import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports

/// Single records with all that belongs to them, and when items are free.
extension RestAPI {
    static let records: [RestRoute] = [
        RestRoute(
            method: .get, path: ["records", "{id}"], operation: "show",
            summary: Wording("一条记录及其全部相关内容", "A record with all that belongs to it"), answer: .named("Shown"),
            handler: show),
        RestRoute(
            method: .get, path: ["records", "{id}", "answer"], operation: "answer",
            summary: Wording("申请或办理动作的答复", "What became of a request, or of an act on it"),
            query: .named([.init(name: "act", type: .id, what: Wording("办理动作的编号", "the act's id"))]),
            answer: .named("Answer"), handler: answer),
        RestRoute(
            method: .get, path: ["records", "{id}", "free"], operation: "free",
            summary: Wording("资源的空闲时段", "The next times at which an item can be had"),
            query: .named([
                .init(
                    name: "minutes", type: .integer, isRequired: true,
                    what: Wording("时长（分钟）", "for how long, in minutes")),
                .init(name: "from", type: .instant, what: Wording("起始时间", "from when; without it from now")),
                .init(name: "to", type: .instant, what: Wording("截止时间", "until when; without it two weeks")),
                .init(name: "weight", type: .integer, what: Wording("数量", "how much of its capacity")),
                .init(name: "limit", type: .integer, what: Wording("最多条数", "how many at most")),
            ]), answer: .named("FreeSlots"), handler: free),
        RestRoute(
            method: .get, path: ["inbox"], operation: "inbox",
            summary: Wording("待办事项，期限最近的在前", "What waits for the viewer, the next deadline first"),
            query: .named([
                .init(name: "park", type: .boolean, what: Wording("本园区全部待办", "all that waits for the park")),
                .init(
                    name: "all", type: .boolean,
                    what: Wording("含等待期限或节点的事项", "also what waits for a deadline or the node")),
                .init(name: "limit", type: .integer, what: Wording("最多条数", "how many at most")),
            ]), answer: .named("Inbox"), handler: inbox),
    ]

    struct ItemBody: Encodable {
        var table: String
        var card: Record
        var fields: [FieldValue]
        var rates: [RateRow]
        var documents: [Record]
        var requests: [Record]
        var asks: [String]
    }

    struct RequestBody: Encodable {
        var branches: [Record]
        var fields: [FieldValue]
        var history: [HistoryRow]
        var waiting: [WaitingAct]
        var documents: [Record]
        var reasons: [ReasonRow]
        var possible: [PossibleMove]
    }

    private static func show(
        _ office: Office, _ call: RestCall, _ captured: RestRoute.Captured
    ) async throws -> RestReply {
        let id = captured["id"] ?? ""
        // Before the other look: should it change in between, the tag is that of what it was, and
        // a change by it is refused.
        let version = try? await office.version(of: id)
        switch try await office.show(id) {
        case .item(let item):
            return try RestReply(
                200,
                ItemBody(
                    table: item.table, card: item.card, fields: item.fields, rates: item.rates,
                    documents: item.documents, requests: item.requests, asks: item.asks.map(\.kind)),
                fields: version.map { [("ETag", RestCall.tag($0))] } ?? [])
        case .request(let request):
            let tag = request.branches.first?["n"]?.integer.map { [("ETag", "\"\($0)\"")] } ?? []
            return try RestReply(
                200,
                RequestBody(
                    branches: request.branches, fields: request.fields, history: request.history,
                    waiting: request.waiting, documents: request.documents, reasons: request.reasons,
                    possible: request.possible), fields: tag)
        }
    }

    struct AnswerBody: Encodable {
        var request: Record
        var home: HomeStanding
        var isAnswered: Bool
        var reasons: [ReasonRow]

        enum CodingKeys: String, CodingKey { case request, home, isAnswered = "is_answered", reasons }
    }

    private static func answer(
        _ office: Office, _ call: RestCall, _ captured: RestRoute.Captured
    ) async throws -> RestReply {
        let query = try RestQuery(call, known: ["act"])
        let answer = try await office.answer(to: captured["id"] ?? "", act: query.text("act"))
        let tag = answer.request["n"]?.integer.map { [("ETag", "\"\($0)\"")] } ?? []
        return try RestReply(
            200,
            AnswerBody(
                request: answer.request, home: answer.home, isAnswered: answer.isAnswered, reasons: answer.reasons),
            fields: tag)
    }

    struct RowsBody<Row: Encodable>: Encodable { var rows: [Row] }

    private static func free(
        _ office: Office, _ call: RestCall, _ captured: RestRoute.Captured
    ) async throws -> RestReply {
        let query = try RestQuery(call, known: ["minutes", "from", "to", "weight", "limit"])
        _ = try query.required("minutes")
        let minutes = try query.integer("minutes", in: 1...1_000_000, default: 60)
        let weight = try query.integer("weight", in: 1...Int.max, default: 1)
        let limit = try query.integer("limit", in: 1...Office.slotsMax, default: 10)
        let start = try query.instant("from", default: office.store.now())
        let end = try query.instant("to", default: start.adding(days: Office.daysAhead))
        let wish = TimeWish(within: Interval(start, end), minutes: Int64(minutes), weight: Int64(weight))
        let slots = try await office.free(captured["id"] ?? "", wish, count: limit)
        return try RestReply(200, RowsBody(rows: slots))
    }

    private static func inbox(
        _ office: Office, _ call: RestCall, _ captured: RestRoute.Captured
    ) async throws -> RestReply {
        let query = try RestQuery(call, known: ["park", "all", "limit"])
        let limit = try query.integer("limit", in: 1...ListRequest.limitMax, default: ListRequest.limitDefault)
        let rows = try await office.inbox(
            isWholePark: try query.flag("park"), isWhole: try query.flag("all"), limit: limit)
        return try RestReply(200, RowsBody(rows: rows))
    }
}
