import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl indicators`: what the records come to, over what it was computed, and which park may
/// lack.
@Suite struct IndicatorsTests {
    @Test(.endsInTime) func whatTheRecordsComeTo() async throws {
        let parks = try await PeopleZone()
        try await parks.zone.transact(
            "science",
            """
            INSERT INTO item (id, kind, name_zh, name_en, detail) VALUES ('science:target:1', 'target', '科技企业家数',
                'Technology enterprises', json_object('indicator', 'enterprises', 'year', 2020, 'least', 2, 'unit',
                (SELECT min(code) FROM code WHERE list = 'unit')))
            """)
        try await parks.zone.transact(
            "bio",
            """
            INSERT INTO figure (subject_id, code, year, version, value, at) VALUES
            ('bio:organisation:1', 'output', 2020, 1, 123400000000, '2021-01-31T00:00:00Z')
            """)
        try await parks.zone.agree()
        let here: ShownIndicators = try await parks.json("science", "indicators")
        let there: ShownIndicators = try await parks.json("bio", "indicators")
        #expect(here.values == there.values && here.targets == there.targets)
        #expect(here.computed.vector == there.computed.vector && here.computed.stale.isEmpty, "\(here.computed)")
        #expect(here.targets.map(\.value) == [1] && here.targets.first?.isReached == 0)
        let firms = here.values.filter { $0.indicator == "enterprises" }
        #expect(firms.map(\.home) == [nil, "bio"] && firms.map(\.value) == [1, 1])
        let idle = here.values.filter { $0.indicator == "idle_instruments" && $0.home == nil }
        #expect(idle.map(\.value) == [2])
        let bio: ShownIndicators = try await parks.json("science", "indicators", "--home", "bio")
        #expect(bio.targets.isEmpty && bio.values.allSatisfy { $0.home == "bio" } && !bio.values.isEmpty)

        let records: ShownRecords = try await parks.json(
            "science", "indicators", "--drill", "idle_instruments", "--limit", "1")
        #expect(records.count == 2 && records.records.map(\.id) == ["science:instrument:1"])
        let chinese = try await parks.syncctl("bio", "indicators", "--lang", "zh").output
        #expect(chinese.contains("12.34 亿元") && chinese.contains("示范区"), "\(chinese)")
        #expect(PeopleTableText.linesUp(PeopleTableText.lines(chinese, head: "目标"), rows: 1), "\(chinese)")
        #expect(
            PeopleTableText.linesUp(PeopleTableText.lines(chinese, head: "指标"), rows: here.values.count), "\(chinese)")
        let drilled = try await parks.syncctl("bio", "indicators", "--drill", "idle_instruments", "--lang", "zh").output
        #expect(PeopleTableText.linesUp(PeopleTableText.lines(drilled, head: "编号"), rows: 2), "\(drilled)")
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    @Test(.endsInTime) func whoMayLackIsNamed() async throws {
        let parks = try await PeopleZone()
        let unknown = try await parks.refusal("bio", ["indicators", "--drill", "happiness"])
        #expect(unknown == (64, "unknown_indicator"))
        #expect(try await parks.members("bio", "indicators") == ["targets", "values", "computed"])
        #expect(
            try await parks.members("bio", "indicators", "--drill", "enterprises") == [
                "indicator", "count", "records", "computed",
            ])
        await parks.zone.stop("science")
        _ = try await parks.zone.wait("bio missing science") {
            try await parks.json("bio", "indicators", as: ShownIndicators.self)
        } until: {
            $0.computed.stale.map(\.park) == ["science"]
        }
        let said = try await parks.syncctl("bio", "indicators", "--lang", "zh").output
        #expect(said.contains("数据可能不是最新：科学城"), "\(said)")
        #expect(await parks.zone.stopAll() == [0])
    }
}
