import DaemonFixtures
import Foundation
import Testing

@testable import syncctl

/// `syncctl show` of an item, of people, and of what is not there.
@Suite struct ShowTests {
    @Test(.endsInTime) func anItemWithAllThatBelongsToIt() async throws {
        let parks = try await PeopleZone()
        let shown: ShownItem = try await parks.json("bio", "show", "science:instrument:1")
        #expect(shown.card.nameEn == "High-resolution spectrometer" && shown.card.ownerID == "science:organisation:1")
        #expect(shown.fields.contains { $0.name == "model" && $0.value == "QX-1" && $0.zh != "model" })
        #expect(shown.fields.contains { $0.name == "instrument_type" && $0.valueZh != nil })
        #expect(shown.rates.map(\.fen) == [20_000] && shown.rates.first?.userClass == "zone")
        #expect(shown.documents.map(\.id) == ["science:document:1"] && shown.requests.isEmpty)

        let chinese = try await parks.syncctl("bio", "show", "science:instrument:1", "--lang", "zh").output
        for words in ["高分辨质谱仪", "光学精密研究所", "收费标准", "使用须知", "QX-1"] { #expect(chinese.contains(words), "\(words)") }
        let english = try await parks.syncctl("bio", "show", "science:instrument:1").output
        #expect(english.contains("Institute of Optics") && english.contains("prices"))
        let person: ShownItem = try await parks.json("bio", "show", "science:person:1")
        #expect(person.card.kindEn == "manager" && person.card.ownerZh == "光学精密研究所")
        #expect(try await parks.json("science", "show", "bio:organisation:1", as: ShownItem.self).card.nameZh == "蓉生制药")

        let none = try await parks.syncctl("bio", "show", "science:instrument:9")
        #expect(none.status == 2 && none.output.contains("[unknown_subject]"))
        let apart = try await parks.syncctl("bio", "show", "science:event:cafe\u{301}")
        #expect(apart.status == 64 && apart.output.contains("[bad_unicode]"), "\(apart.output)")
        #expect(await parks.zone.stopAll() == [0, 0])
    }
}
