import ParkSyncReports

/// Rows and what the log says of them, for people.
enum RowsText {
    static func line(_ rows: RowsStatus, now: UInt64) -> String {
        let verified =
            rows.verifiedAt.map { "\(rows.verifiedRows) compared with the log \(Elapsed.age($0, now)) ago" }
            ?? "not compared with the log yet"
        return "rows      \(verified)" + (rows.differing > 0 ? "  \(rows.differing) differ" : "")
    }

    /// One line for each column that differs.
    static func lines(_ difference: RowDifference) -> [String] {
        let key = difference.key.map(ParameterParsing.text).joined(separator: ", ")
        let name = "\(difference.table) (\(key))"
        switch difference.kind {
        case .missing: return ["\(name): missing, the log has it"] + values(difference.columns)
        case .extra: return ["\(name): extra, the log has it not"] + values(difference.columns)
        case .clock: return ["\(name): right, but what the node keeps beside it is damaged"]
        case .changed: return ["\(name): changed"] + values(difference.columns)
        }
    }

    private static func values(_ columns: [RowDifference.Column]) -> [String] {
        columns.map { column in
            let here = column.here.map(ParameterParsing.text) ?? "(no row)"
            let logged = column.isKnown ? column.logged.map(ParameterParsing.text) ?? "(no row)" : "(not known)"
            return "    \(column.name): here \(here), in the log \(logged)"
        }
    }
}
