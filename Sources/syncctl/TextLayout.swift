/// Text within a terminal's width.
enum TextLayout {
    /// What fits a terminal of 80 columns without its last one, in which some of them wrap.
    static let columnsMax = 79

    /// How many places the text takes on a terminal; Chinese characters take two.
    static func width(_ text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + (isWide($1.value) ? 2 : isCombined($1.value) ? 0 : 1) }
    }

    /// East Asian Wide and Fullwidth (UAX #11), and emoji.
    private static func isWide(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F001...0x3FFFD:
            true
        default: false
        }
    }

    /// What is drawn over the character before it.
    private static func isCombined(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0300...0x036F, 0x200B...0x200D, 0x20D0...0x20F0, 0xFE00...0xFE0F, 0xFE20...0xFE2F: true
        default: false
        }
    }

    /// Breaks a line at spaces, and within a word only if it alone is too long.
    ///
    /// - Parameter hanging: spaces before each line but the first.
    static func wrap(_ text: String, hanging: Int, columns: Int = columnsMax) -> [String] {
        var lines: [String] = []
        var rest = text[...]
        var indent = ""
        while let cut = cut(rest, room: max(1, columns - indent.count)) {
            lines.append(indent + trimmed(rest[..<cut]))
            rest = rest[cut...].drop { $0 == " " }
            indent = String(repeating: " ", count: hanging)
        }
        return lines + [indent + trimmed(rest)]
    }

    /// Where the first line ends; nil if everything fits.
    private static func cut(_ text: Substring, room: Int) -> String.Index? {
        var used = 0
        var space: String.Index?
        var hasWord = false
        for index in text.indices {
            let character = text[index]
            if character == " " {
                if hasWord, used <= room { space = index }
            } else {
                hasWord = true
            }
            used += width(String(character))
            // Trailing spaces are not printed.
            guard used > room, character != " " else { continue }
            if let space { return space }
            let end = index == text.startIndex ? text.index(after: index) : index
            return end == text.endIndex ? nil : end
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Columns side by side.
    static func aligned(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? width($0[column]) : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { index, cell in
                index == row.count - 1
                    ? cell : cell + String(repeating: " ", count: max(0, widths[index] - width(cell)))
            }.joined(separator: "  ")
        }
    }

    /// A table if it fits, or else each row as a paragraph that names its cells.
    ///
    /// - Parameter rows: the first one has the names; the first cell of each row says which row it
    ///   is.
    static func fitted(_ rows: [[String]], columns: Int = columnsMax) -> [String] {
        let lines = aligned(rows)
        guard lines.contains(where: { width($0) > columns }), let names = rows.first else { return lines }
        return rows.dropFirst().flatMap { row in
            let cells = zip(names, row).dropFirst().map { "\($0) \($1)" }.joined(separator: ", ")
            return wrap("\(row.first ?? ""): \(cells)", hanging: 2, columns: columns)
        }
    }
}
