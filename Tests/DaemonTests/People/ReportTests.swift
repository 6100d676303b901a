import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl report use`: minutes of a month of Shanghai, what was taken back left out.
@Suite struct ReportTests {
    private static let use = """
        INSERT INTO usage (id, item_id, party_id, started_at, preparation_minutes, minutes, samples, source, by_id,
            is_external, reverses_id, at) VALUES
        """

    @Test(.endsInTime) func aMonthOfUse() async throws {
        let parks = try await PeopleZone()
        for row in [
            // The last hour of May, and the first one of June.
            "('science:usage:1', 'science:instrument:1', 'bio:organisation:1', '2024-05-31T15:00:00Z', 0, 60, 0, "
                + "'meter', 'science:person:1', 1, NULL, '2024-06-01T00:00:00Z')",
            "('science:usage:2', 'science:instrument:1', 'bio:organisation:1', '2024-05-31T16:00:00Z', 10, 60, 3, "
                + "'meter', 'science:person:1', 1, NULL, '2024-06-01T00:00:00Z')",
            "('science:usage:3', 'science:instrument:2', 'science:organisation:1', '2024-06-03T00:00:00Z', 0, 30, 0, "
                + "'hand', 'science:person:1', 0, NULL, '2024-06-04T00:00:00Z')",
            "('science:usage:4', 'science:instrument:2', 'science:organisation:1', '2024-06-03T00:00:00Z', 0, -30, 0, "
                + "'hand', 'science:person:1', 0, 'science:usage:3', '2024-06-05T00:00:00Z')",
        ] {
            try await parks.zone.transact("science", "\(Self.use) \(row)")
        }
        try await parks.zone.agree()
        let june: ShownUse = try await parks.json("bio", "report", "use", "--month", "2024-06")
        #expect(june.from == "2024-05-31T16:00:00Z" && june.until == "2024-06-30T16:00:00Z")
        #expect(june.items.map(\.itemID) == ["science:instrument:1"])
        let item = try #require(june.items.first)
        #expect((item.records, item.minutes, item.externalMinutes, item.occupiedMinutes) == (1, 60, 60, 70))
        #expect(june.parks.map(\.home) == ["science", nil] && june.parks.map(\.items) == [2, 2])
        #expect(june.parks.map(\.usedItems) == [1, 1] && june.parks.map(\.samples) == [3, 3])
        let quarter: ShownUse = try await parks.json("bio", "report", "use", "--quarter", "2024-Q2", "--all")
        #expect(quarter.items.map(\.minutes) == [120, 0])
        let none: ShownUse = try await parks.json("bio", "report", "use", "--month", "2024-06", "--home", "bio")
        #expect(none.parks.isEmpty && none.items.isEmpty)

        let chinese = try await parks.syncctl(
            "bio", "report", "use", "--month", "2024-06", "--all", "--lang", "zh"
        ).output
        #expect(chinese.hasPrefix("仪器使用报表 2024-06\n"), "\(chinese)")
        #expect(PeopleTableText.linesUp(PeopleTableText.lines(chinese, head: "园区"), rows: 2), "\(chinese)")
        #expect(PeopleTableText.linesUp(PeopleTableText.lines(chinese, head: "编号"), rows: 2), "\(chinese)")
        for words in [["--month", "2024-13"], ["--month", "June"], ["--quarter", "2024-Q5"]] {
            #expect(try await parks.refusal("bio", ["report", "use"] + words) == (64, "bad_time"), "\(words)")
        }
        #expect(
            try await parks.members("bio", "report", "use", "--month", "2024-06") == [
                "period", "from", "until", "parks", "items", "computed",
            ])
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
