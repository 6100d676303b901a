@testable import parksyncd

extension JournalThrottle {
    /// As many lines may tell of one cause that has come again and again since then.
    static func lines(since begin: ContinuousClock.Instant) -> Int {
        1 + Int((ContinuousClock.now - begin) / .milliseconds(Int64(pauseMilliseconds)))
    }
}
