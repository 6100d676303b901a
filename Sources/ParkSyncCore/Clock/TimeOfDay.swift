/// Times of the day, for people.
package enum TimeOfDay {
    /// The first full minute at or after a time, as in `14:05 (UTC)`.
    ///
    /// - Parameter milliseconds: Unix time.
    package static func minute(_ milliseconds: UInt64) -> String {
        let minutes = (milliseconds / 60_000 + (milliseconds % 60_000 > 0 ? 1 : 0)) % 1_440
        func digits(_ number: UInt64) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(digits(minutes / 60)):\(digits(minutes % 60)) (UTC)"
    }
}
