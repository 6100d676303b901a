import DaemonFixtures
import Foundation
import ParkSyncReports
import Testing

@testable import syncctl

/// `syncctl ask`: an honest answer while the home is out of reach, and its own when it is back.
@Suite struct AskTests {
    @Test(.endsInTime) func askedWhileTheHomeIsOutOfReach() async throws {
        let parks = try await PeopleZone()
        await parks.zone.stop("science")
        _ = try await parks.zone.wait("bio missing science") {
            try await parks.zone.status("bio")
        } until: { status in
            status.peers.allSatisfy { $0.link == .waiting || $0.link == .connecting }
        }
        let asked = try await parks.syncctl(
            "bio", "ask", "science:instrument:1", "--by", "bio:person:1", "--starts", PeopleZone.time(3, "14:00"),
            "--length", "2h", "--account", "bio:account:1", "--set", "purpose_zh=蛋白质鉴定", "--note", "for the assay")
        #expect(asked.status == 0 && asked.output.contains("asked; Science City was last heard "), "\(asked.output)")
        let id = String(asked.output.prefix { $0 != " " })
        #expect(id.hasPrefix("bio:booking:"))
        let late = try await parks.syncctl(
            "bio", "ask", "science:instrument:1", "--by", "bio:person:1", "--starts", PeopleZone.time(4, "14:00"),
            "--length", "2h", "--wait", "0", "--lang", "zh")
        #expect(late.status == 1 && late.output.contains("最近一次与科学城联系是"), "\(late.output)")

        try await parks.zone.start("science")
        _ = try await parks.zone.wait("the answer") {
            try await parks.json("bio", "show", id, as: ShownRequest.self)
        } until: {
            $0.request.first?.state == "confirmed"
        }
        let shown: ShownRequest = try await parks.json("bio", "show", id)
        #expect(
            shown.history.map(\.state) == ["asked", "confirmed"] && shown.request.first?.partyID == "bio:organisation:1"
        )
        #expect(shown.fields.contains { $0.name == "purpose_zh" && $0.value == "蛋白质鉴定" && $0.zh == "用途说明" })
        #expect(shown.possible.contains { $0.act == "withdraw" })
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    /// Each in one sentence, with its field, its remedy and its code; nothing is written.
    @Test(.endsInTime) func badInputIsNamed() async throws {
        let parks = try await PeopleZone()
        let start = PeopleZone.time(3, "14:00")
        let cases: [([String], Int32, String)] = [
            (["science:instrument:9"], 2, "unknown_subject"), (["science:unit:fen"], 2, "wrong_kind"),
            (["science:instrument:1", "--kind", "issue"], 64, "wrong_kind"),
            (["science:instrument:1", "--starts", "2026-02-30 14:00"], 64, "bad_time"),
            (["science:instrument:1", "--starts", start, "--ends", start], 64, "bad_interval"),
            (["science:instrument:1", "--starts", start, "--weight", "0"], 64, "bad_weight"),
            (["science:instrument:1", "--for", "science:organisation:1"], 64, "not_party"),
            (["science:instrument:1", "--for", "bio:organisation:9"], 2, "unknown_party"),
            (["science:instrument:1", "--amount", "100"], 64, "missing_unit"),
            (
                ["science:instrument:1", "--amount", "100", "--unit", "science:unit:yuan", "--class", "friend"], 2,
                "bad_class"
            ),
            (["science:instrument:1", "--set", "operator=robot"], 64, "bad_detail"),
            (["science:instrument:1", "--set", "colour=red"], 64, "unknown_field"),
            (["science:instrument:1", "--account", "science:account:1"], 2, "unknown_account"),
            (["science::1"], 64, "bad_id"),
        ]
        for (words, status, code) in cases {
            for language in ["zh", "en"] {
                let person = words.contains("--for") ? [] : ["--by", "bio:person:1"]
                let said = try await TestProcess.run(
                    "syncctl", ["ask"] + words + person + ["--lang", language, "--socket", parks.zone.socket("bio")])
                #expect(said.status == status && said.output.hasSuffix("[\(code)]\n"), "\(words): \(said)")
                #expect(said.output.split(separator: "\n").count == 1, "\(said.output)")
            }
        }
        #expect(try await parks.zone.rows("bio", "SELECT id FROM request").isEmpty)
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    /// What only the home can say is said by it, with the same codes.
    @Test(.endsInTime) func theHomeRefusesWithReasons() async throws {
        let parks = try await PeopleZone()
        for (clock, length, code) in [
            ("07:00", "1h", "closed"), ("12:00", "1h", "maintenance"), ("09:00", "5h", "too_long"),
        ] {
            let said = try await parks.syncctl(
                "bio", "ask", "science:instrument:1", "--by", "bio:person:1", "--starts", PeopleZone.time(5, clock),
                "--length", length, "--wait", "300", "--lang", "zh")
            #expect(said.status == 4 && said.output.contains("[\(code)]"), "\(said.output)")
        }
        let past = try await parks.syncctl(
            "bio", "ask", "science:instrument:1", "--by", "bio:person:1", "--starts", PeopleZone.time(-1, "14:00"),
            "--length", "1h", "--wait", "300")
        #expect(past.status == 4)
        #expect(past.output.contains("starts_at: the time is past; choose a time to come. [past]"), "\(past.output)")
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
