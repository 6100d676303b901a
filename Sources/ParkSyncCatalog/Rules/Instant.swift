import ParkSyncCore

/// A second of UTC. The schema writes it as `2026-12-07T01:30:00Z`; where there is no interval, its
/// ends are `''` and `'~'`, which stand before and behind every instant as texts, too.
package struct Instant: Hashable, Comparable, Sendable {
    /// Since 1970.
    package var seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    package static let first = Instant(seconds: .min)
    package static let last = Instant(seconds: .max)

    /// - Returns: nil unless `text` is in the one form that the schema accepts.
    package init?(_ text: String) {
        if text.isEmpty { self = .first; return }
        if text.isExactly("~") { self = .last; return }
        guard InstantForm.isValid(text) else { return nil }
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }
        let day = CivilDay(year: number(0..<4), month: number(5..<7), day: number(8..<10))
        seconds = day.number * 86_400 + number(11..<13) * 3_600 + number(14..<16) * 60 + number(17..<19)
    }

    package var text: String {
        if self == .first { return "" }
        if self == .last { return "~" }
        let (day, second) = seconds.dividedDown(by: 86_400)
        let time = [second / 3_600, second / 60 % 60, second % 60].map { $0.padded(2) }.joined(separator: ":")
        return "\(CivilDay(number: day).text)T\(time)Z"
    }

    /// The ends of time stay where they are.
    package func adding(minutes: Int64) -> Instant { adding(seconds: minutes.multipliedOrMost(by: 60)) }
    package func adding(days: Int64) -> Instant { adding(seconds: days.multipliedOrMost(by: 86_400)) }

    package func adding(seconds more: Int64) -> Instant {
        if self == .first || self == .last { return self }
        let (sum, overflow) = seconds.addingReportingOverflow(more)
        return overflow ? (more < 0 ? .first : .last) : Instant(seconds: sum)
    }

    package static func < (a: Instant, b: Instant) -> Bool { a.seconds < b.seconds }
}

/// From an instant up to another, which is not part of it.
package struct Interval: Hashable, Sendable {
    package var start: Instant
    package var end: Instant

    package init(_ start: Instant, _ end: Instant) { (self.start, self.end) = (start, end) }

    package static let always = Interval(.first, .last)

    /// - Returns: nil unless both are instants of the schema's form, the first before the last.
    package init?(start: String, end: String) {
        guard let start = Instant(start), let end = Instant(end), start < end else { return nil }
        self.init(start, end)
    }

    /// Whether both ends are real instants.
    package var isBounded: Bool { start != .first && end != .last }

    /// Rounded down. Meaningless unless the interval is bounded.
    package var minutes: Int64 { isBounded ? (end.seconds - start.seconds) / 60 : .max }

    package func overlaps(_ other: Interval) -> Bool { start < other.end && other.start < end }
}

extension Int64 {
    /// The quotient towards minus infinity, and what is left.
    func dividedDown(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let rest = self % divisor
        return rest < 0 ? (self / divisor - 1, rest + divisor) : (self / divisor, rest)
    }

    func multipliedOrMost(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
    }

    func addedOrMost(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}
