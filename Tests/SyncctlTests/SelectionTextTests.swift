import ParkSyncCore
import ParkSyncReports
import Testing

@testable import syncctl

/// What `syncctl selection` makes of a round and its entries.
@Suite struct SelectionTextTests {
    private static func round(_ weights: String, capacity: Int64? = 1) -> RoundRow {
        RoundRow(
            roundID: "bio:round:1", home: "bio", nameZh: "高成长企业遴选", nameEn: "Firms that grow fast", year: 2026,
            tier: "high_growth", tierZh: "高成长型中小企业", tierEn: "high-growth firm", capacity: capacity,
            closesAt: "2026-11-30T16:00:00Z", weights: weights)
    }

    private static func entry(_ id: String, _ inputs: [Int64]?) -> EntryRow {
        EntryRow(
            requestID: id, partyID: "bio:organisation:1", partyZh: "蓉生制药", partyEn: "Rongsheng Pharma",
            state: "scored", stateZh: "已评分", stateEn: "scored", inputs: inputs.map { NumberList($0) })
    }

    @Test func theHashIsOfTheDocumentAndOfNoOrder() {
        let entries = [Self.entry("b:e:2", [1, 2]), Self.entry("b:e:1", [2, 1]), Self.entry("b:e:3", [0, 4])]
        let ranking = RoundRanking(Self.round("1 1"), entries)
        #expect(ranking.document == "1\t4\tb:e:3\n2\t3\tb:e:1\n3\t3\tb:e:2\n")
        // printf '1\t4\tb:e:3\n2\t3\tb:e:1\n3\t3\tb:e:2\n' | sha256sum
        #expect(ranking.sha256 == "b54a8a12d248b8037023a5c268b23ca0b9e10eec456a3e035d1313ef5e6d90a7")
        #expect(ranking.count == 3 && ranking.ranking.map(\.isWithin) == [true, false, false])
        #expect(ranking.ranking.map(\.entry.requestID) == ["b:e:3", "b:e:1", "b:e:2"])
        let again = RoundRanking(Self.round("1 1", capacity: nil), entries.reversed())
        #expect(again.sha256 == ranking.sha256 && again.ranking.allSatisfy(\.isWithin))
    }

    @Test func whatIsNotScoredHasNoHash() {
        let ranking = RoundRanking(Self.round("1"), [])
        #expect(ranking.sha256 == nil && ranking.count == 0 && ranking.document.isEmpty)
        #expect(ranking.lines(.zh).last == "尚无评分的申报" && !ranking.lines(.en).contains { $0.hasPrefix("sha256") })
    }

    @Test func columnsLineUp() {
        let ranking = RoundRanking(Self.round("1"), [Self.entry("b:e:1", [12]), Self.entry("b:e:2", nil)])
        for language in Language.allCases {
            let lines = ranking.lines(language)
            #expect(lines.count == 13, "\(lines)")
            let ends = lines.suffix(3).map { line in
                TextLayout.width(line) - TextLayout.width(line.split(separator: " ").last ?? "")
            }
            #expect(Set(ends).count == 1, "\(lines)")
        }
    }

    /// As the arbiter reads them, whatever another park has written.
    @Test(
        arguments: [
            ("\"[1,-2]\"", [1, -2]), ("[3]", [3]), ("\"[1,null]\"", [1, 0]), ("\"[1.5]\"", []), ("\"none\"", []),
            ("7", []), ("\"{}\"", []),
        ] as [(String, [Int64])])
    func inputsAreReadAsTheArbiterReadsThem(json: String, numbers: [Int64]) throws {
        #expect(try JSONCoding.decode(NumberList.self, from: json.utf8).numbers == numbers)
    }
}
