import CSQLiteSwitches
import CSQLite
import ParkSyncCore

/// How much work the statements of one schema file may be, so that none goes on without end. Used
/// by one thread at a time.
///
/// They are executed twice: on an empty database in memory, which is to find out what they make,
/// and on a node's file. What has no end in itself is found on the first; what has none because of
/// the rows that are there, on the second.
final class SchemaBudget {
    private static let stepsPerLook = 1_000
    /// Of a node's file: what an index is made of may be as long as the longest entry.
    private static let storedValueBytesMax = ForeignLimits.valueBytesMax

    let stepsMax: Int
    let valueBytesMax: Int
    private var stepsLeft: Int
    /// Whether a statement was interrupted because of it.
    private(set) var isExhausted = false

    /// - Parameters:
    ///   - sql: the file's text.
    ///   - databaseBytes: the length of the node's file; nil for the database in memory.
    init(sql: String, databaseBytes: Int64? = nil) {
        let text = Self.product(sql.utf8.count, SchemaLimits.schemaFileStepsPerByte)
        let rows = Self.product(Int(clamping: databaseBytes ?? 0), SchemaLimits.schemaDatabaseStepsPerByte)
        stepsMax = Self.sum(Self.sum(SchemaLimits.schemaFileStepsMax, text), rows)
        stepsLeft = stepsMax
        valueBytesMax = databaseBytes == nil ? SchemaLimits.schemaValueBytesMax : Self.storedValueBytesMax
    }

    private static func product(_ count: Int, _ each: Int) -> Int {
        let (value, overflow) = max(count, 0).multipliedReportingOverflow(by: each)
        return overflow ? .max : value
    }

    private static func sum(_ a: Int, _ b: Int) -> Int {
        let (value, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : value
    }

    /// Runs `body`, whose statements on the connection are counted and bounded.
    func watching<T>(_ connection: Connection, _ body: () throws -> T) rethrows -> T {
        connection.isOverdue = { [self] in !spend() }
        connection.limit(valueBytes: valueBytesMax, steps: Int32(Self.stepsPerLook))
        defer {
            connection.isOverdue = nil
            connection.limit(valueBytes: Int(Int32.max), steps: Connection.progressSteps)
        }
        return try body()
    }

    private func spend() -> Bool {
        stepsLeft -= min(stepsLeft, Self.stepsPerLook)
        isExhausted = stepsLeft == 0
        return !isExhausted
    }

    /// Once, before anything is executed on the database in memory: bounds what is kept there, and
    /// what a single step may take.
    static func bound(_ connection: Connection) throws {
        let pageBytes = try connection.int64("PRAGMA page_size") ?? 0
        guard pageBytes > 0 else {
            throw StoreError(.internalState, "SQLite has no page size", remedy: "Restart the program.")
        }
        try connection.execute("PRAGMA max_page_count = \(Int64(SchemaLimits.schemaDatabaseBytesMax) / pageBytes)")
        let result = parksync_sqlite_guest_functions(UnsafeMutableRawPointer(connection.handle))
        guard result == SQLITE_OK else {
            throw StoreError.sqlite(result, connection: connection.handle, doing: "Making bounded functions")
        }
        sqlite3_limit(connection.handle, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, Int32(ReadLimits.patternBytesMax))
    }

    /// What a failure has to do with it; nil for nothing.
    ///
    /// - Parameter isEmpty: whether the database is the one in memory, of which no disk can be
    ///   full.
    func refusal(of result: Int32, isEmpty: Bool) -> SchemaAuthorizer.Refusal? {
        let rest =
            """
            A schema file describes tables; let a program of the park fill its local ones, through the node or \
            with SQLite.
            """
        switch result & 0xFF {
        case SQLITE_INTERRUPT where isExhausted:
            return .init(
                reason:
                    """
                    the statement does not come to its end: with it, the statements of the file take more than \
                    \(stepsMax) steps of SQLite
                    """,
                remedy: rest)
        case SQLITE_TOOBIG:
            return .init(
                reason: "the statement has or makes a text, blob or row of more than \(valueBytesMax) bytes",
                remedy: rest)
        case SQLITE_FULL where isEmpty:
            return .init(
                reason:
                    """
                    the statement makes rows of more than \(SchemaLimits.schemaDatabaseBytesMax) bytes, with \
                    those of the files before
                    """,
                remedy: rest)
        default: return nil
        }
    }
}
