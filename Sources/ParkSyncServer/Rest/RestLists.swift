import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports

/// Lists, searches, and what the columns of lists mean.
extension RestAPI {
    static let lists: [RestRoute] =
        [
            list("items", "listItems", Wording("资源目录", "All items")),
            list("organisations", "listOrganisations", Wording("单位", "Organisations")),
            list("people", "listPeople", Wording("人员", "People")), list("parks", "listParks", Wording("园区", "Parks")),
            list("requests", "listRequests", Wording("申请", "All requests")),
            list("acts", "listActs", Wording("办理动作", "What people did")),
            list("steps", "listSteps", Wording("办理记录", "What the arbiters answered")),
            list("use", "listUse", Wording("使用记录", "Records of use")),
            list("transfers", "listTransfers", Wording("转账", "What was paid")),
            list("documents", "listDocuments", Wording("文件", "Documents")),
        ] + [
            listOfKind("items", "listItemsOf", Wording("一类资源及其字段", "Items of a kind, with its fields"), .items),
            listOfKind(
                "requests", "listRequestsOf", Wording("一类申请及其字段", "Requests of a kind, with its fields"), .requests),
            RestRoute(
                method: .get, path: ["search"], operation: "search",
                summary: Wording("按关键词查找资源、单位和人员", "Look for a text in items, organisations and people"),
                query: .named([
                    .init(name: "q", type: .text, isRequired: true, what: Wording("关键词", "what is looked for")),
                    .init(name: "home", type: .text, what: Wording("只在该园区查找", "only in this park")),
                    .init(name: "limit", type: .integer, what: Wording("每类最多条数", "how many of each at most")),
                ]), answer: .named("Found"), handler: search),
        ]

    private static func list(_ table: String, _ operation: String, _ summary: Wording) -> RestRoute {
        RestRoute(
            method: .get, path: [table], operation: operation, summary: summary, query: .list(table),
            answer: .page(table)
        ) { office, call, _ in try await page(table, office, call) }
    }

    private static func listOfKind(
        _ root: String, _ operation: String, _ summary: Wording, _ kinds: RestRoute.Kinds
    ) -> RestRoute {
        let isRequest = kinds == .requests
        return RestRoute(
            method: .get, path: [root, "{kind}"], operation: operation, summary: summary, kinds: kinds,
            query: .list(nil), answer: .page(nil)
        ) { office, call, captured in
            try await page(try kind(captured, isRequest: isRequest, office, call).kind, office, call)
        }
    }

    struct PageBody: Encodable {
        var rows: [Record]
        /// Where the next page begins; absent from the last one.
        var next: String?
    }

    private static func page(_ name: String, _ office: Office, _ call: RestCall) async throws -> RestReply {
        let (table, _) = try office.table(name)
        let page = try await office.page(of: name, try RestListQuery.request(call, table))
        let link = page.next.map { [("Link", "<\(next(call, $0))>; rel=\"next\"")] } ?? []
        switch try RestFormat.wanted(call.accept) {
        case .json: return try RestReply(200, PageBody(rows: page.records, next: page.next), fields: link + vary)
        case .csv: return reply(.csv, CSVText.text(page.columns, page.records), link)
        case .lines:
            let lines = try page.records.map { try RowCoding.jsonText($0) + "\n" }
            return reply(.lines, lines.joined(), link)
        }
    }

    private static let vary = [("Vary", "Accept")]

    private static func reply(_ format: RestFormat, _ body: String, _ link: [(String, String)]) -> RestReply {
        RestReply(status: 200, contentType: format.contentType, body: body, fields: link + vary)
    }

    /// The address of the next page: as this one, with the cursor.
    private static func next(_ call: RestCall, _ cursor: String) -> String {
        let query = call.query.filter { $0.name != "cursor" } + [.init("cursor", cursor)]
        let parts = query.map { "\(encoded($0.name))=\(encoded($0.value))" }
        return "\(root)/\(call.path.map(encoded).joined(separator: "/"))?\(parts.joined(separator: "&"))"
    }

    /// RFC 3986, 2.3: what needs no escape anywhere.
    static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80,
                scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._~".contains(Character(scalar))
            {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
    }

    struct FoundBody: Encodable {
        var items: [Record]
        var organisations: [Record]
        var people: [Record]
        /// Of the items, by kind and by park.
        var kinds: [Facet]
        var homes: [Facet]
    }

    private static func search(
        _ office: Office, _ call: RestCall, _ captured: RestRoute.Captured
    ) async throws -> RestReply {
        let query = try RestQuery(call, known: ["q", "home", "limit"])
        let (text, home) = (try query.required("q"), query.text("home"))
        let limit = try query.integer("limit", in: 1...ListRequest.limitMax, default: ListRequest.limitDefault)
        let found = try await office.search(text, home: home, limit: limit)
        var request = ListRequest(filters: [.init("state", "active")], text: text)
        if let home { request.filters.append(.init("home", home)) }
        return try RestReply(
            200,
            FoundBody(
                items: found.items.records, organisations: found.organisations.records, people: found.people.records,
                kinds: try await office.facets(of: "items", request, by: "kind"),
                homes: try await office.facets(of: "items", request, by: "home")))
    }
}
