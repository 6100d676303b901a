import ParkSyncCore

/// When to call a peer again: exponential back-off with full jitter.
///
/// Source: Brooker, *Exponential Backoff And Jitter*, AWS Architecture Blog, 2015. Six parks that
/// lose one link at the same moment must not all come back at the same moment.
struct Backoff: Sendable {
    static let firstMilliseconds: UInt64 = 250
    static let lastMilliseconds: UInt64 = 30_000
    /// Even the luckiest draw leaves the peer a moment.
    static let leastMilliseconds: UInt64 = 50

    private(set) var failures: UInt64 = 0
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// The stream worked: the next failure counts as the first.
    mutating func succeed() { failures = 0 }

    /// - Returns: milliseconds to wait after one more failure.
    mutating func fail(_ failure: LinkFailure?) -> UInt64 {
        let ceiling = min(Self.lastMilliseconds, Self.firstMilliseconds << min(failures, 16))
        failures &+= 1
        switch failure?.kind {
        // An operator has to act first; calling often would only fill the logs of both parks.
        case .untrusted, .incompatible, .stranger, .lying:
            return Self.lastMilliseconds / 2 + random.below(Self.lastMilliseconds / 2)
        case .busy: return (failure?.retryAfterMilliseconds ?? ceiling) &+ random.below(ceiling)
        default: return max(Self.leastMilliseconds, random.below(ceiling &+ 1))
        }
    }
}
