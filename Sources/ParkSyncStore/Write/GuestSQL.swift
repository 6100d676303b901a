import CSQLiteSwitches
import Foundation
import CSQLite
import ParkSyncCore

/// A statement from outside that is compiled, and what it may work on.
struct GuestStatement {
    let handle: OpaquePointer
    /// Longest text or blob that it may make or read.
    let valueBytesMax: Int
    let progressSteps: Int32
}

/// Compiling and binding SQL that came from outside.
enum GuestSQL {
    /// Prepares exactly one statement.
    static func prepare(_ sql: String, on connection: Connection) throws -> GuestStatement {
        try CommonTables.check(sql)
        connection.guestUse = GuestUse()
        // What is compiled with it makes no long values.
        connection.limit(valueBytes: ReadLimits.valueBytesMax, steps: Connection.progressSteps)
        let handle: OpaquePointer
        do { handle = try prepare(sql, on: connection.handle) } catch { throw connection.guestUse.refusal ?? error }
        return GuestStatement(
            handle: handle, valueBytesMax: connection.guestUse.valueBytesMax(sql),
            progressSteps: connection.guestUse.progressSteps)
    }

    /// Binds parameters to a statement that is executed next.
    static func begin(_ statement: GuestStatement, _ parameters: [Value], on connection: Connection, sql: String) throws
    {
        // SQLite compiles a statement anew when a table has changed, and asks again.
        connection.guestUse = GuestUse()
        connection.guestMemory = parksync_guest_memory(
            held_bytes: 0, held_bytes_max: Int64(ReadLimits.guestMemoryBytesMax), is_refused: 0)
        connection.limit(valueBytes: statement.valueBytesMax, steps: statement.progressSteps)
        try bind(parameters, to: statement, on: connection.handle, sql: sql)
    }

    /// Executes a statement up to its next row.
    static func step(_ statement: GuestStatement, on connection: Connection) -> Int32 {
        parksync_sqlite_guest_step(UnsafeMutableRawPointer(statement.handle), &connection.guestMemory)
    }

    /// The error of a statement that was executed.
    static func failure(_ result: Int32, _ statement: GuestStatement, on connection: Connection, sql: String)
        -> StoreError
    {
        if let refusal = connection.guestUse.refusal { return refusal }
        var error = StoreError.sqlite(result, connection: connection.handle, doing: "Executing \(sql.prefix(200))")
        if error.code == .tooLarge { error.remedy = tooLong(statement) }
        if connection.guestMemory.is_refused != 0, error.isOfMemory {
            error = error.told(
                as: .tooLarge,
                """
                SQLite would hold more than \(ReadLimits.guestMemoryBytesMax) bytes at once for the statement \
                \(sql.prefix(200))
                """,
                remedy:
                    """
                    Work on fewer or shorter texts and blobs at a time: each place that names one is a copy; \
                    see docs/reference/sql.md.
                    """
            )
        }
        return error
    }

    private static func tooLong(_ statement: GuestStatement) -> String {
        "With the functions that it calls this statement may work on texts, blobs and rows of up to "
            + "\(statement.valueBytesMax) bytes; "
            + "see docs/reference/sql.md."
    }

    private static func prepare(_ sql: String, on connection: OpaquePointer) throws -> OpaquePointer {
        let prepared = try SQLText.prepare(sql, on: connection)
        guard prepared.result == SQLITE_OK else {
            var error = StoreError.sqlite(
                prepared.result, connection: connection, doing: "Preparing \(sql.prefix(200))")
            if let missing = error.reason.components(separatedBy: "no such table: ").dropFirst().last {
                error.remedy = Nearest.question(missing, in: tableNames(connection)) + error.remedy
            }
            throw error
        }
        guard let statement = prepared.statement else {
            throw StoreError(.sql, "the statement is empty", remedy: "Send one SQL statement.")
        }
        let tail = sql.utf8.suffix(prepared.rest)
        guard tail.allSatisfy({ $0 <= 0x20 || $0 == UInt8(ascii: ";") }) else {
            sqlite3_finalize(statement)
            throw StoreError(
                .sql, "text follows the statement: \(String(decoding: tail.prefix(80), as: UTF8.self))",
                remedy: "Send each statement as an element of its own.")
        }
        return statement
    }

