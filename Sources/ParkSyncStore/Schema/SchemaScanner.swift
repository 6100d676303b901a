import CSQLite
import ParkSyncCore

/// Splits a schema file into statements (SQLite itself says where one ends) and collects the
/// directives.
struct SchemaScanner {
    /// - Throws: `SchemaError` with file, line and remedy.
    static func scan(_ file: SchemaFile) throws -> (number: UInt64, statements: [SchemaStatement]) {
        var scanner = SchemaScanner(file: file.name, tokens: SQLTokens(file.sql))
        return try scanner.run()
    }

    private let file: String
    private let tokens: SQLTokens
    private var number: UInt64?
    private var statements: [SchemaStatement] = []
    private var directives: [SchemaDirective] = []
    /// The statement that has begun.
    private var open: [SQLToken] = []
    private var items = ColumnItems()
    /// The last line with a piece of a statement on it.
    private var lastLine = 0

    private init(file: String, tokens: SQLTokens) {
        self.file = file
        self.tokens = tokens
    }

    private func refuse(_ line: Int, _ reason: String, _ remedy: String) -> SchemaError {
        SchemaError(file: file, line: line, reason: reason, remedy: remedy)
    }

    private mutating func run() throws -> (number: UInt64, statements: [SchemaStatement]) {
        if let zero = tokens.bytes.firstIndex(of: 0) {
            let line = 1 + tokens.bytes[..<zero].count { $0 == 0x0A }
            throw refuse(line, "the file holds a zero byte, at which SQLite would end it", "Save it as UTF-8 text.")
        }
        if let line = tokens.strayReturnLine {
            throw refuse(
                line,
                "a carriage return stands without a line feed, and SQLite would take what follows for the same line",
                "Save the file with line feeds, alone or behind carriage returns.")
        }
        if let line = tokens.openLine {
            throw refuse(line, "a quote or comment begins here and does not end", "Close it.")
        }
        for token in tokens.tokens { try token.isComment ? note(token) : add(token) }
        if let first = open.first {
            throw refuse(first.line, "the statement does not end", "Close it with a semicolon.")
        }
        if let stray = directives.first {
            throw refuse(stray.line, "the directive belongs to no table", "Put it directly above its CREATE TABLE.")
        }
        guard let number else { throw refuse(1, "the file has no number", "Begin it with `-- parksync: schema N`.") }
        return (number, statements)
    }

    private mutating func note(_ comment: SQLToken) throws {
        guard let words = try SchemaDirective.words(of: comment, in: tokens, file: file) else { return }
        var directive = SchemaDirective(words: words, line: comment.line)
        let isBehindCode = lastLine == comment.line
        if isBehindCode, open.isEmpty {
            throw refuse(
                comment.line, "the directive stands behind the end of a statement",
                "Put it on a line of its own above its CREATE TABLE.")
        }
        if isBehindCode, let first = open.first, tokens.text(first).isSameName(as: "ALTER") {
            throw refuse(
                comment.line,
                "the directive stands in a statement that alters a table, and directives describe a CREATE TABLE",
                words == ["counter"]
                    ? """
                    Put the counter into a new table: a counter is INTEGER NOT NULL, and a column that is added \
                    is NULL in the rows that exist.
                    """
                    : "Leave it out: who may write a table, and how, is said where the table is made, once for all.")
        }
        if isBehindCode {
            let columns = items.names(line: comment.line, in: tokens)
            guard columns.count == 1 else {
                throw refuse(
                    comment.line,
                    "the directive stands in a line with \(columns.isEmpty ? "no column" : "several columns")",
                    """
                    Put `counter` at the end of its column's line, with one column on that line; other \
                    directives on lines of their own.
                    """
                )
            }
            directive.column = columns[0]
        }
        guard words.first == "schema" else { return directives.append(directive) }
        guard number == nil, !isBehindCode, words.count == 2, let value = UInt64(words[1]), value > 0 else {
            throw refuse(
                comment.line, "the schema number is wrong or given twice",
                "Write one `-- parksync: schema N` with N from 1, on a line of its own.")
        }
        number = value
    }

    private mutating func add(_ token: SQLToken) throws {
        lastLine = token.lastLine
        let isSemicolon = token.kind == .symbol(UInt8(ascii: ";"))
        if isSemicolon, open.isEmpty { return }
        open.append(token)
        items.add(token)
        guard isSemicolon, let first = open.first else { return }
        let sql = String(decoding: tokens.bytes[first.range.lowerBound..<token.range.upperBound], as: UTF8.self)
        // A trigger has semicolons inside.
        guard sqlite3_complete(sql) != 0 else { return }
        statements.append(SchemaStatement(sql: sql, line: first.line, directives: directives))
        (open, directives, items) = ([], [], ColumnItems())
    }
}

/// The columns and constraints between the parentheses of a CREATE TABLE, as they are read.
private struct ColumnItems {
    private struct Item {
        var first: SQLToken
        var lines: ClosedRange<Int>
    }
    private var items: [Item] = []
    private var depth = 0
    private var isBetween = true

    mutating func add(_ token: SQLToken) {
        switch token.kind {
        case .symbol(UInt8(ascii: "(")): depth += 1
        case .symbol(UInt8(ascii: ")")): depth -= 1
        case .symbol(UInt8(ascii: ",")) where depth == 1:
            isBetween = true
            return
        default: break
        }
        let isEdge = (token.kind == .symbol(UInt8(ascii: "(")) && depth == 1) || depth < 1
        if isEdge { return }
        if isBetween {
            items.append(Item(first: token, lines: token.line...token.lastLine))
            isBetween = false
        } else if let last = items.indices.last {
            items[last].lines = items[last].lines.lowerBound...max(items[last].lines.upperBound, token.lastLine)
        }
    }

    /// The names of the columns that have a part on a line.
    func names(line: Int, in tokens: SQLTokens) -> [String] {
        items.filter { $0.lines.contains(line) }.map { tokens.name($0.first) }
    }
}
