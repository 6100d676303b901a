/// The one form in which the schema accepts an instant: `2026-12-07T01:30:00Z`, a real date of the
/// Gregorian calendar in UTC.
///
/// It is the form that SQLite's `strftime('%Y-%m-%dT%H:%M:%SZ', …)` gives back unchanged, from year
/// 0 to 9999. Leap seconds and 24:00 are not in it.
enum InstantForm {
    private static let pattern = Array("0000-00-00T00:00:00Z".utf8)
    private static let monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == pattern.count else { return false }
        for (byte, expected) in zip(bytes, pattern) {
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            guard expected == UInt8(ascii: "0") ? isDigit : byte == expected else { return false }
        }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        guard (1...12).contains(month), number(11..<13) < 24, number(14..<16) < 60, number(17..<19) < 60 else {
            return false
        }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return (1...(month == 2 && isLeap ? 29 : monthDays[month - 1])).contains(day)
    }
}
