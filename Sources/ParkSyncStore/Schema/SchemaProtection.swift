import ParkSyncCore

/// Refuses statements of a schema file that would take away what earlier files share, or what
/// ParkSync keeps beside it: rows and triggers would be gone, and no log would say so.
struct SchemaProtection {
    /// The tables that earlier files share.
    let shared: [SharedTable]

    /// - Throws: `SchemaError` with the statement's line.
    func checkText(_ statement: SchemaStatement, file: SchemaFile) throws {
        let code = Self.code(statement.sql).lowercased()
        if code.contains(SQLGuard.internalPrefix) {
            throw SchemaError(
                file: file.name, line: statement.line, reason: "the statement speaks of a name that is ParkSync's own",
                remedy: "Leave everything whose name begins with \(SQLGuard.internalPrefix) alone.")
        }
        if code.contains("writable_schema") {
            throw SchemaError(
                file: file.name, line: statement.line,
                reason: "the statement makes SQLite's own table of the schema writable",
                remedy: "Change the schema by statements that are made for it.")
        }
    }

    /// After the statement was executed on a database that has the earlier files.
    ///
    /// - Throws: `SchemaError` with the statement's line.
    func check(_ statement: SchemaStatement, on connection: Connection, file: SchemaFile) throws {
        for table in shared {
            let columns = try columns(of: table.name, on: connection)
            func refuse(_ what: String, _ remedy: String) -> SchemaError {
                SchemaError(file: file.name, line: statement.line, reason: "the statement \(what)", remedy: remedy)
            }
            guard !columns.isEmpty else {
                throw refuse(
                    "drops or renames the shared table \(table.name)",
                    """
                    Keep it as it is: the log refers to its rows. A table that is not needed any more is left \
                    alone; another shape is another table.
                    """
                )
            }
            let missing = (table.keyColumns + table.columns).first { column in
                !columns.contains { $0.utf8.elementsEqual(column.name.utf8) }
            }
            if let missing {
                throw refuse(
                    "drops or renames column \(missing.name) of \(table.name)",
                    "Only append columns; leave one that is not needed any more NULL.")
            }
        }
    }

    private func columns(of table: String, on connection: Connection) throws -> [String] {
        let statement = try RawStatement(connection.handle, "SELECT name FROM pragma_table_info(\(literal(table)))")
        var names: [String] = []
        while try statement.step() { names.append(statement.string(0)) }
        return names
    }

    /// The text without its comments.
    static func code(_ sql: String) -> String {
        let text = Array(sql.utf8)
        var result: [UInt8] = []
        var index = 0
        var quote: UInt8?
        func has(_ pair: String, at index: Int) -> Bool { text[index...].starts(with: pair.utf8) }
        while index < text.count {
            let byte = text[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if has("--", at: index) {
                while index < text.count, text[index] != 10 { index += 1 }
                continue
            } else if has("/*", at: index) {
                index += 2
                while index < text.count, !has("*/", at: index) { index += 1 }
                index = min(index + 2, text.count)
                result.append(0x20)
                continue
            } else if [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "[")].contains(byte) {
                quote = byte == UInt8(ascii: "[") ? UInt8(ascii: "]") : byte
            }
            result.append(byte)
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}
