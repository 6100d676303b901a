import ParkSyncReports

/// What the schema refuses, for people: a stable code, and the column that it is about.
///
/// A guard's sentence ends with both, as in `transfer: to_id is no account [unknown_account
/// to_id]`; what SQLite and the node say by themselves is known by their words. A code that is a
/// row of `reason` has its words there, which are the same at the arbiter; the others have theirs
/// here.
struct SchemaRefusal: Hashable, Sendable {
    var code: String
    var column: String?

    init(_ code: String, _ column: String? = nil) { (self.code, self.column) = (code, column) }

    /// - Parameter sentence: of the schema, behind whatever the node says before it.
    init?(sentence: String) {
        if let end = sentence.firstMatch(of: /\[([a-z_]+)(?: ([a-z_]+))?\]\.?$/) {
            self.init(String(end.1), end.2.map(String.init))
        } else if let known = Self.phrases.first(where: { sentence.contains($0.phrase) }) {
            self = known.refusal
        } else {
            return nil
        }
    }

    /// The column as people call it.
    var field: PeopleField? { column.map { PeopleField($0, Self.columns[$0] ?? $0) } }

    static func fault(_ problem: ProblemDetails, reasons: ParkDesk) async throws -> PeopleFault {
        guard let refusal = SchemaRefusal(sentence: problem.detail) else { return unnamed(problem) }
        if let words = words[refusal.code] {
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
