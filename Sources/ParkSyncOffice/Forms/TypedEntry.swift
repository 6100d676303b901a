import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// Reads what was filled in as a value of its column.
struct TypedEntry {
    let column: Column
    let vocabulary: Vocabulary

    init(_ column: Column, _ vocabulary: Vocabulary) { (self.column, self.vocabulary) = (column, vocabulary) }

    /// - Throws: the fault that names the field, its remedy included.
    func value(_ entry: FormEntry) throws(OfficeFault) -> DetailValue {
        switch entry {
        case .typed(let text): return try value(of: text.precomposedStringWithCanonicalMapping)
        case .integer(let number):
            if column.type == .number { return .number(Double(number)) }
            guard column.type.isInteger else { throw bad("\(number)") }
            return .integer(try inRange(number))
        case .number(let number):
            guard column.type == .number, number.isFinite else { throw bad("\(number)") }
            return .number(number)
        case .flag(let flag):
            guard column.type == .boolean else { throw bad(flag ? "true" : "false") }
            return .flag(flag)
        case .list(let texts):
            guard column.type == .list else { throw bad(texts.joined(separator: ",")) }
            return .list(try elements(texts))
        case .nothing: throw bad("")
        }
    }

    /// The parameter that a filter compares a column with.
    func value(ofFilter text: String) throws(OfficeFault) -> JSONValue {
        if column.type == .list { return .text(try code(text.precomposedStringWithCanonicalMapping)) }
        return try value(.typed(text)).sql
    }

    private func value(of text: String) throws(OfficeFault) -> DetailValue {
        switch column.type {
        case .text where !text.isEmpty: return .text(try hash(text))
        case .code where !text.isEmpty: return .text(try code(text))
        case .id: return .text(try Given.id(text, column.field))
        case .list: return .list(try elements(text.split { ",，;；、\n".contains($0) }.map(\.trimmed)))
        case .boolean:
            if ["true", "yes", "1", "on", "是"].contains(text) { return .flag(true) }
            if ["false", "no", "0", "否"].contains(text) { return .flag(false) }
        case .date: if CivilDay(text) != nil { return .text(text) }
        case .instant: return .text(try ShanghaiTime.parsed(text, column.field).text)
        case .number: if let number = Double(text), number.isFinite { return .number(number) }
        case .integer, .fen, .minutes, .percent: if let number = Int64(text) { return .integer(try inRange(number)) }
        case .text, .code: break
        }
        throw bad(text)
    }

    private func inRange(_ number: Int64) throws(OfficeFault) -> Int64 {
        switch column.type {
        case .fen, .minutes: if number >= 0 { return number }
        case .percent: if (0...10_000).contains(number) { return number }
        default: return number
        }
        throw bad("\(number)")
    }

    private func elements(_ texts: [String]) throws(OfficeFault) -> [String] {
        var found: [String] = []
        for text in texts where !text.isEmpty {
            found.append(try code(text.precomposedStringWithCanonicalMapping))
        }
        return found
    }

    /// People write the word, too.
    private func code(_ text: String) throws(OfficeFault) -> String {
        guard let list = column.list else { return text }
        let known = vocabulary.choices(of: list)
        if known.contains(where: { $0.code.isExactly(text) }) { return text }
        if let named = known.first(where: { $0.zh == text || $0.en == text }) { return named.code }
        let some = known.prefix(FormWords.choicesShown)
        let rest = known.count > some.count ? "…" : ""
        throw FormWords.bad(
            column.field,
            Wording(
                "没有代码“\(text)”，可选：" + some.map { "\($0.code)（\($0.zh)）" }.joined(separator: "、") + rest,
                "there is no code \(text), only " + some.map(\.code).joined(separator: ", ") + rest))
    }

    /// A hash has one form.
    private func hash(_ text: String) throws(OfficeFault) -> String {
        guard column.name == "sha256" else { return text }
        if text.utf8.count == 64, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) { return text }
        throw OfficeFault(
            .input, "bad_hash", column.field, Wording("不是 SHA-256 摘要", "it is no SHA-256"),
            Wording("填写 64 位小写十六进制摘要", "Give its 64 digits in lower case, as the document shows them"))
    }

    private func bad(_ text: String) -> OfficeFault {
        let shown = text.prefix(64)
        return FormWords.bad(
            column.field, Wording("“\(shown)”不符合要求，应为\(column.type.form.zh)", "\(shown) is not \(column.type.form.en)"))
    }
}

/// What is said of forms.
enum FormWords {
    /// How many codes a sentence names.
    static let choicesShown = 12

    static func bad(_ field: OfficeField, _ what: Wording) -> OfficeFault {
        OfficeFault(.input, "bad_detail", field, what, Wording("改正后重新提交", "Correct it"))
    }

    static func required(_ column: Column) -> OfficeFault {
        OfficeFault(
            .input, "bad_detail", column.field, Wording("必须填写", "\(column.label.en) is required"),
            Wording("填写\(column.label.zh)", "Fill it in"))
    }

    static func unknown(_ name: String, among names: [String]) -> OfficeFault {
        let shown = String(name.prefix(64))
        return OfficeFault(
            .input, "unknown_field", OfficeField(shown, shown, shown), Wording("没有这个字段", "there is no such field"),
            names.isEmpty
                ? Wording("没有可填写的字段", "There are no fields")
                : Wording(
                    "可填写：\(names.joined(separator: "、"))",
                    "\(Nearest.question(name, in: names))It may be \(names.joined(separator: ", "))"))
    }
}
