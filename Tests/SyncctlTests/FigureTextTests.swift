import ArgumentParser
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import syncctl

/// What the commands for use, accounts, indicators and history say.
@Suite struct FigureTextTests {
    private static let computed = Computed(
        vector: "south:12 west:7", computedAt: "2026-12-01T00:00:00Z",
        stale: [
            HomeStanding(
                park: "west", nameZh: "西区", nameEn: "West", inReach: false, lastHeardAt: "2026-11-30T23:48:00Z")
        ])

    @Test(arguments: [
        (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123, "1.23"), (-12_345, "-123.45"),
        (Int64.max, "92233720368547758.07"),
        (Int64.min, "-92233720368547758.08"),
    ])
    func hundredths(number: Int64, text: String) { #expect(FigureText.fixed(number) == text) }

    @Test(arguments: [
        (0, "0:00"), (65, "1:05"), (-65, "-1:05"), (6_000, "100:00"), (Int64.min, "-153722867280912930:08"),
    ])
    func hours(minutes: Int64, text: String) { #expect(FigureText.hours(minutes) == text) }

    @Test func figuresAreToldInTheirUnits() {
        #expect(FigureText.value(150_000_000_000_000, of: "output", .zh) == "15000.00 亿元")
        #expect(FigureText.value(2_345, of: "share_rate", .en) == "23.45%")
        #expect(FigureText.value(12, of: "talents", .en) == "12")
        #expect(FigureText.amount(12_345, unit: "south:unit:fen", .zh) == "123.45 元")
        #expect(FigureText.amount(90, unit: "south:unit:minute", .en) == "90")
    }

    @Test func aFigureSaysOverWhatItWasComputed() {
        let zh = Self.computed.lines(.zh)
        #expect(zh[0] == "统计时点 2026-12-01 08:00（北京时间），数据截至 south:12 west:7")
        #expect(zh[1].contains("西区") && zh[1].contains("2026-12-01 07:48"))
        #expect(Self.computed.lines(.en)[1] == "may lack entries of West, last heard 2026-12-01 07:48")
    }

    @Test func checksNameWhatDoesNotAgree() {
        let sound = CheckedSum(name: "unbalanced", zh: "合计为零", en: "sums to zero", examined: 4, faults: [])
        var wrong = sound
        wrong.name = "account_mismatch"
        wrong.faults = [
            SumFault(id: "bio:account:1", unitID: "south:unit:fen", amount: -5, otherID: "bio:park")
        ]
        #expect(AccountReport(checks: [sound], computed: Self.computed).isSound)
        let report = AccountReport(checks: [sound, wrong], computed: Self.computed)
        #expect(!report.isSound)
        let lines = report.lines(.en)
        #expect(lines[0].hasPrefix("NOT SOUND"))
        #expect(lines.contains("  account_mismatch  bio:account:1  -5  south:unit:fen  bio:park"))
        #expect(report.lines(.zh)[0] == "账目不符")
    }

    @Test(
        arguments: [
            ("2026-11", nil, "2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z"),
            ("2026-12", nil, "2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z"),
            (nil, "2026-Q4", "2026-09-30T16:00:00Z", "2026-12-31T16:00:00Z"),
            (nil, "2024-Q1", "2023-12-31T16:00:00Z", "2024-03-31T16:00:00Z"),
        ] as [(String?, String?, String, String)])
    func monthsBeginInShanghai(month: String?, quarter: String?, from: String, until: String) throws {
        let period = try UseReport.period(month: month, quarter: quarter)
        #expect(period.from == from && period.until == until)
    }

    @Test(arguments: ["2026-13", "2026-00", "2026-1", "2026-Q4", "", "9999-12", "２０２６-11"])
    func whatIsNoMonthIsRefused(month: String) {
        #expect(throws: PeopleFault.self) { try UseReport.period(month: month, quarter: nil) }
    }

    @Test func useIsSummedByPark() {
        func row(_ home: String, _ records: Int64, _ minutes: Int64) -> UseRow {
            UseRow(
                itemID: "\(home):instrument:1", home: home, kind: "instrument", kindZh: "仪器", kindEn: "instrument",
                nameZh: "质谱仪", records: records, minutes: minutes, externalMinutes: 0, occupiedMinutes: minutes,
                samples: 0, claimedFen: 100)
        }
        let sums = ShownUse.sums([row("bio", 1, 60), row("bio", 0, 0), row("west", 2, .max)])
        #expect(sums.map(\.home) == ["bio", "west", nil])
        #expect(sums.map(\.items) == [2, 1, 3] && sums.map(\.usedItems) == [1, 1, 2])
        #expect(sums[0].minutes == 60 && sums[2].claimedFen == 300)
        #expect(ShownUse.sums([]).isEmpty)
    }

    @Test func aRowsLastWritesAreOneForEachEntry() {
        func column(_ name: String, _ seq: UInt64) -> BlameReport.Column {
            BlameReport.Column(
                name: name, value: nil, origin: "bio", seq: seq, writtenAt: 1_796_083_200_000, author: "li", note: "")
        }
        let row = RecordRow(table: "item", key: "[\"bio:instrument:1\"]")
        let report = BlameReport(
            table: "item", key: [JSONValue(.string("bio:instrument:1"))], causalLength: 1, isAlive: true,
            columns: [column("name_zh", 4), column("state", 9), column("kind", 4)])
        let last = RecordWrites.last(report, row)
        #expect(last.map(\.seq) == [4, 9] && last[0].columns == ["name_zh", "kind"])
        #expect(last[0].writtenAt == "2026-12-01T00:00:00Z")
    }

    @Test func changesOfOtherRowsAreLeftOut() {
        let key = [JSONValue(.string("bio:instrument:1"))]
        func change(_ table: String, _ key: [JSONValue], _ kind: String) -> EntryReport.Change {
            EntryReport.Change(
                table: table, key: key, kind: kind, causalLength: 1, values: ["name_zh": JSONValue(.null)])
        }
        let entry = EntryReport(
            origin: "bio", seq: 4, writtenAt: 0, stamp: "", hash: "", isSigned: true, schemaNumber: 7,
            dependencies: "-",
            author: "li", note: "moved", bytes: 1, state: "applied", changeCount: 3,
            changes: [
                change("item", key, "update"), change("item", [JSONValue(.string("bio:instrument:2"))], "update"),
                change("link", key, "insert"),
            ])
        let row = RecordRow(table: "item", key: "[\"bio:instrument:1\"]")
        let writes = RecordWrites.writes(of: row, key, in: entry)
        #expect(writes.count == 1 && writes.first?.kind == "update" && writes.first?.note == "moved")
        #expect(RecordRow.deleted("bio:text:1")?.table == "text" && RecordRow.deleted("bio:item:1") == nil)
    }

    @Test(arguments: [
        ["meter", "bio:booking:1", "--minutes", "5"], ["report", "use"],
        ["duplicates", "--link", "bio:organisation:1"],
        ["report", "use", "--month", "2026-11", "--quarter", "2026-Q4"], ["accounts", "list", "--limit", "0"],
        ["indicators", "--limit", "0"], ["history", "bio:booking:1", "--limit", "0"],
        ["duplicates", "bio:organisation:1"], ["selection", "2026", "--document"], ["selection"],
        ["selection", "bio:round:1", "--document", "--json"],
    ])
    func wrongUsageIsRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try Syncctl.parseAsRoot(arguments) }
    }
}
