import ParkSyncCore

/// The node's hybrid logical clock, and the only place that moves it by a stamp of the log.
///
/// It is what the entries that count and are applied here say, and what was stamped since. The
/// stamp of an entry that waits moves it at no time: how far ahead an entry may be is judged when
/// it is applied, and here nothing is judged. Neither does one that was taken back
/// (docs/decisions/0018-future-stamps.md).
struct StoreClock {
    private var clock = HybridLogicalClock()

    /// The newest stamp that was issued, or that an applied entry has.
    var last: Stamp { clock.last }

    /// The stamp of a local event.
    ///
    /// - Throws: `StoreError.clock` where the time is later than a stamp in an entry can say:
    ///   nothing is sealed until the clock is right.
    mutating func tick(wallMilliseconds: UInt64) throws -> Stamp {
        var next = clock
        guard wallMilliseconds <= Stamp.millisecondsMax,
            next.tick(wallMilliseconds: wallMilliseconds).milliseconds <= Stamp.millisecondsMax
        else {
            throw StoreError(
                .clock,
                """
                this machine's clock stands \(TimeSpan.text(milliseconds: wallMilliseconds)) after 1970, later \
                than an entry can say
                """,
                remedy:
                    """
                    Nothing was written to the log. Set this machine's clock right (NTP); what programs wrote \
                    meanwhile stays captured, and is signed then.
                    """
            )
        }
        clock = next
        return next.last
    }

    fileprivate mutating func observe(_ stamp: Stamp) { clock.observe(stamp) }
}

extension StoreState {
    /// An entry was applied, and its cursor moved over it.
    mutating func moveClock(by header: EntryHeader) {
        guard !isWithdrawn(header.origin, header.seq) else { return }
        clock.observe(header.stamp)
    }

    /// What the file says, which may have been read by another program's hand.
    ///
    /// - Parameter isFetching: own entries are fetched back, so that some may be in the log and
    ///   wait.
    mutating func readClock(_ connection: Connection, isFetching: Bool) throws {
        for index in origins.indices {
            let last = index == own && !isFetching ? origins[index].logged : origins[index].folded
            guard let newest = try newestStamp(connection, index, through: last) else { continue }
            clock.observe(newest)
        }
    }

    /// The newest stamp of the entries of a log that count.
    ///
    /// Stamps grow along a log, so the last of them has it; of an author who does not keep to that,
    /// a few before it tell.
    /// - Parameter last: the last entry that is applied.
    func newestStamp(_ connection: Connection, _ index: Int, through last: UInt64) throws -> Stamp? {
        let origin = origins[index]
        var newest: Stamp?
        var count = 0
        try LogTable.descend(connection, ordinal: origin.ordinal, upTo: countingEnd(origin.origin, from: last)) {
            seq, stamp in
            if stamp >= 0, !isWithdrawn(origin.origin, seq) {
                newest = max(newest ?? .zero, Stamp(rawValue: UInt64(clamping: stamp)))
            }
            count += 1
            return count < Self.stampsLookedAt ? .more : .enough
        }
        return newest
    }

    /// Entries of each origin whose stamps are looked at when a file is opened.
    private static let stampsLookedAt = 1_000
}
