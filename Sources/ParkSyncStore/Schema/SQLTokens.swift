/// The pieces of an SQL text, told apart by the rules of SQLite's own tokenizer (src/tokenize.c,
/// `sqlite3GetToken`), as far as comments, quotes and the ends of lines are concerned.
package struct SQLToken: Hashable {
    package enum Kind: Hashable {
        /// A name, a keyword or a number.
        case word
        /// A text literal or a quoted name, with its quotes.
        case quoted
        /// One byte that is none of the others.
        case symbol(UInt8)
        /// From `--` to the end of the line.
        case lineComment
        case blockComment
    }
    package var kind: Kind
    /// In the text's UTF-8.
    var range: Range<Int>
    /// Of its first byte, from 1. SQLite ends a line at a line feed and nowhere else.
    var line: Int
    /// Of its last byte.
    var lastLine: Int

    package var isComment: Bool { kind == .lineComment || kind == .blockComment }
}

package struct SQLTokens {
    package private(set) var tokens: [SQLToken] = []
    /// Where a carriage return without a line feed stands outside of quotes: some editors show a
    /// line's end there.
    private(set) var strayReturnLine: Int?
    /// Where a quote or block comment begins that does not end.
    package private(set) var openLine: Int?
    let bytes: [UInt8]
    private var position = 0
    private var line = 1

    package init(_ sql: String) {
        bytes = Array(sql.utf8)
        while position < bytes.count { scan() }
    }

    private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func scan() {
        let start = position
        switch bytes[start] {
        case 0x20, 0x09, 0x0A, 0x0C, 0x0D: skip(through: start + 1)
        // SQLite takes a byte order mark for white space wherever a piece could begin, as in files
        // that were put together.
        case 0xEF where byte(at: start + 1) == 0xBB && byte(at: start + 2) == 0xBF: skip(through: start + 3)
        case UInt8(ascii: "-") where byte(at: start + 1) == UInt8(ascii: "-"):
            append(.lineComment, through: bytes[start...].firstIndex(of: 0x0A) ?? bytes.count)
        case UInt8(ascii: "/") where byte(at: start + 1) == UInt8(ascii: "*") && start + 2 < bytes.count:
            append(.blockComment, through: endOfBlock(from: start + 2))
        case let quote where quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "`"):
            append(.quoted, through: endOfQuote(quote, from: start + 1))
        case UInt8(ascii: "["):
            let close = bytes[start...].firstIndex(of: UInt8(ascii: "]"))
            if close == nil { openLine = openLine ?? line }
            append(.quoted, through: close.map { $0 + 1 } ?? bytes.count)
        case let first where Self.isNamePart(first):
            append(.word, through: bytes[start...].firstIndex { !Self.isNamePart($0) } ?? bytes.count)
        case let other: append(.symbol(other), through: start + 1)
        }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
        default: false
        }
    }

    private mutating func endOfBlock(from start: Int) -> Int {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "*"), bytes[index + 1] == UInt8(ascii: "/") { return index + 2 }
            index += 1
        }
        openLine = openLine ?? line
        return bytes.count
    }

    private mutating func endOfQuote(_ quote: UInt8, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            if bytes[index] == quote {
                guard byte(at: index + 1) == quote else { return index + 1 }
                index += 1
            }
            index += 1
        }
        openLine = openLine ?? line
        return bytes.count
    }

    private mutating func append(_ kind: SQLToken.Kind, through end: Int) {
        let (start, first) = (position, line)
        skip(through: end, isQuoted: kind == .quoted)
        tokens.append(SQLToken(kind: kind, range: start..<end, line: first, lastLine: line))
    }

    private mutating func skip(through end: Int, isQuoted: Bool = false) {
        for index in position..<end {
            if bytes[index] == 0x0A { line += 1 }
            if bytes[index] == 0x0D, !isQuoted, byte(at: index + 1) != 0x0A {
                strayReturnLine = strayReturnLine ?? line
            }
        }
        position = end
    }

    package func text(_ token: SQLToken) -> String { String(decoding: bytes[token.range], as: UTF8.self) }

    /// The name that a token stands for.
    func name(_ token: SQLToken) -> String {
        guard token.kind == .quoted, token.range.count >= 2 else { return text(token) }
        let inner = bytes[token.range.dropFirst().dropLast()]
        let quote = bytes[token.range.lowerBound]
        if quote == UInt8(ascii: "[") { return String(decoding: inner, as: UTF8.self) }
        var result: [UInt8] = []
        var index = inner.startIndex
        while index < inner.endIndex {
            result.append(inner[index])
            // A quote in the name is written twice.
            index += inner[index] == quote ? 2 : 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The text of a line, from 1, without white space around; nil behind the last.
    func sourceLine(_ number: Int) -> String? {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return nil }
        let blank: Set<UInt8> = [0x20, 0x09, 0x0D]
        let line = lines[number - 1].drop { blank.contains($0) }
        return String(
            decoding: line[..<(line.lastIndex { !blank.contains($0) }.map { $0 + 1 } ?? line.startIndex)], as: UTF8.self
        )
    }
}
