import ParkSyncCore

/// One statement of a park's demo data.
package struct DemoStatement: Hashable, Sendable {
    package var sql: String
    package var parameters: [Value]

    /// An INSERT of one row.
    init(into table: String, _ columns: [(String, Value)]) {
        let names = columns.map(\.0).joined(separator: ", ")
        let marks = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        sql = "INSERT INTO \(table) (\(names)) VALUES (\(marks))"
        parameters = columns.map(\.1)
    }
}
