import ParkSyncCore

/// Since when a node has known of the oldest entries that it still lacks from a peer.
///
/// Entries come without end, so a few marks stand for all: what the peer was heard to have, and
/// when. Marks are merged when they become too many, the earlier time with the later vector; so the
/// answer may be too early, and is never too late.
struct Lack: Hashable, Sendable {
    private struct Mark: Hashable, Sendable {
        var theirs: VersionVector
        /// When the first entry of it beyond the mark before was heard of, at the latest.
        var at: UInt64
    }
    private var marks: [Mark] = []

    static let marksMax = 16

    /// Unix milliseconds of this node's clock; nil if nothing is lacking. Nothing that is lacking
    /// was heard of before.
    var since: UInt64? { marks.first?.at }

    /// - Parameters:
    ///   - applied: what this node has.
    ///   - theirs: what the peer said that it has.
    ///   - wall: Unix milliseconds.
    mutating func update(applied: VersionVector, theirs: VersionVector, wall: UInt64) {
        guard !applied.covers(theirs) else {
            marks = []
            return
        }
        marks.removeFirst(marks.prefix { applied.covers($0.theirs) }.count)
        if let last = marks.last, last.theirs.covers(theirs) { return }
        marks.append(Mark(theirs: theirs, at: wall))
        guard marks.count > Self.marksMax else { return }
        // The two that are closest in time, so that the marks stay evenly apart.
        guard let index = (0..<marks.count - 2).min(by: { span($0) < span($1) }) else { return }
        marks[index].theirs = marks[index + 1].theirs
        marks.remove(at: index + 1)
    }

    private func span(_ index: Int) -> UInt64 {
        let (from, to) = (marks[index].at, marks[index + 2].at)
        // A wall clock may have been set back.
        return to > from ? to - from : 0
    }
}
