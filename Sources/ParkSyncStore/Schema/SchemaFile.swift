/// One plain SQL schema file: numbered from 1, executed once on every node, with ParkSync's
/// directives in its comments.
///
/// Each directive is a line comment of its own, in this very form.
///
/// | directive | where | meaning |
/// |---|---|---|
/// | `-- parksync: schema N` | a line of its own | the file's number |
/// | `-- parksync: writer any` | above or inside a CREATE TABLE | shared; every park may write its rows |
/// | `-- parksync: writer home(COLUMN)` | the same | shared; only the park before the first `:` of this column |
/// | `-- parksync: append-only` | the same | rows are only inserted |
/// | `-- parksync: local` | the same | the table is not shared |
/// | `-- parksync: constant` | the same | local, and filled by schema files alone |
/// | `-- parksync: member (COLUMN, …) of CONSTANT(COLUMN, …)` | the same | the values are those of one of its rows |
/// | `-- parksync: counter` | at the end of a column's line | concurrent changes add up |
package struct SchemaFile: Hashable, Sendable {
    package var name: String
    package var sql: String
    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }
}

/// A schema that cannot be shared: where, why, and the remedy.
package struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// From 1; nil for what is about the file or folder as a whole.
    package var line: Int?
    package var reason: String
    package var remedy: String
    package var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(reason). \(remedy)" }
}

/// A statement of a schema file and the directives that stand in it.
struct SchemaStatement: Sendable {
    /// From its first piece that is no comment to its semicolon.
    var sql: String
    /// Line of its first byte.
    var line: Int
    var directives: [SchemaDirective]
}
