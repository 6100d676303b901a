/// A date of the Gregorian calendar, by its number since 1970-01-01. Source: Hinnant,
/// *chrono-Compatible Low-Level Date Algorithms*.
package struct CivilDay: Hashable, Comparable, Sendable {
    package var number: Int64

    package init(number: Int64) { self.number = number }

    package init(year: Int64, month: Int64, day: Int64) {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.dividedDown(by: 400).quotient
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// - Returns: nil unless `text` is a date such as `2026-12-07`.
    package init?(_ text: String) {
        guard let start = Instant("\(text)T00:00:00Z"), text.utf8.count == 10 else { return nil }
        number = start.seconds / 86_400
    }

    package var text: String {
        let (era, dayOfEra) = (number + 719_468).dividedDown(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))"
    }

    /// 1 is Monday, 7 Sunday.
    package var weekday: Int { Int((number + 3).dividedDown(by: 7).rest) + 1 }

    package static func < (a: CivilDay, b: CivilDay) -> Bool { a.number < b.number }
}

/// The zone's clocks: eight hours before UTC all the year (China has had no summer time since
/// 1991), so that no library of time zones is asked.
package enum Shanghai {
    private static var offset: Int64 { 8 * 3_600 }

    package static func day(of instant: Instant) -> CivilDay {
        CivilDay(number: instant.adding(seconds: offset).seconds.dividedDown(by: 86_400).quotient)
    }

    /// - Parameter minute: of the day; 1,440 and more are the next one's.
    package static func instant(_ day: CivilDay, minute: Int64) -> Instant {
        Instant(seconds: day.number * 86_400 - offset + minute * 60)
    }
}
