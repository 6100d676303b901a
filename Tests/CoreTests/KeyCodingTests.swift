import Testing

@testable import ParkSyncCore

@Suite struct KeyCodingTests {
    /// How SQLite's BINARY collation orders two values of one type, said without the encoding; 0 if
    /// they are equal.
    static func order(_ a: Value, _ b: Value) -> Int {
        switch (a, b) {
        case (.integer(let x), .integer(let y)): return x < y ? -1 : x > y ? 1 : 0
        case (.real(let x), .real(let y)):
            let (left, right) = (Double(bitPattern: x), Double(bitPattern: y))
            return left < right ? -1 : left > right ? 1 : 0
        case (.text(let x), .text(let y)), (.blob(let x), .blob(let y)):
            for (left, right) in zip(x, y) where left != right { return left < right ? -1 : 1 }
            return x.count < y.count ? -1 : x.count > y.count ? 1 : 0
        default: return 0
        }
    }

    static func order(_ a: [Value], _ b: [Value]) -> Int {
        for (left, right) in zip(a, b) {
            let order = order(left, right)
            if order != 0 { return order }
        }
        return 0
    }

    static func randomBytes(_ random: inout TestRandom) -> [UInt8] {
        let alphabet: [UInt8] = [0x00, 0x01, 0x61, 0x7F, 0x80, 0xFE, 0xFF]
        return (0..<random.below(5)).map { _ in alphabet[random.below(alphabet.count)] }
    }

    static func random(_ type: Int, _ random: inout TestRandom) -> Value {
        let integers: [Int64] = [.min, .min + 1, -256, -255, -1, 0, 1, 127, 128, 255, 256, .max - 1, .max]
        let reals: [Double] = [
            -.infinity, -1e300, -1.5, -1, -.leastNonzeroMagnitude, 0, .leastNonzeroMagnitude, 1, 1.5, 1e300, .infinity,
        ]
        switch type {
        case 0:
            return .integer(
                random.below(2) == 0 ? integers[random.below(integers.count)] : Int64(bitPattern: random.next()))
        case 1:
            return .double(
                random.below(2) == 0 ? reals[random.below(reals.count)] : Double(Int64(bitPattern: random.next())) / 1e9
            )
        case 2: return .text(randomBytes(&random))
        default: return .blob(randomBytes(&random))
        }
    }

    @Test(arguments: 0..<4) func keysOfTheSameTypesSortAsSQLiteSortsThem(block: UInt64) throws {
        for number in 0..<3_000 {
            let seed = block * 10_000 + UInt64(number)
            var random = TestRandom(seed)
            let types = (0...random.below(4)).map { _ in random.below(4) }
            let a = types.map { Self.random($0, &random) }
            // Keys that begin alike are the hard ones.
            let shared = random.below(types.count + 1)
            let b = types.enumerated().map { $0.offset < shared ? a[$0.offset] : Self.random($0.element, &random) }
            let (left, right) = (try #require(KeyCoding.encode(a)), try #require(KeyCoding.encode(b)))
            let order = left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
            #expect(order == Self.order(a, b), "seed \(seed): \(a) and \(b)")
            #expect(try KeyCoding.decode(left, count: types.count) == a, "seed \(seed)")
        }
    }

    @Test func knownOrdersHold() throws {
        let integers = [Int64.min, -300, -1, 0, 1, 255, 256, Int64.max].map { [Value.integer($0)] }
        let reals = [-Double.infinity, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, .infinity].map { [Value.double($0)] }
        let texts = ["", "a", "a\u{0}", "a\u{0}b", "ab", "b", "成"].map { [Value.string($0)] }
        let pairs = ["", "a", "a\u{0}", "ab", "b"].flatMap { first in
            ["", "x", "y"].map { [Value.string(first), Value.string($0)] }
        }
        for sorted in [integers, reals, texts, pairs] {
            let keys = try sorted.map { try #require(KeyCoding.encode($0)) }
            for (index, key) in keys.enumerated() {
                for later in keys[(index + 1)...] { #expect(key.lexicographicallyPrecedes(later)) }
            }
        }
    }

    @Test func extremeComponentsComeBack() throws {
        let values: [Value] = [
            .integer(.min), .integer(.max), .integer(0), .real(0), .real((-0.0).bitPattern), .real(UInt64.max),
            .real(0x7FF8_0000_0000_0001),
            .real(0xFFF0_0000_0000_0000), .text([]), .text([0, 0xFF, 0]), .text([0xC3, 0x28]), .blob([]),
            .blob([0, 0, 0xFF, 0xFF]),
        ]
        for first in values {
            #expect(try KeyCoding.decode(try #require(KeyCoding.encode([first])), count: 1) == [first])
            for second in values {
                let key = try #require(KeyCoding.encode([first, second]))
                #expect(try KeyCoding.decode(key, count: 2) == [first, second])
                #expect(throws: DecodingFailure.self) { try KeyCoding.decode(key, count: 3) }
            }
        }
        #expect(KeyCoding.encode([.null]) == nil && KeyCoding.encode([.integer(1), .null, .integer(2)]) == nil)
        #expect(KeyCoding.encode([.double(-1)]) == [0x15, 0x40, 0x0F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(KeyCoding.encode([.double(1)]) == [0x15, 0xBF, 0xF0, 0, 0, 0, 0, 0, 0])
    }

    /// What is accepted as a key is the one encoding of its components.
    @Test(arguments: 0..<4) func damagedKeysAreErrorsOrOtherKeys(block: UInt64) throws {
        var accepted = 0
        for number in 0..<4_000 {
            let seed = block * 10_000 + UInt64(number)
            var random = TestRandom(seed)
            let count = 1 + random.below(3)
            var key = try #require(KeyCoding.encode((0..<count).map { _ in Self.random(random.below(4), &random) }))
            for _ in 0...random.below(2) {
                switch random.below(4) {
                case 0 where !key.isEmpty: key[random.below(key.count)] = UInt8(random.below(256))
                case 1 where !key.isEmpty: key.remove(at: random.below(key.count))
                case 2: key.insert([0, 0xFF, 0x20, 0x30][random.below(4)], at: random.below(key.count + 1))
                default: key = Array(key.prefix(random.below(key.count + 1)))
                }
            }
            do {
                #expect(
                    KeyCoding.encode(try KeyCoding.decode(key, count: count)) == key,
                    "seed \(seed): two encodings of one key")
                accepted += 1
            } catch {
                #expect(error is DecodingFailure, "seed \(seed): \(error)")
            }
        }
        #expect(accepted > 100)
    }
}
