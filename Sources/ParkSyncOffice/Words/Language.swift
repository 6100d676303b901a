/// In which language people are spoken to. The rows have both.
package enum Language: String, CaseIterable, Codable, Hashable, Sendable {
    case zh, en

    package func pick(_ zh: String, _ en: String) -> String { self == .zh ? zh : en }

    /// Of a row that need not have an English name.
    package func name(_ zh: String?, _ en: String?) -> String? {
        let (first, second) = self == .zh ? (zh, en) : (en, zh)
        return first?.isEmpty == false ? first : second
    }

    /// What a browser or another program asks for by `Accept-Language` (RFC 9110, 12.5.4): of the
    /// two the one with the higher weight, the earlier one of equal ones, Chinese without a wish.
    package static func of(acceptLanguage header: String?) -> Language {
        var best: (language: Language, weight: Double)?
        for range in (header ?? "").split(separator: ",").prefix(rangesMax) {
            let parts = range.split(separator: ";").map { $0.trimmed }
            guard let tag = parts.first?.lowercased(), let language = of(tag: tag) else { continue }
            let given = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
            let weight = given ?? 1
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        return best?.language ?? .zh
    }

    /// A header has a few; nobody reads hundreds.
    private static let rangesMax = 32

    private static func of(tag: String) -> Language? {
        switch tag.split(separator: "-").first {
        case "zh", "*": .zh
        case "en": .en
        default: nil
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at its ends.
    var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}

/// A text in both languages: a label, a name, a sentence.
package struct Wording: Codable, Hashable, Sendable {
    package var zh: String
    package var en: String

    package init(_ zh: String, _ en: String) { (self.zh, self.en) = (zh, en) }

    package func text(_ language: Language) -> String { language.pick(zh, en) }
}
