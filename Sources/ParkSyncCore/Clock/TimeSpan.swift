/// Lengths of time, for people.
package enum TimeSpan {
    private static let second: UInt64 = 1_000
    private static let minute = 60 * second
    private static let hour = 60 * minute
    private static let day = 24 * hour

    /// What the numbers in `text` count.
    package static let units: Set = ["ms", "s", "min", "h", "day", "days"]

    /// In its two largest units, rounded down: `300 days 2 h`, `1 min 30 s`, `4.5 s`, `250 ms`.
    package static func text(milliseconds: UInt64) -> String {
        switch milliseconds {
        case ..<second: "\(milliseconds) ms"
        case ..<(10 * second): "\(milliseconds / second).\(milliseconds % second / 100) s"
        case ..<minute: "\(milliseconds / second) s"
        case ..<hour: "\(milliseconds / minute) min \(milliseconds % minute / second) s"
        case ..<day: "\(milliseconds / hour) h \(milliseconds % hour / minute) min"
        default: "\(milliseconds / day) day\(milliseconds / day == 1 ? "" : "s") \(milliseconds % day / hour) h"
        }
    }

    /// How one clock stands to another: `300 days 2 h ahead`, `5.0 s behind`.
    ///
    /// - Parameter milliseconds: the one minus the other.
    package static func offset(milliseconds: Int64) -> String {
        "\(text(milliseconds: milliseconds.magnitude)) \(milliseconds < 0 ? "behind" : "ahead")"
    }

    /// The same in a sentence: `300 days 2 h ahead of this node's`.
    package static func offset(milliseconds: Int64, to other: String) -> String {
        "\(offset(milliseconds: milliseconds)) \(milliseconds < 0 ? "" : "of ")\(other)"
    }
}
