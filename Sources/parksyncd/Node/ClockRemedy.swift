import ParkSyncCore
import ParkSyncReplication
import ParkSyncStore

/// Says whose clock is wrong, as far as the clocks of the peers tell.
struct ClockRemedy {
    /// Peers' clocks minus this node's, in milliseconds, sorted.
    private let offsets: [Int64]
    /// Parks that were taken out of the zone: nobody can set their clocks right.
    private let fenced: Set<String>

    /// Clocks that differ by less are called the same.
    static let offsetMillisecondsMax: Int64 = 30_000

    /// Stamps that are ahead by less will be due before anybody has read what is to be done.
    static let dueSoonMilliseconds = 2 * CoreLimits.clockAheadMillisecondsMax

    init(_ reports: [PeerReport], fenced: Set<String> = []) {
        self.fenced = fenced
        offsets = reports.filter { $0.link == .following || $0.link == .catchingUp }.compactMap(
            \.clockOffsetMilliseconds
        ).sorted()
    }

    /// By how much this node's clock is off, if that is what most of its peers say, and two at
    /// least; nil otherwise: one alone may be the wrong one.
    var ownOffset: Int64? {
        guard offsets.count > 1 else { return nil }
        // The one in the middle, or the nearer of two.
        let (low, high) = (offsets[(offsets.count - 1) / 2], offsets[offsets.count / 2])
        let middle = low.magnitude < high.magnitude ? low : high
        return middle.magnitude > UInt64(Self.offsetMillisecondsMax) ? middle : nil
    }

    /// How this node's clock stands to its peers', as in `300 days 2 h ahead of its peers'`.
    ///
    /// - Parameter offset: what `ownOffset` says.
    static func text(_ offset: Int64) -> String {
        TimeSpan.offset(milliseconds: offset == .min ? .max : -offset, to: "its peers'")
    }

    func remedy(of stuck: StuckEntry) -> String {
        guard let ahead = stuck.aheadMilliseconds else { return stuck.remedy }
        if let off = ownOffset.map(Self.text) {
            return "The clock of this node is \(off): set it right; the entry is applied then."
        }
        // Its author may have a clock that is right, and have seen the stamp of another who is as
        // far ahead as is allowed.
        if ahead < Self.dueSoonMilliseconds {
            let due = TimeSpan.text(milliseconds: ahead - min(ahead, CoreLimits.clockAheadMillisecondsMax))
            return
                """
                Nothing to do: it is applied in \(due), by itself. If that goes on, the clock of some park is \
                wrong: the table of peers shows them.
                """
        }
        guard offsets.count > 1, !fenced.contains(stuck.origin.park) else { return stuck.remedy }
        let park = stuck.origin.park
        return
            "This node's clock is that of its peers: the clock of \(park) was ahead. Set it right if it still "
            + "is, then run "
            + "`syncctl reissue --reason ...` at \(park), which writes the entries anew with the right time; take a "
            + "park that is gone out with "
            + "`syncctl fence \(park)`."
    }
}
