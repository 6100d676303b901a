import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// The query of a list. No name and no value that comes from outside stands in its text.
struct Listing {
    let table: OfficeTable
    let sight: Sight
    let vocabulary: Vocabulary
    private var query = QueryText()
    private var conditions: [String] = []
    /// Whether what is asked for would tell something of rows that the viewer may not see.
    private var isPrivate = false

    init(_ table: OfficeTable, _ sight: Sight, _ vocabulary: Vocabulary) {
        (self.table, self.sight, self.vocabulary) = (table, sight, vocabulary)
        if !table.condition.isEmpty { conditions.append(table.condition) }
        isPrivate = table.isForSeers
    }

    /// One more row than a page has is asked for, which tells whether another one follows.
    mutating func page(_ request: ListRequest, kind: String?) throws(OfficeFault) -> SQLStatement {
        guard (1...ListRequest.limitMax).contains(request.limit) else { throw Self.badLimit }
        try narrow(request, kind: kind)
        let (column, descends) = try sort(request.sort)
        let key = table.key
        let order = column.map { $0.name == "id" ? key : "ifnull(\(expression($0)), '')" }
        if let text = request.cursor {
            let cursor = try PageCursor(text, sort: request.sort ?? "")
            let (sign, last) = (descends ? "<" : ">", query.bind(.text(cursor.key)))
            if let order, !order.isExactly(key) {
                conditions.append("(\(order), \(key)) \(sign) (\(query.bind(cursor.value)), \(last))")
            } else {
                conditions.append("\(key) \(sign) \(last)")
            }
        }
        let columns = table.columns.map { expression($0) }
        let direction = descends ? " DESC" : ""
        let orders = [order, key].compactMap { $0 }.map { $0 + direction }
        let seen = sight.condition(table.sight, &query)
        let text = """
            SELECT \(columns.joined(separator: ", ")), \(seen) AS is_seen,
                \(order ?? "''") AS sorted_by, \(key) AS row_key
            FROM \(table.from) WHERE \(whole(seen)) ORDER BY \(orders.joined(separator: ", "))
            LIMIT \(query.bind(.integer(Int64(request.limit) + 1)))
            """
        return SQLStatement(text, query.parameters)
    }

    /// One row by its id; more where a log has forked.
    mutating func row(_ id: String) -> SQLStatement {
        let columns = table.columns.map { expression($0) }
        let seen = sight.condition(table.sight, &query)
        let text = """
            SELECT \(columns.joined(separator: ", ")), \(seen) AS is_seen, '' AS sorted_by, \(table.key) AS row_key
            FROM \(table.from) WHERE \(table.key) = \(query.bind(.text(id)))\(table.isForSeers ? " AND \(seen)" : "")
            """
        return SQLStatement(text, query.parameters)
    }

    /// How many rows there are of each value of a column, the most first.
    mutating func facets(
        _ request: ListRequest, kind: String?, by name: String, limit: Int64
    ) throws(OfficeFault) -> SQLStatement {
        try narrow(request, kind: kind)
        let column = try known(name)
        if column.isPrivate { isPrivate = true }
        let expression = expression(column)
        let seen = sight.condition(table.sight, &query)
        let text = """
            SELECT \(expression) AS value, count(*) AS count FROM \(table.from)
            WHERE \(whole(seen)) AND \(expression) IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
            LIMIT \(query.bind(.integer(limit)))
            """
        return SQLStatement(text, query.parameters)
    }

    // MARK: parts

    private mutating func narrow(_ request: ListRequest, kind: String?) throws(OfficeFault) {
        if let kind { conditions.append("\(expression(try known("kind"))) = \(query.bind(.text(kind)))") }
        if let text = request.text, !text.isEmpty {
            guard table.isSearched else { throw Self.noSearch(table) }
            let pattern = query.bind(.text(Given.pattern(text)))
            conditions.append(
                "(" + table.texts.map { "\($0) LIKE \(pattern) ESCAPE '\\'" }.joined(separator: " OR ") + ")")
        }
        for filter in request.filters { try narrow(filter) }
    }

    private mutating func narrow(_ filter: ListRequest.Filter) throws(OfficeFault) {
        let column = try known(filter.column)
        if column.isPrivate { isPrivate = true }
        if column.name == "home", filter.comparison == .equal {
            // By the beginning of the key, which an index has.
            let park = query.bind(.text(filter.value))
            conditions.append("\(table.key) >= \(park) || ':' AND \(table.key) < \(park) || ';'")
            return
        }
        let typed = try TypedEntry(column, vocabulary).value(ofFilter: filter.value)
        let (expression, value) = (expression(column), query.bind(typed))
        switch (column.type, filter.comparison) {
        case (.list, .equal):
            conditions.append(
                """
                EXISTS (SELECT 1
                    FROM json_each(CASE WHEN json_valid(\(expression)) THEN \(expression) ELSE '[]' END) AS e
                    WHERE e.value = \(value))
                """)
        case (.list, _): throw Self.noOrder(column)
        case (_, .equal): conditions.append("\(expression) = \(value)")
        case (_, .atLeast): conditions.append("\(expression) >= \(value)")
        case (_, .below): conditions.append("\(expression) < \(value)")
        }
    }

    private mutating func sort(_ text: String?) throws(OfficeFault) -> (column: Column?, descends: Bool) {
        guard let text, !text.isEmpty else { return (nil, false) }
        let descends = text.hasPrefix("-")
        let column = try known(descends ? String(text.dropFirst()) : text)
        guard column.isSorted else { throw Self.noOrder(column) }
        if column.isPrivate { isPrivate = true }
        return (column, descends)
    }

    private func whole(_ seen: String) -> String {
        let parts = conditions + (isPrivate ? [seen] : [])
        return parts.isEmpty ? "1" : parts.joined(separator: " AND ")
    }

    private mutating func expression(_ column: Column) -> String {
        switch column.source {
        case .expression(let sql): return sql
        case .detail(let field):
            guard let detail = table.detail else { return "NULL" }
            let path = query.bind(.text("$.\"\(field)\""))
            return "CASE WHEN json_valid(\(detail)) THEN json_extract(\(detail), \(path)) END"
        }
    }

    private func known(_ name: String) throws(OfficeFault) -> Column {
        if let column = table.column(name) { return column }
        throw FormWords.unknown(name, among: table.columns.map(\.name))
    }
}

extension Listing {
    private static var badLimit: OfficeFault {
        OfficeFault(
            .input, "bad_limit", OfficeField("limit", "条数", "limit"), Wording("条数不正确", "it is no such number"),
            Wording("填写 1 至 \(ListRequest.limitMax)", "Give a number from 1 to \(ListRequest.limitMax)"))
    }

    private static func noSearch(_ table: OfficeTable) -> OfficeFault {
        OfficeFault(
            .input, "no_search", OfficeField("q", "关键词", "text"),
            Wording("\(table.label.zh)不能按关键词查找", "\(table.label.en) are not looked through for a text"),
            Wording("按字段筛选", "Narrow them by their fields"))
    }

    private static func noOrder(_ column: Column) -> OfficeFault {
        OfficeFault(
            .input, "no_order", column.field, Wording("不能按大小比较", "a list has no order"),
            Wording("按是否包含筛选，或按其他字段排序", "Ask for one of its elements, or sort by another field"))
    }
}
