import ParkSyncCore
import ParkSyncStore

/// SQLite's own check of a file, without what it finds by mistake.
///
/// SQLite 3.40.1 calls healthy tables damaged: in a WITHOUT ROWID table whose key columns are not
/// declared first it looks for a NULL in another column than it names, and says "NULL value in T.C"
/// of each row. So such a line is asked of the table itself. The other lines are taken at their
/// word.
enum IntegrityCheck {
    /// - Parameter max: findings after which it stops.
    /// - Returns: what is wrong with the file; empty if nothing is.
    static func findings(_ connection: Connection, max: Int) throws -> [String] {
        // Lines that are not true may come before one that is, one for each row; so there is no
        // limit to their number.
        let lines = try RawStatement(connection.handle, "PRAGMA integrity_check(\(Int32.max))")
        var mistaken: [[UInt8]: Bool] = [:]
        var findings: [String] = []
        while findings.count < max, try lines.step() {
            let line = lines.string(0)
            if line == "ok" { continue }
            if line.hasPrefix(nullPrefix) {
                let key = Array(line.utf8)
                let isMistaken = try mistaken[key] ?? isMistaken(line, connection)
                mistaken[key] = isMistaken
                if isMistaken { continue }
            }
            findings.append(line)
        }
        return findings
    }

    private static let nullPrefix = "NULL value in "

    /// Whether the line names a column, and no row has a NULL there.
    private static func isMistaken(_ line: String, _ connection: Connection) throws -> Bool {
        let columns = try RawStatement(
            connection.handle,
            """
            SELECT m.name, c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c
            WHERE m.type = 'table' AND \(literal(nullPrefix)) || m.name || '.' || c.name = \(literal(line))
            """)
        var isNamed = false
        while try columns.step() {
            isNamed = true
            // `IS NULL` would be answered from the declaration, which says NOT NULL, without a look
            // at the rows.
            let found = try connection.int64(
                """
                SELECT EXISTS(SELECT 1 FROM \(quoted(columns.string(0))) NOT INDEXED WHERE \
                typeof(\(quoted(columns.string(1)))) = 'null')
                """
            )
            if found != 0 { return false }
        }
        return isNamed
    }
}
