import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncOffice

/// What managers enter and change.
@Suite struct ItemTests {
    /// Whoever has read it before somebody else changed it does not write over that.
    @Test func aChangeGoesByWhatWasSeen() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.manager, at: "south")
        let id = "south:instrument:1"
        let seen = try await office.version(of: id)
        let first = ItemChange(id: id, entries: ["model": .typed("X")], seen: seen)
        let second = ItemChange(id: id, entries: ["name_en": .typed("Y")], seen: seen)
        try await office.change(first)
        let stale = try await office.fault { try await $0.change(second) }
        #expect(stale?.cause == .stale && stale?.code == "stale")
        #expect(try await office.page(of: "instrument", ListRequest(filters: [.init("name_en", "Y")])).records.isEmpty)
        #expect(try await office.version(of: id) != seen)
        let again = ItemChange(id: id, entries: second.entries, seen: try await office.version(of: id))
        try await office.change(again)
        #expect(
            try await office.page(of: "instrument", ListRequest(filters: [.init("name_en", "Y")])).records.count == 1)
    }

    @Test func whatTheSchemaRefusesIsTold() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.southOfficer, at: "south")
        let card: [ExactText: FormEntry] = [
            "name_zh": .typed("仪器"), "instrument_type": .typed("analysis"), "manufacturer": .typed("甲"),
            "model": .typed("M"),
        ]
        for (name, value, code) in [
            ("owner_id", "south:organisation:none", "unknown_party"),
            ("account_id", "south:account:none", "unknown_account"),
        ] {
            var entries = card
            entries[ExactText(name)] = .typed(value)
            let fault = try await office.fault { _ = try await $0.enter(NewItem(kind: "instrument", entries: entries)) }
            #expect(fault?.code == code && fault?.field?.name == name)
        }
        let wrong = try await office.fault { _ = try await $0.enter(NewItem(kind: "booking", entries: card)) }
        #expect(wrong?.code == "wrong_kind")
        // A load that holds would not fit any more.
        let small = try await office.fault {
            try await $0.change(ItemChange(id: "south:instrument:1", entries: ["capacity": .integer(0)]))
        }
        #expect(small?.code == "no_room")
        _ = try await office.enter(NewItem(kind: "instrument", entries: card))
    }

    @Test func aCellThatWasHiddenStaysOutOfASpreadsheet() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.rival, at: "bio")
        let page = try await office.page(of: "booking")
        let text = CSVText.text(page.columns, page.records)
        #expect(
            !text.contains("新药") && !text.contains("bio:organisation:firm") && text.contains("bio:organisation:other"))
        for (text, cell) in [
            ("=1", "'=1"), ("+1", "'+1"), ("@x", "'@x"), ("\tx", "'\tx"), ("＝1", "'＝1"), ("a=1", "a=1"), ("", ""),
        ] {
            #expect(CSVText.harmless(text) == cell)
        }
    }
}
