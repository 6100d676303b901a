/// Asks a database file whether a node has worked on it.
package enum NodeDatabase {
    /// False also for a file that only other programs have written: it has none of ParkSync's
    /// tables.
    ///
    /// - Throws: `StoreError` if the file is no database, or cannot be read.
    package static func hasRun(_ path: String) throws -> Bool {
        guard FileSystem.exists(path) else { return false }
        let connection = try Connection(path: path, role: .reader)
        return try connection.int64("SELECT count(*) FROM sqlite_schema WHERE name = '_parksync_meta'") != 0
    }
}
