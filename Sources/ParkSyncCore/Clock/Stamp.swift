/// A hybrid logical clock value: 48 bits of Unix milliseconds above 16 bits of counter.
///
/// Stamps alone are not unique; `(stamp, origin)` is, and that pair is the total order of all
/// writes. Source: Kulkarni et al., *Logical Physical Clocks and Consistent Snapshots in Globally
/// Distributed Databases*, 2014.
package struct Stamp: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// - Parameters:
    ///   - milliseconds: Unix time; only the low 48 bits are kept (enough until the year 10889).
    ///   - counter: orders events within one millisecond.
    package init(milliseconds: UInt64, counter: UInt16) {
        rawValue = (milliseconds & Self.millisecondsMask) << 16 | UInt64(counter)
    }

    package static let zero = Stamp(rawValue: 0)
    /// The latest time of a stamp that an entry can carry, in the year 6429: its raw value has to
    /// fit SQLite's signed integers.
    package static let millisecondsMax = UInt64(Int64.max) >> 16
    static let millisecondsMask: UInt64 = (1 << 48) - 1

    /// Unix milliseconds.
    package var milliseconds: UInt64 { rawValue >> 16 }
    package var counter: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    package static func < (a: Stamp, b: Stamp) -> Bool { a.rawValue < b.rawValue }
}

extension Stamp: CustomStringConvertible {
    /// Milliseconds and counter, as in `1795497090000.3`.
    package var description: String { "\(milliseconds).\(counter)" }
}
