import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl act`: what a state takes is listed, done and answered; the rest is refused at once.
@Suite struct ActTests {
    @Test(.endsInTime) func aBookingIsMovedAndWithdrawn() async throws {
        let parks = try await PeopleZone()
        let asked: AskAnswer = try await parks.json(
            "bio", "ask", "science:instrument:1", "--by", "bio:person:1", "--starts", PeopleZone.time(3, "14:00"),
            "--length", "2h", "--wait", "300")
        let id = asked.request.id
        let possible: [MoveRow] = try await parks.json("bio", "act", id)
        #expect(
            possible.contains { $0.act == "amend" } && !possible.contains { $0.act == "decide" || $0.act == "fork" })
        #expect(try await parks.syncctl("bio", "act", id, "--lang", "zh").output.contains("变更"))

        let moved: AskAnswer = try await parks.json(
            "bio", "act", id, "amend", "--by", "bio:person:1", "--starts", PeopleZone.time(3, "14:30"), "--length",
            "2h",
            "--wait", "300")
        #expect(moved.answered && moved.request.state == "confirmed")
        #expect(moved.request.startsAt == PeopleZone.row(3, "14:30") && !moved.refused)
        // What the home refuses leaves the place as it was, and is told with the reason.
        let closed = try await parks.syncctl(
            "bio", "act", id, "amend", "--by", "bio:person:1", "--starts", PeopleZone.time(3, "19:00"), "--length",
            "2h", "--wait", "300", "--lang", "zh")
        #expect(closed.status == 4 && closed.output.contains("[closed]"), "\(closed.output)")
        let shown: ShownRequest = try await parks.json("bio", "show", id)
        #expect(shown.request.first?.startsAt == PeopleZone.row(3, "14:30"))
        // Who cannot be identified does nothing.
        let nobody = try await parks.syncctl("bio", "act", id, "withdraw")
        #expect(nobody.status == 64 && nobody.output.contains("[unknown_party]"))
        let other = try await parks.syncctl("bio", "act", id, "withdraw", "--by", "science:person:1")
        #expect(other.status == 64 && other.output.contains("[not_party]"))
        let gone: AskAnswer = try await parks.json(
            "bio", "act", id, "withdraw", "--by", "bio:person:1", "--wait", "300")
        #expect(gone.answered && gone.request.state == "withdrawn", "\(gone)")

        // What was withdrawn does not come back.
        let back = try await parks.syncctl("bio", "act", id, "amend", "--by", "bio:person:1", "--lang", "zh")
        #expect(back.status == 64 && back.output.contains("[not_this_state]"), "\(back.output)")
        let unknown = try await parks.syncctl("bio", "act", "bio:booking:none", "withdraw", "--by", "bio:person:1")
        #expect(unknown.status == 2 && unknown.output.contains("[unknown_request]"))
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
