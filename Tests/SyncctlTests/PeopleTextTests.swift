import ArgumentParser
import Foundation
import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import syncctl

/// What people read: columns, times, languages and sentences.
@Suite struct PeopleTextTests {
    private struct Row: Codable, Hashable {
        var id: String
        var nameZh: String?
        var count: Int64?
        enum CodingKeys: String, CodingKey { case id, nameZh = "name_zh", count }
    }

    private static var columns: [PeopleColumn<Row>] {
        [
            .init("编号", "id") { $0.id }, .init("名称", "name") { $0.nameZh },
            .init("数量", "count") { $0.count.map(String.init) },
        ]
    }

    @Test func columnsLineUpWithChineseText() {
        let rows = [
            Row(id: "a:1", nameZh: "质谱仪", count: 1), Row(id: "ab:12", nameZh: "X-ray", count: 20),
            Row(id: "c", nameZh: nil, count: nil),
        ]
        for language in Language.allCases {
            let lines = PeopleTable.lines(rows, Self.columns, language)
            #expect(lines.count == 4 && lines[0].hasPrefix(language.pick("编号", "id")))
            // The last column begins at the same place of each line.
            let starts = lines.map { line in
                TextLayout.width(line) - TextLayout.width(line.split(separator: " ").last ?? "")
            }
            #expect(Set(starts).count == 1, "\(lines)")
        }
        #expect(PeopleTable.lines(rows, Self.columns, .en)[3] == "c      -       -")
    }

    @Test func aCellCannotSteerTheTerminal() {
        let lines = PeopleTable.lines([Row(id: "\u{1B}[2J\n", nameZh: "\u{202E}", count: 1)], Self.columns, .zh)
        #expect(lines.count == 2 && !lines.joined().unicodeScalars.contains("\u{1B}"))
        #expect(!lines.joined().unicodeScalars.contains("\u{202E}"))
    }

