import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports

/// A target beside what there is.
package struct TargetRow: Codable, Hashable, Sendable {
    package var targetID: String
    package var nameZh: String
    package var nameEn: String?
    package var indicator: String
    package var year: Int64?
    package var least: Int64?
    package var most: Int64?
    package var value: Int64
    package var isReached: Int64?

    enum CodingKeys: String, CodingKey {
        case targetID = "target_id", nameZh = "name_zh", nameEn = "name_en", indicator, year, least, most, value
        case isReached = "is_reached"
    }
}

/// An indicator of the zone, or of one of its parks.
package struct IndicatorRow: Codable, Hashable, Sendable {
    package var indicator: String
    package var zh: String
    package var en: String
    /// 0 where a record either is there or is not.
    package var year: Int64
    /// Absent for the zone.
    package var home: String?
    package var value: Int64
}

/// A record that an indicator counts.
package struct CountedRow: Codable, Hashable, Sendable {
    package var id: String
    package var home: String
    package var nameZh: String?
    package var nameEn: String?
    package var year: Int64?
    /// What it adds to the indicator.
    package var value: Int64?

    enum CodingKeys: String, CodingKey { case id, home, nameZh = "name_zh", nameEn = "name_en", year, value }
}

package struct IndicatorReport: Codable, Hashable, Sendable {
    /// Of the zone; empty in the report of one park.
    package var targets: [TargetRow]
    package var values: [IndicatorRow]
    package var computed: Computed
}

package struct DrillReport: Codable, Hashable, Sendable {
    package var indicator: String
    /// How many there are, of which `records` may be the first.
    package var count: Int
    package var records: [CountedRow]
    package var computed: Computed
}

extension Office {
    /// An instrument is idle that nobody has used for so long.
    package static let idleDays: Int64 = 365

    private var idleSince: JSONValue { .text(store.now().adding(days: -Self.idleDays).text) }

    /// The targets and indicators, computed here and now from the records. Records that are linked
    /// as the same thing count once.
    ///
    /// - Parameter home: only this park.
    package func indicators(home: String? = nil) async throws -> IndicatorReport {
        let (figures, computed) = try await computed {
            (
                targets: try await list(FigureScreens.targets, as: TargetRow.self),
                values: try await list(FigureScreens.values, [idleSince], as: IndicatorRow.self)
            )
        }
        let values = figures.values.filter { row in home.map { $0.isExactly(row.home ?? "") } ?? true }
        return IndicatorReport(targets: home == nil ? figures.targets : [], values: values, computed: computed)
    }

    /// The records that an indicator counts.
    package func drill(
        _ indicator: String, home: String? = nil, limit: Int = ListRequest.limitDefault
    ) async throws -> DrillReport {
        guard let drill = FigureScreens.drills.first(where: { $0.indicator.isExactly(indicator) }) else {
            let names = FigureScreens.drills.map(\.indicator).sorted()
            throw OfficeFault(
                .missing, "unknown_indicator", OfficeField("indicator", "指标", "indicator"),
                Wording("没有指标“\(indicator.prefix(64))”", "there is no indicator \(indicator.prefix(64))"),
                Wording("可选：\(names.joined(separator: "、"))", "Name one of \(names.joined(separator: ", "))"))
        }
        let (rows, computed) = try await computed {
            try await list(drill.sql, drill.takesIdleSince ? [idleSince] : [], as: CountedRow.self)
        }
        let found = rows.filter { row in home.map { $0.isExactly(row.home) } ?? true }
        return DrillReport(
            indicator: drill.indicator, count: found.count, records: Array(found.prefix(max(0, limit))),
            computed: computed)
    }
}
