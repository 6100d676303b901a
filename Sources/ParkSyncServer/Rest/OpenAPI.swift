import ParkSyncOffice
import ParkSyncReports

/// The description of `/api/v1` (OpenAPI 3.1), made from the table of routes and from the columns
/// and forms of the vocabulary: a kind that a schema file adds is in it.
package struct OpenAPI {
    private let vocabulary: Vocabulary
    private let language: Language

    package init(_ vocabulary: Vocabulary, _ language: Language) {
        (self.vocabulary, self.language) = (vocabulary, language)
    }

    package var document: JSONTree {
        [
            "openapi": "3.1.0",
            "info": [
                "title": .text(language.pick("高新区科技资源共享", "ParkSync: what the parks share")),
                "version": .text(SoftwareVersion.current),
                "description": .text(
                    language.pick(
                        "金额为整数分，时间为协调世界时；查询中的时间可写北京时间。",
                        "Money is whole fen, times are UTC; in parameters times may be those of Asia/Shanghai.")),
            ],
            "servers": [["url": .text(RestAPI.root)]], "paths": .object(OpenAPISchemas.members(paths)),
            "components": ["schemas": .object(OpenAPISchemas.members(schemas))],
        ]
    }

    // MARK: paths

    private var paths: [(String, JSONTree)] {
        var methods: [MemberName: [(String, JSONTree)]] = [:]
        for (path, method, operation) in RestAPI.routes.flatMap(operations) {
            methods[MemberName(stringLiteral: path), default: []].append((method, operation))
        }
        return methods.map { ($0.key.stringValue, .object(OpenAPISchemas.members($0.value))) }
    }

    /// One of each kind that the path is for.
    private func operations(_ route: RestRoute) -> [(path: String, method: String, operation: JSONTree)] {
        let method = route.method.rawValue.lowercased()
        let path = "/" + route.path.joined(separator: "/")
        let kinds: [Vocabulary.Kind?] =
            switch route.kinds {
            case .none: [nil]
            case .items: vocabulary.kinds.filter { !$0.isRequest }
            case .requests: vocabulary.kinds.filter(\.isRequest)
            }
        return kinds.map { kind in
            let named = kind.map { path.replacing("{kind}", with: $0.kind) } ?? path
            return (named, method, operation(route, kind))
        }
    }

    private func operation(_ route: RestRoute, _ kind: Vocabulary.Kind?) -> JSONTree {
        var summary = route.summary.text(language)
        if let kind { summary += language.pick("：\(kind.zh)", ": \(kind.en)") }
        var tree: JSONTree = [
            "operationId": .text(route.operation + (kind.map { "_\($0.kind)" } ?? "")), "summary": .text(summary),
            "parameters": .array(parameters(route, kind)), "responses": responses(route, kind),
        ]
        if let body = route.body {
            tree = tree.adding([
                "requestBody": [
                    "required": true, "content": ["application/json": ["schema": schema(body, kind)]],
                ]
            ])
        }
        return tree
    }

    private func parameters(_ route: RestRoute, _ kind: Vocabulary.Kind?) -> [JSONTree] {
        var parameters: [JSONTree] = []
        for part in route.path where part.hasPrefix("{") && (kind == nil || part != "{kind}") {
            let name = String(part.dropFirst().dropLast())
            parameters.append([
                "name": .text(name), "in": "path", "required": true, "schema": ["type": "string", "minLength": 1],
            ])
        }
        switch route.query {
        case .named(let named):
            parameters += named.map { parameter($0.name, OpenAPISchemas.type($0.type), $0.what, $0.isRequired) }
        case .list(let name):
            if let table = kind.flatMap({ vocabulary.table(of: $0.kind) }) ?? name.flatMap(OfficeTable.named) {
                parameters += listParameters(table)
            }
        }
        if let body = route.body, [.doing, .decision, .change].contains(body) {
            parameters.append(
                header("If-Match", Wording("读取申请时的 ETag；已变化则返回 412", "the ETag of what was seen; 412 if it changed")))
        }
        if route.body != nil, route.status == 201 {
            parameters.append(
                header("Idempotency-Key", Wording("重复提交同一键只写入一次", "what is sent again under one key is written once")))
        }
        return parameters
    }

    private func header(_ name: String, _ what: Wording) -> JSONTree {
        ["name": .text(name), "in": "header", "schema": ["type": "string"], "description": .text(what.text(language))]
    }

    private func parameter(_ name: String, _ schema: JSONTree, _ what: Wording, _ isRequired: Bool) -> JSONTree {
        [
            "name": .text(name), "in": "query", "required": .flag(isRequired), "schema": schema,
            "description": .text(what.text(language)),
        ]
    }

    private func listParameters(_ table: OfficeTable) -> [JSONTree] {
        let text: JSONTree = ["type": "string"]
        let sorts = table.columns.filter(\.isSorted).flatMap { [$0.name, "-\($0.name)"] }
        var parameters = [
            parameter(
                "sort", ["type": "string", "enum": .array(sorts.map { .text($0) })], Wording("排序", "the order"), false),
            parameter(
                "limit", ["type": "integer", "minimum": 1, "maximum": .integer(Int64(ListRequest.limitMax))],
                Wording("每页条数", "how many a page"), false),
            parameter("cursor", text, Wording("翻页标记", "where the page before ended"), false),
        ]
        if table.isSearched { parameters.append(parameter("q", text, Wording("关键词", "what is looked for"), false)) }
        for (name, (column, comparison)) in RestListQuery.filters(of: table) {
            let words =
                switch comparison {
                case .equal: Wording("等于（列表为包含）", "equal; of a list, that it has it")
                case .atLeast: Wording("不小于", "at least")
                case .below: Wording("小于", "below")
                }
            // An element of a list is one text, and times may be Shanghai's.
            let schema = [.list, .instant].contains(column.type) ? text : OpenAPISchemas.type(column.type)
            parameters.append(
                parameter(
                    name, schema, Wording("\(column.label.zh)：\(words.zh)", "\(column.label.en): \(words.en)"), false))
        }
        return parameters
    }

    private func responses(_ route: RestRoute, _ kind: Vocabulary.Kind?) -> JSONTree {
        var content: JSONTree
        switch route.answer {
        case .page(let name):
            let schema = kind?.kind ?? name ?? "Record"
            content = ["application/json": ["schema": OpenAPISchemas.page(of: schema)]]
            content = content.adding([
                RestFormat.csv.mediaType: ["schema": ["type": "string"]],
                RestFormat.lines.mediaType: ["schema": .reference(schema)],
            ])
        case .named(let name): content = ["application/json": ["schema": .reference(name)]]
        }
        return [
            "\(route.status)": [
                "description": .text(language.pick("成功", "as asked")), "content": content,
            ],
            "default": [
                "description": .text(language.pick("未成功，附原因与处理办法", "what is wrong, and what to do about it")),
                "content": [ProblemDetails.contentType: ["schema": .reference("Problem")]],
            ],
        ]
    }

    // MARK: schemas

    private func schema(_ body: RestRoute.Body, _ kind: Vocabulary.Kind?) -> JSONTree {
        switch body {
        case .wish: .reference("\(kind?.kind ?? "")_wish")
        case .doing: .reference("Doing")
        case .decision: .reference("Decision")
        case .reading: .reference("Reading")
        case .item: .reference("\(kind?.kind ?? "")_new")
        case .change: .reference("\(kind?.kind ?? "")_change")
        }
    }

    private var schemas: [(String, JSONTree)] {
        let forms = OfficeForms(vocabulary)
        let wishes = vocabulary.kinds.filter(\.isRequest).map { kind in
            ("\(kind.kind)_wish", OpenAPISchemas.body(forms.asking(kind), "subject_id:string note?:string", language))
        }
        let items = vocabulary.kinds.filter { !$0.isRequest }.flatMap { kind in
            let (new, changed) = (forms.entering(kind), forms.changing(kind))
            return [
                ("\(kind.kind)_new", OpenAPISchemas.body(new, "note?:string", language)),
                ("\(kind.kind)_change", OpenAPISchemas.body(changed, "note?:string", language, isWhole: false)),
            ]
        }
        let act = "act:string reasons?:string[] note?:string detail?:object"
        let decision = "outcome:string against?:string[] reasons?:string[] note?:string"
        let bodies = [
            ("Doing", OpenAPISchemas.body(forms.act, act, language)),
            ("Decision", OpenAPISchemas.body(forms.act, decision, language)),
            (
                "Reading",
                OpenAPISchemas.body(forms.meter, "reverses_id?:string note?:string", language, isWhole: false)
            ),
        ]
        return OpenAPISchemas.named + vocabulary.tables.map { ($0.name, OpenAPISchemas.record($0, language)) }
            + wishes + items + bodies
    }
}
