import ParkSyncCore
import ParkSyncReplication

/// Chance for workloads: the same seed gives the same work.
package struct Chance: Sendable {
    private var random: SplitMix64
    package init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// From 0 up to but not including `bound`.
    package mutating func below(_ bound: Int) -> Int { Int(random.below(UInt64(max(0, bound)))) }
    package mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
    package mutating func pick<T>(_ choices: [T]) -> T? { choices.isEmpty ? nil : choices[below(choices.count)] }
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) }
    }

    /// One of the kinds with the given weights, each at least 1 in sum.
    package mutating func weighted<T>(_ choices: [(weight: Int, kind: T)]) -> T? {
        var rest = below(choices.reduce(0) { $0 + $1.weight })
        for choice in choices {
            if rest < choice.weight { return choice.kind }
            rest -= choice.weight
        }
        return nil
    }
}

/// Values that have been trouble somewhere: the ends of number ranges, signed zeros, NUL and broken
/// UTF-8 in texts, texts of digits.
enum ValueMix {
    private static let integers: [Int64] = [
        0, 1, -1, 127, 1 << 59, 1 << 60, -(1 << 60), -(1 << 60) - 1, .max, .min, 1_000_003,
    ]
    private static let reals: [Double] = [
        0, -0.0, 1, -1.5, 0.1, 1e300, -1e300, 0x1p-1074, 9_007_199_254_740_992, 0x1p63, -0x1p63, .infinity, -.infinity,
        .pi,
    ]
    private static let texts: [[UInt8]] = [
        [], Array("plain".utf8), Array("成都".utf8), [0], [0x61, 0, 0x62], [0xFF, 0xFE], [0xC3], Array("12".utf8),
        Array(" -1.5e3 ".utf8),
        Array("e\u{301}".utf8), Array("\u{E9}".utf8), Array("it's \"quoted\"".utf8), Array(repeating: 0x7A, count: 300),
    ]

    static func any(_ chance: inout Chance) -> Value {
        switch chance.below(6) {
        case 0: .null
        case 1: .integer(integers[chance.below(integers.count)])
        case 2: .double(reals[chance.below(reals.count)])
        case 3: text(&chance)
        case 4: blob(&chance)
        default: .integer(Int64(chance.below(1_000)))
        }
    }

    static func integer(_ chance: inout Chance) -> Value { .integer(integers[chance.below(integers.count)]) }
    static func real(_ chance: inout Chance) -> Value { .double(reals[chance.below(reals.count)]) }
    static func text(_ chance: inout Chance) -> Value { .text(texts[chance.below(texts.count)]) }
    static func blob(_ chance: inout Chance) -> Value {
        switch chance.below(4) {
        case 0: .blob([])
        case 1: .blob([0])
        case 2: .blob(Array("12".utf8))
        default: .blob(chance.bytes(1 + chance.below(20)))
        }
    }

    /// A text or blob of up to tens of thousands of bytes.
    static func large(_ chance: inout Chance) -> Value {
        let count = 200 + chance.below(40_000)
        return chance.oneIn(2)
            ? .blob(chance.bytes(count)) : .text((0..<count).map { _ in UInt8(0x20 + chance.below(0x5F)) })
    }

    /// Unix milliseconds as the starter schema writes instants: `2026-12-07T01:30:00Z`.
    static func instant(_ milliseconds: UInt64) -> String {
        let seconds = Int(clamping: milliseconds / 1_000)
        // Days from the civil calendar's 1 March of year 0 (Howard Hinnant, chrono-compatible
        // low-level date algorithms).
        let days = seconds / 86_400 + 719_468
        let (era, dayOfEra) = (days / 146_097, days % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = [seconds % 86_400 / 3_600, seconds % 3_600 / 60, seconds % 60].map(two).joined(separator: ":")
        return "\(year)-\(two(month < 10 ? month + 3 : month - 9))-\(two(day))T\(time)Z"
    }
}
