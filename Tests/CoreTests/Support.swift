import ParkSyncCore

/// Deterministic randomness for tests.
struct TestRandom: RandomNumberGenerator {
    private var numbers: SplitMix64
    init(_ seed: UInt64) { numbers = SplitMix64(state: seed) }
    mutating func next() -> UInt64 { numbers.next() }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

extension OriginID {
    /// For names that are known to be some.
    static func known(_ name: String) -> OriginID { OriginID(name) ?? known("a") }
}
