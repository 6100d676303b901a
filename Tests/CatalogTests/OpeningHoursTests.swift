import ParkSyncCore
import Testing

@testable import ParkSyncCatalog

@Suite struct OpeningHoursTests {
    typealias Desk = ArbiterDesk

    private static let weekdays: UInt8 = 0b001_1111

    private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

    @Test(arguments: [
        "2026-12-07T01:30:00Z", "1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "", "~",
    ])
    func instantsAreReadAndWritten(text: String) { #expect(Instant(text)?.text == text) }

    @Test(arguments: [
        "2026-12-07", "2026-12-07 02:00:00Z", "2026-12-07T02:00:00+08:00", "2026-12-07T24:00:00Z",
        "2026-12-07T02:60:00Z", "2026-02-30T02:00:00Z", "2026-13-07T02:00:00Z", "2026-00-07T02:00:00Z",
        "2025-02-29T02:00:00Z", "1900-02-29T02:00:00Z", "２０２６-12-07T03:00:00Z", "z", "~~",
    ])
    func whatIsNoInstantIsNone(text: String) { #expect(Instant(text) == nil) }

    @Test func everyDayHasItsNumber() throws {
        #expect(CivilDay("1970-01-01")?.number == 0 && CivilDay("2026-12-07")?.weekday == 1)
        #expect(CivilDay("2026-13-07") == nil && CivilDay("2026-12-7") == nil && CivilDay("") == nil)
        let first = try #require(CivilDay("1899-12-31"))
        for number in stride(from: first.number, to: first.number + 120_000, by: 1) {
            let day = CivilDay(number: number)
            #expect(CivilDay(day.text) == day)
            #expect(CivilDay(number: number + 1).weekday == day.weekday % 7 + 1)
        }
    }

    /// Midnight in Chengdu is four o'clock in the afternoon in UTC, in July as in January.
    @Test func shanghaiHasNoSummerTime() throws {
        for (text, day) in [
            ("2026-07-01T15:59:59Z", "2026-07-01"), ("2026-07-01T16:00:00Z", "2026-07-02"),
            ("2026-01-01T15:59:59Z", "2026-01-01"), ("2026-01-01T16:00:00Z", "2026-01-02"),
            ("1988-06-30T16:00:00Z", "1988-07-01"),
        ] {
            #expect(Shanghai.day(of: try instant(text)).text == day)
        }
        #expect(Shanghai.instant(try #require(CivilDay("2026-12-07")), minute: 540).text == "2026-12-07T01:00:00Z")
    }

    @Test func onWeekdaysFromNineToFive() {
        let hours = OpeningHours([Window(.open, weekdays: Self.weekdays, from: 540, to: 1_020)])
        #expect(hours.isOpen(throughout: Desk.hours(9, 17)))
        #expect(!hours.isOpen(throughout: Desk.hours(8, 17)) && !hours.isOpen(throughout: Desk.hours(9, 18)))
        #expect(!hours.isOpen(throughout: Desk.hours(9, 24 + 17)), "not over night")
        #expect(!hours.isOpen(throughout: Desk.hours(5 * 24 + 9, 5 * 24 + 10)), "Saturday")
        #expect(hours.isOpen(throughout: Desk.hours(4 * 24 + 9, 4 * 24 + 10)), "Friday")
    }

    /// From ten in the evening to six in the morning, the night that begins on Friday included.
    @Test func acrossMidnight() {
        let hours = OpeningHours([Window(.open, weekdays: Self.weekdays, from: 1_320, to: 360)])
        #expect(hours.isOpen(throughout: Desk.hours(22, 30)) && !hours.isOpen(throughout: Desk.hours(22, 31)))
        #expect(!hours.isOpen(throughout: Desk.hours(1, 2)), "the night before Monday is Sunday's")
        #expect(
            hours.isOpen(throughout: Desk.hours(5 * 24 + 1, 5 * 24 + 6))
                && !hours.isOpen(throughout: Desk.hours(6 * 24 + 1, 6 * 24 + 2)))
    }

    @Test func windowsThatTouchAreOne() {
        let night = Window(.open, from: 1_080, to: 480)
        let day = Window(.open, from: 480, to: 1_080)
        #expect(OpeningHours([night, day]).isOpen(throughout: Desk.hours(3, 24 * 300)))
        #expect(
            !OpeningHours([night, day]).isOpen(throughout: Interval(Desk.hour(0), Desk.hour(24 * 4_000_000))), "bounded"
        )
        #expect(OpeningHours([Window(.open)]).isOpen(throughout: Desk.hours(0, 24 * 30)))
        #expect(OpeningHours().isOpen(throughout: Desk.hours(0, 1)))
    }

