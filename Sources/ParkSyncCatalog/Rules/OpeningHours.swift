import ParkSyncCore

/// When an item can be used, and when not: a span of each day that it names, on the zone's clocks.
package struct Window: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable { case open, closed, maintenance, holiday }

    package var kind: Kind
    /// Bit 0 is Monday.
    package var weekdays: UInt8
    /// Minutes of the day. One that does not end behind its start ends on the next day.
    package var from: Int64
    package var to: Int64
    /// On which days it begins; nil: from ever, for ever.
    package var firstDay: CivilDay?
    package var lastDay: CivilDay?

    package static var everyDay: UInt8 { 0b111_1111 }

    package init(
        _ kind: Kind, weekdays: UInt8 = Window.everyDay, from: Int64 = 0, to: Int64 = 1_440, firstDay: CivilDay? = nil,
        lastDay: CivilDay? = nil
    ) {
        // Rows of other parks may hold any numbers.
        let minutes: ClosedRange<Int64> = 0...2_880
        (self.kind, self.weekdays) = (kind, weekdays)
        self.from = min(max(minutes.lowerBound, from), minutes.upperBound)
        self.to = min(max(minutes.lowerBound, to), minutes.upperBound)
        (self.firstDay, self.lastDay) = (firstDay, lastDay)
    }

    /// Its span that begins on that day.
    func span(on day: CivilDay) -> Interval? {
        guard weekdays & (1 << UInt8(day.weekday - 1)) != 0, firstDay.map({ $0 <= day }) ?? true,
            lastDay.map({ day <= $0 }) ?? true
        else { return nil }
        return Interval(
            Shanghai.instant(day, minute: from), Shanghai.instant(day, minute: to > from ? to : to + 1_440))
    }

    /// Whether it holds at any instant of a bounded interval. Ten days tell: whatever a window does
    /// on any weekday, it does on one of seven days that lie in the interval whole.
    func overlaps(_ interval: Interval) -> Bool {
        let first = max(Shanghai.day(of: interval.start).number - 1, firstDay?.number ?? .min)
        let last = min(Shanghai.day(of: interval.end).number, lastDay?.number ?? .max)
        guard first <= last else { return false }
        return (first...min(last, first + 10)).contains {
            span(on: CivilDay(number: $0))?.overlaps(interval) ?? false
        }
    }
}

/// All windows of an item.
package struct OpeningHours: Hashable, Sendable {
    package var windows: [Window]

    package init(_ windows: [Window] = []) { self.windows = windows }

    /// An item without a window that says when it is open is open always.
    package func isOpen(throughout interval: Interval) -> Bool {
        let open = windows.filter { $0.kind == .open }
        guard !open.isEmpty else { return true }
        var reached = interval.start
        for _ in 0..<Self.spansMax {
            let day = Shanghai.day(of: reached).number
            let spans = open.flatMap { window in
                [day - 1, day].compactMap { window.span(on: CivilDay(number: $0)) }
            }
            guard let end = spans.filter({ $0.start <= reached && reached < $0.end }).map(\.end).max() else {
                return false
            }
            if end >= interval.end { return true }
            reached = end
        }
        return false
    }

    package func touches(_ kind: Window.Kind, _ interval: Interval) -> Bool {
        windows.contains { $0.kind == kind && $0.overlaps(interval) }
    }

    /// Two years of days: whoever asks for more would otherwise decide how long the home computes.
    private static var spansMax: Int { 732 }
}
