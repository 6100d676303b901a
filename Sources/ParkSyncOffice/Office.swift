import ParkSyncCore
import ParkSyncReports

/// What people do with the catalogue of the parks: look things up, ask, decide, meter, report. One
/// value a viewer; everything that it reads and writes goes through its store.
package struct Office: Sendable {
    package let store: any OfficeStore
    package let vocabulary: Vocabulary
    package let viewer: Viewer

    /// - Parameters:
    ///   - vocabulary: of the schema that the store has; read once, and again when that changes.
    ///   - viewer: who is asking.
    package init(store: any OfficeStore, vocabulary: Vocabulary, viewer: Viewer) {
        (self.store, self.vocabulary, self.viewer) = (store, vocabulary, viewer)
    }

    package var park: String { store.park }
    var sight: Sight { Sight(viewer: viewer, park: store.park) }

    // MARK: reading

    func rows<Row: Decodable>(
        _ sql: String, _ parameters: [JSONValue] = [], as type: Row.Type = Row.self
    ) async throws -> [Row] {
        try RowCoding.decode(type, try await store.read(SQLStatement(sql, parameters)))
    }

    /// Those rows of a list that can be read: one that another park wrote wrongly hides no others.
    func list<Row: Decodable>(
        _ sql: String, _ parameters: [JSONValue] = [], as type: Row.Type = Row.self
    ) async throws -> [Row] {
        try RowCoding.readable(type, try await store.read(SQLStatement(sql, parameters))).rows
    }

    /// Those of some requests of which the viewer sees whose they are and what for.
    func seen(_ requests: [String]) async throws -> Set<ExactText> {
        var query = QueryText()
        let ids = query.bind(.text(try RowCoding.jsonText(requests)))
        let condition = sight.condition(.request("r"), &query)
        let answer = try await store.read(
            SQLStatement(
                """
                SELECT r.id FROM json_each(\(ids)) AS j CROSS JOIN request AS r ON r.id = j.value WHERE \(condition)
                """, query.parameters))
        return Set(answer.rows.compactMap { $0.first?.text }.map { ExactText($0) })
    }

    // MARK: writing

    /// One transaction in the name of the viewer. What the schema refuses is thrown as a fault for
    /// people.
    ///
    /// - Returns: how many rows each statement has changed.
    @discardableResult
    func write(_ statements: [SQLStatement], note: String?) async throws -> [Int] {
        do {
            return try await store.write(statements, author: viewer.person, note: note)
        } catch let problem as ProblemDetails where problem.code == "constraint" {
            throw SchemaRefusal.fault(problem, vocabulary)
        }
    }

    /// A new id of this park; the same one for the same key.
    func newID(_ kind: String, _ key: UInt64? = nil) -> String {
        "\(park):\(kind):\(Given.tail(key ?? store.draw()))"
    }

    /// - Parameter code: of a row of `reason`.
    func reason(
        _ code: String, _ field: OfficeField?, detail: Wording? = nil, cause: OfficeFault.Cause = .refused
    ) -> OfficeFault {
        vocabulary.reason(code)?.fault(field, detail: detail, cause: cause)
            ?? OfficeFault(
                cause, code, field, Wording("不能办理", "it is not possible"), Wording("与管理方联系", "Speak to the home"))
    }
}
