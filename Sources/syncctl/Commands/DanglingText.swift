import ParkSyncReports

/// Rows that refer to nothing, for people.
enum DanglingText {
    static func lines(_ report: VerifyReport) -> [String] {
        guard let count = report.danglingCount, count > 0 else { return [] }
        let rows = report.dangling ?? []
        var lines = [
            """
            \(count) rows refer to rows that do not exist. That is no damage: the log has them so. Parks that \
            did not know of each other changed what
            """,
            """
            belongs together, or a program wrote without checking references. Write the missing rows, or delete \
            or change these:
            """,
        ]
        for row in rows {
            let key = row.key.map(ParameterParsing.text).joined(separator: ", ")
            let values = zip(row.columns, row.values).map { "\($0) = \(ParameterParsing.text($1))" }.joined(
                separator: ", ")
            lines.append("  \(row.table) (\(key)): \(values), not in \(row.parent)")
        }
        if count > rows.count { lines.append("  and \(count - rows.count) more") }
        return lines
    }
}
