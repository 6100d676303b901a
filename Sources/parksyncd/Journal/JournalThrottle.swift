/// Keeps events that somebody from outside can bring about from filling the journal: one line a
/// minute for each cause, few lines a minute for each event whatever its causes are, and how many
/// there were. Owns no clock.
struct JournalThrottle {
    static let pauseMilliseconds: UInt64 = 60_000
    /// Causes that are told apart at a time; of further ones the one that was told longest ago is
    /// forgotten.
    static let causesMax = 256
    /// Most lines of one event in a pause: addresses and names can be invented without end.
    static let linesMax = 30

    private struct Told {
        var at: UInt64
        var repeated = 0
    }
    /// The lines of one event since its pause began.
    private struct Window {
        var begin: UInt64
        var lines = 0
        /// Kept back although their cause was not told yet.
        var surplus = 0
    }
    private var told: [String: Told] = [:]
    private var windows: [EventCode: Window] = [:]

    /// - Parameter now: monotonic milliseconds.
    /// - Returns: how many of the same cause, or of too many causes, were kept back since the last
    ///   line; nil if this one is to be kept back as well.
    mutating func admit(_ event: Event, now: UInt64) -> Int? {
        guard event.code.isFromOutside else { return 0 }
        let before = told[event.cause]
        if let before, now < before.at &+ Self.pauseMilliseconds {
            told[event.cause]?.repeated += 1
            return nil
        }
        guard let surplus = takeLine(event.code, now: now) else { return nil }
        if before == nil, told.count >= Self.causesMax, let oldest = told.min(by: { $0.value.at < $1.value.at }) {
            told[oldest.key] = nil
        }
        told[event.cause] = Told(at: now)
        return (before?.repeated ?? 0) + surplus
    }

    /// - Returns: how many the last pause has kept back, for its first line after it; nil if there
    ///   are enough lines of this event.
    private mutating func takeLine(_ code: EventCode, now: UInt64) -> Int? {
        var window = windows[code] ?? Window(begin: now)
        var surplus = 0
        if now >= window.begin &+ Self.pauseMilliseconds {
            surplus = window.surplus
            window = Window(begin: now)
        }
        let isFree = window.lines < Self.linesMax
        if isFree { window.lines += 1 } else { window.surplus += 1 }
        windows[code] = window
        return isFree ? surplus : nil
    }
}
