/// A row that refers to a row which does not exist. No damage: see `VerifyReport.dangling`.
package struct DanglingReference: Codable, Hashable, Sendable {
    package var table: String
    /// The row's primary key.
    package var key: [JSONValue]
    /// The columns that refer, and what they hold.
    package var columns: [String]
    package var values: [JSONValue]
    /// The table that they refer to.
    package var parent: String
    package init(table: String, key: [JSONValue], columns: [String], values: [JSONValue], parent: String) {
        (self.table, self.key, self.columns, self.values, self.parent) = (table, key, columns, values, parent)
    }
}
