import ParkSyncCatalog
import ParkSyncCore
import ParkSyncReports
import Testing

@testable import ParkSyncOffice

/// Figures, with what they were computed over, and free times.
@Suite struct FigureTests {
    private static let use = """
        INSERT INTO usage (id, item_id, party_id, started_at, minutes, samples, source, at, is_external) VALUES
            ('south:usage:1', 'south:instrument:1', 'bio:organisation:firm', '2026-11-30T16:30:00Z', 60, 4, 'meter',
            '2026-12-01T03:00:00Z', 1),
            ('south:usage:2', 'south:instrument:1', 'south:organisation:lab', '2026-11-30T15:00:00Z', 30, 0, 'hand',
            '2026-12-01T03:00:00Z', 0);
        """

    @Test func aMonthIsOneOfShanghai() async throws {
        let store = try OfficeFixture.store(Self.use)
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south", store)
        let report = try await office.useReport(try ReportPeriod("2026-12"))
        #expect(report.from == "2026-11-30T16:00:00Z" && report.until == "2026-12-31T16:00:00Z")
        #expect(report.items.map(\.itemID) == ["south:instrument:1"] && report.items.first?.minutes == 60)
        #expect(report.parks.map(\.home) == ["bio", "south", nil] && report.parks.last?.externalMinutes == 60)
        #expect(report.computed.vector == "bio:3 south:7")
        let whole = try await office.useReport(try ReportPeriod("2026-Q4"), home: "south", isWhole: true)
        #expect(whole.items.map(\.minutes) == [90, 0])
    }

    @Test func aPeriodHasTwoForms() throws {
        #expect(try ReportPeriod("2026-Q1").interval.start.text == "2025-12-31T16:00:00Z")
        #expect(try ReportPeriod("2026-Q1").interval.end.text == "2026-03-31T16:00:00Z")
        #expect(try ReportPeriod("2024-02").interval.minutes == 29 * 1_440)
        for text in ["2026-13", "2026-00", "2026-Q5", "2026", "2026-1", "", "2026-11-01"] {
            #expect(#expect(throws: OfficeFault.self) { try ReportPeriod(text) }?.code == "bad_time", "\(text)")
        }
    }

    @Test func staleParksAreNamed() async throws {
        var store = try OfficeFixture.store()
        store.standings.parks = [
            .init(park: "bio", inReach: false, lastHeard: Instant(seconds: 1_796_430_000), lacking: 0),
            .init(park: "west", inReach: true, lastHeard: Instant(seconds: 1_796_436_000), lacking: 4),
            .init(park: "airport", inReach: true, lastHeard: Instant(seconds: 1_796_436_000), lacking: 0),
        ]
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south", store)
        let computed = try await office.indicators().computed
        #expect(computed.stale.map(\.park) == ["bio", "west"])
        #expect(
            computed.lines(.zh) == [
                "统计时点 2026-12-05 10:00（北京时间），数据截至 bio:3 south:7",
                "数据可能不是最新：生物城，最近联系 2026-12-05 08:20", "数据可能不是最新：west，最近联系 2026-12-05 10:00",
            ])
    }

    @Test func everyIndicatorHasItsRecords() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        for drill in FigureScreens.drills {
            let report = try await office.drill(drill.indicator, limit: 2)
            #expect(report.records.count == min(2, report.count), "\(drill.indicator)")
        }
        #expect(try await office.drill("enterprises").records.map(\.id).count == 2)
        #expect(try await office.fault { _ = try await $0.drill("happiness") }?.code == "unknown_indicator")
    }

    @Test func figuresOfTablesThatGoOnAreRefused() async throws {
        let office = Office(
            store: MovingStore(base: try OfficeFixture.store()),
            vocabulary: try await Vocabulary.read(from: try OfficeFixture.store()), viewer: OfficeFixture.stranger)
        #expect(try await office.fault { _ = try await $0.indicators() }?.cause == .unavailable)
    }

    @Test func freeTimesLeaveOutWhatHolds() async throws {
        let office = try await OfficeFixture.office(OfficeFixture.stranger, at: "south")
        let within = try #require(Interval(start: "2026-12-08T00:00:00Z", end: "2026-12-08T05:00:00Z"))
        // Held from 01:00 to 03:00.
        let free = try await office.free("south:instrument:1", TimeWish(within: within, minutes: 60))
        #expect(free.map(\.startsAt) == ["2026-12-08T00:00:00Z", "2026-12-08T03:00:00Z", "2026-12-08T04:00:00Z"])
        let items = try await office.free(
            of: ["south:instrument:1", "south:instrument:2"], TimeWish(within: within, minutes: 120))
        #expect(items.map(\.itemID) == ["south:instrument:2", "south:instrument:1"])
        for (wish, code) in [
            (TimeWish(within: within, minutes: 0), "bad_length"),
            (TimeWish(within: .always, minutes: 60), "bad_interval"),
            (TimeWish(within: within, minutes: 60, weight: 0), "bad_weight"),
        ] {
            #expect(try await office.fault { _ = try await $0.free("south:instrument:1", wish) }?.code == code)
        }
        let none = try await office.fault {
            _ = try await $0.free("south:instrument:9", TimeWish(within: within, minutes: 1))
        }
        #expect(none?.code == "unknown_subject")
    }
}

/// A node whose tables never stand still.
private struct MovingStore: OfficeStore {
    let base: MemoryStore
    var park: String { base.park }

    func read(_ query: SQLStatement) async throws -> OfficeRows { try await base.read(query) }
    func write(_ statements: [SQLStatement], author: String?, note: String?) async throws -> [Int] {
        try await base.write(statements, author: author, note: note)
    }
    func standing() async throws -> ZoneStanding {
        var standing = base.standings
        standing.applied = "south:\(base.draw())"
        return standing
    }
    func now() -> Instant { base.now() }
    func draw() -> UInt64 { base.draw() }
}
