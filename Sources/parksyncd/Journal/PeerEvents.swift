import ParkSyncCore
import ParkSyncReplication

/// The links to the other parks, and what was found of them.
extension Event {
    /// - Parameter afterMilliseconds: how long there was no link; nil for the first one.
    static func linked(_ peer: String, afterMilliseconds: UInt64?) -> Event {
        guard let after = afterMilliseconds else {
            return Event(.peerLinked, [Field("peer", peer)], "the link to \(peer) is open")
        }
        return Event(
            .peerLinked, [Field("peer", peer), Field("after_s", "\(after / 1_000)")],
            "the link to \(peer) is open again, after \(after / 1_000) s")
    }

    static func lost(_ peer: String, _ failure: LinkFailure) -> Event {
        Event(
            .peerLost, [Field("peer", peer), Field("kind", failure.code)],
            "no link to \(peer): \(ErrorText.sentence(failure.reason)) \(failure.remedy)")
    }

    static func lied(_ peer: String, _ lie: PeerLie) -> Event {
        Event(
            .peerLied, [Field("peer", peer), Field("kind", lie.kind.rawValue)],
            lie.kind == .falseSnapshot
                ? "the snapshot of \(peer) does not follow from its signed log: \(lie.reason). Either \(peer) "
                    + "lies, or its database is damaged: "
                    + "let its operator run syncctl verify --rows and syncctl log verify. Nothing of the snapshot is "
                    + "used, its entries count as before"
                : "\(peer) does not tell the truth: \(lie.reason). It counts for nothing")
    }

    static func refused(_ peer: String, _ refusal: SliceRefused) -> Event {
        Event(
            .entriesRefused,
            [
                Field("peer", peer), Field("origin", refusal.origin.name), Field("first", "\(refusal.first)"),
                Field("cause", refusal.cause.rawValue),
            ], "what \(peer) sent was refused: \(refusal)")
    }

    static func notStored(_ peer: String, _ error: String) -> Event {
        Event(
            .entriesNotStored, [Field("peer", peer)],
            "entries from \(peer) could not be stored and are fetched again: \(error)")
    }

    static func clockOff(_ peer: String, milliseconds: Int64) -> Event {
        Event(
            .clockOff, [Field("peer", peer), Field("offset_ms", "\(milliseconds)")],
            """
            the clock of \(peer) is \(TimeSpan.offset(milliseconds: milliseconds, to: "this machine's")). Set \
            the clocks (NTP): entries from the future are held
            """
        )
    }

    static func clockRight(_ peer: String, milliseconds: Int64) -> Event {
        Event(
            .clockRight, [Field("peer", peer), Field("offset_ms", "\(milliseconds)")],
            "the clocks of \(peer) and of this machine agree again")
    }

    static func differ(_ peer: String, vector: String) -> Event {
        Event(
            .tablesDiffer, [Field("peer", peer), Field("vector", vector)],
            """
            the tables differ from those of \(peer) at the same vector \(vector). Run `syncctl log verify` at \
            both parks
            """
        )
    }

    static func same(_ peer: String, vector: String) -> Event {
        Event(
            .tablesSame, [Field("peer", peer), Field("vector", vector)],
            "the tables are those of \(peer) again, at \(vector)")
    }

    // MARK: certificates

    static func certificateEnding(_ file: String, days: Int64, end: String) -> Event {
        Event(
            .certificateEnding, [Field("file", file), Field("days", "\(days)"), Field("end", end)],
            """
            the certificate in \(file) ends in \(days) days, on \(end). Renew it (syncctl init ZONE --renew \
            PARK), then reload the node
            """
        )
    }

    static func certificateEnded(_ file: String, end: String) -> Event {
        Event(
            .certificateEnded, [Field("file", file), Field("end", end)],
            """
            the certificate in \(file) has ended on \(end): no peer takes a new link. Renew it (syncctl init \
            ZONE --renew PARK), then reload the node
            """
        )
    }

    static func certificateEarly(_ file: String, begin: String) -> Event {
        Event(
            .certificateEarly, [Field("file", file), Field("begin", begin)],
            "the certificate in \(file) is not valid before \(begin). Set this machine's clock")
    }

    static func certificateRenewed(_ file: String, days: Int64) -> Event {
        Event(
            .certificateRenewed, [Field("file", file), Field("days", "\(days)")],
            "the certificate in \(file) is valid for \(days) days")
    }
}
