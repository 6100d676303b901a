/// Which rows belong to a record, so that the log can be asked for each of them.
package enum HistoryScreens {
    /// A table, and how its rows belong to a record.
    private struct Part {
        var table: String
        var key: [String]
        var condition: String
        init(_ table: String, _ key: String..., where condition: String = "id = ?1") {
            (self.table, self.key, self.condition) = (table, key, condition)
        }
    }

    private static let parts: [Part] = [
        Part("park", "id"), Part("organisation", "id"), Part("person", "id"), Part("item", "id"),
        Part("link", "subject_id", "relation", "object_id", where: "subject_id = ?1"),
        Part("figure", "subject_id", "code", "year", "version", where: "subject_id = ?1"),
        Part("credential", "id", where: "id = ?1 OR holder_id = ?1"),
        Part("window", "id", where: "id = ?1 OR item_id = ?1"),
        Part("rate", "id", where: "id = ?1 OR item_id = ?1"),
        Part("document", "id", where: "id = ?1 OR about_id = ?1"), Part("text", "id"), Part("request", "id"),
        Part("act", "id", where: "id = ?1 OR request_id = ?1"),
        Part("step", "subject_id", "request_id", "n", "id", where: "request_id = ?1"),
        Part("usage", "id", where: "id = ?1 OR request_id = ?1"),
        Part(
            "transfer", "from_id", "id",
            where: "id = ?1 OR because_id = ?1 OR id IN (SELECT s.id FROM step AS s WHERE s.request_id = ?1)"),
        Part("tag", "subject_id", "tag", where: "subject_id = ?1"),
        Part("annotation", "subject_id", "field", "lang", where: "subject_id = ?1"),
        Part("counter", "subject_id", "code", where: "subject_id = ?1"),
    ]

    /// The rows of record `?1`: their tables, and their keys as JSON arrays. At most `?2`.
    package static let rows =
        parts.map { part in
            """
            SELECT '\(part.table)' AS "table", json_array(\(part.key.joined(separator: ", "))) AS key \
            FROM \(part.table) WHERE \(part.condition)
            """
        }.joined(separator: "\nUNION ALL ") + "\nLIMIT ?2"

    /// Tables whose rows are written once: who wrote one last is all that there is.
    package static let appendOnly: [String] = [
        "figure", "rate", "document", "request", "act", "step", "usage", "transfer",
    ]
    /// Tables that every park writes.
    package static let ofEverybody: [String] = ["tag", "annotation", "counter"]
}
