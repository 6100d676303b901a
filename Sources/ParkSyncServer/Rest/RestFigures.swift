import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports

/// Figures, each with what it was computed over, and how far this node is behind.
extension RestAPI {
    private static let home = RestRoute.Parameter(
        name: "home", type: .text, what: Wording("只统计该园区", "only this park"))

    static let figures: [RestRoute] = [
        RestRoute(
            method: .get, path: ["indicators"], operation: "listIndicators",
            summary: Wording("目标与指标", "Targets and indicators"), query: .named([home]), answer: .named("Indicators")
        ) { office, call, _ in
            let query = try RestQuery(call, known: ["home"])
            return try RestReply(200, try await office.indicators(home: query.text("home")))
        },
        RestRoute(
            method: .get, path: ["indicators", "{indicator}"], operation: "drill",
            summary: Wording("指标所计入的记录", "The records that an indicator counts"),
            query: .named([home, .init(name: "limit", type: .integer, what: Wording("最多条数", "how many at most"))]),
            answer: .named("Drill")
        ) { office, call, captured in
            let query = try RestQuery(call, known: ["home", "limit"])
            let limit = try query.integer("limit", in: 1...ListRequest.limitMax, default: ListRequest.limitDefault)
            return try RestReply(
                200,
                try await office.drill(captured["indicator"] ?? "", home: query.text("home"), limit: limit))
        },
        RestRoute(
            method: .get, path: ["reports", "use"], operation: "reportUse",
            summary: Wording("仪器使用报表", "How long instruments were used"),
            query: .named([
                .init(
                    name: "period", type: .text, isRequired: true,
                    what: Wording("月份或季度，如 2026-11、2026-Q4", "a month or a quarter, as in 2026-11, 2026-Q4")),
                home, .init(name: "all", type: .boolean, what: Wording("含未使用的设备", "also what nobody has used")),
            ]), answer: .named("UseReport")
        ) { office, call, _ in
            let query = try RestQuery(call, known: ["period", "home", "all"])
            let period = try ReportPeriod(try query.required("period"))
            return try RestReply(
                200,
                try await office.useReport(period, home: query.text("home"), isWhole: try query.flag("all")))
        },
        RestRoute(
            method: .get, path: ["records", "{id}", "balance"], operation: "balance",
            summary: Wording("账户余额", "What an account holds, owes and is owed, by unit"), answer: .named("Balances")
        ) { office, _, captured in
            try RestReply(200, RowsBody(rows: try await office.balance(of: captured["id"] ?? "")))
        },
        RestRoute(
            method: .get, path: ["records", "{id}", "statement"], operation: "statement",
            summary: Wording("账户明细，最近的在前", "What entered and left an account, the newest first"),
            query: .named([
                .init(name: "since", type: .instant, what: Wording("起始时间", "from then on")),
                .init(name: "until", type: .instant, what: Wording("截止时间", "up to then")),
                .init(name: "limit", type: .integer, what: Wording("最多条数", "how many at most")),
            ]), answer: .named("Postings"), handler: statement),
        RestRoute(
            method: .get, path: ["standing"], operation: "standing",
            summary: Wording("本节点的数据状态", "How far this node is behind the others"), answer: .named("Standing")
        ) { office, _, _ in try RestReply(200, try await office.zone()) },
    ]

    private static func statement(
        _ office: Office, _ call: RestCall, _ captured: RestRoute.Captured
    ) async throws -> RestReply {
        let query = try RestQuery(call, known: ["since", "until", "limit"])
        let limit = try query.integer("limit", in: 1...ListRequest.limitMax, default: ListRequest.limitDefault)
        let within = Interval(
            try query.instant("since", default: .first), try query.instant("until", default: .last))
        return try RestReply(
            200, RowsBody(rows: try await office.statement(of: captured["id"] ?? "", within: within, limit: limit)))
    }
}
