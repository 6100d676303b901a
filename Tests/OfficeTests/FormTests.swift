import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncOffice

/// What people fill in, looked at before anything is written.
@Suite struct FormTests {
    private static func column(_ type: ValueType, list: String? = nil, name: String = "f") -> Column {
        Column(name, "字段", "field", type, list: list, name)
    }

    private static func vocabulary() throws -> Vocabulary {
        let codes = [("s", "自行操作", "self"), ("a", "协助操作", "assisted")].map {
            Vocabulary.Code(list: "how", code: $0.0, zh: $0.1, en: $0.2)
        }
        return Vocabulary(kinds: [], fields: [], codes: codes, machines: [], states: [], moves: [], reasons: [])
    }

    private static let good: [(ValueType, FormEntry, DetailValue)] = [
        (.text, .typed("é"), .text("é")), (.integer, .typed("-3"), .integer(-3)), (.integer, .integer(7), .integer(7)),
        (.number, .typed("2.5"), .number(2.5)), (.number, .integer(2), .number(2)),
        (.boolean, .typed("是"), .flag(true)),
        (.boolean, .flag(false), .flag(false)), (.boolean, .typed("on"), .flag(true)),
        (.date, .typed("2028-02-29"), .text("2028-02-29")),
        (.instant, .typed("2026-12-07 14:00"), .text("2026-12-07T06:00:00Z")),
        (.instant, .typed("2026-12-07T14:00"), .text("2026-12-07T06:00:00Z")),
        (.instant, .typed("2026-12-07T06:00:00Z"), .text("2026-12-07T06:00:00Z")),
        (.code, .typed("s"), .text("s")), (.code, .typed("协助操作"), .text("a")), (.code, .typed("self"), .text("s")),
        (.id, .typed("south:instrument:0001"), .text("south:instrument:0001")), (.fen, .typed("0"), .integer(0)),
        (.minutes, .integer(90), .integer(90)), (.percent, .typed("10000"), .integer(10_000)),
        (.list, .typed("s, a"), .list(["s", "a"])), (.list, .list(["协助操作"]), .list(["a"])),
        (.list, .typed("s、a"), .list(["s", "a"])),
    ]

    @Test(arguments: good.indices) func valuesAreRead(_ index: Int) throws {
        let (type, entry, value) = Self.good[index]
        let column = Self.column(type, list: [.code, .list].contains(type) ? "how" : nil)
        #expect(try TypedEntry(column, try Self.vocabulary()).value(entry) == value)
    }

    private static let bad: [(ValueType, FormEntry, String)] = [
        (.integer, .typed("3.5"), "bad_detail"), (.integer, .typed("9223372036854775808"), "bad_detail"),
        (.integer, .number(3), "bad_detail"), (.number, .typed("nan"), "bad_detail"),
        (.number, .number(.infinity), "bad_detail"), (.boolean, .typed("maybe"), "bad_detail"),
        (.boolean, .integer(1), "bad_detail"), (.date, .typed("2026-02-30"), "bad_detail"),
        (.instant, .typed("2026-12-07 25:00"), "bad_time"), (.code, .typed("x"), "bad_detail"),
        (.id, .typed("0001"), "bad_id"), (.id, .typed("South:x:1"), "bad_id"), (.fen, .typed("-1"), "bad_detail"),
        (.minutes, .integer(-1), "bad_detail"), (.percent, .typed("10001"), "bad_detail"),
        (.list, .typed("s,x"), "bad_detail"), (.list, .flag(true), "bad_detail"), (.text, .list(["a"]), "bad_detail"),
        (.text, .typed(""), "bad_detail"),
    ]

    @Test(arguments: bad.indices) func whatHasAnotherFormIsRefused(_ index: Int) throws {
        let (type, entry, code) = Self.bad[index]
        let column = Self.column(type, list: [.code, .list].contains(type) ? "how" : nil)
        let vocabulary = try Self.vocabulary()
        let fault = #expect(throws: OfficeFault.self) { try TypedEntry(column, vocabulary).value(entry) }
        #expect(fault?.code == code && fault?.cause == .input && fault?.field?.name == "f")
        for language in Language.allCases { #expect(fault?.sentence(language).contains("[\(code)]") == true) }
    }

    @Test func aHashHasOneForm() throws {
        let entry = TypedEntry(Self.column(.text, name: "sha256"), try Self.vocabulary())
        let hash = String(repeating: "0a", count: 32)
        #expect(try entry.value(.typed(hash)) == .text(hash))
        for text in [hash.uppercased(), String(hash.dropLast()), hash + "0"] {
            #expect(#expect(throws: OfficeFault.self) { try entry.value(.typed(text)) }?.code == "bad_hash")
        }
    }

    /// People correct all of it at once.
    @Test func allFaultsAreTold() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.staff, at: "bio")
        let kind = try #require(office.vocabulary.kind("technology_offer"))
        let form = office.forms.asking(kind)
        let entries: [ExactText: FormEntry] = [
            "equity": .typed("12000"), "exclusive": .typed("perhaps"), "colour": .typed("red"), "currency": .typed(""),
        ]
        let faults = #expect(throws: FormFaults.self) { try form.check(entries, office.vocabulary) }
        #expect(faults?.faults.compactMap { $0.field?.name } == ["colour", "deal_form", "equity", "exclusive"])
    }

    @Test func faultsAreSentences() {
        let fault = OfficeFault(
            .input, "bad_time", OfficeField("starts_at", "开始时间", "start"), Wording("不是时间", "it is no time"),
            Wording("改正。", "Correct it."))
        #expect(fault.sentence(.zh) == "开始时间（starts_at）：不是时间；改正。[bad_time]")
        #expect(fault.sentence(.en) == "starts_at: it is no time; correct it. [bad_time]")
    }

    @Test func lengthsAndIdsAreRead() throws {
        let field = OfficeField("length", "时长", "length")
        for (text, minutes) in [("90", 90), ("90m", 90), ("2h", 120), ("1h30m", 90), ("3d", 4_320)] {
            #expect(try Given.minutes(text, field) == Int64(minutes))
        }
        for text in ["", "0", "-1", "1x", "99999999999"] {
            #expect(throws: OfficeFault.self) { try Given.minutes(text, field) }
        }
        // é as e and an accent looks like another id and is none.
        #expect(
            #expect(throws: OfficeFault.self) { try Given.id("south:x:e\u{301}", field) }?.code == "bad_unicode")
        #expect(
            #expect(throws: OfficeFault.self) { try Given.ofPark("bio:person:1", "south", field) }?.cause == .forbidden)
        #expect(Given.pattern("a%_\\b") == "%a\\%\\_\\\\b%")
        #expect(Given.tail(255) == "00000000000000ff")
    }

    @Test func theLanguageIsTheOneThatIsWanted() {
        let cases: [(String?, Language)] = [
            (nil, .zh), ("", .zh), ("en", .en), ("en-GB,zh;q=0.8", .en), ("zh-CN,zh;q=0.9,en;q=0.8", .zh),
            ("de, en;q=0.3", .en), ("en;q=0.2, zh;q=0.3", .zh), ("en;q=0, *", .zh), ("de", .zh), ("EN", .en),
            ("en;q=x", .zh), (String(repeating: ",", count: 10_000), .zh),
        ]
        for (header, language) in cases { #expect(Language.of(acceptLanguage: header) == language, "\(header ?? "-")") }
    }
}
