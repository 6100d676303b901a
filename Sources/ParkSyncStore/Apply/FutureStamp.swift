import ParkSyncCore

/// What is said of entries whose stamps are ahead of this node's clock.
package enum FutureStamp {
    /// - Parameter park: the entries' author.
    static func remedy(of park: String) -> String {
        "If the clock of \(park) was wrong: set it right, then run syncctl reissue there, which writes the "
            + "entries anew with the right time. "
            + "If this node's clock is behind, set it right: the entry is applied then."
    }

    /// - Parameters:
    ///   - park: the entries' author, which was taken out of the zone.
    ///   - other: a park whose entries depend on them.
    static func remedy(ofFenced park: String, knownTo other: String?) -> String {
        let other = other ?? "the park that has applied it"
        return
            "\(park) was taken out of the zone, and an entry of \(other), whose clock was ahead as well, "
            + "depends on this one: set the clock of \(other) "
            + "right, then run syncctl reissue there. This entry then stays out everywhere."
    }

    /// A snapshot brings what another node has applied by its own clock. If that was ahead, this
    /// node's would be from then on.
    ///
    /// - Parameter reader: of the file that is to become this node's.
    /// - Throws: `StoreError.clock`.
    package static func check(_ reader: SQLReader, wallMilliseconds: UInt64) throws {
        var state = try reader.originState()
        state.withdrawals = try WithdrawalTable.all(reader.connection, state)
        for (index, origin) in state.origins.enumerated() {
            let last = index == state.own ? state.visibleOfOwn : origin.folded
            guard let stamp = try state.newestStamp(reader.connection, index, through: last) else { continue }
            guard HybridLogicalClock.isTooFarAhead(stamp, wallMilliseconds: wallMilliseconds) else { continue }
            let ahead = TimeSpan.text(milliseconds: stamp.milliseconds - wallMilliseconds)
            throw StoreError(
                .clock,
                """
                the snapshot has applied entries of \(origin.origin) that are stamped \(ahead) ahead of this \
                node's clock
                """,
                remedy:
                    "Nothing was replaced. Set this node's clock right if it is behind; else the clock of "
                    + "\(origin.origin.park) was ahead: run "
                    + "syncctl reissue there, and take the snapshot again.")
        }
    }
}
