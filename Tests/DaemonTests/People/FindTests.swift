import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl find`, at a park for what another one has.
@Suite struct FindTests {
    @Test(.endsInTime) func whatAnotherParkSharesIsFound() async throws {
        let parks = try await PeopleZone()
        let found: [FoundItem] = try await parks.json("bio", "find", "质谱", "--kind", "instrument")
        #expect(found.map(\.id) == ["science:instrument:1"] && found.first?.home == "science")
        #expect(found.first?.ownerZh == "光学精密研究所" && found.first?.kindEn == "large scientific instrument")
        let english: [FoundItem] = try await parks.json("bio", "find", "SPECTRO", "--home", "science")
        #expect(english.map(\.id) == ["science:instrument:1"])
        // A text is meant as it stands, and not as a pattern.
        #expect(try await parks.json("bio", "find", "%", as: [FoundItem].self).isEmpty)
        let firms: [FoundItem] = try await parks.json("science", "find", "蓉生", "--kind", "organisation")
        #expect(firms.map(\.id) == ["bio:organisation:1"])
        let people: [FoundItem] = try await parks.json("science", "find", "李", "--kind", "person")
        #expect(people.first?.ownerEn == "Rongsheng Pharma")

        let table = try await parks.syncctl("bio", "find", "--kind", "instrument", "--lang", "zh").output
        let lines = table.split(separator: "\n").map(String.init)
        #expect(lines.count == 3 && lines[0].hasPrefix("编号") && lines[1].contains("高分辨质谱仪"), "\(table)")
        // The homes stand below one another, whatever is before them.
        let places = lines.compactMap { line in
            (line.range(of: " science ") ?? line.range(of: " 园区 ")).map { TextLayout.width(line[..<$0.lowerBound]) }
        }
        #expect(places.count == 3 && Set(places).count == 1, "\(table)")
        #expect(try await parks.syncctl("bio", "find", "没有的").output == "nothing was found\n")
        #expect(await parks.zone.stopAll() == [0, 0])
    }

    @Test(.endsInTime) func whatIsFreeIsFoundWithItsTime() async throws {
        let parks = try await PeopleZone()
        // At noon it is maintained.
        let free: [FoundItem] = try await parks.json(
            "bio", "find", "质谱", "--free-from", PeopleZone.time(3, "11:30"), "--length", "1h")
        #expect(free.count == 1 && free.first?.freeFrom == PeopleZone.row(3, "13:00"))
        let bad = try await parks.syncctl("bio", "find", "--free-from", "soon", "--lang", "zh")
        #expect(bad.status == 64 && bad.output.contains("空闲起始时间（--free-from）") && bad.output.contains("[bad_time]"))
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
