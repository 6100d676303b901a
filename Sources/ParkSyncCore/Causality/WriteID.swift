/// Names one entry as the author of a cell, and orders it: by stamp, then by origin.
package struct WriteID: Hashable, Comparable, Sendable {
    package var stamp: Stamp
    package var origin: OriginID
    /// The entry's number in its origin's log, from 1.
    package var seq: UInt64

    package init(stamp: Stamp, origin: OriginID, seq: UInt64) {
        self.stamp = stamp
        self.origin = origin
        self.seq = seq
    }

    /// Of a column that nobody wrote in its row's life. Older than every write, and the entry of no
    /// origin.
    package static let nobody = WriteID(stamp: .zero, origin: .none, seq: 0)

    package static func < (a: WriteID, b: WriteID) -> Bool {
        if a.stamp != b.stamp { return a.stamp < b.stamp }
        // Honest origins never reuse a stamp; the number makes the order total even for one that
        // does.
        return a.origin == b.origin ? a.seq < b.seq : a.origin < b.origin
    }
}

extension WriteID: CustomStringConvertible {
    package var description: String { "\(origin):\(seq)@\(stamp)" }
}
