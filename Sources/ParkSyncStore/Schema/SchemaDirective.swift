/// What ParkSync reads in a schema file's comments, in one form only: `-- parksync: WORD …` as the
/// whole comment.
///
/// A comment that is meant for a directive and is none would leave a table without its rule, in
/// silence. So what looks like one is refused.
struct SchemaDirective: Hashable, Sendable {
    var words: [String]
    var line: Int
    /// The column in whose line the directive stands, or nil for a line of its own.
    var column: String?

    static let marker = "parksync"
    private static let keywords = ["schema", "writer", "append", "local", "counter", "constant", "member"]
    /// So many letters may be wrong in what is taken for a misspelt marker.
    private static let misspeltLettersMax = 2

    /// The words of a comment that is a directive; nil for any other comment.
    ///
    /// - Throws: `SchemaError` for a comment that only looks like one.
    static func words(of comment: SQLToken, in tokens: SQLTokens, file: String) throws -> [String]? {
        let text = tokens.bytes[comment.range]
        let start = Array("-- \(marker):".utf8)
        if comment.kind == .lineComment, text.starts(with: start) {
            let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
            return text.dropFirst(start.count).split(whereSeparator: isBlank).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        guard let offset = nearMiss(Array(text.dropFirst(2))) else { return nil }
        let line = comment.line + text.dropFirst(2).prefix(offset).count { $0 == 0x0A }
        throw SchemaError(
            file: file, line: line, reason: "the comment looks like a directive and is not written as one",
            remedy:
                """
                Write `-- parksync: …`, in small letters, with one space behind the dashes and nothing else in \
                the comment; or word the comment otherwise.
                """
        )
    }

    /// Where in a comment something stands that was meant for a directive: the marker with a colon
    /// or a known word behind it, or the marker misspelt before a colon.
    private static func nearMiss(_ text: [UInt8]) -> Int? {
        let lower = text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let wanted = Array(marker.utf8)
        for start in lower.indices where lower[start...].starts(with: wanted) {
            let rest = lower[(start + wanted.count)...].drop {
                !isLetter($0) && !isColon($0) && $0 != UInt8(ascii: "'") && $0 < 0x80
            }
            if let next = rest.first, isColon(next) || rest.starts(with: wideColon) { return start }
            let isWordBefore = start > 0 && isLetter(lower[start - 1])
            if !isWordBefore, rest.startIndex > start + wanted.count,
                keywords.contains(where: { rest.starts(with: $0.utf8) }),
                lower[..<start].allSatisfy({ !isLetter($0) && $0 < 0x80 })
            {
                return start
            }
        }
        return misspelt(lower)
    }

    private static func misspelt(_ text: [UInt8]) -> Int? {
        guard let colon = text.indices.first(where: { isColon(text[$0]) || text[$0...].starts(with: wideColon) }) else {
            return nil
        }
        let letters = text[..<colon].filter(isLetter)
        guard letters.count <= marker.utf8.count + misspeltLettersMax,
            distance(letters, Array(marker.utf8)) <= misspeltLettersMax
        else { return nil }
        return text.firstIndex(where: isLetter) ?? 0
    }

    /// U+FF1A, as Chinese keyboards write it.
    private static let wideColon = Array("\u{FF1A}".utf8)
    private static func isColon(_ byte: UInt8) -> Bool {
        [UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "=")].contains(byte)
    }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) }

    /// Letters to insert, remove or replace (Levenshtein 1966).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let replaced = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
            }
        }
        return row[b.count]
    }
}