    @Test(arguments: [("质", 2), ("￥", 2), ("é", 1), ("e\u{301}", 1), ("ｱ", 1), ("—", 1), ("（）", 4), ("𠀋", 2), ("", 0)])
    func widths(text: String, width: Int) { #expect(TextLayout.width(text) == width) }

    @Test func rowsOfAQueryBecomeValues() throws {
        let rows = try DeskRows.decode(
            Row.self, columns: ["id", "name_zh", "count", "more"],
            rows: [
                [JSONValue(.string("a")), JSONValue(.null), JSONValue(.integer(.max)), JSONValue(.double(1))],
                [
                    JSONValue(.text([0x61, 0xFF])), JSONValue(.string("甲\"\\")), JSONValue(.null),
                    JSONValue(.blob([1])),
                ],
            ])
        #expect(rows == [Row(id: "a", count: .max), Row(id: "a\u{FFFD}", nameZh: "甲\"\\")])
    }

    /// What another park wrote is held to no type here.
    @Test func aRowThatCannotBeReadHidesNoOther() throws {
        let columns = ["id", "count"]
        let rows = [
            [JSONValue(.string("a")), JSONValue(.string("many"))], [JSONValue(.string("b")), JSONValue(.integer(2))],
            [JSONValue(.integer(3)), JSONValue(.integer(3))],
        ]
        let answer = try DeskRows.readable(Row.self, columns: columns, rows: rows)
        #expect(answer.rows == [Row(id: "b", count: 2)] && answer.unreadable == ["a", "?"])
        let fault = #expect(throws: PeopleFault.self) {
            try DeskRows.decode(Row.self, columns: columns, rows: rows)
        }
        #expect(
            fault?.sentence(.en) == """
                2 rows hold values of another type, a among them; ask the park that wrote it to correct it. \
                [unreadable_row]
                """)
    }

    @Test func theAccountDecidesOnTheLanguage() {
        #expect(Language.of([:]) == .en && Language.of(["LANG": "zh_CN.UTF-8"]) == .zh)
        #expect(Language.of(["LANG": "zh_CN.UTF-8", "LC_ALL": "C"]) == .en)
        #expect(Language.of(["LANG": "zh_CN.UTF-8", "LC_ALL": "", "LC_MESSAGES": "en_GB"]) == .en)
        #expect(Language.zh.name("甲", "A") == "甲" && Language.en.name("甲", nil) == "甲")
        #expect(Language.en.name("甲", "") == "甲" && Language.zh.name(nil, nil) == nil)
    }

    @Test(arguments: [
        ("2026-12-07 14:00", "2026-12-07T06:00:00Z"), ("2026-12-07T14:00", "2026-12-07T06:00:00Z"),
        ("2026-12-07 07:59:30", "2026-12-06T23:59:30Z"), ("2026-12-07", "2026-12-06T16:00:00Z"),
        ("2026-12-07T06:00:00Z", "2026-12-07T06:00:00Z"), ("1999-12-31 23:00", "1999-12-31T15:00:00Z"),
    ])
    func timesAreThoseOfShanghai(given: String, row: String) throws {
        let instant = try #require(ShanghaiText.instant(given))
        #expect(instant.text == row)
        #expect(ShanghaiText.shown(row).flatMap { ShanghaiText.instant($0) } == instant)
    }

    @Test(arguments: [
        "", "~", "2026-02-30 14:00", "2026-12-07 24:00", "2026-12-07 14", "14:00", "2026-12-07  14:00", "7 Dec 2026",
        "2026-12-07 14:00 ", "2026-12-07T14:00+08:00", "２０２６-12-07",
    ])
    func whatIsNoTimeIsRefused(given: String) {
        #expect(ShanghaiText.instant(given) == nil)
        #expect(throws: PeopleFault.self) { try ShanghaiText.parsed(given, field: .init("--starts", "开始时间")) }
    }

    @Test func timesOfRowsAreShown() {
        #expect(ShanghaiText.shown("2026-12-07T06:00:00Z") == "2026-12-07 14:00")
        #expect(ShanghaiText.shown("2026-12-07T18:00:05Z") == "2026-12-08 02:00:05")
        #expect(ShanghaiText.shown("") == nil && ShanghaiText.shown("~") == nil && ShanghaiText.shown(nil) == nil)
        #expect(ShanghaiText.shown("whenever") == "whenever")
        let (start, end) = ("2026-12-07T06:00:00Z", "2026-12-07T08:00:00Z")
        #expect(PeopleWords.interval(start, end) == "2026-12-07 14:00 – 16:00")
        #expect(PeopleWords.interval(start, "2026-12-07T17:00:00Z") == "2026-12-07 14:00 – 2026-12-08 01:00")
        #expect(PeopleWords.interval("", "~") == nil && PeopleWords.interval(start, "~") == "2026-12-07 14:00 –")
    }

    @Test func aFaultIsOneSentenceWithFieldRemedyAndCode() {
        let fault = PeopleFault(
            code: "bad_time", field: .init("--starts", "开始时间"), zh: "“明天”不是时间", en: "明天 is no time",
            remedyZh: "请按北京时间填写。", remedyEn: "Give Asia/Shanghai time.", exit: .validationFailure)
        #expect(fault.sentence(.zh) == "开始时间（--starts）：“明天”不是时间；请按北京时间填写。[bad_time]")
        #expect(fault.sentence(.en) == "--starts: 明天 is no time; give Asia/Shanghai time. [bad_time]")
        let past = ReasonRow(
            code: "past", zh: "所选时间已过", en: "the time is past", remedyZh: "选择将来的时间", remedyEn: "choose a time to come")
        #expect(past.sentence(.zh) == "起止时间（starts_at）：所选时间已过；选择将来的时间。[past]")
        #expect(past.sentence(.en) == "starts_at: the time is past; choose a time to come. [past]")
    }

    @Test func everyCommandHasExamplesThatItTakes() {
        for command in PeopleCommands.requests + PeopleCommands.figures {
            let text = command.configuration.discussion
            let name = command._commandName
            #expect(!command.configuration.abstract.isEmpty && text.contains("Examples:"), "\(name)")
            #expect(text.contains("\n  syncctl \(name)"), "\(name)")
        }
    }

    /// Every sentence by which a guard of the schema refuses has a code with words for people, and
    /// names a column that people have a word for.
    @Test func everyGuardHasItsWords() throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        func schema(_ name: String) throws -> String {
            try String(
                contentsOf: root.appending(path: "Sources/ParkSyncCatalog/schema/\(name).sql"), encoding: .utf8)
        }
        let sentences = try schema("004-guards").matches(of: /RAISE\(ABORT, '([^']+)'/).map { String($0.1) }
        #expect(sentences.count > 100)
        let rows = try schema("001-catalogue").components(separatedBy: "INSERT INTO reason VALUES").dropFirst().first
        let reasons = (rows?.components(separatedBy: ";\n").first ?? "").matches(of: /\n +\('([a-z_]+)',/).map {
            String($0.1)
        }
        #expect(reasons.count > 40 && reasons.contains("no_room"))
        for sentence in sentences {
            #expect(sentence.hasSuffix("]"), "\(sentence) has no code")
            guard let refusal = SchemaRefusal(sentence: sentence) else { continue }
            #expect(SchemaRefusal.words[refusal.code] != nil || reasons.contains(refusal.code), "\(sentence)")
            if let column = refusal.column { #expect(SchemaRefusal.columns[column] != nil, "\(sentence)") }
        }
        for (phrase, refusal) in SchemaRefusal.phrases {
            #expect(SchemaRefusal.words[refusal.code] != nil || reasons.contains(refusal.code), "\(phrase)")
        }
        // What is a reason is worded once.
        #expect(SchemaRefusal.words.keys.filter(reasons.contains).isEmpty)
    }

    @Test(arguments: [
        ("writing: transfer: to_id is no account [unknown_account to_id]", SchemaRefusal("unknown_account", "to_id")),
        ("posting: there is no such transfer [kept_by_node].", SchemaRefusal("kept_by_node")),
        ("CHECK constraint failed: length(orcid) = 19", SchemaRefusal("bad_identifier", "orcid")),
        ("CHECK constraint failed: id GLOB '[a-z]*:usage:?*'", SchemaRefusal("bad_form")),
        ("ParkSync: act is append-only", nil), ("table [item] is locked", nil), ("[] [ ] [a b c]", nil),
    ])
    func aRefusalSaysItsCode(sentence: String, refusal: SchemaRefusal?) {
        #expect(SchemaRefusal(sentence: sentence) == refusal)
        #expect(refusal?.column == nil || refusal?.field?.zh != refusal?.column)
    }
}
