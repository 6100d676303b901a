/// A small schema of a few tables, older than the catalogue: for tests, the simulator and the story
/// of an outage.
package enum StarterSchema {
    /// In the order of their numbers.
    package static var files: [(name: String, sql: String)] {
        [("001-starter.sql", String(decoding: PackageResources._01_starter_sql, as: UTF8.self))]
    }

    /// All of them as one file, which has the number of the first.
    package static var asOneFile: String {
        files.enumerated().map { index, file in
            index == 0 ? file.sql : String(decoding: file.sql.utf8.drop { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }.joined(separator: "\n")
    }
}
