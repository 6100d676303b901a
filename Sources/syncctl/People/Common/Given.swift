import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncStore

/// What people write on the command line, looked at before anything is sent.
enum Given {
    /// An id as rows have it: `south:instrument:0001`.
    ///
    /// - Throws: the fault that names the field. SQLite compares bytes: an id whose letters are
    ///   taken apart (é as e and an accent) looks like another one and is none.
    static func id(_ text: String, field: PeopleField) throws -> String {
        let composed = text.precomposedStringWithCanonicalMapping
        guard composed.utf8.elementsEqual(text.utf8) else {
            throw PeopleFault(
                code: "bad_unicode", field: field, zh: "编号含有分解形式的字符", en: "the id has decomposed characters",
                remedyZh: "请使用规范编号 \(composed)", remedyEn: "Use the composed form, \(composed)",
                exit: .validationFailure)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }), text.first?.isLowercase == true,
            !text.contains(where: \.isWhitespace)
        else {
            throw PeopleFault(
                code: "bad_id", field: field, zh: "“\(text)”不是编号", en: "\(text) is no id",
                remedyZh: "编号形如 south:instrument:0001，可用 syncctl find 查找",
                remedyEn: "Ids look like south:instrument:0001; `syncctl find` lists them", exit: .validationFailure)
        }
        return text
    }

    /// `90`, `90m`, `2h`, `1h30m`, `3d`.
    static func minutes(_ text: String, field: PeopleField) throws -> Int64 {
        let pattern = /(?:([0-9]{1,4})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,7})m?)?/
        if !text.isEmpty, let match = text.wholeMatch(of: pattern) {
            let parts = [match.1, match.2, match.3].map { $0.flatMap { Int64($0) } ?? 0 }
            let sum = parts[0] * 1_440 + parts[1] * 60 + parts[2]
            if sum > 0 { return sum }
        }
        throw PeopleFault(
            code: "bad_length", field: field, zh: "“\(text)”不是时长", en: "\(text) is no length of time",
            remedyZh: "请填写分钟数，或如 2h、1h30m、3d", remedyEn: "Give minutes, or as in 2h, 1h30m, 3d",
            exit: .validationFailure)
    }

    /// The zone's clocks say what the day is; rows have seconds of UTC.
    static func now() -> Instant { Instant(seconds: Int64(RealClock().wallMilliseconds() / 1_000)) }

    /// The last part of a new id: drawn at random, so that nobody else has it.
    static func tail() -> String {
        let number = UInt64.random(in: .min ... .max)
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// For LIKE, with what is special to it meant as it stands.
    static func pattern(_ text: String) -> String {
        let escaped = text.precomposedStringWithCanonicalMapping.reduce(into: "") { result, character in
            if "\\%_".contains(character) { result.append("\\") }
            result.append(character)
        }
        return "%\(escaped)%"
    }

    static func unknown(_ id: String, field: PeopleField) -> PeopleFault {
        PeopleFault(
            code: "unknown_subject", field: field, zh: "没有“\(id)”", en: "there is no \(id)",
            remedyZh: "核对编号，或用 syncctl find 查找", remedyEn: "Check the id, or look for it with `syncctl find`")
    }
}
