import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice
import ParkSyncReports

/// What the API tells of itself: its description, the kinds and their columns, who is asking.
extension RestAPI {
    static let about: [RestRoute] = [
        RestRoute(
            method: .get, path: ["openapi.json"], operation: "describe",
            summary: Wording("接口说明", "This description"), answer: .named("Description")
        ) { office, call, _ in
            try RestReply(200, OpenAPI(office.vocabulary, call.language).document)
        },
        RestRoute(
            method: .get, path: ["kinds"], operation: "listKinds",
            summary: Wording("类别", "The kinds of items and requests"),
            answer: .named("Kinds")
        ) { office, _, _ in
            try office.mayRead()
            return try RestReply(200, office.vocabulary.kinds)
        },
        RestRoute(
            method: .get, path: ["kinds", "{kind}"], operation: "describeKind",
            summary: Wording("一类资源或申请的字段与表单", "The columns of a kind, and what has to be filled in"),
            answer: .named("KindDescription"), handler: describeKind),
        RestRoute(
            method: .get, path: ["me"], operation: "whoAmI", summary: Wording("当前用户", "Who is asking"),
            answer: .named("Viewer")
        ) { office, _, _ in
            try RestReply(
                200,
                ViewerBody(
                    park: office.park, person: office.viewer.person, organisation: office.viewer.organisation,
                    roles: office.viewer.roles.map(\.rawValue).sorted()))
        },
    ]

    private struct ViewerBody: Encodable {
        var park: String
        var person: String?
        var organisation: String?
        var roles: [String]
    }

    struct ColumnBody: Encodable {
        var name: String
        var zh: String
        var en: String
        var type: String
        var unit: String?
        var standard: String?
        /// For those alone who may see whose it is and what for.
        var isPrivate: Bool
        var isRequired: Bool?
        var choices: [Choice]?

        struct Choice: Encodable {
            var code: String
            var zh: String
            var en: String
        }

        enum CodingKeys: String, CodingKey {
            case name, zh, en, type, unit, standard, isPrivate = "is_private", isRequired = "is_required", choices
        }

        init(_ column: Column, choices: [Vocabulary.Code], isRequired: Bool? = nil) {
            (name, zh, en) = (column.name, column.label.zh, column.label.en)
            (type, unit, standard) = (column.type.rawValue, column.unit, column.standard)
            (isPrivate, self.isRequired) = (column.isPrivate, isRequired)
            self.choices = choices.isEmpty ? nil : choices.map { Choice(code: $0.code, zh: $0.zh, en: $0.en) }
        }
    }

    struct KindBody: Encodable {
        var kind: String
        var zh: String
        var en: String
        var columns: [ColumnBody]
        /// Of a request: what has to be filled in.
        var form: [ColumnBody]?
        /// Of an item: the kinds of request that it takes.
        var asks: [String]?
    }

    private static func describeKind(
        _ office: Office, _ call: RestCall, _ captured: RestRoute.Captured
    ) async throws -> RestReply {
        try office.mayRead()
        let name = captured["kind"] ?? ""
        let (table, _) = try office.table(name)
        let kind = office.vocabulary.kind(name)
        var body = KindBody(
            kind: table.name, zh: table.label.zh, en: table.label.en,
            columns: table.columns.map { column in
                ColumnBody(column, choices: column.list.map(office.vocabulary.choices) ?? [])
            })
        if let kind, kind.isRequest {
            body.form = office.forms.asking(kind).inputs.map {
                ColumnBody($0.column, choices: $0.choices, isRequired: $0.isRequired)
            }
        } else if let kind {
            body.asks = office.vocabulary.asks(of: kind.kind).map(\.kind)
        }
        return try RestReply(200, body)
    }
}
