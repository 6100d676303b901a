import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl free`: what it lists is confirmed, and is not listed any more.
@Suite struct FreeTests {
    @Test(.endsInTime) func whatIsFreeCanBeHad() async throws {
        let parks = try await PeopleZone()
        let words = ["--from", PeopleZone.time(3, "08:00"), "--length", "2h", "--limit", "3"]
        func free() async throws -> [String] {
            let said = try await TestProcess.run(
                "syncctl", ["free", "science:instrument:1", "--json", "--socket", parks.zone.socket("bio")] + words)
            return try JSONDecoder().decode([FreeRow].self, from: Data(said.output.utf8)).map(\.startsAt)
        }
        func rows(_ times: [(Int64, String)]) -> [String?] {
            times.map { PeopleZone.row($0.0, $0.1) }
        }
        #expect(try await free() == rows([(3, "09:00"), (3, "13:00"), (3, "15:00")]))
        let answer: AskAnswer = try await parks.json(
            "bio", "ask", "science:instrument:1", "--by", "bio:person:1", "--starts", PeopleZone.time(3, "13:00"),
            "--length", "2h", "--account", "bio:account:1", "--wait", "300")
        #expect(answer.request.state == "confirmed", "\(answer)")
        #expect(try await free() == rows([(3, "09:00"), (3, "15:00"), (4, "09:00")]))

        let short = try await parks.syncctl("bio", "free", "science:instrument:1", "--length", "10m", "--lang", "zh")
        #expect(short.status == 2 && short.output.contains("至少 30 分钟") && short.output.contains("[too_short]"))
        let none = try await parks.syncctl("bio", "free", "bio:instrument:1")
        #expect(none.status == 2 && none.output.contains("[unknown_subject]"))
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
