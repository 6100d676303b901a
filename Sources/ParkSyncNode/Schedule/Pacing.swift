/// When a piece of work is done that somebody asks for: at once, but not again before some time has
/// passed since it was done last; and now and then without being asked. One run at a time. What is
/// asked for meanwhile is done afterwards, once.
///
/// A value without a clock, like all schedules: events come with the monotonic time, in
/// milliseconds.
package struct Pacing: Sendable {
    /// Without being asked, it is done this often; nil for never.
    package let interval: UInt64?
    /// Least time between the end of one run and the next.
    package let spacing: UInt64

    private var isRunning = false
    private var isWanted = false
    private var notBefore: UInt64 = 0
    private var nextLook: UInt64?

    package init(interval: UInt64?, spacing: UInt64) { (self.interval, self.spacing) = (interval, spacing) }

    /// Somebody asks for it.
    package mutating func want() { isWanted = true }

    /// It is asked for by nobody before the interval is over.
    package mutating func rest(_ now: UInt64) { nextLook = interval.map { now &+ $0 } }

    /// - Returns: whether it is to be done now. The caller then says `ended`.
    package mutating func begin(_ now: UInt64) -> Bool {
        if let interval, nextLook.map({ now >= $0 }) ?? true {
            isWanted = true
            nextLook = now &+ interval
        }
        guard !isRunning, isWanted, now >= notBefore else { return false }
        (isRunning, isWanted) = (true, false)
        return true
    }

    /// - Parameter pause: until the next run, if that is another than the spacing.
    package mutating func ended(_ now: UInt64, pause: UInt64? = nil) {
        isRunning = false
        notBefore = now &+ (pause ?? spacing)
    }

    /// When `begin` has to be asked again though nothing happens; nil if never, or if a run has to
    /// end first.
    package var wakeAt: UInt64? {
        if isRunning { return nil }
        if isWanted { return notBefore }
        return nextLook.map { max($0, notBefore) }
    }
}
