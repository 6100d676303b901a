import ParkSyncCatalog

/// What was done about requests, and what was paid.
extension OfficeTable {
    /// What people did.
    package static let acts = OfficeTable(
        name: "acts", label: Wording("办理动作", "acts"), from: "act AS a LEFT JOIN request AS r ON r.id = a.request_id",
        condition: "", key: "a.id", detail: nil, texts: [],
        columns: [
            Column("id", "编号", "id", .id, "a.id"), Column("request_id", "申请", "request", .id, "a.request_id"),
            Column("act", "动作", "act", "a.act"), Column("on_n", "所见步骤", "step that was seen", .integer, "a.on_n"),
            Column("to_state", "结果", "leads to", "a.to_state"),
            Column("starts_at", "开始时间", "start", .instant, "nullif(a.starts_at, '')"),
            Column("ends_at", "结束时间", "end", .instant, "nullif(a.ends_at, '~')"),
            Column("weight", "数量", "quantity", .integer, "a.weight"), Column("at", "时间", "time", .instant, "a.at"),
        ]
            + [
                Column("by_id", "经办人", "by", .id, "a.by_id"), Column("amount", "金额", "amount", .integer, "a.amount"),
                Column("reasons", "理由", "reasons", .list, list: "reason", "a.reasons"),
                Column("document_id", "所引文件", "document", .id, "a.document_id"),
                Column("text_id", "所引文本", "text", .id, "a.text_id"),
            ].map(\.hidden), sight: .request("r"))

    /// What the arbiters answered.
    package static let steps = OfficeTable(
        name: "steps", label: Wording("办理记录", "steps"), from: "step AS s LEFT JOIN request AS r ON r.id = s.request_id",
        condition: "", key: "s.id", detail: nil, texts: [],
        columns: [
            Column("id", "编号", "id", .id, "s.id"), Column("request_id", "申请", "request", .id, "s.request_id"),
            Column("subject_id", "资源", "item", .id, "s.subject_id"), Column("n", "步", "step", .integer, "s.n"),
            Column("act", "动作", "act", "s.act"), Column("from_state", "原状态", "from", "nullif(s.from_state, '')"),
            Column("to_state", "状态", "state", "s.to_state"),
            Column("starts_at", "开始时间", "start", .instant, "nullif(s.starts_at, '')"),
            Column("ends_at", "结束时间", "end", .instant, "nullif(s.ends_at, '~')"),
            Column("weight", "数量", "quantity", .integer, "s.weight"), Column("at", "时间", "time", .instant, "s.at"),
        ]
            + [
                Column("amount", "应付", "claim", .integer, "s.amount"),
                Column("unit_id", "计量单位", "unit", .id, "s.unit_id"),
                Column("payer_id", "付款账户", "account that pays", .id, "s.payer_id"),
                Column("payee_id", "收款账户", "account that is paid", .id, "s.payee_id"),
                Column("reasons", "理由", "reasons", .list, list: "reason", "s.reasons"),
                Column("by_id", "审批人", "who decided", .id, "s.by_id"),
                Column("act_id", "所答动作", "act that it answers", .id, "s.act_id"),
            ].map(\.hidden), sight: .request("r"))

    /// What was paid. A claim and what pays it have one id, so that the payer tells two apart.
    package static let transfers = OfficeTable(
        name: "transfers", label: Wording("转账", "transfers"), from: "transfer AS t", condition: "",
        key: "t.id || ' ' || t.from_id", detail: nil, texts: [],
        columns: [
            Column("id", "编号", "id", .id, "t.id"),
            Column("from_id", "付款账户", "account that pays", .id, "t.from_id"),
            Column("to_id", "收款账户", "account that is paid", .id, "t.to_id"),
            Column("unit_id", "计量单位", "unit", .id, "t.unit_id"),
            Column("amount", "金额", "amount", .integer, "t.amount"),
            Column("because_id", "事由", "because of", .id, "t.because_id"),
            Column("reverses", "冲正", "reverses", .boolean, "t.reverses"),
            Column("by_id", "经办人", "by", .id, "t.by_id"), Column("note", "备注", "note", "t.note"),
            Column("at", "时间", "time", .instant, "t.at"),
        ].map(\.hidden), sight: .transfer("t"), isForSeers: true)
}
