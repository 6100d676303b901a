/// What somebody, or the disk, has done to ParkSync's own tables. Nothing is written, sealed or
/// applied while it is so, and nothing exchanged with other parks.
package struct DamageStatus: Codable, Hashable, Sendable {
    package var cause: String
    package var remedy: String
    /// Unix milliseconds; when it was found.
    package var since: UInt64
    package init(cause: String, remedy: String, since: UInt64) {
        (self.cause, self.remedy, self.since) = (cause, remedy, since)
    }

    package var reason: Verdict.Reason {
        Verdict.Reason(
            .broken, .damaged,
            """
            the database is damaged: \(Sentence.ended(cause)) Nothing is written, sealed, applied or exchanged. \
            \(Sentence.ended(remedy))
            """
        )
    }
}
