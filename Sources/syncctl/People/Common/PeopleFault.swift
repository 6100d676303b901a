import ArgumentParser
import ParkSyncReports

/// What a fault is about: an option, or a column of a row, with its names for people.
struct PeopleField: Hashable, Sendable {
    var name: String
    var zh: String
    init(_ name: String, _ zh: String) { (self.name, self.zh) = (name, zh) }

    func shown(_ language: Language) -> String {
        language == .en || zh == name ? name : "\(zh)（\(name)）"
    }
}

/// Bad input: one sentence that names the field and the remedy, in Chinese or English, with a code
/// that does not change with the words.
struct PeopleFault: Error, Hashable, Sendable {
    var code: String
    /// nil if it is about no field alone.
    var field: PeopleField?
    var zh: String
    var en: String
    var remedyZh: String
    var remedyEn: String
    /// 64 for what was found before the node was asked to write, 2 for what it refused.
    var exit: ExitCode

    init(
        code: String, field: PeopleField? = nil, zh: String, en: String, remedyZh: String, remedyEn: String,
        exit: ExitCode = CommandExit.broken
    ) {
        (self.code, self.field, self.zh, self.en) = (code, field, zh, en)
        (self.remedyZh, self.remedyEn, self.exit) = (remedyZh, remedyEn, exit)
    }

    /// `starts: 2026-02-30 14:00 is no time; give … [bad_time]`
    func sentence(_ language: Language) -> String {
        let named = field.map { "\($0.shown(language))\(language.pick("：", ": "))" } ?? ""
        switch language {
        case .zh: return "\(named)\(zh)；\(Self.bare(remedyZh))。[\(code)]"
        case .en: return "\(named)\(en); \(Self.lowered(Self.bare(remedyEn))). [\(code)]"
        }
    }

    private static func bare(_ text: String) -> String {
        var text = text
        while let last = text.last, ".。".contains(last) { text.removeLast() }
        return text
    }

    /// Within a sentence; what is written in capitals stays.
    private static func lowered(_ text: String) -> String {
        guard let first = text.first, text.dropFirst().first?.isLowercase == true else { return text }
        return first.lowercased() + text.dropFirst()
    }
}

/// A row of `reason`: why something was refused, and what to do.
struct ReasonRow: Codable, Hashable, Sendable {
    var code: String
    var zh: String
    var en: String
    var remedyZh: String
    var remedyEn: String
    /// Who may decide against it; absent: nobody.
    var overrideBy: String?

    enum CodingKeys: String, CodingKey {
        case code, zh, en, remedyZh = "remedy_zh", remedyEn = "remedy_en", overrideBy = "override_by"
    }

    func fault(field: PeopleField?) -> PeopleFault {
        PeopleFault(code: code, field: field, zh: zh, en: en, remedyZh: remedyZh, remedyEn: remedyEn)
    }
}
