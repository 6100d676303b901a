/// The schema files that a node has unless its configuration names a folder with others.
package enum StarterSchema {
    /// In the order of their numbers.
    package static var files: [(name: String, sql: String)] {
        [("001-starter.sql", String(decoding: PackageResources._01_starter_sql, as: UTF8.self))]
    }
}
