import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl meter`: what was used, disputed, corrected and confirmed, and what it makes its user
/// owe.
@Suite struct MeterTests {
    private static func booked(_ parks: PeopleZone) async throws -> String {
        let answer: AskAnswer = try await parks.json(
            "bio", "ask", "science:instrument:1", "--by", "bio:person:1", "--class", "zone", "--starts",
            PeopleZone.time(3, "13:00"), "--length", "2h", "--account", "bio:account:1", "--wait", "300")
        #expect(answer.request.state == "confirmed", "\(answer)")
        return answer.request.id
    }

    private static func state(_ parks: PeopleZone, _ park: String, _ request: String) async throws -> String? {
        try await parks.zone.agree()
        return try await parks.json(park, "show", request, as: ShownRequest.self).request.first?.state
    }

    @Test(.endsInTime) func theUserDisputesAndConfirms() async throws {
        let parks = try await PeopleZone()
        let id = try await Self.booked(parks)
        let by = ["PARKSYNC_PERSON": "science:person:1"]
        let first: MeteredUse = try await parks.json(
            "science", "meter", id, "--starts", "2024-06-03 10:00", "--minutes", "110", "--preparation", "10",
            "--samples", "4", "--by", "science:person:1", "--wait", "300")
        #expect(first.answer?.request.state == "used" && first.answer?.refused == false, "\(first)")
        let wrong = try #require(first.records.first)
        #expect(wrong.requestID == id && wrong.partyID == "bio:organisation:1" && wrong.isExternal == 1)
        #expect((wrong.preparationMinutes, wrong.minutes, wrong.samples) == (10, 110, 4) && wrong.source == "meter")

        #expect(try await Self.state(parks, "bio", id) == "used")
        let disputed: AskAnswer = try await parks.json(
            "bio", "act", id, "dispute", "--by", "bio:person:1", "--note", "it was an hour", "--wait", "300")
        #expect(disputed.request.state == "disputed" && !disputed.refused, "\(disputed)")
        #expect(try await Self.state(parks, "science", id) == "disputed")

        let corrected = try await parks.syncctl(
            "science", "meter", id, "--reverse", wrong.id, "--starts", "2024-06-03 10:00", "--minutes", "60",
            "--wait", "300", "--lang", "zh", environment: by)
        #expect(corrected.status == 0 && corrected.output.contains("-1:50"), "\(corrected.output)")
        let table = PeopleTableText.lines(corrected.output, head: "记录")
        #expect(PeopleTableText.linesUp(table, rows: 2), "\(corrected.output)")
        #expect(try await Self.state(parks, "bio", id) == "used")
        let confirmed: AskAnswer = try await parks.json(
            "bio", "act", id, "confirm", "--by", "bio:person:1", "--wait", "300")
        #expect(confirmed.request.state == "settled" && !confirmed.refused, "\(confirmed)")

        // An hour at the rate of its class.
        try await parks.zone.agree()
        let balance: [BalanceRow] = try await parks.json("bio", "accounts", "balance", "bio:account:1")
        #expect(balance.map(\.owes) == [20_000] && balance.first?.amount == 0, "\(balance)")
        let list: [UsageRow] = try await parks.json("bio", "meter", id)
        #expect(list.count == 3 && list.filter { $0.isReversed == 1 }.map(\.id) == [wrong.id])
        #expect(list.map(\.minutes).reduce(0, +) == 60)
        let again = try await parks.refusal(
            "science", ["meter", id, "--reverse", wrong.id, "--by", "science:person:1"])
        #expect(again == (2, "reversed_already"))
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    @Test(.endsInTime) func withoutARequestAndWithBadInput() async throws {
        let parks = try await PeopleZone()
        let id = try await Self.booked(parks)
        try await parks.zone.agree()
        let use = ["--starts", "2024-06-03 10:00", "--minutes", "45"]
        let walkIn = use + ["--party", "bio:organisation:1"]
        let by = ["--by", "science:person:1"]
        let cases: [(park: String, words: [String], status: Int32, code: String)] = [
            ("bio", [id] + use + ["--by", "bio:person:1"], 64, "not_party"),
            ("science", [id] + use, 64, "unknown_party"),
            ("science", [id] + use + ["--by", "bio:person:1"], 64, "not_party"),
            ("science", ["science:instrument:1"] + use + by, 64, "unknown_party"),
            ("science", ["science:instrument:1"] + use + ["--party", "bio:organisation:9"] + by, 2, "unknown_party"),
            ("science", ["science:instrument:9"] + walkIn + by, 2, "unknown_subject"),
            ("science", ["science:instrument:1", "--source", "guess"] + walkIn + by, 2, "bad_detail"),
            ("science", ["science:instrument:1", "--preparation=-1"] + walkIn + by, 2, "bad_minutes"),
            (
                "science",
                ["science:instrument:1", "--starts", "2024-06-03 25:00", "--minutes", "5", "--party", "bio:person:1"]
                    + by, 64, "bad_time"
            ),
            (
                "science",
                [
                    "science:instrument:1", "--starts", PeopleZone.time(0, "00:00"), "--minutes", "2880", "--party",
                    "bio:person:1",
                ] + by, 2, "beyond_clock"
            ),
            ("science", [id, "--reverse", "science:usage:none"] + by, 64, "unknown_subject"),
        ]
        for (park, words, status, code) in cases {
            let said = try await parks.refusal(park, ["meter"] + words)
            #expect(said == (status, code), "\(words): \(said)")
        }
        #expect(try await parks.syncctl("science", "meter", id).output == "no use was recorded\n")

        let made: MeteredUse = try await parks.json(
            "science", "meter", "science:instrument:1", "--party", "bio:organisation:1", "--source", "card", "--starts",
            "2024-06-03 10:00", "--minutes", "45", "--by", "science:person:1")
        #expect(made.records.map(\.minutes) == [45] && made.answer == nil && made.records.first?.requestID == nil)
        #expect(
            try await parks.members("science", "meter", "science:instrument:1") == [
                "id", "item_id", "item_zh", "item_en", "party_id", "party_zh", "party_en", "started_at",
                "preparation_minutes", "minutes", "after_minutes", "samples", "source", "source_zh", "source_en",
                "by_id", "is_external", "is_reversed", "at",
            ])
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
