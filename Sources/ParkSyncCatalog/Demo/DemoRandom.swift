import ParkSyncCore

/// The demo data's own randomness: the same seed gives the same bytes each time.
struct DemoRandom: Sendable {
    private var numbers: SplitMix64

    /// Independent streams for different names under one seed.
    init(seed: UInt64, stream: String) {
        numbers = SplitMix64(
            state: stream.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 })
    }

    mutating func next() -> UInt64 { numbers.next() }

    /// From 0 up to but not including `bound`.
    mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }

    /// Nil only for an empty list.
    mutating func pick<Element>(_ list: [Element]) -> Element? { list.isEmpty ? nil : list[below(list.count)] }

    mutating func chance(percent: Int) -> Bool { below(100) < percent }
}

/// Days and instants of the demo.
enum DemoTime {
    /// 2026-12-07, a Monday, in days since 1970-01-01.
    static let firstDay = 20_794

    static func day(_ days: Int) -> String { CivilDay(number: Int64(days)).text }

    static func instant(day days: Int, minute: Int) -> String {
        "\(day(days + minute / 1_440))T\(two(minute / 60 % 24)):\(two(minute % 60)):00Z"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
