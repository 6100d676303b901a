/// Words that are no rows: what acts, and those who wait, are called.
enum PeopleWords {
    private static let acts: [String: (zh: String, en: String)] = [
        "ask": ("申请", "ask"), "room": ("候补递补", "room"), "clock": ("到期", "deadline"), "decide": ("审批", "decide"),
        "withdraw": ("撤回", "withdraw"), "amend": ("变更", "amend"), "agree": ("同意", "agree"),
        "counter": ("还价", "counter"), "consent": ("各方同意", "consent"), "score": ("评分", "score"),
        "dispute": ("提出异议", "dispute"), "confirm": ("确认", "confirm"), "start": ("开始", "start"),
        "finish": ("完成", "finish"), "meter": ("计量", "meter"), "note": ("备注", "note"), "end": ("终止", "end"),
        "fork": ("处理分叉", "fork"),
    ]

    private static let people: [String: (zh: String, en: String)] = [
        "arbiter": ("管理方节点", "the home's node"), "asker": ("申请方", "who asked"), "holder": ("申请方", "who asked"),
        "party": ("当事方", "a party"), "reviewer": ("评审人", "a reviewer"), "manager": ("管理方", "a manager"),
        "clock": ("期限", "a deadline"), "anyone": ("任何人", "anyone"),
    ]

    static func act(_ name: String, _ language: Language) -> String {
        acts[name].map { language.pick($0.zh, $0.en) } ?? name
    }

    static func people(_ name: String, _ language: Language) -> String {
        people[name].map { language.pick($0.zh, $0.en) } ?? name
    }

    /// `2026-12-07 14:00 – 16:00`; nil if there is no interval.
    static func interval(_ start: String, _ end: String) -> String? {
        guard let from = ShanghaiText.shown(start) else {
            return ShanghaiText.shown(end).map { "– \($0)" }
        }
        guard let to = ShanghaiText.shown(end) else { return "\(from) –" }
        let isSameDay = from.prefix(10).utf8.elementsEqual(to.prefix(10).utf8)
        return "\(from) – \(isSameDay ? String(to.dropFirst(11)) : to)"
    }

    /// How long ago, as people say it.
    static func ago(_ milliseconds: UInt64, _ language: Language) -> String {
        let minutes = milliseconds / 60_000
        let (count, zh, en): (UInt64, String, String) =
            minutes < 1
            ? (milliseconds / 1_000, "秒", "s")
            : minutes < 120
                ? (minutes, "分钟", "min")
                : minutes < 2 * 1_440 ? (minutes / 60, "小时", "h") : (minutes / 1_440, "天", "days")
        return language.pick("\(count) \(zh)前", "\(count) \(en) ago")
    }
}
