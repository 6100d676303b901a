import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncOffice

/// Filters, orders and pages.
@Suite struct ListTests {
    private static func ids(_ office: Office, _ name: String, _ request: ListRequest) async throws -> [String] {
        try await office.page(of: name, request).records.compactMap { $0["id"]?.text }
    }

    @Test func filtersGoByColumnsAndFields() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        let (one, two, other) = ("south:instrument:1", "south:instrument:2", "bio:instrument:1")
        let cases: [([ListRequest.Filter], [String])] = [
            ([], [other, one, two]), ([.init("home", "south")], [one, two]),
            ([.init("manufacturer", "甲厂")], [other, one]), ([.init("effective_hours", "1000", .atLeast)], [one]),
            ([.init("effective_hours", "1000", .below)], [other]), ([.init("keywords", "蛋白")], [one]),
            // A code is called by its name, too.
            ([.init("instrument_type", "分析仪器")], [one, two]), ([.init("instrument_type", "analysis")], [one, two]),
            ([.init("owner_id", "south:organisation:lab"), .init("model", "B")], [two]),
        ]
        for (filters, found) in cases {
            #expect(try await Self.ids(office, "instrument", ListRequest(filters: filters)) == found, "\(filters)")
        }
    }

    @Test func textsAreMeantAsTheyStand() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        #expect(try await Self.ids(office, "items", ListRequest(text: "100%")) == ["bio:instrument:1"])
        #expect(try await Self.ids(office, "items", ListRequest(text: "1_0")) == [])
        #expect(try await Self.ids(office, "items", ListRequest(text: "' OR 1 --")) == [])
        let found = try await office.search("光学")
        #expect(found.organisations.records.map { $0["id"]?.text } == ["south:organisation:lab"])
        // By their owner.
        #expect(found.items.records.count == 2 && found.people.records.isEmpty)
    }

    @Test(arguments: [nil, "-id", "effective_hours", "-effective_hours", "name_en", "-manufacturer"])
    func pagesHaveEachRowOnce(_ sort: String?) async throws {
        let more = (3...9).map { number in
            """
            INSERT INTO item (id, kind, name_zh, detail) VALUES ('south:instrument:\(number)', 'instrument', '仪器',
                '{"instrument_type":"analysis","manufacturer":"丙厂","model":"\(number % 2)"}');
            """
        }
        let office = try await OfficeFixture.office(
            OfficeFixture.stranger, at: "south", more: more.joined(separator: "\n"))
        let whole = try await Self.ids(office, "instrument", ListRequest(sort: sort))
        #expect(whole.count == 10)
        for limit in [1, 3, 10] {
            var request = ListRequest(sort: sort, limit: limit)
            var paged: [String] = []
            repeat {
                let page = try await office.page(of: "instrument", request)
                paged += page.records.compactMap { $0["id"]?.text }
                request.cursor = page.next
            } while request.cursor != nil
            #expect(paged == whole, "\(limit) a page")
        }
    }

    @Test func aCursorIsOfItsOrder() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        let first = try await office.page(of: "instrument", ListRequest(sort: "-name_zh", limit: 1))
        let next = try #require(first.next)
        for request in [
            ListRequest(sort: "name_zh", cursor: next), ListRequest(cursor: "x"), ListRequest(cursor: "AAAA"),
            ListRequest(cursor: String(repeating: "A", count: 20_000)),
        ] {
            let fault = try await office.fault { _ = try await $0.page(of: "instrument", request) }
            #expect(fault?.code == "bad_cursor")
        }
    }

    @Test func whatIsNoColumnNeverReachesTheQuery() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.auditor, at: "south")
        let hostile = "id; DROP TABLE item"
        for request in [
            ListRequest(filters: [.init(hostile, "1")]), ListRequest(sort: hostile), ListRequest(sort: "-\(hostile)"),
        ] {
            let fault = try await office.fault { _ = try await $0.page(of: "items", request) }
            #expect(fault?.code == "unknown_field" && fault?.cause == .input)
        }
        for limit in [0, -1, ListRequest.limitMax + 1] {
            let fault = try await office.fault { _ = try await $0.page(of: "items", ListRequest(limit: limit)) }
            #expect(fault?.code == "bad_limit")
        }
        let unordered = try await office.fault {
            _ = try await $0.page(of: "instrument", ListRequest(sort: "keywords"))
        }
        #expect(unordered?.code == "no_order")
        let bad = try await office.fault {
            _ = try await $0.page(of: "instrument", ListRequest(filters: [.init("effective_hours", "many")]))
        }
        #expect(bad?.field?.name == "effective_hours")
        let unsearched = try await office.fault { _ = try await $0.page(of: "requests", ListRequest(text: "x")) }
        #expect(unsearched?.code == "no_search")
    }

    @Test func facetsCountValues() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        #expect(
            try await office.facets(of: "items", by: "kind") == [
                Facet(value: "instrument", count: 3), Facet(value: "unit", count: 1),
            ])
        #expect(
            try await office.facets(of: "instrument", ListRequest(text: "质谱"), by: "home") == [
                Facet(value: "south", count: 2)
            ])
    }

    @Test func cellsAreForPeople() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.auditor, at: "south")
        let page = try await office.page(of: "booking", ListRequest(filters: [.init("id", "bio:booking:1")]))
        let record = try #require(page.records.first)
        let cells = ["starts_at", "state", "waits_for", "class", "purpose_zh"].map {
            record.shown($0, office.vocabulary, .zh)
        }
        #expect(cells == ["2026-12-08 09:00", "待审批", "管理方", "示范区内单位", "新药筛选"])
        let json = try RowCoding.jsonText(record)
        #expect(json.contains(#""starts_at":"2026-12-08T01:00:00Z""#) && json.contains(#""state":"held""#))
        // No text is written for what is not there.
        #expect(!json.contains("null") && !json.contains("amount"))
    }
}
