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

    static func badInterval(_ field: PeopleField) -> PeopleFault {
        PeopleFault(
            code: "bad_interval", field: field, zh: "结束须晚于开始", en: "the end is not after the start",
            remedyZh: "改正起止时间", remedyEn: "Correct the times", exit: .validationFailure)
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

    /// - Parameters:
    ///   - detailZh: what exactly, in brackets behind the reason; empty if there is nothing to add.
    func fault(field: PeopleField?, detailZh: String = "", detailEn: String = "") -> PeopleFault {
        PeopleFault(
            code: code, field: field, zh: detailZh.isEmpty ? zh : "\(zh)（\(detailZh)）",
            en: detailEn.isEmpty ? en : "\(en) (\(detailEn))", remedyZh: remedyZh, remedyEn: remedyEn)
    }

    /// The sentence that the one who was refused reads.
    func sentence(_ language: Language) -> String { fault(field: ReasonFields.field(of: code)).sentence(language) }
}

/// Which field a reason of the arbiter is about.
enum ReasonFields {
    private static let times: Set<String> = [
        "bad_interval", "past", "closed", "maintenance", "holiday", "too_short", "too_long", "too_far_ahead",
        "minimum_notice", "buffer", "no_room",
    ]

    static func field(of code: String) -> PeopleField? {
        if times.contains(code) { return PeopleField("starts_at", "起止时间") }
        switch code {
        case "unknown_subject", "wrong_kind", "ended", "moved": return PeopleField("subject_id", "资源编号")
        case "bad_weight": return PeopleField("weight", "数量")
        case "over_budget": return PeopleField("weight", "金额")
        case "not_covered": return PeopleField("account_id", "账户")
        case "not_open_to_class", "no_rate": return PeopleField("class", "用户类别")
        case "untrained", "not_party", "not_reviewer": return PeopleField("by_id", "办理人")
        case "bad_hash", "missing_document": return PeopleField("document_id", "文件")
        default: return nil
        }
    }
}
