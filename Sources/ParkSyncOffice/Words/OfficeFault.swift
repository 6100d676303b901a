/// What a fault is about: a field of a form, or a column of a row, with its names for people.
package struct OfficeField: Hashable, Sendable {
    package var name: String
    package var label: Wording

    package init(_ name: String, _ label: Wording) { (self.name, self.label) = (name, label) }
    package init(_ name: String, _ zh: String, _ en: String) { self.init(name, Wording(zh, en)) }
}

/// What cannot be done, and why: one sentence that names the field and the remedy, in Chinese and
/// English, with a code that does not change with the words.
package struct OfficeFault: Error, Hashable, Sendable {
    /// What kind of fault it is. Whoever hands it on decides by it: an exit status, a status of
    /// HTTP, a mark in a form.
    package enum Cause: String, CaseIterable, Hashable, Sendable {
        /// What was given has another form; found before anything was written.
        case input
        /// There is no such record.
        case missing
        /// Not at this park, or not by this person.
        case forbidden
        /// What was seen is not the state any more.
        case stale
        /// The rules of the catalogue refuse it.
        case refused
        /// It may be possible in a moment.
        case unavailable
        /// Rows of another park cannot be read.
        case broken
    }

    package var cause: Cause
    package var code: String
    /// nil if it is about no field alone.
    package var field: OfficeField?
    package var what: Wording
    package var remedy: Wording

    package init(_ cause: Cause, _ code: String, _ field: OfficeField?, _ what: Wording, _ remedy: Wording) {
        (self.cause, self.code, self.field, self.what, self.remedy) = (cause, code, field, what, remedy)
    }

    /// `starts_at: 2026-02-30 14:00 is no time; give … [bad_time]`
    package func sentence(_ language: Language) -> String {
        switch language {
        case .zh:
            let named = field.map { $0.label.zh == $0.name ? "\($0.name)：" : "\($0.label.zh)（\($0.name)）：" } ?? ""
            return "\(named)\(what.zh)；\(Self.bare(remedy.zh))。[\(code)]"
        case .en:
            return "\(field.map { "\($0.name): " } ?? "")\(what.en); \(Self.lowered(Self.bare(remedy.en))). [\(code)]"
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

/// All that is wrong with a form: people correct it at once, not one field after the other.
package struct FormFaults: Error, Hashable, Sendable {
    package var faults: [OfficeFault]
    package init(_ faults: [OfficeFault]) { self.faults = faults }
}

extension OfficeFault {
    package static func badInterval(_ field: OfficeField) -> OfficeFault {
        OfficeFault(
            .input, "bad_interval", field, Wording("结束须晚于开始", "the end is not after the start"),
            Wording("改正起止时间", "Correct the times"))
    }

    package static func unknown(_ id: String, _ field: OfficeField) -> OfficeFault {
        OfficeFault(
            .missing, "unknown_subject", field, Wording("没有“\(id)”", "there is no \(id)"),
            Wording("核对编号，或在目录中查找", "Check the id, or look for it in the catalogue"))
    }
}
