import GRDBSQLite

/// Splits a schema file into statements (SQLite itself says where one ends) and collects the directives.
enum SchemaScanner {
    static let marker = "-- parksync:"

    static func scan(_ file: SchemaFile) throws -> (number: UInt64, statements: [SchemaStatement]) {
        var number: UInt64?
        var statements: [SchemaStatement] = []
        var text = ""
        var directives: [SchemaStatement.Directive] = []
        var firstLine: Int?
        for (index, lineText) in file.sql.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = index + 1
            let code = codePart(lineText)
            if firstLine == nil, !code.isEmpty { firstLine = line }
            if let directive = directive(in: lineText, code: code, line: line) {
                if directive.words.first == "schema" {
                    number = try schemaNumber(directive, file: file, previous: number)
                } else {
                    directives.append(directive)
                }
            }
            text += lineText
            text += "\n"
            if let start = firstLine, sqlite3_complete(text) != 0 {
                statements.append(SchemaStatement(sql: text, line: start, directives: directives))
                (text, directives, firstLine) = ("", [], nil)
            }
        }
        if let start = firstLine {
            throw SchemaError(file: file.name, line: start, reason: "the statement does not end", remedy: "Close it with a semicolon.")
        }
        if let stray = directives.first {
            throw SchemaError(
                file: file.name, line: stray.line, reason: "the directive belongs to no table", remedy: "Put it directly above its CREATE TABLE.")
        }
        guard let number else {
            throw SchemaError(file: file.name, line: 1, reason: "the file has no number", remedy: "Begin it with `-- parksync: schema N`.")
        }
        return (number, statements)
    }

    private static func schemaNumber(_ directive: SchemaStatement.Directive, file: SchemaFile, previous: UInt64?) throws -> UInt64 {
        guard previous == nil, directive.words.count == 2, let number = UInt64(directive.words[1]), number > 0 else {
            throw SchemaError(
                file: file.name, line: directive.line, reason: "the schema number is wrong or given twice",
                remedy: "Write one `-- parksync: schema N` with N from 1.")
        }
        return number
    }

    /// The line without white space and without a comment that begins outside of quotes.
    private static func codePart(_ line: Substring) -> Substring {
        var quote: Character?
        var previous: Character?
        var index = line.startIndex
        while index < line.endIndex {
            let character = line[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "-", previous == "-" {
                return trimmed(line[..<line.index(before: index)])
            }
            previous = character
            index = line.index(after: index)
        }
        return trimmed(line)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" && $0 != "\r" }) else { return start.prefix(0) }
        return start[...end]
    }

    private static func directive(in line: Substring, code: Substring, line number: Int) -> SchemaStatement.Directive? {
        // The comment must follow the code directly, so that a marker inside a text literal is not taken for one.
        let rest = trimmed(line.dropFirst(line.distance(from: line.startIndex, to: code.isEmpty ? line.startIndex : code.endIndex)))
        guard rest.hasPrefix(marker) else { return nil }
        let words = rest.dropFirst(marker.count).split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
        return SchemaStatement.Directive(words: words, line: number, column: code.isEmpty ? nil : firstIdentifier(of: code))
    }

    private static func firstIdentifier(of code: Substring) -> String {
        guard let first = code.first else { return "" }
        if first == "\"" || first == "`" || first == "[" {
            let close: Character = first == "[" ? "]" : first
            return String(code.dropFirst().prefix { $0 != close })
        }
        return String(code.prefix { $0 != " " && $0 != "\t" && $0 != "," && $0 != "(" })
    }
}
