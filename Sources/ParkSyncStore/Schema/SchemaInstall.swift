import ParkSyncCore

/// Executes the schema files that a node's file has not seen, within the caller's transaction.
struct SchemaInstall {
    private let compiled: CompiledSchema
    private let connection: Connection

    init(_ compiled: CompiledSchema, on connection: Connection) {
        (self.compiled, self.connection) = (compiled, connection)
    }

    /// - Throws: `SchemaError` for a file that was edited after it was executed.
    func checkExecuted() throws {
        for file in compiled.files {
            if let executed = try executed(file.number) { try SchemaEdit.check(file, executed: executed) }
        }
    }

    /// - Returns: the shared tables that were there before the file that declares them was
    ///   executed.
    /// - Throws: `SchemaError` for what SQLite refuses on this file, and for a file that was edited
    ///   after it was executed.
    func run() throws -> Set<ExactText> {
        try checkExecuted()
        var found: Set<ExactText> = []
        var shared: Set<ExactText> = []
        for file in compiled.files {
            let tables = Set(file.schema.tables.map { ExactText($0.name) })
            if try executed(file.number) == nil {
                let before = try execute(file)
                found.formUnion(
                    tables.subtracting(shared).filter { before.contains(ExactText($0.text.asciiLowercased)) })
            }
            shared.formUnion(tables)
        }
        return found
    }

    private func executed(_ number: UInt64) throws -> String? {
        let statement = try connection.statement("SELECT sql FROM _parksync_schema WHERE number = ?1")
        defer { statement.reset() }
        statement.bind(1, number)
        return try statement.step() ? statement.string(0) : nil
    }

    /// - Returns: the tables that there were before, in the letters by which SQLite compares names.
    private func execute(_ file: CompiledSchema.File) throws -> Set<ExactText> {
        let before = try tables()
        let authorizer = SchemaAuthorizer(isNode: true)
        let (pages, pageBytes) = (
            try connection.int64("PRAGMA page_count") ?? 0, try connection.int64("PRAGMA page_size") ?? 0
        )
        let (bytes, overflow) = pages.multipliedReportingOverflow(by: pageBytes)
        let budget = SchemaBudget(sql: file.sql, databaseBytes: overflow ? .max : bytes)
        try authorizer.watching(connection) {
            let execution = SchemaExecution(connection: connection, authorizer: authorizer, budget: budget)
            for statement in file.statements { try execution.run(statement, file: file.name) }
        }
        let record = try connection.statement("INSERT INTO _parksync_schema(number, name, sql) VALUES(?1, ?2, ?3)")
        record.bind(1, file.number)
        record.bindText(2, copying: file.name)
        record.bindText(3, copying: file.sql)
        try record.run()
        return before
    }

    private func tables() throws -> Set<ExactText> {
        // Views count: a CREATE TABLE IF NOT EXISTS over one makes nothing either.
        let statement = try RawStatement(
            connection.handle, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
        var names: Set<ExactText> = []
        while try statement.step() { names.insert(ExactText(statement.string(0).asciiLowercased)) }
        return names
    }
}

/// Compares a schema file with what it was when it was executed. Comments and white space may
/// change; nothing else: the node's tables are what the earlier text made, and another node may
/// have executed the later one.
package enum SchemaEdit {
    /// What of a file has a meaning: pieces of SQL, and directives.
    private struct Piece: Equatable {
        var text: ExactText
        var line: Int

        static func == (a: Piece, b: Piece) -> Bool { a.text == b.text }
    }

    private static let shownBytesMax = 120

    package static func check(_ file: CompiledSchema.File, executed: String) throws {
        if executed.isExactly(file.sql) { return }
        let (then, now) = (SQLTokens(executed), SQLTokens(file.sql))
        let (old, new) = (pieces(then, file.name), pieces(now, file.name))
        if old == new { return }
        let index = zip(old, new).prefix { $0 == $1 }.count
        let (before, after) = (shown(old, index, then), shown(new, index, now))
        let line = index < new.count ? new[index].line : (new.last?.line ?? 1)
        throw SchemaError(
            file: file.name, line: line,
            reason:
                """
                the file was executed on this node and has been edited since: here it had \(before), now it has \
                \(after)
                """,
            remedy:
                "Put the file back as it was, and write what is new into a file with the next number. Other "
                + "parks that have the edited file "
                + "must put it back, too.")
    }

    private static func pieces(_ tokens: SQLTokens, _ file: String) -> [Piece] {
        tokens.tokens.compactMap { token in
            guard token.isComment else { return Piece(text: ExactText(tokens.text(token)), line: token.line) }
            guard let words = try? SchemaDirective.words(of: token, in: tokens, file: file) else { return nil }
            return Piece(text: ExactText("-- parksync: " + words.joined(separator: " ")), line: token.line)
        }
    }

    private static func shown(_ pieces: [Piece], _ index: Int, _ tokens: SQLTokens) -> String {
        guard index < pieces.count, let line = tokens.sourceLine(pieces[index].line) else { return "its end" }
        let isLong = line.utf8.count > shownBytesMax
        return "`" + String(decoding: line.utf8.prefix(shownBytesMax), as: UTF8.self) + (isLong ? "…`" : "`")
    }
}
