import ParkSyncReports

/// What the schema's triggers and checks refuse, for people: which field it is, and a stable code.
///
/// A code that is a row of `reason` has its words there, which are the same at the arbiter; the
/// others have theirs here.
package struct SchemaRefusal: Sendable {
    /// What the node's sentence has in it.
    package var phrase: String
    package var code: String
    package var field: OfficeField?
    /// In the place of the words of `reason`.
    package var words: (what: Wording, remedy: Wording)?

    init(
        _ phrase: String, _ code: String, _ field: OfficeField? = nil, _ what: Wording? = nil, _ remedy: Wording? = nil
    ) {
        (self.phrase, self.code, self.field) = (phrase, code, field)
        if let what, let remedy { words = (what, remedy) }
    }

    /// The first that fits counts. A new sentence of the schema's guards is added here.
    package static let all: [SchemaRefusal] = requests + acts + usages + values + cards

    /// A guard's sentence ends with its code and the column that it is about, as in `[not_covered
    /// amount]`. These decide; the words here are for those that the code alone does not give.
    ///
    /// - Parameter problem: of a transaction, with the code `constraint`.
    package static func fault(_ problem: ProblemDetails, _ vocabulary: Vocabulary) -> OfficeFault {
        let named = problem.detail.firstMatch(of: /\[([a-z_]+)(?: ([a-z_]+))?\]\.?$/)
        let known = all.first { problem.detail.contains($0.phrase) }
        guard let code = named.map({ String($0.1) }) ?? known?.code else { return told(problem, problem.code, nil) }
        let column = named?.2.map { String($0) }
        let field = known?.field ?? column.map { OfficeField($0, $0, $0) }
        if let words = known?.words { return OfficeFault(.refused, code, field, words.what, words.remedy) }
        return vocabulary.reason(code)?.fault(field) ?? told(problem, code, field)
    }

    /// In the node's words.
    private static func told(_ problem: ProblemDetails, _ code: String, _ field: OfficeField?) -> OfficeFault {
        OfficeFault(
            .refused, code, field, Wording(problem.detail, problem.detail), Wording(problem.remedy, problem.remedy))
    }
}
