import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl duplicates`: one firm that two parks have entered is listed, linked and counted once.
@Suite struct DuplicatesTests {
    private static func firm(_ id: String, _ zh: String, _ code: String?) -> String {
        """
        INSERT INTO organisation (id, kind, name_zh, credit_code) VALUES
        ('\(id)', 'enterprise', '\(zh)', \(code.map { "'\($0)'" } ?? "NULL"))
        """
    }

    private static func firms(_ parks: PeopleZone) async throws -> Int64? {
        let shown: ShownIndicators = try await parks.json("bio", "indicators")
        return shown.values.first { $0.indicator == "enterprises" && $0.home == nil }?.value
    }

    @Test(.endsInTime) func aFirmIsCountedOnce() async throws {
        let parks = try await PeopleZone()
        #expect(
            try await parks.syncctl("bio", "duplicates").output
                == "no records are known to be of the same thing\n")
        let (first, second) = ("bio:organisation:7", "science:organisation:7")
        try await parks.zone.transact("bio", Self.firm(first, "新光仪器有限公司", "91510199PK0000013J"))
        try await parks.zone.transact("science", Self.firm(second, "新光仪器", "91510199PK0000013J"))
        try await parks.zone.transact("science", Self.firm("science:organisation:8", "别家", nil))
        try await parks.zone.agree()
        let rows: [DuplicateRow] = try await parks.json("bio", "duplicates")
        #expect(rows.map(\.id) == [second] && rows.map(\.countedID) == [first])
        #expect(rows.first?.naturalKey == "91510199PK0000013J" && rows.first?.kind == "organisation")
        #expect(
            try await parks.members("science", "duplicates") == [
                "kind", "natural_key", "id", "name_zh", "counted_id", "counted_zh",
            ])
        let chinese = try await parks.syncctl("science", "duplicates", "--lang", "zh").output
        #expect(PeopleTableText.linesUp(PeopleTableText.lines(chinese, head: "类别"), rows: 1), "\(chinese)")
        let before = try #require(try await Self.firms(parks))

        for (park, ids, status, code) in [
            ("bio", [first, second], 64, "not_party"), ("science", [second, second], 64, "not_duplicate"),
            ("science", [second, "science:organisation:8"], 64, "not_duplicate"),
            ("science", [second, "science:organisation:9"], 2, "unknown_subject"),
            ("science", [second, "firm"], 64, "bad_id"),
        ] as [(String, [String], Int32, String)] {
            let said = try await parks.refusal(park, ["duplicates", "--link"] + ids)
            #expect(said == (status, code), "\(ids): \(said)")
        }
        let linked: LinkedRecords = try await parks.json(
            "science", "duplicates", "--link", second, first, "--by", "science:person:1", "--note", "one firm")
        #expect(linked.subjectID == second && linked.countedID == first)
        try await parks.zone.agree()
        #expect(try await parks.json("bio", "duplicates", as: [DuplicateRow].self).isEmpty)
        #expect(try await Self.firms(parks) == before - 1)
        let history: RecordHistory = try await parks.json("bio", "history", second)
        #expect(history.writes.last?.table == "link" && history.writes.last?.note == "one firm")
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
