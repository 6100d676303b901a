import ParkSyncCore
import ParkSyncReports

/// A conflict as the node sent it.
///
/// A decoder takes JSON's null for an absent member; here the one is an SQL NULL and the other a deleted row.
struct ExactConflict: Decodable {
    var report: ConflictReport

    private enum Member: String, CodingKey { case current }

    init(from decoder: any Decoder) throws {
        report = try ConflictReport(from: decoder)
        if report.current == nil, try decoder.container(keyedBy: Member.self).contains(.current) { report.current = JSONValue(.null) }
    }
}

/// A row's blame as the node sent it, with NULLs told from absent values.
struct ExactBlame: Decodable {
    var report: BlameReport

    private struct Column: Decodable {
        var column: BlameReport.Column

        private enum Member: String, CodingKey { case value }

        init(from decoder: any Decoder) throws {
            column = try BlameReport.Column(from: decoder)
            if column.value == nil, try decoder.container(keyedBy: Member.self).contains(.value) { column.value = JSONValue(.null) }
        }
    }

    private enum Member: String, CodingKey { case columns }

    init(from decoder: any Decoder) throws {
        report = try BlameReport(from: decoder)
        report.columns = try decoder.container(keyedBy: Member.self).decode([Column].self, forKey: .columns).map(\.column)
    }
}
