import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl inbox`: what waits, and for whom.
@Suite struct InboxTests {
    @Test(.endsInTime) func whatWaitsForAManager() async throws {
        let parks = try await PeopleZone()
        #expect(try await parks.syncctl("science", "inbox").output == "nothing waits\n")
        let answer: AskAnswer = try await parks.json(
            "bio", "ask", "science:instrument:2", "--by", "bio:person:1", "--starts", PeopleZone.time(3, "09:00"),
            "--length", "2h", "--wait", "300")
        let rows: [InboxRow] = try await parks.json("science", "inbox")
        #expect(rows.map(\.requestID) == [answer.request.id] && rows.first?.state == "held")
        #expect(rows.first?.dueAt != nil && rows.first?.partyEn == "Rongsheng Pharma")
        // The manager of what his organisation has; nobody else, and nobody at the park that asks.
        let own: [InboxRow] = try await parks.json("science", "inbox", "--person", "science:person:1")
        #expect(own == rows)
        #expect(try await parks.json("science", "inbox", "--person", "bio:person:1", as: [InboxRow].self).isEmpty)
        #expect(try await parks.json("bio", "inbox", as: [InboxRow].self).isEmpty)
        let table = try await parks.syncctl("science", "inbox", "--lang", "zh").output
        #expect(table.hasPrefix("期限（北京时间）") && table.contains("扫描电镜") && table.contains("待审批"), "\(table)")
        let unknown = try await parks.syncctl("science", "inbox", "--person", "science:person:9")
        #expect(unknown.status == 2 && unknown.output.contains("[unknown_subject]"))
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
