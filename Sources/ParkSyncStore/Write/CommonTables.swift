import ParkSyncCore

/// How often SQLite would copy the common table expressions of a statement.
///
/// It copies one for each place that names it, and what that one names with it, before it asks
/// anybody whether it may: thirty expressions that each name the one before twice come to a
/// thousand million copies, and nothing interrupts that.
enum CommonTables {
    /// - Throws: `StoreError.tooLarge` if the copies would take too long.
    static func check(_ sql: String) throws {
        guard sql.asciiLowercased.utf8.firstRange(of: Array("with".utf8)) != nil else { return }
        let tokens = SQLTokens(sql)
        let pieces = tokens.tokens.filter { !$0.isComment }
        let words = pieces.map {
            $0.kind == .word || $0.kind == .quoted ? ExactText(tokens.name($0).asciiLowercased) : nil
        }
        let names = Set(pieces.indices.compactMap { defined(at: $0, pieces, words) })
        if names.isEmpty { return }
        var uses: [ExactText: Int] = [:]
        for word in words { if let word, names.contains(word) { uses[word, default: 0] += 1 } }
        var copied = sql.utf8.count
        for count in uses.values {
            // One is the definition.
            let (product, overflow) = copied.multipliedReportingOverflow(by: max(1, count - 1))
            guard !overflow, product <= ReadLimits.commonTableBytesMax else {
                throw StoreError(
                    .tooLarge,
                    """
                    the statement's common table expressions name one another so often that SQLite would copy \
                    them without end
                    """,
                    remedy: "Name each of them fewer times, or put a result into a local table first.")
            }
            copied = product
        }
    }

    /// The name that the AS at `index` gives to what is in the parenthesis behind it, if that is a
    /// query.
    private static func defined(at index: Int, _ pieces: [SQLToken], _ words: [ExactText?]) -> ExactText? {
        guard index > 0, words[index]?.text == "as" else { return nil }
        var next = index + 1
        while next < pieces.count, let word = words[next]?.text, word == "not" || word == "materialized" { next += 1 }
        guard next + 1 < pieces.count, pieces[next].kind == .symbol(UInt8(ascii: "(")),
            let first = words[next + 1]?.text,
            ["select", "values", "with"].contains(first)
        else { return nil }
        var before = index - 1
        if pieces[before].kind == .symbol(UInt8(ascii: ")")) {
            while before > 0, pieces[before].kind != .symbol(UInt8(ascii: "(")) { before -= 1 }
            before -= 1
        }
        return before >= 0 ? words[before] : nil
    }
}
