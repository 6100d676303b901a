/// A row of `reason`: why something was refused, and what to do.
package struct ReasonRow: Codable, Hashable, Sendable {
    package var code: String
    package var zh: String
    package var en: String
    package var remedyZh: String
    package var remedyEn: String
    /// Who may decide against it; absent: nobody.
    package var overrideBy: String?

    enum CodingKeys: String, CodingKey {
        case code, zh, en, remedyZh = "remedy_zh", remedyEn = "remedy_en", overrideBy = "override_by"
    }

    /// - Parameter detail: what exactly, in brackets behind the reason.
    package func fault(
        _ field: OfficeField?, detail: Wording? = nil, cause: OfficeFault.Cause = .refused
    ) -> OfficeFault {
        OfficeFault(
            cause, code, field,
            Wording(detail.map { "\(zh)（\($0.zh)）" } ?? zh, detail.map { "\(en) (\($0.en))" } ?? en),
            Wording(remedyZh, remedyEn))
    }

    /// The sentence that the one who was refused reads.
    package func sentence(_ language: Language) -> String {
        fault(ReasonFields.field(of: code)).sentence(language)
    }
}

/// Which field a reason of the arbiter is about.
package enum ReasonFields {
    package static func field(of code: String) -> OfficeField? {
        switch code {
        case "bad_interval", "past", "closed", "maintenance", "holiday", "too_short", "too_long", "too_far_ahead",
            "minimum_notice", "buffer", "no_room":
            OfficeField("starts_at", "起止时间", "times")
        case "unknown_subject", "wrong_kind", "ended", "moved": OfficeField("subject_id", "资源编号", "item")
        case "bad_weight": OfficeField("weight", "数量", "quantity")
        case "over_budget": OfficeField("weight", "金额", "amount")
        case "not_covered": OfficeField("account_id", "账户", "account")
        case "not_open_to_class", "no_rate": OfficeField("class", "用户类别", "class of user")
        case "untrained", "not_party", "not_reviewer": OfficeField("by_id", "办理人", "who does it")
        case "bad_hash", "missing_document": OfficeField("document_id", "文件", "document")
        default: nil
        }
    }
}

/// Words that are no rows: what acts, and those who wait, are called. What has none is called by
/// its name.
package enum ActWords {
    package static func act(_ name: String) -> Wording {
        switch name {
        case "ask": Wording("申请", "ask")
        case "room": Wording("候补递补", "a place became free")
        case "clock": Wording("到期", "deadline")
        case "decide": Wording("审批", "decide")
        case "withdraw": Wording("撤回", "withdraw")
        case "amend": Wording("变更", "amend")
        case "agree": Wording("同意", "agree")
        case "counter": Wording("还价", "counter")
        case "consent": Wording("各方同意", "consent")
        case "score": Wording("评分", "score")
        case "dispute": Wording("提出异议", "dispute")
        case "confirm": Wording("确认", "confirm")
        case "start": Wording("开始", "start")
        case "finish": Wording("完成", "finish")
        case "meter": Wording("计量", "meter")
        case "note": Wording("备注", "note")
        case "end": Wording("终止", "end")
        case "fork": Wording("处理分叉", "settle the fork")
        default: Wording(name, name)
        }
    }

    package static func people(_ name: String) -> Wording {
        switch name {
        case "arbiter": Wording("管理方节点", "the home's node")
        case "asker", "holder": Wording("申请方", "who asked")
        case "party": Wording("当事方", "a party")
        case "reviewer": Wording("评审人", "a reviewer")
        case "manager": Wording("管理方", "a manager")
        case "clock": Wording("期限", "a deadline")
        case "anyone": Wording("任何人", "anyone")
        default: Wording(name, name)
        }
    }
}
