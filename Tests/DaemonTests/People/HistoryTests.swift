import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl history`: who wrote what and why, at a node that wrote none of it.
@Suite struct HistoryTests {
    @Test(.endsInTime) func everyWriteOfARecord() async throws {
        let parks = try await PeopleZone()
        let changed = try await parks.syncctl(
            "science", "exec", "UPDATE item SET name_zh = '质谱仪' WHERE id = 'science:instrument:1'", "--note",
            "short for the door")
        #expect(changed.status == 0, "\(changed.output)")
        try await parks.zone.transact("science", "DELETE FROM window WHERE id = 'science:window:2'")
        try await parks.zone.agree()

        let item: RecordHistory = try await parks.json("bio", "history", "science:instrument:1")
        #expect(item.isComplete && item.writes.allSatisfy { $0.origin == "science" }, "\(item)")
        let own = item.writes.filter { $0.table == "item" }
        #expect(own.map(\.kind) == ["insert", "update"] && own.last?.columns == ["name_zh"])
        #expect(own.last?.note == "short for the door" && own.last?.author.isEmpty == false)
        // Its opening hours, its price and its document belong to it.
        #expect(Set(item.writes.map(\.table)) == ["item", "window", "rate", "document"])
        let window: RecordHistory = try await parks.json("bio", "history", "science:window:2")
        #expect(window.writes.map(\.kind) == ["insert", "delete"])
        let one: RecordHistory = try await parks.json("bio", "history", "science:instrument:1", "--limit", "1")
        #expect(Set(one.writes.map(\.table)) == ["item"])
        let shallow: RecordHistory = try await parks.json("bio", "history", "science:organisation:1", "--depth", "0")
        #expect(!shallow.isComplete && shallow.writes.count == 1)

        let chinese = try await parks.syncctl("bio", "history", "science:instrument:1", "--lang", "zh").output
        let lines = PeopleTableText.lines(chinese, head: "时间")
        #expect(PeopleTableText.linesUp(lines, rows: item.writes.count) && chinese.contains("修改"), "\(chinese)")
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    @Test(.endsInTime) func badInputAndTheNamesInJSON() async throws {
        let parks = try await PeopleZone()
        for (id, status, code) in [
            ("science:instrument:9", 2, "unknown_subject"), ("science", 64, "bad_id"),
            ("science:text:none", 2, "unknown_subject"), ("science:event:cafe\u{301}", 64, "bad_unicode"),
        ] as [(String, Int32, String)] {
            let said = try await parks.refusal("bio", ["history", id])
            #expect(said == (status, code), "\(id): \(said)")
        }
        #expect(
            try await parks.members("bio", "history", "bio:organisation:1") == ["id", "writes", "is_complete"])
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
