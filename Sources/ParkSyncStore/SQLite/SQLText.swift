import CSQLite

/// SQL on its way into SQLite, which ends a text at its first zero byte: what stands behind it
/// would be left out, and a condition with it.
///
/// The one place where SQL is compiled. A text with a zero byte is refused, and its length goes
/// with it.
package enum SQLText {
    package struct Prepared {
        /// SQLite's result code.
        package var result: Int32
        /// Nil if the text is refused or holds nothing to execute.
        package var statement: OpaquePointer?
        /// Bytes at the end of the text that belong to no first statement.
        package var rest: Int
    }

    /// - Throws: `StoreError` for a zero byte; whatever SQLite says is in the answer.
    package static func prepare(_ sql: String, on connection: OpaquePointer, flags: Int32 = 0) throws -> Prepared {
        try refuseZeros(sql)
        var text = sql
        return text.withUTF8 { bytes in
            var statement: OpaquePointer?
            let start = bytes.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }
            var tail = start
            // A longer text is beyond SQLite's own limit, too.
            let result = sqlite3_prepare_v3(
                connection, start, Int32(clamping: bytes.count), UInt32(bitPattern: flags), &statement, &tail)
            let used = start.flatMap { start in tail.map { $0 - start } } ?? 0
            return Prepared(result: result, statement: statement, rest: bytes.count - used)
        }
    }

    /// Executes all statements of a text.
    ///
    /// - Returns: SQLite's result code.
    /// - Throws: as `prepare`.
    package static func execute(_ sql: String, on connection: OpaquePointer) throws -> Int32 {
        try refuseZeros(sql)
        return sqlite3_exec(connection, sql, nil, nil, nil)
    }

    /// The same for a text that stands in the sources.
    static func execute(fixed sql: StaticString, on connection: OpaquePointer) -> Int32 {
        sqlite3_exec(connection, UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self), nil, nil, nil)
    }

    private static func refuseZeros(_ sql: String) throws {
        guard let zero = sql.utf8.firstIndex(of: 0) else { return }
        throw StoreError(
            .sql,
            """
            the SQL text has a zero byte behind \(sql.utf8.distance(from: sql.startIndex, to: zero)) bytes, at \
            which SQLite would end it
            """,
            remedy: "Give such a value as a parameter, or write char(0).")
    }
}
