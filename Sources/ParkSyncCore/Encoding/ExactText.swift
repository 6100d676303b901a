/// A text as what it is to SQLite, to the log and to a hash: its bytes.
///
/// Swift takes two texts for equal that differ only in their Unicode composition (é as one scalar
/// or as e and an accent), and joins a combining mark to whatever stands before it. So a text from
/// outside, a name or an id, is a key only in this form, and is compared and searched by its bytes.
package struct ExactText: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    package static func == (a: ExactText, b: ExactText) -> Bool { a.text.isExactly(b.text) }
    package static func < (a: ExactText, b: ExactText) -> Bool { a.text.precedesExactly(b.text) }

    package func hash(into hasher: inout Hasher) {
        let isWhole: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isWhole == nil { Array(text.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
    }
}

extension String {
    /// The same bytes.
    package func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether its bytes come before the other's.
    package func precedesExactly(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

    /// Whether its bytes begin with the other's.
    package func beginsExactly(with other: String) -> Bool { utf8.starts(with: other.utf8) }

    /// With the letters A to Z made small, and no others: what SQLite does when it compares names.
    package var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// Whether SQLite takes both for one name of a table or column.
    package func isSameName(as other: String) -> Bool { asciiLowercased.isExactly(other.asciiLowercased) }
}
