import ParkSyncCore

/// What an entry waits for, or why it was set aside: by names that stay when the words about it
/// change.
package struct StuckCause: Hashable, Sendable {
    /// The names are a contract: `docs/reference/http-api.md` lists them.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// It has a newer schema than this node.
        case newerSchema = "newer-schema"
        /// Its stamp is ahead of this node's clock.
        case future
        /// An entry that it depends on is not applied here.
        case dependency
        /// Tables are to be made anew for it, or it is to be judged by what was dropped, and the
        /// log of an origin does not reach back to its first entry.
        case logGap = "log-gap"
        /// A table of this node does not take it.
        case table
        /// Its park was taken out of the zone, or it is in one of several logs of its park and
        /// knows too little of what was dropped, and nobody else had it.
        case unvouched
        /// It is longer than what this node takes.
        case tooLong = "too-long"
        /// The node was started a moment ago and has not tried it yet.
        case notTried = "not-tried"
        /// What is tried again failed.
        case failed
        /// It is damaged, or says what its author must not.
        case refused
    }
    package var code: Code
    /// The origin or the table that it is about; empty if there is none.
    package var subject: String

    package init(_ code: Code, _ subject: String = "") { (self.code, self.subject) = (code, subject) }
}
