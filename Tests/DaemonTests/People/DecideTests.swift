import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl decide` and `syncctl inbox`: what waits for a manager, and what he makes of it.
@Suite struct DecideTests {
    private static func ask(_ parks: PeopleZone, _ clock: String) async throws -> String {
        let answer: AskAnswer = try await parks.json(
            "bio", "ask", "science:instrument:2", "--by", "bio:person:1", "--starts", PeopleZone.time(3, clock),
            "--length",
            "2h", "--wait", "300")
        #expect(answer.request.state == "held", "\(answer)")
        return answer.request.id
    }

    @Test(.endsInTime) func theHomeApprovesAndDeclines() async throws {
        let parks = try await PeopleZone()
        let (first, second) = (try await Self.ask(parks, "09:00"), try await Self.ask(parks, "14:00"))
        let possible: [MoveRow] = try await parks.json("science", "decide", first)
        #expect(Set(possible.map(\.state)) == ["confirmed", "refused"])
        // Only the home decides.
        let elsewhere = try await parks.syncctl("bio", "decide", first, "approve", "--by", "bio:person:1")
        #expect(elsewhere.status == 64 && elsewhere.output.contains("Science City decides"), "\(elsewhere.output)")
        let approved = try await parks.syncctl(
            "science", "decide", first, "approve", "--wait", "300", "--lang", "zh",
            environment: ["PARKSYNC_PERSON": "science:person:1"])
        #expect(approved.status == 0 && approved.output.contains("已确认"), "\(approved.output)")
        let declined: AskAnswer = try await parks.json(
            "science", "decide", second, "decline", "--by", "science:person:1", "--reason", "broken_down", "--wait",
            "300")
        #expect(
            declined.request.state == "refused" && !declined.refused
                && declined.reasons.map(\.code).contains("broken_down"))

        // Whoever is no manager of it may not, and the home says so.
        let again = try await Self.ask(parks, "11:00")
        try await parks.zone.transact(
            "science", "INSERT INTO person (id, kind, name_zh) VALUES ('science:person:2', 'staff', '学徒')")
        let other = try await parks.syncctl(
            "science", "decide", again, "approve", "--by", "science:person:2", "--wait", "300")
        #expect(other.status == 4 && other.output.contains("[not_party]"), "\(other.output)")
        let none: [MoveRow] = try await parks.json("science", "decide", second)
        #expect(none.isEmpty)
        for (words, code) in [
            (["maybe"], "not_this_state"), (["approve", "--against", "no_room"], "unknown_reason"),
            (["approve", "--reason", "mood"], "unknown_reason"),
        ] {
            let third = try await Self.ask(parks, "18:00")
            let said = try await TestProcess.run(
                "syncctl",
                ["decide", third] + words + ["--by", "science:person:1", "--socket", parks.zone.socket("science")])
            #expect(said.status == 64 && said.output.contains("[\(code)]"), "\(said.output)")
            _ = try await parks.json(
                "bio", "act", third, "withdraw", "--by", "bio:person:1", "--wait", "300", as: AskAnswer.self)
        }
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
