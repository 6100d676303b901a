/// Issues stamps that never run backwards and never fall behind a stamp that was seen.
///
/// The clock is a value without a time source: the caller passes the wall clock in, so a simulation
/// decides what time it is.
package struct HybridLogicalClock: Sendable {
    /// The newest stamp issued or observed.
    package private(set) var last: Stamp

    package init(last: Stamp = .zero) { self.last = last }

    /// The stamp of a local event.
    ///
    /// - Parameter wallMilliseconds: the wall clock, Unix milliseconds.
    /// - Returns: a stamp greater than every stamp issued or observed before. When the wall clock
    ///   stands still or steps back, the counter advances; when the counter is full, the logical
    ///   time moves one millisecond ahead.
    package mutating func tick(wallMilliseconds: UInt64) -> Stamp {
        let wall = Stamp(milliseconds: wallMilliseconds, counter: 0)
        last = wall > last ? wall : Stamp(rawValue: last.rawValue &+ 1)
        return last
    }

    /// Takes note of a stamp seen in another origin's entry, so that later local stamps are
    /// greater.
    package mutating func observe(_ stamp: Stamp) {
        if stamp > last { last = stamp }
    }

    /// Whether an entry with this stamp must be held because it claims to come from too far in the
    /// future.
    package static func isTooFarAhead(_ stamp: Stamp, wallMilliseconds: UInt64) -> Bool {
        stamp.milliseconds > wallMilliseconds &+ CoreLimits.clockAheadMillisecondsMax
    }
}
