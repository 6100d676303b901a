import ParkSyncCatalog

/// An item, an organisation or a person for people.
enum ItemText {
    static func lines(_ shown: ShownItem, _ language: Language) -> [String] {
        let card = shown.card
        var lines = PeopleTable.pairs(head(card, language) + shown.fields.map { pair($0, language) })
        lines += section(language.pick("收费标准", "prices"), shown.rates, rateColumns, language)
        lines += section(language.pick("文件", "documents"), shown.documents, documentColumns, language)
        lines += section(language.pick("近期申请", "newest requests"), shown.requests, RequestText.columns, language)
        return lines
    }

    /// A table under a heading; nothing if it has no row.
    static func section<Row>(
        _ heading: String, _ rows: [Row], _ columns: [PeopleColumn<Row>], _ language: Language
    ) -> [String] {
        rows.isEmpty ? [] : ["", heading] + PeopleTable.lines(rows, columns, language).map { "  \($0)" }
    }

    /// A field's label and value; of a code its name.
    static func pair(_ field: FieldValue, _ language: Language) -> (label: String, value: String?) {
        var value = language.name(field.valueZh, field.valueEn) ?? field.value
        if field.type == "instant" { value = (ShanghaiText.shown(value) ?? value) + ShanghaiText.zone(language) }
        let unit = field.unit.map { language == .zh ? " \($0)" : "" } ?? ""
        return (language.pick(field.zh, field.en), value + unit)
    }

    private static func head(_ card: ItemCard, _ language: Language) -> [(label: String, value: String?)] {
        func minutes(_ count: Int64?) -> String? { count.map { language.pick("\($0) 分钟", "\($0) min") } }
        func days(_ count: Int64?) -> String? { count.map { language.pick("\($0) 天", "\($0) days") } }
        let owner = language.name(card.ownerZh, card.ownerEn).map { "\($0)  \(card.ownerID ?? "")" } ?? card.ownerID
        return [
            (language.pick("编号", "id"), card.id),
            (language.pick("名称", "name"), language.name(card.nameZh, card.nameEn)),
            (language.pick("英文名称", "Chinese name"), language.pick(card.nameEn ?? "", card.nameZh)),
            (language.pick("类别", "kind"), language.pick(card.kindZh, card.kindEn)),
            (language.pick("状态", "state"), card.state), (language.pick("后继", "successor"), card.successorID),
            (language.pick("单位", "owner"), owner),
            (language.pick("容量", "capacity"), card.capacity.map { "\($0)" }),
            (language.pick("共享方式", "shared with"), card.shareClass),
            (
                language.pick("受理方式", "answered by"),
                card.approval.map {
                    $0 == "person" ? language.pick("人工审批", "a person") : language.pick("自动", "the node")
                }
            ),
            (language.pick("最短时长", "at least"), minutes(card.minMinutes)),
            (language.pick("最长时长", "at most"), minutes(card.maxMinutes)),
            (language.pick("间隔", "time in between"), minutes(card.bufferMinutes)),
            (language.pick("可预约期限", "horizon"), days(card.horizonDays)),
            (language.pick("提前通知", "notice"), minutes(card.noticeMinutes)),
            (language.pick("免费取消期限", "free to cancel until"), minutes(card.cancelMinutes)),
            (language.pick("确认期限", "confirmed by silence after"), days(card.confirmDays)),
            (language.pick("培训证书", "training"), card.trainingCode),
            (language.pick("收款账户", "account"), card.accountID),
            (language.pick("统一社会信用代码", "credit code"), card.creditCode),
            (language.pick("行业", "industry"), card.industry),
            (language.pick("成立日期", "founded"), card.foundedOn), (language.pick("网站", "website"), card.website),
            (language.pick("人才层次", "talent class"), card.talentClass), ("ORCID", card.orcid),
            (language.pick("专利号等", "number"), card.naturalKey),
        ]
    }

    private static var rateColumns: [PeopleColumn<RateRow>] {
        [
            .init("用户类别", "class") { row, language in language.name(row.classZh, row.classEn) ?? row.userClass },
            .init("价格", "price") { "\($0.fen)" },
            .init("计量单位", "of") { $0.unitID },
            .init("计价方式", "for each") { row, language in language.name(row.unitZh, row.unitEn) ?? row.unit },
            .init("生效日期", "from") { $0.validFrom },
        ]
    }

    static var documentColumns: [PeopleColumn<DocumentRow>] {
        [
            .init("编号", "id") { $0.id },
            .init("类别", "kind") { row, language in language.pick(row.kindZh, row.kindEn) },
            .init("版本", "version") { "\($0.version)" },
            .init("名称", "name") { row, language in language.name(row.nameZh, row.nameEn) },
            .init("SHA-256", "SHA-256") { String($0.sha256.prefix(12)) },
        ]
    }
}
