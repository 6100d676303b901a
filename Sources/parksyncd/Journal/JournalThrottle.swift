/// Keeps events that somebody from outside can bring about from filling the journal: one line a minute for each cause, and how many there
/// were. Owns no clock.
struct JournalThrottle {
    static let pauseMilliseconds: UInt64 = 60_000
    /// Causes that are told apart at a time; of further ones the one that was told longest ago is forgotten.
    static let causesMax = 256

    private struct Told {
        var at: UInt64
        var repeated = 0
    }
    private var told: [String: Told] = [:]

    /// - Parameter now: monotonic milliseconds.
    /// - Returns: how many of the same cause were kept back since the last line; nil if this one is to be kept back as well.
    mutating func admit(_ event: Event, now: UInt64) -> Int? {
        guard event.code.isFromOutside else { return 0 }
        let before = told[event.cause]
        if let before, now < before.at &+ Self.pauseMilliseconds {
            told[event.cause]?.repeated += 1
            return nil
        }
        if before == nil, told.count >= Self.causesMax, let oldest = told.min(by: { $0.value.at < $1.value.at }) { told[oldest.key] = nil }
        told[event.cause] = Told(at: now)
        return before?.repeated ?? 0
    }
}
