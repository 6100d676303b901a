/// A target beside what there is.
struct TargetRow: Codable, Hashable, Sendable {
    var targetID: String
    var nameZh: String
    var nameEn: String?
    var indicator: String
    var year: Int64?
    var least: Int64?
    var most: Int64?
    var value: Int64
    var isReached: Int64?

    enum CodingKeys: String, CodingKey {
        case targetID = "target_id", nameZh = "name_zh", nameEn = "name_en", indicator, year, least, most, value
        case isReached = "is_reached"
    }
}

/// An indicator of the zone, or of one of its parks.
struct IndicatorRow: Codable, Hashable, Sendable {
    var indicator: String
    var zh: String
    var en: String
    /// 0 where a record either is there or is not.
    var year: Int64
    /// Absent for the zone.
    var home: String?
    var value: Int64
}

/// A record that an indicator counts.
struct CountedRow: Codable, Hashable, Sendable {
    var id: String
    var home: String
    var nameZh: String?
    var nameEn: String?
    var year: Int64?
    /// What it adds to the indicator.
    var value: Int64?

    enum CodingKeys: String, CodingKey { case id, home, nameZh = "name_zh", nameEn = "name_en", year, value }
}

/// What `syncctl indicators` shows.
struct ShownIndicators: Codable, Hashable, Sendable {
    var targets: [TargetRow]
    var values: [IndicatorRow]
    var computed: Computed

    func lines(_ language: Language) -> [String] {
        var lines: [String] = []
        if !targets.isEmpty {
            lines += PeopleTable.lines(targets, Self.targetColumns, language) + [""]
        }
        if values.isEmpty {
            lines.append(language.pick("没有指标数据", "there are no figures"))
        } else {
            lines += PeopleTable.lines(values, Self.valueColumns, language)
        }
        return lines + [""] + computed.lines(language)
    }

    private static var targetColumns: [PeopleColumn<TargetRow>] {
        [
            .init("目标", "target") { row, language in language.name(row.nameZh, row.nameEn) },
            .init("年份", "year") { $0.year.map(String.init) },
            .init("目标值", "at least") { row, language in
                row.least.map { FigureText.value($0, of: row.indicator, language) }
            },
            .init("现值", "there is") { row, language in FigureText.value(row.value, of: row.indicator, language) },
            .init("达成", "reached") { row, language in
                row.isReached == 1 ? language.pick("是", "yes") : language.pick("否", "no")
            },
        ]
    }

    private static var valueColumns: [PeopleColumn<IndicatorRow>] {
        [
            .init("指标", "indicator") { row, language in language.pick(row.zh, row.en) },
            .init("名称", "name") { $0.indicator },
            .init("年份", "year") { $0.year == 0 ? nil : String($0.year) },
            .init("园区", "park") { row, language in row.home ?? language.pick("示范区", "zone") },
            .init("数值", "value") { row, language in FigureText.value(row.value, of: row.indicator, language) },
        ]
    }
}

/// What `syncctl indicators --drill` shows.
struct ShownRecords: Codable, Hashable, Sendable {
    var indicator: String
    /// How many there are, of which `records` may be the first.
    var count: Int
    var records: [CountedRow]
    var computed: Computed

    func lines(_ language: Language) -> [String] {
        let columns: [PeopleColumn<CountedRow>] = [
            .init("编号", "id") { $0.id },
            .init("名称", "name") { row, language in language.name(row.nameZh, row.nameEn) },
            .init("年份", "year") { row in row.year.map(String.init) },
            .init("计入", "counts") { row, language in
                row.value.map { FigureText.value($0, of: indicator, language) }
            },
        ]
        let rows = records.isEmpty ? [] : PeopleTable.lines(records, columns, language)
        return rows + [language.pick("共 \(count) 条", "records: \(count)"), ""] + computed.lines(language)
    }
}

/// Figures as people read them; JSON has whole fen, minutes and basis points.
enum FigureText {
    /// 亿元 are 10,000,000,000 fen.
    private static let fenInHundredMillion: Int64 = 10_000_000_000

    static func value(_ value: Int64, of indicator: String, _ language: Language) -> String {
        switch indicator {
        case "output":
            let hundredths = value / (fenInHundredMillion / 100)
            return language.pick("\(fixed(hundredths)) 亿元", "CNY \(fixed(hundredths)) × 10⁸")
        case "share_rate": return "\(fixed(value))%"
        default: return "\(value)"
        }
    }

    /// Of an amount in a unit; money is told in yuan.
    static func amount(_ amount: Int64, unit: String?, _ language: Language) -> String {
        guard let unit, unit.hasSuffix(":unit:fen") else { return "\(amount)" }
        return money(amount, language)
    }

    static func money(_ fen: Int64, _ language: Language) -> String {
        language.pick("\(fixed(fen)) 元", "CNY \(fixed(fen))")
    }

    /// Hundredths with two decimals.
    static func fixed(_ hundredths: Int64) -> String {
        let digits = String(hundredths.magnitude)
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return (hundredths < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
    }

    /// `2:05`: hours and minutes.
    static func hours(_ minutes: Int64) -> String {
        let rest = minutes.magnitude % 60
        return (minutes < 0 ? "-" : "") + "\(minutes.magnitude / 60):" + (rest < 10 ? "0" : "") + "\(rest)"
    }
}
