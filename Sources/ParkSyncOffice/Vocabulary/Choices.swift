/// What a coded value may be: the rows of `code`, and by a name that no list of codes has, kinds,
/// states, reasons and the few words that only the tables' own checks know.
extension Vocabulary {
    /// - Parameter list: a list of `code`; `kind:item`, `kind:request`, `state:MACHINE`, `reason`;
    ///   or one of `ColumnWords`.
    package func choices(of list: String) -> [Code] {
        let name = list.prefix { $0 != ":" }
        let rest = String(list.dropFirst(name.count + 1))
        switch name {
        case "kind":
            return kinds.filter { $0.of.utf8.elementsEqual(rest.utf8) }
                .map { Code(list: list, code: $0.kind, zh: $0.zh, en: $0.en) }
        case "state":
            return [Code(list: list, code: "sent", zh: "已发出", en: "sent")]
                + states(of: rest).map { Code(list: list, code: $0.state, zh: $0.zh, en: $0.en) }
        case "reason": return reasons.map { Code(list: list, code: $0.code, zh: $0.zh, en: $0.en) }
        default: return ColumnWords.choices(of: list) ?? codes(of: list)
        }
    }

    /// What a coded value is called; nil if its list does not have it, or not any more.
    package func label(of code: String, in list: String) -> Wording? {
        choices(of: list).first { $0.code.utf8.elementsEqual(code.utf8) }?.label
    }
}

/// Words that the checks of a table's columns allow, and that are no rows of `code`.
enum ColumnWords {
    static func choices(of list: String) -> [Vocabulary.Code]? {
        guard let words = words(of: list) else { return nil }
        return words.map { Vocabulary.Code(list: list, code: $0.code, zh: $0.zh, en: $0.en) }
    }

    private static func words(of list: String) -> [(code: String, zh: String, en: String)]? {
        switch list {
        case "card_state": [("active", "有效", "active"), ("ended", "已停止", "ended")]
        case "approval": [("automatic", "自动受理", "the node answers"), ("person", "人工审批", "a person decides")]
        case "scope": [("zone", "示范区内", "within the zone"), ("public", "公开", "public")]
        case "waits_for":
            ["arbiter", "asker", "holder", "party", "reviewer", "manager", "clock"].map {
                let words = ActWords.people($0)
                return ($0, words.zh, words.en)
            }
        default: nil
        }
    }
}
