import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// A row of `field`: what the detail of a kind may have.
struct FieldRow: Codable, Hashable, Sendable {
    var name: String
    var type: String
    var required: Int64
    var unit: String?
    var list: String?
    var zh: String
    var en: String

    var field: PeopleField { PeopleField(name, zh) }
}

/// A row of `code`.
struct CodeRow: Codable, Hashable, Sendable {
    var code: String
    var zh: String
    var en: String
}

/// What people fill in by `--set NAME=VALUE`, checked against the rows of `field` before it is
/// sent.
struct DetailForm {
    var fields: [FieldRow]
    /// The codes of the fields' lists, by the names of the lists.
    var codes: [String: [CodeRow]]

    static func read(_ kind: String, _ given: [String], at desk: ParkDesk) async throws -> DetailForm {
        let fields = try await desk.rows(RequestScreens.fields, [.text(kind)], as: FieldRow.self)
        let names = given.map { String($0.prefix { $0 != "=" }) }
        var codes: [String: [CodeRow]] = [:]
        for field in fields where names.contains(field.name) {
            guard let list = field.list else { continue }
            codes[list] = try await desk.rows(RequestScreens.codes, [.text(list)], as: CodeRow.self)
        }
        return DetailForm(fields: fields, codes: codes)
    }

    /// The detail as JSON.
    ///
    /// - Parameter given: `NAME=VALUE`, each name once.
    /// - Throws: the fault that names the field, its remedy included.
    func detail(_ given: [String]) throws -> String {
        var members: [String: DetailValue] = [:]
        for text in given {
            let name = String(text.prefix { $0 != "=" })
            guard let field = fields.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw unknown(name)
            }
            guard name.utf8.count < text.utf8.count, members[field.name] == nil else {
                throw bad(field, "“\(text)”须为 名称=值，且只填一次", "\(text) is not NAME=VALUE, or is given twice")
            }
            members[field.name] = try value(String(text.dropFirst(name.count + 1)), of: field)
        }
        if let lacking = fields.first(where: { $0.required == 1 && members[$0.name] == nil }) {
            throw PeopleFault(
                code: "bad_detail", field: lacking.field, zh: "必须填写", en: "\(lacking.en) is required",
                remedyZh: "加上 --set \(lacking.name)=…", remedyEn: "Add --set \(lacking.name)=…",
                exit: .validationFailure)
        }
        return try DeskRows.jsonText(members)
    }

    private func value(_ text: String, of field: FieldRow) throws -> DetailValue {
        let text = text.precomposedStringWithCanonicalMapping
        switch field.type {
        case "text" where !text.isEmpty: return .text(try checked(text, field))
        case "code" where !text.isEmpty: return .text(try code(text, field))
        case "id": return .text(try Given.id(text, field: field.field))
        case "list": return .list(try text.split(separator: ",").map { try code(String($0), field) })
        case "boolean":
            if ["true", "yes", "是"].contains(text) { return .flag(true) }
            if ["false", "no", "否"].contains(text) { return .flag(false) }
        case "date": if CivilDay(text) != nil { return .text(text) }
        case "instant": return .text(try ShanghaiText.parsed(text, field: field.field).text)
        case "number": if let number = Double(text), number.isFinite { return .number(number) }
        case "integer": if let number = Int64(text) { return .integer(number) }
        case "fen", "minutes": if let number = Int64(text), number >= 0 { return .integer(number) }
        case "percent": if let number = Int64(text), (0...10_000).contains(number) { return .integer(number) }
        default: break
        }
        let (zh, en) = Self.form(of: field.type)
        throw bad(field, "“\(text)”不符合要求，应为\(zh)", "\(text) is not \(en)")
    }

    private static func form(of type: String) -> (zh: String, en: String) {
        switch type {
        case "boolean": ("是或否", "yes or no")
        case "date": ("日期，如 2026-12-07", "a date as in 2026-12-07")
        case "number": ("数字", "a number")
        case "integer": ("整数", "a whole number")
        case "fen": ("不小于 0 的整数，以分为单位", "a whole number of fen from 0")
        case "minutes": ("不小于 0 的整数分钟", "a whole number of minutes from 0")
        case "percent": ("0 至 10000 的整数基点", "a whole number of basis points from 0 to 10000")
        default: ("非空文本", "a text")
        }
    }

    /// A hash has one form.
    private func checked(_ text: String, _ field: FieldRow) throws -> String {
        guard field.name == "sha256" else { return text }
        guard text.utf8.count == 64, text.allSatisfy({ "0123456789abcdef".contains($0) }) else {
            throw PeopleFault(
                code: "bad_hash", field: field.field, zh: "不是 SHA-256 摘要", en: "it is no SHA-256",
                remedyZh: "填写 64 位小写十六进制摘要，可用 syncctl show 查看",
                remedyEn: "Give its 64 digits in lower case, as `syncctl show --json` has them",
                exit: .validationFailure)
        }
        return text
    }

    private func code(_ text: String, _ field: FieldRow) throws -> String {
        guard let list = field.list else { return text }
        let known = codes[list] ?? []
        if known.contains(where: { $0.code.utf8.elementsEqual(text.utf8) }) { return text }
        // People write the word, too.
        if let named = known.first(where: { $0.zh == text || $0.en == text }) { return named.code }
        let some = known.prefix(12)
        let rest = known.count > some.count ? "…" : ""
        throw bad(
            field, "没有代码“\(text)”，可选：" + some.map { "\($0.code)（\($0.zh)）" }.joined(separator: "、") + rest,
            "there is no code \(text), only " + some.map(\.code).joined(separator: ", ") + rest)
    }

    private func bad(_ field: FieldRow, _ zh: String, _ en: String) -> PeopleFault {
        PeopleFault(
            code: "bad_detail", field: field.field, zh: zh, en: en, remedyZh: "改正后重新提交", remedyEn: "Correct it",
            exit: .validationFailure)
    }

    private func unknown(_ name: String) -> PeopleFault {
        let names = fields.map(\.name)
        return PeopleFault(
            code: "unknown_field", field: PeopleField(name, name), zh: "没有这个字段",
            en: "there is no such field",
            remedyZh: names.isEmpty ? "这类申请没有其他字段" : "可填写：\(names.joined(separator: "、"))",
            remedyEn: names.isEmpty
                ? "This kind has no fields"
                : "\(Nearest.question(name, in: names))It may have \(names.joined(separator: ", "))",
            exit: .validationFailure)
    }
}

/// A value of a detail.
enum DetailValue: Encodable, Hashable, Sendable {
    case text(String), integer(Int64), number(Double), flag(Bool), list([String])

    func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        switch self {
        case .text(let text): try single.encode(text)
        case .integer(let number): try single.encode(number)
        case .number(let number): try single.encode(number)
        case .flag(let flag): try single.encode(flag)
        case .list(let texts): try single.encode(texts)
        }
    }
}
