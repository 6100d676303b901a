import ParkSyncCatalog
import ParkSyncCore
import ParkSyncOffice

/// The parameters of an address, each at most once, none that the route does not know.
struct RestQuery {
    private var values: [ExactText: String] = [:]

    init(_ call: RestCall, known: [String]) throws(RestRefusal) {
        for parameter in call.query {
            guard known.contains(where: { $0.isExactly(parameter.name) }) else {
                throw RestRefusal.unknownParameter(parameter.name, among: known)
            }
            guard values.updateValue(parameter.value, forKey: ExactText(parameter.name)) == nil else {
                throw RestRefusal.repeated(parameter.name)
            }
        }
    }

    func text(_ name: ExactText) -> String? { values[name] }

    func required(_ name: ExactText) throws(RestRefusal) -> String {
        guard let text = values[name], !text.isEmpty else { throw RestRefusal.missing(name.text) }
        return text
    }

    func integer(_ name: ExactText, in range: ClosedRange<Int>, default fallback: Int) throws(RestRefusal) -> Int {
        guard let text = values[name] else { return fallback }
        guard let number = Int(text), range.contains(number) else { throw RestRefusal.badNumber(name.text, range) }
        return number
    }

    func flag(_ name: ExactText) throws(RestRefusal) -> Bool {
        switch values[name] {
        case nil, "false": false
        case "true": true
        default:
            throw RestRefusal(
                status: 400,
                fault: OfficeFault(
                    .input, "bad_flag", OfficeField(name.text, name.text, name.text),
                    Wording("须为 true 或 false", "it is neither true nor false"),
                    Wording("填写 true 或 false", "Give true or false")))
        }
    }

    /// Asia/Shanghai or UTC.
    func instant(_ name: ExactText, default fallback: Instant) throws(OfficeFault) -> Instant {
        guard let text = values[name] else { return fallback }
        return try ShanghaiTime.parsed(text, OfficeField(name.text, name.text, name.text))
    }
}

/// How a list is narrowed, sorted and paged in an address: `?manufacturer=…&capacity.min=4&
/// starts_at.below=2026-12-08&q=…&sort=-asked_at&limit=50&cursor=…`.
enum RestListQuery {
    static let always = ["q", "sort", "limit", "cursor"]

    /// What stands behind the name of a column.
    static let comparisons: [(suffix: String, comparison: ListRequest.Filter.Comparison)] = [
        ("", .equal), (".min", .atLeast), (".below", .below),
    ]

    /// The parameters that a list of a table takes, and what they compare.
    static func filters(of table: OfficeTable) -> [(name: String, filter: (Column, ListRequest.Filter.Comparison))] {
        table.columns.flatMap { column in
            comparisons.compactMap { suffix, comparison in
                comparison != .equal && !hasOrder(column) ? nil : (column.name + suffix, (column, comparison))
            }
        }
    }

    /// An order that people ask for: not that of ids, codes and yes or no.
    static func hasOrder(_ column: Column) -> Bool {
        [.integer, .number, .date, .instant, .fen, .minutes, .percent].contains(column.type)
    }

    static func request(_ call: RestCall, _ table: OfficeTable) throws(RestRefusal) -> ListRequest {
        let filters = filters(of: table)
        let always = always.filter { $0 != "q" || table.isSearched }
        let query = try RestQuery(call, known: always + filters.map(\.name))
        var request = ListRequest(text: query.text("q"), sort: query.text("sort"), cursor: query.text("cursor"))
        request.limit = try query.integer("limit", in: 1...ListRequest.limitMax, default: ListRequest.limitDefault)
        for (name, (column, comparison)) in filters {
            if let value = query.text(ExactText(name)) {
                request.filters.append(.init(column.name, value, comparison))
            }
        }
        return request
    }
}
