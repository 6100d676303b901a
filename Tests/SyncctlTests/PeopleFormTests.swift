import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncReports
import Testing

@testable import syncctl

/// What people fill in is looked at before anything is sent, and what is wrong is named.
@Suite struct PeopleFormTests {
    private static let form = DetailForm(
        fields: [
            FieldRow(
                name: "deal_form", type: "code", required: 1, list: "deal_form", zh: "合作方式", en: "form of the deal"),
            FieldRow(name: "exclusive", type: "boolean", required: 0, zh: "独占", en: "exclusive"),
            FieldRow(name: "royalty", type: "percent", required: 0, unit: "基点", zh: "提成比例", en: "royalty"),
            FieldRow(name: "salary", type: "fen", required: 0, unit: "分", zh: "期望年薪", en: "salary a year"),
            FieldRow(name: "people", type: "list", required: 0, zh: "参加人", en: "who comes"),
            FieldRow(name: "from_on", type: "date", required: 0, zh: "日期", en: "day"),
            FieldRow(name: "opens_at", type: "instant", required: 0, zh: "开始", en: "opens"),
            FieldRow(name: "person_id", type: "id", required: 0, zh: "应聘人", en: "person"),
            FieldRow(name: "sha256", type: "text", required: 0, zh: "摘要", en: "hash"),
            FieldRow(name: "plan_zh", type: "text", required: 0, zh: "方案", en: "plan"),
        ],
        codes: ["deal_form": [CodeRow(code: "licence", zh: "许可", en: "licence")]])

    private func refusal(_ given: String...) -> PeopleFault? {
        do {
            _ = try Self.form.detail(given)
            return nil
        } catch { return error as? PeopleFault }
    }

