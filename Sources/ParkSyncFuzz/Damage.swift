import ParkSyncCore

/// Numbers that follow from a seed alone, so that a run can be had again.
package struct FuzzRandom: RandomNumberGenerator, Sendable {
    private var numbers: SplitMix64
    package init(seed: UInt64) { numbers = SplitMix64(state: seed) }

    package mutating func next() -> UInt64 { numbers.next() }

    /// From 0 to below `limit`; 0 for a limit of 0.
    mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(numbers.below(UInt64(limit))) : 0 }
}

/// Ways of making other bytes out of well-formed ones.
package struct Damage: Sendable {
    /// Longest input that is made.
    package static let inputBytesMax = 1 << 16
    private static let stepsMax = 4
    private static let runBytesMax = 64
    /// Deep enough for any recursion that has no limit.
    private static let repeatsMax = 4_096

    /// Values at which arithmetic goes wrong, as varints, as fixed integers and in decimal.
    private static let extremes: [[UInt8]] = {
        let numbers: [UInt64] = [0, 1, 0x7F, 0x80, 1 << 31, 1 << 32, 1 << 62, (1 << 63) - 1, 1 << 63, .max - 1, .max]
        let fixed = numbers.flatMap { number -> [[UInt8]] in
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
            return [
                bytes, bytes.reversed(), Array(bytes.prefix(4)), varint(number), Array("\(number)".utf8),
                Array("-\(number)".utf8),
            ]
        }
        let texts = [
            "1e999", "-0", "0x10", "null", "\\u0000", "\\ud800", "é", "e\u{301}", "\u{0}", "--", "/*", "'", "\"", "[",
            "{", ":", ",",
        ]
        return fixed + texts.map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFE, 0xFF]]
    }()

    private static func varint(_ number: UInt64) -> [UInt8] {
        var (rest, bytes) = (number, [UInt8]())
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(truncatingIfNeeded: rest)]
    }

    /// - Parameters:
    ///   - input: what is damaged.
    ///   - other: what pieces are taken from.
    package static func damage(_ input: [UInt8], _ other: [UInt8], _ random: inout FuzzRandom) -> [UInt8] {
        var bytes = input
        for _ in 0...random.below(stepsMax) { step(&bytes, other, &random) }
        return bytes.count > inputBytesMax ? Array(bytes.prefix(inputBytesMax)) : bytes
    }

    private static func step(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout FuzzRandom) {
        let place = random.below(bytes.count)
        let run = min(bytes.count - place, 1 + random.below(runBytesMax))
        switch random.below(10) {
        case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes.removeSubrange(place..<place + run)
        case 3: bytes.insert(contentsOf: bytes[place..<place + run], at: random.below(bytes.count + 1))
        case 4: bytes.replaceSubrange(place..<place + run, with: extremes[random.below(extremes.count)])
        case 5: bytes.insert(contentsOf: extremes[random.below(extremes.count)], at: place)
        case 6:
            let start = random.below(other.count)
            let length = min(other.count - start, 1 + random.below(runBytesMax * 4))
            bytes.replaceSubrange(place..<place + run, with: other[start..<start + length])
        case 7: bytes.removeSubrange(place...)
        case 8 where !bytes.isEmpty:
            bytes.insert(contentsOf: repeatElement(bytes[place], count: random.below(repeatsMax)), at: place)
        default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: random.below(bytes.count + 1))
        }
    }
}
