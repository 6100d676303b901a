/// What an item was used for in a time.
struct UseRow: Codable, Hashable, Sendable {
    var itemID: String
    var home: String
    var kind: String
    var kindZh: String
    var kindEn: String
    var nameZh: String
    var nameEn: String?
    var ownerID: String?
    var ownerZh: String?
    var ownerEn: String?
    var records: Int64
    var minutes: Int64
    var externalMinutes: Int64
    /// With preparation and clearing away.
    var occupiedMinutes: Int64
    var samples: Int64
    /// What its users came to owe in that time.
    var claimedFen: Int64

    enum CodingKeys: String, CodingKey {
        case itemID = "item_id", home, kind, kindZh = "kind_zh", kindEn = "kind_en", nameZh = "name_zh"
        case nameEn = "name_en", ownerID = "owner_id", ownerZh = "owner_zh", ownerEn = "owner_en", records, minutes
        case externalMinutes = "external_minutes", occupiedMinutes = "occupied_minutes", samples
        case claimedFen = "claimed_fen"
    }
}

/// The sums of a park; of the zone where `home` is absent.
struct UseSum: Codable, Hashable, Sendable {
    var home: String?
    /// Items, and those of them that somebody used.
    var items: Int64 = 0
    var usedItems: Int64 = 0
    var records: Int64 = 0
    var minutes: Int64 = 0
    var externalMinutes: Int64 = 0
    var occupiedMinutes: Int64 = 0
    var samples: Int64 = 0
    var claimedFen: Int64 = 0

    enum CodingKeys: String, CodingKey {
        case home, items, usedItems = "used_items", records, minutes, externalMinutes = "external_minutes"
        case occupiedMinutes = "occupied_minutes", samples, claimedFen = "claimed_fen"
    }

    /// Adding wraps: a figure that another park made up must not end the command.
    mutating func add(_ row: UseRow) {
        items += 1
        if row.records > 0 { usedItems += 1 }
        records &+= row.records
        minutes &+= row.minutes
        externalMinutes &+= row.externalMinutes
        occupiedMinutes &+= row.occupiedMinutes
        samples &+= row.samples
        claimedFen &+= row.claimedFen
    }
}

/// What `syncctl report use` shows.
struct ShownUse: Codable, Hashable, Sendable {
    var period: String
    /// UTC.
    var from: String
    var until: String
    var parks: [UseSum]
    var items: [UseRow]
    var computed: Computed

    /// By park, in the order of the rows, and of the zone behind them.
    static func sums(_ rows: [UseRow]) -> [UseSum] {
        var zone = UseSum()
        var parks: [UseSum] = []
        for row in rows {
            if parks.last?.home.map({ $0.utf8.elementsEqual(row.home.utf8) }) != true {
                parks.append(UseSum(home: row.home))
            }
            parks[parks.count - 1].add(row)
            zone.add(row)
        }
        return parks.isEmpty ? [] : parks + [zone]
    }

    func lines(_ language: Language) -> [String] {
        let head = language.pick("仪器使用报表 \(period)", "use of instruments, \(period)")
        guard !parks.isEmpty else {
            return [head, language.pick("没有设备", "there is no instrument"), ""] + computed.lines(language)
        }
        var lines = [head] + PeopleTable.lines(parks, Self.sumColumns, language) + [""]
        lines +=
            items.isEmpty
            ? [language.pick("没有使用记录", "no use was recorded")] : PeopleTable.lines(items, Self.itemColumns, language)
        return lines + [""] + computed.lines(language)
    }

    private static var sumColumns: [PeopleColumn<UseSum>] {
        [
            .init("园区", "park") { row, language in row.home ?? language.pick("合计", "zone") },
            .init("设备", "items") { "\($0.items)" }, .init("已用", "used") { "\($0.usedItems)" },
            .init("次数", "records") { "\($0.records)" }, .init("使用", "run") { FigureText.hours($0.minutes) },
            .init("对外", "external") { FigureText.hours($0.externalMinutes) },
            .init("占用", "occupied") { FigureText.hours($0.occupiedMinutes) },
            .init("样品", "samples") { "\($0.samples)" },
            .init("费用", "claimed") { row, language in FigureText.money(row.claimedFen, language) },
        ]
    }

    private static var itemColumns: [PeopleColumn<UseRow>] {
        [
            .init("编号", "item") { $0.itemID },
            .init("名称", "name") { row, language in language.name(row.nameZh, row.nameEn) },
            .init("次数", "records") { "\($0.records)" }, .init("使用", "run") { FigureText.hours($0.minutes) },
            .init("对外", "external") { FigureText.hours($0.externalMinutes) },
            .init("占用", "occupied") { FigureText.hours($0.occupiedMinutes) },
            .init("样品", "samples") { "\($0.samples)" },
            .init("费用", "claimed") { row, language in FigureText.money(row.claimedFen, language) },
        ]
    }
}