    @Test func everyTypeHasItsForm() throws {
        let detail = try Self.form.detail([
            "deal_form=许可", "exclusive=是", "royalty=250", "salary=0", "people=甲,乙", "from_on=2026-12-07",
            "opens_at=2026-12-07 14:00", "person_id=bio:person:1", "plan_zh=e\u{301}tape = 1",
        ])
        #expect(
            detail == """
                {"deal_form":"licence","exclusive":true,"from_on":"2026-12-07","opens_at":"2026-12-07T06:00:00Z",\
                "people":["甲","乙"],"person_id":"bio:person:1","plan_zh":"\u{E9}tape = 1","royalty":250,"salary":0}
                """)
    }

    @Test(arguments: [
        ("exclusive=maybe", "bad_detail"), ("royalty=10001", "bad_detail"), ("salary=-1", "bad_detail"),
        ("salary=1.5", "bad_detail"), ("from_on=2026-02-30", "bad_detail"), ("opens_at=soon", "bad_time"),
        ("person_id=bio", "bad_id"), ("plan_zh=", "bad_detail"), ("plan_zh", "bad_detail"),
        ("deal_form=gift", "bad_detail"),
        ("sha256=ABC", "bad_hash"), ("plan=x", "unknown_field"),
    ])
    func whatIsWrongIsNamed(given: String, code: String) throws {
        let fault = try #require(refusal("deal_form=licence", given))
        #expect(fault.code == code && fault.exit == .validationFailure)
        let name = given.prefix { $0 != "=" }
        for language in Language.allCases {
            let sentence = fault.sentence(language)
            #expect(sentence.contains(name) && sentence.hasSuffix("[\(code)]"), "\(sentence)")
        }
    }

    @Test func whatIsRequiredIsAskedFor() throws {
        let lacking = try #require(refusal("exclusive=no"))
        #expect(lacking.code == "bad_detail" && lacking.sentence(.zh).contains("合作方式（deal_form）：必须填写"))
        #expect(refusal("deal_form=licence", "deal_form=licence")?.code == "bad_detail", "twice")
        #expect(refusal("deal_form=licence") == nil)
        // The nearest name is suggested, and those that there are.
        let unknown = try #require(refusal("deal_form=licence", "royalt=1")).sentence(.en)
        #expect(unknown.contains("royalty?") && unknown.contains("exclusive"))
    }

    @Test func idsAreComparedByTheirBytes() throws {
        let field = PeopleField("item", "资源编号")
        #expect(try Given.id("south:instrument:0001", field: field) == "south:instrument:0001")
        #expect(try Given.id("south:event:caf\u{E9}", field: field) == "south:event:caf\u{E9}")
        for (text, code) in [
            ("south:event:cafe\u{301}", "bad_unicode"), ("south", "bad_id"), ("", "bad_id"), ("south::1", "bad_id"),
            ("South:item:1", "bad_id"), ("south:item: 1", "bad_id"), (":item:1", "bad_id"),
        ] {
            let fault = #expect(throws: PeopleFault.self) { try Given.id(text, field: field) }
            #expect(fault?.code == code, "\(text)")
        }
    }

    @Test(arguments: [("90", 90), ("90m", 90), ("2h", 120), ("1h30m", 90), ("3d", 4_320), ("1d1h1", 1_501)])
    func lengthsOfTime(text: String, minutes: Int64) throws {
        #expect(try Given.minutes(text, field: .init("--length", "时长")) == minutes)
    }

    @Test(arguments: ["", "0", "h", "-1", "1.5h", "2 h", "30m2h", "99999999999999999999"])
    func noLengthsOfTime(text: String) {
        let fault = #expect(throws: PeopleFault.self) { try Given.minutes(text, field: .init("--length", "时长")) }
        #expect(fault?.code == "bad_length")
    }

    @Test func timesBelongTogether() throws {
        func times(_ words: String...) throws -> TermOptions.Times { try TermOptions.parse(words).times() }
        let both = TermOptions.Times(starts: "2026-12-07T06:00:00Z", ends: "2026-12-07T08:00:00Z")
        #expect(try times("--starts", "2026-12-07 14:00", "--length", "2h") == both)
        #expect(try times("--starts", "2026-12-07 14:00", "--ends", "2026-12-07 16:00") == both)
        #expect(try times() == TermOptions.Times(starts: nil, ends: nil))
        for words in [
            ["--starts", "2026-12-07 14:00", "--ends", "2026-12-07 14:00"], ["--length", "2h"],
            ["--starts", "2026-12-07 14:00", "--ends", "2026-12-07 16:00", "--length", "2h"],
        ] {
            let fault = #expect(throws: PeopleFault.self) { try TermOptions.parse(words).times() }
            #expect(fault?.code == "bad_interval")
        }
        #expect(throws: PeopleFault.self) { try TermOptions.parse(["--weight", "0"]).checkWeight() }
    }

    @Test func aParkSpeaksForItsOwnPeople() throws {
        let options = try TermOptions.parse(["--by", "bio:person:1"])
        #expect(try options.person(environment: [:], park: "bio") == "bio:person:1")
        let fault = #expect(throws: PeopleFault.self) { try options.person(environment: [:], park: "south") }
        #expect(fault?.code == "not_party")
        let unnamed = try TermOptions.parse([])
        #expect(try unnamed.person(environment: [:], park: "bio") == nil)
        #expect(try unnamed.person(environment: ["PARKSYNC_PERSON": "bio:person:2"], park: "bio") == "bio:person:2")
    }

    @Test func whatIsLookedForIsMeantAsItStands() {
        #expect(Given.pattern("50%_\\") == "%50\\%\\_\\\\%" && Given.pattern("质谱") == "%质谱%")
        #expect(Set((0..<100).map { _ in Given.tail() }).count == 100 && Given.tail().count == 16)
    }

    @Test func nothingIsFreeInThePastOrBeyondTheHorizon() throws {
        func instant(_ text: String) throws -> Instant { try #require(ShanghaiText.instant(text)) }
        let now = try instant("2026-12-07 14:03:20")
        let rules = ItemRules(id: "a", horizonDays: 2, noticeMinutes: 60)
        let wanted = Interval(try instant("2026-12-07 09:00"), try instant("2026-12-21 09:00"))
        let askable = try #require(rules.askable(wanted, now: now, minutes: 120))
        #expect(ShanghaiText.shown(askable.start.text) == "2026-12-07 15:15")
        #expect(ShanghaiText.shown(askable.end.text) == "2026-12-09 16:03:20")
        let later = Interval(try instant("2026-12-08 09:00"), try instant("2026-12-08 10:00"))
        #expect(rules.askable(later, now: now, minutes: 60) == later)
        let past = Interval(try instant("2026-12-01 09:00"), try instant("2026-12-02 09:00"))
        #expect(rules.askable(past, now: now, minutes: 60) == nil)
    }
}
