import ParkSyncReports

/// What the schema's triggers and checks refuse, for people: which field it is, and a stable code.
///
/// A code that is a row of `reason` has its words there, which are the same at the arbiter; the
/// others have theirs here.
struct SchemaRefusal {
    /// What the node's sentence has in it.
    var phrase: String
    var code: String
    var field: PeopleField?
    /// In the place of the words of `reason`.
    var words: (zh: String, en: String, remedyZh: String, remedyEn: String)?

    static func fault(_ problem: ProblemDetails, reasons: ParkDesk) async throws -> PeopleFault {
        guard let refusal = all.first(where: { problem.detail.contains($0.phrase) }) else { return unnamed(problem) }
        if let words = refusal.words {
            return PeopleFault(
                code: refusal.code, field: refusal.field, zh: words.zh, en: words.en, remedyZh: words.remedyZh,
                remedyEn: words.remedyEn)
        }
        return try await reasons.reason(refusal.code)?.fault(field: refusal.field) ?? unnamed(problem)
    }

    /// What has no words of its own is told in the node's.
    private static func unnamed(_ problem: ProblemDetails) -> PeopleFault {
        PeopleFault(
            code: problem.code, zh: problem.detail, en: problem.detail, remedyZh: problem.remedy,
            remedyEn: problem.remedy)
    }
}

extension SchemaRefusal {
    init(_ phrase: String, _ code: String, _ field: PeopleField? = nil) {
        self.init(phrase: phrase, code: code, field: field)
    }

    /// The first that fits counts. A new sentence of the schema's guards is added here.
    static let all: [SchemaRefusal] = requests + acts + usages + values + cards
}
