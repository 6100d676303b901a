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

    /// - Parameter problem: of a transaction, with the code `constraint`.
    package static func fault(_ problem: ProblemDetails, _ vocabulary: Vocabulary) -> OfficeFault {
        guard let refusal = all.first(where: { problem.detail.contains($0.phrase) }) else { return unnamed(problem) }
        if let words = refusal.words {
            return OfficeFault(.refused, refusal.code, refusal.field, words.what, words.remedy)
        }
        return vocabulary.reason(refusal.code)?.fault(refusal.field) ?? unnamed(problem)
    }

    /// What has no words of its own is told in the node's.
    private static func unnamed(_ problem: ProblemDetails) -> OfficeFault {
        OfficeFault(
            .refused, problem.code, nil, Wording(problem.detail, problem.detail),
            Wording(problem.remedy, problem.remedy))
    }
}
