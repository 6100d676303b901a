import ParkSyncCatalog

/// Items, organisations, people and parks.
extension OfficeTable {
    private static let ownerColumns = [
        Column("owner_id", "所属", "owner", .id, "i.owner_id"),
        Column("owner_zh", "所属单位", "owner in Chinese", "ifnull(o.name_zh, p.name_zh)"),
        Column("owner_en", "所属单位英文名称", "owner in English", "ifnull(o.name_en, p.name_en)"),
    ]

    private static func head(_ row: String, kinds: String) -> [Column] {
        [
            Column("id", "编号", "id", .id, "\(row).id"),
            Column("home", "园区", "park", "\(ItemScreens.park("\(row).id"))"),
            Column("kind", "类别", "kind", .code, list: kinds, "\(row).kind"),
            Column("name_zh", "名称", "name in Chinese", "\(row).name_zh"),
            Column("name_en", "英文名称", "name in English", "\(row).name_en"),
        ]
    }

    private static func tail(_ row: String) -> [Column] {
        [
            Column("state", "状态", "state", .code, list: "card_state", "\(row).state"),
            Column("scope", "共享范围", "scope", .code, list: "scope", "\(row).scope"),
        ]
    }

    /// All items. Those of a kind have its fields, too: `Vocabulary.table`.
    package static let items = OfficeTable(
        name: "items", label: Wording("资源", "items"),
        from: """
            item AS i LEFT JOIN organisation AS o ON o.id = i.owner_id LEFT JOIN person AS p ON p.id = i.owner_id
            """,
        condition: "", key: "i.id", detail: "i.detail",
        texts: [
            "i.name_zh", "i.name_en", "i.id", "i.natural_key", "ifnull(o.name_zh, p.name_zh)",
            "ifnull(o.name_en, p.name_en)",
            "CASE WHEN json_valid(i.detail) THEN json_extract(i.detail, '$.keywords') END",
        ],
        columns: head("i", kinds: "kind:item") + ownerColumns + [
            Column("capacity", "容量", "capacity", .integer, "i.capacity"),
            Column("share_class", "共享方式", "shared with", .code, list: "share_class", "i.share_class"),
            Column("approval", "受理方式", "answered by", .code, list: "approval", "i.approval"),
            Column("min_minutes", "最短时长", "at least", .minutes, unit: "分钟", "i.min_minutes"),
            Column("max_minutes", "最长时长", "at most", .minutes, unit: "分钟", "i.max_minutes"),
            Column("buffer_minutes", "间隔", "time in between", .minutes, unit: "分钟", "i.buffer_minutes"),
            Column("horizon_days", "可预约期限", "horizon", .integer, unit: "天", "i.horizon_days"),
            Column("notice_minutes", "提前通知", "notice", .minutes, unit: "分钟", "i.notice_minutes"),
            Column("cancel_minutes", "免费取消期限", "free to cancel until", .minutes, unit: "分钟", "i.cancel_minutes"),
            Column("confirm_days", "确认期限", "confirmed by silence after", .integer, unit: "天", "i.confirm_days"),
            Column("training_code", "培训证书", "training", "i.training_code"),
            Column("account_id", "收款账户", "account", .id, "i.account_id"),
            Column("natural_key", "专利号等", "number", "i.natural_key"),
            Column("successor_id", "后继", "successor", .id, "i.successor_id"),
        ] + tail("i"), sight: .open)

    package static let organisations = OfficeTable(
        name: "organisations", label: Wording("单位", "organisations"), from: "organisation AS g", condition: "",
        key: "g.id", detail: nil, texts: ["g.name_zh", "g.name_en", "g.id", "g.credit_code"],
        columns: head("g", kinds: "organisation_kind") + [
            Column("credit_code", "统一社会信用代码", "credit code", "g.credit_code"),
            Column("ror", "ROR", "ROR", "g.ror"), Column("industry", "行业", "industry", "g.industry"),
            Column("founded_on", "成立日期", "founded", .date, "g.founded_on"),
            Column("website", "网站", "website", "g.website"),
            Column("successor_id", "后继", "successor", .id, "g.successor_id"),
        ] + tail("g"), sight: .open)

    package static let people = OfficeTable(
        name: "people", label: Wording("人员", "people"),
        from: "person AS n LEFT JOIN organisation AS o ON o.id = n.organisation_id", condition: "", key: "n.id",
        detail: nil, texts: ["n.name_zh", "n.name_en", "n.id"],
        columns: head("n", kinds: "person_kind") + [
            Column("owner_id", "单位", "organisation", .id, "n.organisation_id"),
            Column("owner_zh", "单位名称", "organisation in Chinese", "o.name_zh"),
            Column("owner_en", "单位英文名称", "organisation in English", "o.name_en"),
            Column("talent_class", "人才层次", "talent class", .code, list: "talent_class", "n.talent_class"),
            Column("orcid", "ORCID", "ORCID", "n.orcid"),
            Column("field_zh", "专业领域", "field in Chinese", "n.field_zh"),
            Column("field_en", "专业领域英文", "field in English", "n.field_en"),
            Column("since_on", "加入日期", "since", .date, "n.since_on"),
        ] + tail("n"), sight: .open)

    package static let parks = OfficeTable(
        name: "parks", label: Wording("园区", "parks"), from: "park AS k", condition: "", key: "k.id", detail: nil,
        texts: ["k.name_zh", "k.name_en", "k.id"],
        columns: [
            Column("id", "编号", "id", .id, "k.id"),
            Column("home", "园区", "park", "\(ItemScreens.park("k.id"))"),
            Column("name_zh", "名称", "name in Chinese", "k.name_zh"),
            Column("name_en", "英文名称", "name in English", "k.name_en"),
            Column("website", "网站", "website", "k.website"),
            Column("contact", "联系邮箱（办公）", "office mailbox", "k.contact"),
        ], sight: .open)
}