    @Test func datesBoundAWindow() {
        let day = Shanghai.day(of: Desk.monday)
        let holiday = Window(
            .holiday, firstDay: CivilDay(number: day.number + 1), lastDay: CivilDay(number: day.number + 2))
        let hours = OpeningHours([holiday])
        #expect(!hours.touches(.holiday, Desk.hours(0, 24)) && hours.touches(.holiday, Desk.hours(0, 25)))
        #expect(hours.touches(.holiday, Desk.hours(71, 72)) && !hours.touches(.holiday, Desk.hours(72, 96)))
        #expect(
            hours.touches(.holiday, Desk.hours(-10_000, 10_000)) && !hours.touches(.maintenance, Desk.hours(25, 26)))
    }

    /// What a screen of another park shows may come from a row that no CHECK has seen.
    @Test(arguments: [Int64.min, -1, 2_881, .max]) func minutesOfNoDayAreNoDanger(minute: Int64) {
        for window in [
            Window(.open, from: minute, to: 60), Window(.open, to: minute), Window(.open, from: minute, to: minute),
        ] {
            let span = window.span(on: Shanghai.day(of: Desk.monday))
            #expect(span.map { $0.start >= Desk.hour(0) && $0.end <= Desk.hour(72) } == true, "\(window)")
        }
    }

    /// Against looking at every quarter of an hour.
    @Test(arguments: 1...40) func likeACalendarByHand(seed: Int) {
        var random = DemoRandom(seed: UInt64(seed), stream: "windows")
        let day = Shanghai.day(of: Desk.monday).number
        let windows = (0...random.below(3)).map { _ in
            Window(
                random.chance(percent: 70) ? .open : .closed, weekdays: UInt8(random.below(128)),
                from: Int64(random.below(96)) * 15,
                to: Int64(random.below(97)) * 15,
                firstDay: random.chance(percent: 40) ? CivilDay(number: day + Int64(random.below(20))) : nil,
                lastDay: random.chance(percent: 40) ? CivilDay(number: day + Int64(random.below(40))) : nil)
        }
        let hours = OpeningHours(windows)
        func holds(_ kind: Window.Kind, quarter: Int64) -> Bool {
            windows.contains { window in
                window.kind == kind
                    && [0, 1].contains { (before: Int64) in
                        let begins = CivilDay(number: day + quarter.dividedDown(by: 96).quotient - before)
                        let minute = quarter.dividedDown(by: 96).rest * 15 + before * 1_440
                        let end = window.to > window.from ? window.to : window.to + 1_440
                        return window.weekdays >> UInt8(begins.weekday - 1) & 1 == 1 && window.from <= minute
                            && minute < end
                            && begins >= window.firstDay ?? begins && begins <= window.lastDay ?? begins
                    }
            }
        }
        for _ in 0..<30 {
            let from = Int64(random.below(96 * 30))
            let to = from + 1 + Int64(random.below(random.chance(percent: 20) ? 2_000 : 40))
            let interval = Interval(Desk.monday.adding(minutes: from * 15), Desk.monday.adding(minutes: to * 15))
            let isOpen = !windows.contains { $0.kind == .open } || (from..<to).allSatisfy { holds(.open, quarter: $0) }
            #expect(hours.isOpen(throughout: interval) == isOpen, "\(windows) \(interval)")
            #expect(
                hours.touches(.closed, interval) == (from..<to).contains { holds(.closed, quarter: $0) }, "\(windows)")
        }
    }
}
