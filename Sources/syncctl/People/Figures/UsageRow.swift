/// A record of use.
struct UsageRow: Codable, Hashable, Sendable {
    var id: String
    var itemID: String
    var itemZh: String?
    var itemEn: String?
    var requestID: String?
    var partyID: String
    var partyZh: String?
    var partyEn: String?
    var startedAt: String
    var preparationMinutes: Int64
    var minutes: Int64
    var afterMinutes: Int64
    var samples: Int64
    var source: String
    var sourceZh: String?
    var sourceEn: String?
    var byID: String?
    var isExternal: Int64
    var reversesID: String?
    var isReversed: Int64
    var at: String

    enum CodingKeys: String, CodingKey {
        case id, itemID = "item_id", itemZh = "item_zh", itemEn = "item_en", requestID = "request_id"
        case partyID = "party_id", partyZh = "party_zh", partyEn = "party_en", startedAt = "started_at"
        case preparationMinutes = "preparation_minutes", minutes, afterMinutes = "after_minutes", samples, source
        case sourceZh = "source_zh", sourceEn = "source_en", byID = "by_id", isExternal = "is_external"
        case reversesID = "reverses_id", isReversed = "is_reversed", at
    }

    static var columns: [PeopleColumn<UsageRow>] {
        [
            .init("记录", "record") { $0.id },
            .init("使用方", "user") { row, language in language.name(row.partyZh, row.partyEn) ?? row.partyID },
            .init("开始\(ShanghaiText.zone(.zh))", "began\(ShanghaiText.zone(.en))") { ShanghaiText.shown($0.startedAt) },
            .init("准备", "before") { FigureText.hours($0.preparationMinutes) },
            .init("使用", "run") { FigureText.hours($0.minutes) },
            .init("善后", "after") { FigureText.hours($0.afterMinutes) },
            .init("样品", "samples") { "\($0.samples)" },
            .init("计量", "source") { row, language in language.name(row.sourceZh, row.sourceEn) ?? row.source },
            .init("更正", "correction") { row, language in
                if let reversed = row.reversesID { return reversed }
                return row.isReversed == 1 ? language.pick("已更正", "taken back") : nil
            },
        ]
    }
}