    /// Tables and views that a client may read. None if the connection may not tell.
    private static func tableNames(_ connection: OpaquePointer) -> [String] {
        let sql =
            """
            SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE '\\_parksync%' \
            ESCAPE '\\'
            """
        guard let statement = try? SQLText.prepare(sql, on: connection).statement else { return [] }
        defer { sqlite3_finalize(statement) }
        var names: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            if let text = sqlite3_column_text(statement, 0) { names.append(String(cString: text)) }
        }
        return names
    }

    private static func bind(
        _ parameters: [Value], to statement: GuestStatement, on connection: OpaquePointer, sql: String
    ) throws {
        let wanted = Int(sqlite3_bind_parameter_count(statement.handle))
        guard wanted == parameters.count else {
            throw StoreError(
                .sql, "the statement has \(wanted) parameters, \(parameters.count) were given: \(sql.prefix(200))",
                remedy: "Give one value for each `?`.")
        }
        for (index, value) in parameters.enumerated() {
            let result = bind(value, to: statement.handle, at: Int32(index + 1))
            guard result == SQLITE_OK else {
                var error = StoreError.sqlite(
                    result, connection: connection, doing: "Parameter \(index + 1) of \(sql.prefix(200))")
                if error.code == .tooLarge { error.remedy = tooLong(statement) }
                throw error
            }
        }
    }

    private static func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) -> Int32 {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let number): return sqlite3_bind_int64(statement, index, number)
        case .real(let bits): return sqlite3_bind_double(statement, index, Double(bitPattern: bits))
        case .text(let bytes):
            return bytes.withUnsafeBytes { buffer in
                // An empty text may have no address, and SQLite takes a null address for NULL.
                if let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self) {
                    sqlite3_bind_text64(statement, index, base, UInt64(buffer.count), transient, UInt8(SQLITE_UTF8))
                } else {
                    sqlite3_bind_text(statement, index, "", 0, transient)
                }
            }
        case .blob(let bytes):
            return bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement, index, 0)
                : sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), transient)
        }
    }

    static func columnNames(_ statement: OpaquePointer) -> [String] {
        (0..<sqlite3_column_count(statement)).map { index in
            sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
        }
    }
}

/// Statements from outside that were compiled before. A program sends the same few texts again and
/// again, and compiling one compiles the capture triggers with it, which takes longer than a
/// one-row insert.
///
/// Only for one kind of trust: what a statement may do is checked when it is compiled. Used by one
/// thread at a time.
final class GuestStatements {
    /// The bytes of a text. Swift takes two strings for equal that Unicode holds equivalent; SQLite
    /// does not.
    private struct Text: Hashable {
        var bytes: [UInt8]
        init(_ sql: String) { bytes = Array(sql.utf8) }
        // An array hashes its elements one by one.
        func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    private unowned let connection: Connection
    private var idle: [Text: GuestStatement] = [:]
    /// Texts in the order in which they came.
    private var order: [Text] = []

    static let statementsMax = 64
    /// Longer texts are compiled each time: programs that write values into the text do not send it
    /// twice.
    static let sqlBytesMax = 4_096

    init(_ connection: Connection) { self.connection = connection }

    deinit { for statement in idle.values { sqlite3_finalize(statement.handle) } }

    /// A statement that is compiled and unbound; give it back.
    func take(_ sql: String) throws -> GuestStatement {
        if sql.utf8.count <= Self.sqlBytesMax, let known = idle.removeValue(forKey: Text(sql)) { return known }
        return try GuestSQL.prepare(sql, on: connection)
    }

    func give(_ statement: GuestStatement, _ sql: String) {
        sqlite3_reset(statement.handle)
        sqlite3_clear_bindings(statement.handle)
        let text = Text(sql)
        guard text.bytes.count <= Self.sqlBytesMax, idle[text] == nil else {
            sqlite3_finalize(statement.handle)
            return
        }
        if !order.contains(text) { order.append(text) }
        idle[text] = statement
        guard order.count > Self.statementsMax else { return }
        if let oldest = idle.removeValue(forKey: order.removeFirst()) { sqlite3_finalize(oldest.handle) }
    }
}
