import ParkSyncOffice

/// In which form a list is answered: what `Accept` wants (RFC 9110, 12.5.1).
enum RestFormat: CaseIterable, Hashable, Sendable {
    case json, csv, lines

    var mediaType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv"
        case .lines: "application/x-ndjson"
        }
    }

    var contentType: String { self == .csv ? "text/csv; charset=utf-8; header=present" : mediaType }

    /// A header has a few; nobody reads hundreds.
    private static let rangesMax = 32

    /// The one with the highest weight, the first of equal ones; JSON without a wish.
    ///
    /// - Throws: the refusal if none of them is wanted.
    static func wanted(_ accept: String?) throws(RestRefusal) -> RestFormat {
        guard let accept, !accept.isEmpty else { return .json }
        let ranges = accept.split(separator: ",").prefix(rangesMax).map(Range.init)
        var best: (format: RestFormat, weight: Double)?
        for format in allCases {
            // The narrowest range that fits says how much it is wanted.
            let fitting = ranges.filter { $0.fits(format) }.max { $0.width > $1.width }
            guard let weight = fitting?.weight, weight > best?.weight ?? 0 else { continue }
            best = (format, weight)
        }
        if let best { return best.format }
        let names = allCases.map(\.mediaType).joined(separator: ", ")
        throw RestRefusal(
            status: 406,
            fault: OfficeFault(
                .input, "not_acceptable", OfficeField("Accept", "Accept", "Accept"),
                Wording("没有这种格式", "there is no such form of it"), Wording("可选：\(names)", "Ask for one of \(names)")))
    }

    private struct Range {
        var type: String
        var weight: Double

        init(_ text: some StringProtocol) {
            let parts = text.split(separator: ";").map { part in
                String(part.filter { $0 != " " && $0 != "\t" }).lowercased()
            }
            type = parts.first ?? ""
            let given = parts.dropFirst().first { $0.hasPrefix("q=") }
            weight = given.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
        }

        /// 0 names a type, 1 all of a family, 2 all.
        var width: Int { type == "*/*" ? 2 : type.hasSuffix("/*") ? 1 : 0 }

        func fits(_ format: RestFormat) -> Bool {
            switch width {
            case 2: true
            case 1: format.mediaType.hasPrefix(type.dropLast())
            default: type == format.mediaType
            }
        }
    }
}
