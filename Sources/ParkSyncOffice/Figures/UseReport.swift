import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// What an item was used for in a time.
package struct UseRow: Codable, Hashable, Sendable {
    package var itemID: String
    package var home: String
    package var kind: String
    package var kindZh: String
    package var kindEn: String
    package var nameZh: String
    package var nameEn: String?
    package var ownerID: String?
    package var ownerZh: String?
    package var ownerEn: String?
    package var records: Int64
    package var minutes: Int64
    package var externalMinutes: Int64
    /// With preparation and clearing away.
    package var occupiedMinutes: Int64
    package var samples: Int64
    /// What its users came to owe in that time.
    package var claimedFen: Int64

    enum CodingKeys: String, CodingKey {
        case itemID = "item_id", home, kind, kindZh = "kind_zh", kindEn = "kind_en", nameZh = "name_zh"
        case nameEn = "name_en", ownerID = "owner_id", ownerZh = "owner_zh", ownerEn = "owner_en", records, minutes
        case externalMinutes = "external_minutes", occupiedMinutes = "occupied_minutes", samples
        case claimedFen = "claimed_fen"
    }
}

/// The sums of a park; of the zone where `home` is absent.
package struct UseSum: Codable, Hashable, Sendable {
    package var home: String?
    /// Items, and those of them that somebody used.
    package var items: Int64 = 0
    package var usedItems: Int64 = 0
    package var records: Int64 = 0
    package var minutes: Int64 = 0
    package var externalMinutes: Int64 = 0
    package var occupiedMinutes: Int64 = 0
    package var samples: Int64 = 0
    package var claimedFen: Int64 = 0

    enum CodingKeys: String, CodingKey {
        case home, items, usedItems = "used_items", records, minutes, externalMinutes = "external_minutes"
        case occupiedMinutes = "occupied_minutes", samples, claimedFen = "claimed_fen"
    }

    /// Adding wraps: a figure that another park made up must not end the report.
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

    /// By park, in the order of the rows, and of the zone behind them.
    static func sums(_ rows: [UseRow]) -> [UseSum] {
        var zone = UseSum()
        var parks: [UseSum] = []
        for row in rows {
            if parks.last?.home.map({ $0.isExactly(row.home) }) != true { parks.append(UseSum(home: row.home)) }
            parks[parks.count - 1].add(row)
            zone.add(row)
        }
        return parks.isEmpty ? [] : parks + [zone]
    }
}

/// 仪器使用报表: how long instruments, laboratories, facilities and platforms were used.
package struct UseReport: Codable, Hashable, Sendable {
    package var period: String
    /// UTC.
    package var from: String
    package var until: String
    package var parks: [UseSum]
    package var items: [UseRow]
    package var computed: Computed
}

/// A month or a quarter of Asia/Shanghai.
package struct ReportPeriod: Hashable, Sendable {
    package var name: String
    package var interval: Interval

    /// - Parameter text: as in `2026-11` or `2026-Q4`.
    package init(_ text: String) throws(OfficeFault) {
        var first: (year: Int64, month: Int64, months: Int64)?
        if let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})/) {
            first = Int64(match.1).flatMap { year in Int64(match.2).map { (year, $0, 1) } }
        } else if let match = text.wholeMatch(of: /([0-9]{4})-Q([1-4])/) {
            first = Int64(match.1).flatMap { year in Int64(match.2).map { (year, 3 * $0 - 2, 3) } }
        }
        guard let first, (1...12).contains(first.month), first.year >= 1900 else {
            throw OfficeFault(
                .input, "bad_time", OfficeField("period", "统计期", "period"),
                Wording("“\(text.prefix(64))”不是月份或季度", "\(text.prefix(64)) is no month and no quarter"),
                Wording("请填写如 2026-11 或 2026-Q4", "Give it as in 2026-11 or 2026-Q4"))
        }
        let next = first.month + first.months
        name = text
        interval = Interval(
            Shanghai.instant(CivilDay(year: first.year, month: first.month, day: 1), minute: 0),
            Shanghai.instant(
                CivilDay(year: next > 12 ? first.year + 1 : first.year, month: next > 12 ? next - 12 : next, day: 1),
                minute: 0))
    }
}

extension Office {
    /// - Parameters:
    ///   - home: only this park.
    ///   - isWhole: also what nobody has used.
    package func useReport(
        _ period: ReportPeriod, home: String? = nil, isWhole: Bool = false
    ) async throws -> UseReport {
        let (from, until) = (period.interval.start.text, period.interval.end.text)
        let (rows, computed) = try await computed {
            try await list(UseScreens.report, [.text(from), .text(until), .text(home)], as: UseRow.self)
        }
        return UseReport(
            period: period.name, from: from, until: until, parks: UseSum.sums(rows),
            items: isWhole ? rows : rows.filter { $0.records != 0 }, computed: computed)
    }
}
