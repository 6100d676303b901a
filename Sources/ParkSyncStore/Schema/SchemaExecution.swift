import CSQLite
import ParkSyncCore

/// Executes the statements of schema files, on the database in memory and on a node's file alike,
/// so that a failure names file and line.
struct SchemaExecution {
    let connection: Connection
    let authorizer: SchemaAuthorizer
    let budget: SchemaBudget

    /// - Throws: `SchemaError`; `StoreError` for what is no fault of the file: a full disk, a lock,
    ///   damage.
    func run(_ statement: SchemaStatement, file: String) throws {
        authorizer.begin()
        try budget.watching(connection) { try execute(statement, file) }
    }

    private func execute(_ statement: SchemaStatement, _ file: String) throws {
        let handle = connection.handle
        let compiled = try SQLText.prepare(statement.sql, on: handle)
        let prepared = compiled.statement
        defer { sqlite3_finalize(prepared) }
        var result = compiled.result
        guard result == SQLITE_OK else {
            throw failure(result, statement, file, offset: Int(sqlite3_error_offset(handle)))
        }
        guard
            SQLTokens(String(decoding: statement.sql.utf8.suffix(compiled.rest), as: UTF8.self)).tokens.allSatisfy(
                \.isComment)
        else {
            throw SchemaError(
                file: file, line: statement.line,
                reason: "SQLite takes the text up to the next semicolon for several statements",
                remedy: "Write one statement after the other, each with its semicolon.")
        }
        repeat { result = sqlite3_step(prepared) } while result == SQLITE_ROW
        guard result == SQLITE_DONE else { throw failure(result, statement, file, offset: -1) }
    }

    /// - Parameter offset: the byte of the statement at which SQLite stumbled, or -1.
    private func failure(_ result: Int32, _ statement: SchemaStatement, _ file: String, offset: Int) -> any Error {
        let line = statement.line + statement.sql.utf8.prefix(max(0, offset)).count { $0 == 0x0A }
        if let refusal = authorizer.refusal {
            return SchemaError(file: file, line: statement.line, reason: refusal.reason, remedy: refusal.remedy)
        }
        if let refusal = budget.refusal(of: result, isEmpty: !authorizer.isNode) {
            return SchemaError(file: file, line: statement.line, reason: refusal.reason, remedy: refusal.remedy)
        }
        let error = StoreError.sqlite(result, connection: connection.handle, doing: "Executing \(file):\(line)")
        switch error.code {
        case .diskFull, .busy, .damaged, .readOnly, .timeout: return error
        default: break
        }
        let message = sqlite3_errmsg(connection.handle).map { String(cString: $0) } ?? "error \(result)"
        return SchemaError(
            file: file, line: line, reason: "SQLite refuses the statement: \(message)",
            remedy: isNameTaken(by: statement.sql) ? Self.takenRemedy : Self.remedy(for: message))
    }

    /// SQLite has one code for all of them.
    private static let remedies = [
        (
            "Cannot add a UNIQUE column",
            """
            Add the column without UNIQUE. Parks that are apart cannot keep it in a shared table; on a local \
            one CREATE UNIQUE INDEX does the same.
            """
        ),
        (
            "Cannot add a PRIMARY KEY column",
            """
            Add the column without PRIMARY KEY: a table keeps the key that it was made with; another key is \
            another table.
            """
        ),
        ("no such collation sequence", "Use BINARY, NOCASE or RTRIM: a node has no others."),
        ("no such function", "Use functions that SQLite itself has: a node has no others."),
        ("unknown function", "Use functions that SQLite itself has: a node has no others."),
    ]

    static func remedy(for message: String) -> String {
        remedies.first { message.contains($0.0) }?.1 ?? "Correct the SQL."
    }

    private static let takenRemedy =
        "Rename or drop the one that is there, which a program of the park made; or write IF NOT EXISTS: "
        + "then a table that fits becomes the shared one, with the rows that it has."

    /// Whether a statement was to make something whose name is taken. SQLite has no code of its own
    /// for that, so it is looked up.
    private func isNameTaken(by sql: String) -> Bool {
        guard let name = Self.nameMade(by: sql) else { return false }
        let count = try? connection.int64(
            "SELECT count(*) FROM main.sqlite_schema WHERE name = \(literal(name)) COLLATE NOCASE")
        return count.flatMap { $0 } ?? 0 > 0
    }

    /// The name that a CREATE statement gives; nil for any other, and where it may be taken (IF NOT
    /// EXISTS).
    static func nameMade(by sql: String) -> String? {
        let tokens = SQLTokens(sql)
        var rest = tokens.tokens.filter { !$0.isComment }[...]
        func isNext(_ words: String...) -> Bool {
            rest.first.map { $0.kind == .word && words.contains(tokens.text($0).uppercased()) } ?? false
        }
        guard isNext("CREATE") else { return nil }
        rest = rest.dropFirst()
        while isNext("UNIQUE", "VIRTUAL") { rest = rest.dropFirst() }
        guard isNext("TABLE", "INDEX", "VIEW", "TRIGGER") else { return nil }
        rest = rest.dropFirst()
        if isNext("IF") { return nil }
        guard let first = rest.first else { return nil }
        // As in `main.thing`.
        if rest.dropFirst().first?.kind == .symbol(UInt8(ascii: ".")) {
            return rest.dropFirst(2).first.map(tokens.name)
        }
        return tokens.name(first)
    }
}
