import Foundation
import GRDBSQLite
import ParkSyncCore

/// Compiling and binding SQL that came from outside.
enum GuestSQL {
    /// Prepares exactly one statement.
    static func prepare(_ sql: String, on connection: OpaquePointer) throws -> OpaquePointer {
        let prepared = try SQLText.prepare(sql, on: connection)
        guard prepared.result == SQLITE_OK else {
            var error = StoreError.sqlite(prepared.result, connection: connection, doing: "Preparing \(sql.prefix(200))")
            if let missing = error.reason.components(separatedBy: "no such table: ").dropFirst().last {
                error.remedy = Nearest.question(missing, in: tableNames(connection)) + error.remedy
            }
            throw error
        }
        guard let statement = prepared.statement else { throw StoreError(.sql, "the statement is empty", remedy: "Send one SQL statement.") }
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
        let sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE '\\_parksync%' ESCAPE '\\'"
        guard let statement = try? SQLText.prepare(sql, on: connection).statement else { return [] }
        defer { sqlite3_finalize(statement) }
        var names: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW { if let text = sqlite3_column_text(statement, 0) { names.append(String(cString: text)) } }
        return names
    }

    static func bind(_ parameters: [Value], to statement: OpaquePointer, sql: String) throws {
        let wanted = Int(sqlite3_bind_parameter_count(statement))
        guard wanted == parameters.count else {
            throw StoreError(
                .sql, "the statement has \(wanted) parameters, \(parameters.count) were given: \(sql.prefix(200))",
                remedy: "Give one value for each `?`.")
        }
        for (index, value) in parameters.enumerated() { bind(value, to: statement, at: Int32(index + 1)) }
    }

    private static func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .real(let bits): sqlite3_bind_double(statement, index, Double(bitPattern: bits))
        case .text(let bytes):
            _ = bytes.withUnsafeBytes { buffer in
                // An empty text may have no address, and SQLite takes a null address for NULL.
                if let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self) {
                    sqlite3_bind_text64(statement, index, base, UInt64(buffer.count), transient, UInt8(SQLITE_UTF8))
                } else {
                    sqlite3_bind_text(statement, index, "", 0, transient)
                }
            }
        case .blob(let bytes):
            if bytes.isEmpty {
                sqlite3_bind_zeroblob(statement, index, 0)
            } else {
                sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), transient)
            }
        }
    }

    static func columnNames(_ statement: OpaquePointer) -> [String] {
        (0..<sqlite3_column_count(statement)).map { index in sqlite3_column_name(statement, index).map { String(cString: $0) } ?? "" }
    }
}

/// Statements from outside that were compiled before. A program sends the same few texts again and again, and compiling one
/// compiles the capture triggers with it, which takes longer than a one-row insert.
///
/// Only for one kind of trust: what a statement may do is checked when it is compiled. Used by one thread at a time.
final class GuestStatements {
    /// The bytes of a text. Swift takes two strings for equal that Unicode holds equivalent; SQLite does not.
    private struct Text: Hashable {
        var bytes: [UInt8]
        init(_ sql: String) { bytes = Array(sql.utf8) }
        // An array hashes its elements one by one.
        func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    private let connection: OpaquePointer
    private var idle: [Text: OpaquePointer] = [:]
    /// Texts in the order in which they came.
    private var order: [Text] = []

    static let statementsMax = 64
    /// Longer texts are compiled each time: programs that write values into the text do not send it twice.
    static let sqlBytesMax = 4_096

    init(_ connection: OpaquePointer) { self.connection = connection }

    deinit { for statement in idle.values { sqlite3_finalize(statement) } }

    /// A statement that is compiled and unbound; give it back.
    func take(_ sql: String) throws -> OpaquePointer {
        if sql.utf8.count <= Self.sqlBytesMax, let known = idle.removeValue(forKey: Text(sql)) { return known }
        return try GuestSQL.prepare(sql, on: connection)
    }

    func give(_ statement: OpaquePointer, _ sql: String) {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        let text = Text(sql)
        guard text.bytes.count <= Self.sqlBytesMax, idle[text] == nil else {
            sqlite3_finalize(statement)
            return
        }
        if !order.contains(text) { order.append(text) }
        idle[text] = statement
        guard order.count > Self.statementsMax else { return }
        if let oldest = idle.removeValue(forKey: order.removeFirst()) { sqlite3_finalize(oldest) }
    }
}
