import ParkSyncCatalog

/// Requests, use and documents.
extension OfficeTable {
    /// All requests, as they stand; of one whose log has forked, the branch that was there first.
    /// Those of a kind have its fields, too: `Vocabulary.table`.
    package static let requests = OfficeTable(
        name: "requests", label: Wording("申请", "requests"),
        from: """
            request AS r JOIN request_state AS s ON s.id = r.id LEFT JOIN organisation AS o ON o.id = r.party_id
            LEFT JOIN person AS p ON p.id = r.party_id
            """,
        condition: "s.branch = ''", key: "r.id", detail: "r.detail", texts: [],
        columns: [
            Column("id", "编号", "id", .id, "r.id"),
            Column("kind", "类别", "kind", .code, list: "kind:request", "r.kind"),
            Column("subject_id", "资源", "item", .id, "r.subject_id"),
            Column("subject_zh", "资源名称", "item in Chinese", "s.subject_zh"),
            Column("subject_en", "资源英文名称", "item in English", "s.subject_en"),
            Column("class", "用户类别", "class of user", .code, list: "user_class", "r.class"),
            Column("starts_at", "开始时间", "start", .instant, "nullif(s.starts_at, '')"),
            Column("ends_at", "结束时间", "end", .instant, "nullif(s.ends_at, '~')"),
            Column("weight", "数量", "quantity", .integer, "s.weight"),
            Column("n", "步", "step", .integer, "s.n"), Column("state", "状态", "state", "s.state"),
            Column("waits_for", "等待", "waits for", .code, list: "waits_for", "nullif(s.waits_for, '')"),
            Column("arbiter_park", "受理园区", "decided at", "s.arbiter_park"),
            Column("asked_at", "申请时间", "asked", .instant, "s.asked_at"),
            Column("state_at", "状态时间", "since", .instant, "s.state_at"),
        ]
            + [
                Column("party_id", "申请方", "for whom", .id, "r.party_id"),
                Column("party_zh", "申请方名称", "for whom in Chinese", "ifnull(o.name_zh, p.name_zh)"),
                Column("party_en", "申请方英文名称", "for whom in English", "ifnull(o.name_en, p.name_en)"),
                Column("by_id", "经办人", "asked by", .id, "r.by_id"),
                Column("amount", "金额", "amount", .integer, "r.amount"),
                Column("unit_id", "计量单位", "unit", .id, "r.unit_id"),
                Column("account_id", "账户", "account", .id, "r.account_id"),
                Column("document_id", "所引文件", "document", .id, "r.document_id"),
                Column("text_id", "所引文本", "text", .id, "r.text_id"),
                Column("reasons", "理由", "reasons", .list, list: "reason", "s.reasons"),
            ].map(\.hidden), sight: .request("r"))

    /// What items were used for, and how long.
    package static let use = OfficeTable(
        name: "use", label: Wording("使用记录", "records of use"),
        from: """
            usage AS u LEFT JOIN item AS i ON i.id = u.item_id LEFT JOIN organisation AS o ON o.id = u.party_id
            LEFT JOIN person AS p ON p.id = u.party_id
            """,
        condition: "", key: "u.id", detail: nil, texts: [],
        columns: [
            Column("id", "编号", "id", .id, "u.id"), Column("item_id", "资源", "item", .id, "u.item_id"),
            Column("item_zh", "资源名称", "item in Chinese", "i.name_zh"),
            Column("item_en", "资源英文名称", "item in English", "i.name_en"),
            Column("started_at", "开始时间", "began", .instant, "u.started_at"),
            Column("preparation_minutes", "准备", "preparation", .integer, unit: "分钟", "u.preparation_minutes"),
            Column("minutes", "使用", "run", .integer, unit: "分钟", "u.minutes"),
            Column("after_minutes", "善后", "clearing away", .integer, unit: "分钟", "u.after_minutes"),
            Column("is_external", "对外服务", "external", .boolean, "u.is_external"),
            Column("source", "计量方式", "how it was recorded", .code, list: "usage_source", "u.source"),
            Column("reverses_id", "更正的记录", "takes back", .id, "u.reverses_id"),
            Column(
                "is_reversed", "已更正", "taken back", .boolean,
                "EXISTS (SELECT 1 FROM usage AS v WHERE v.reverses_id = u.id)"),
            Column("at", "登记时间", "recorded", .instant, "u.at"),
        ]
            + [
                Column("request_id", "申请", "request", .id, "u.request_id"),
                Column("party_id", "使用方", "user", .id, "u.party_id"),
                Column("party_zh", "使用方名称", "user in Chinese", "ifnull(o.name_zh, p.name_zh)"),
                Column("party_en", "使用方英文名称", "user in English", "ifnull(o.name_en, p.name_en)"),
                Column("samples", "样品数", "samples", .integer, "u.samples"),
                Column("by_id", "经办人", "recorded by", .id, "u.by_id"),
            ].map(\.hidden), sight: .use("u"))

    /// What is kept of documents. Those about a request are for those who see it.
    package static let documents = OfficeTable(
        name: "documents", label: Wording("文件", "documents"), from: "document AS d", condition: "", key: "d.id",
        detail: nil, texts: [],
        columns: [
            Column("id", "编号", "id", .id, "d.id"), Column("about_id", "所属", "about", .id, "d.about_id"),
            Column("kind", "类别", "kind", .code, list: "document_kind", "d.kind"),
            Column("version", "版本", "version", .integer, "d.version"),
            Column("media_type", "格式", "format", "d.media_type"),
            Column("bytes", "字节数", "bytes", .integer, "d.bytes"),
            Column("at", "时间", "time", .instant, "d.at"),
            Column("scope", "共享范围", "scope", .code, list: "scope", "d.scope"),
        ]
            + [
                Column("name_zh", "名称", "name in Chinese", "d.name_zh"),
                Column("name_en", "英文名称", "name in English", "d.name_en"),
                Column("sha256", "SHA-256", "SHA-256", "d.sha256"),
                Column("text_id", "文本", "text", .id, "d.text_id"),
            ].map(\.hidden), sight: .document("d"))
}
