import ParkSyncCore
import ParkSyncStore

/// Fills a new database with what all parks share of another one: shared tables, log, clocks and
/// digests, and nothing else.
///
/// Tables that are local to a park, captured rows, and deleted rows in free pages stay behind. Both
/// ends do it: the park that serves a snapshot, so that nothing of its own leaves it, and the park
/// that takes one, so that nothing comes in but rows.
enum SnapshotTables {
    /// ParkSync's own tables whose rows belong to what is shared. Ordinals of origins and tables
    /// are those of the copied file.
    static let carried = [
        "_parksync_origin", "_parksync_log", "_parksync_table", "_parksync_life", "_parksync_conflict",
        "_parksync_quarantine", "_parksync_segment",
        "_parksync_fence", "_parksync_vote", "_parksync_decision", "_parksync_withdrawal", "_parksync_member",
        "_parksync_dropped", "_parksync_known",
    ]
    /// Made anew in each file.
    static let own = [
        "_parksync_meta", "_parksync_schema", "_parksync_meter", "_parksync_fork", "_parksync_branch",
        "_parksync_difference", "_parksync_refused",
    ]

    static let cacheKibibytes = 65_536
    /// Most pages of a file that is made of another one: so many in any case, and so many for each
    /// page that the other may have.
    private static let pagesAlways = 10_000
    private static let pageBytesMin = 512
    private static let pagesPerPage = 2
    /// The name under which the other database is attached.
    static let source = "source"

    /// Makes the tables of a new file, without triggers, and attaches the file that the rows come
    /// from.
    ///
    /// - Parameter work: bounds the reading of a file that is not the node's own. It has to live as
    ///   long as the connection.
    static func begin(
        _ path: String, from file: String, schema compiled: CompiledSchema, park: String, work: ForeignGuard? = nil
    ) throws -> Connection {
        FileSystem.removeDatabase(path)
        let connection = try Connection(path: path, role: .builder)
        try connection.execute("PRAGMA cache_size = -\(cacheKibibytes)")
        try connection.execute("PRAGMA trusted_schema = OFF")
        try connection.transaction {
            for sql in StoreFile.tables { try connection.execute(sql) }
            try StoreFile.setMeta(connection, "format", .integer(StoreFile.formatVersion))
            try StoreFile.setMeta(connection, "park", .string(park))
            _ = try StoreFile.installTables(compiled, on: connection)
            try connection.execute("DELETE FROM _parksync_table")
        }
        if let work {
            work.limitWork(of: connection.handle)
            // Rows without end fill no disk.
            try connection.execute(
                """
                PRAGMA max_page_count = \
                \(pagesAlways + Int(clamping: FileSystem.bytes(file)) / pageBytesMin * pagesPerPage)
                """
            )
        }
        try connection.execute("ATTACH \(literal(file)) AS \(source)")
        return connection
    }

    /// Begins the transaction in which everything is copied; the source is read as it is now.
    static func hold(_ connection: Connection) throws {
        try connection.execute("BEGIN")
        // Not a count, which nothing interrupts.
        _ = try connection.int64("SELECT 1 FROM \(source)._parksync_meta LIMIT 1")
    }

    /// Copies all rows, after `hold`, and lets the source go.
    static func fill(_ connection: Connection, schema: SharedSchema) throws {
        for table in carried + schema.tables.flatMap({ [$0.name, StoreFile.clockTable($0.name)] }) {
            try copy(table, connection)
        }
        try connection.execute("COMMIT")
        try connection.execute("DETACH \(source)")
    }

    /// Copies all that is ParkSync's own and all shared rows of a copy of the same node, but for
    /// what is made anew: the schema files' texts, and what was captured.
    static func fillAll(_ connection: Connection, schema: SharedSchema) throws {
        let own = Set(carried + self.own).subtracting(["_parksync_schema", "_parksync_meter"]).sorted()
        for table in own + schema.tables.flatMap({ [$0.name, StoreFile.clockTable($0.name)] }) {
            // Older formats lack some.
            if SQLGuard.isInternal(table),
                try connection.string("SELECT type FROM \(source).sqlite_master WHERE name = \(literal(table))") == nil
            {
                continue
            }
            try connection.execute("DELETE FROM main.\(quoted(table))")
            try copy(table, connection)
        }
        try connection.execute("COMMIT")
        try connection.execute("DETACH \(source)")
    }

    /// Puts archived entries back into the log, since the file has no segments beside it.
    ///
    /// What lies before a segment that cannot be read stays out: whoever takes the snapshot has the
    /// log from behind it on, as peers of this park have.
    static func unpack(_ connection: Connection, from folder: ArchiveFolder) throws {
        let archive = ArchiveReader(folder: folder)
        var unreadable: Set<Int64> = []
        for row in try SegmentTable.all(connection).reversed() where !unreadable.contains(row.ordinal) {
            guard let origin = try LogScan.origin(connection, row.ordinal) else { continue }
            do { _ = try archive.content(row, origin: origin) } catch is ArchiveFault {
                unreadable.insert(row.ordinal)
                continue
            }
            do {
                _ = try archive.walk(row, origin: origin, from: row.first) { entry in
                    try LogTable.insert(
                        connection, ordinal: row.ordinal, seq: entry.seq, stamp: try entry.stamp(),
                        hash: Array(entry.hash),
                        signature: entry.signature.map { Array($0) }, payload: entry.payload)
                    return .more
                }
            } catch let fault as ArchiveFault { throw fault.storeError }
            try connection.execute("DELETE FROM _parksync_segment WHERE id = \(LogTable.id(row.ordinal, row.first))")
        }
    }

    private static func copy(_ table: String, _ connection: Connection) throws {
        let kind = try connection.string("SELECT type FROM \(source).sqlite_master WHERE name = \(literal(table))")
        guard kind == "table" else {
            throw StoreError(
                .damaged, "the snapshot has no table \(table)",
                remedy: "Take the snapshot from another park; nothing was changed.")
        }
        let here = try columns(table, "main", connection)
        let there = try columns(table, source, connection)
        guard Set(here) == Set(there) else {
            throw StoreError(
                .schema, "table \(table) of the snapshot has other columns than here",
                remedy: "Compare the schema files of the two parks.")
        }
        let name = quoted(table)
        if here == there {
            // In this form SQLite copies whole trees, indices included, as VACUUM does.
            try connection.execute("INSERT INTO main.\(name) SELECT * FROM \(source).\(name)")
        } else {
            let list = here.map(quoted).joined(separator: ", ")
            try connection.execute("INSERT INTO main.\(name)(\(list)) SELECT \(list) FROM \(source).\(name)")
        }
    }

    private static func columns(_ table: String, _ database: String, _ connection: Connection) throws -> [String] {
        let statement = try RawStatement(
            connection.handle,
            "SELECT name FROM pragma_table_info(\(literal(table)), \(literal(database))) ORDER BY cid")
        var names: [String] = []
        while try statement.step() { names.append(statement.string(0)) }
        return names
    }
}
