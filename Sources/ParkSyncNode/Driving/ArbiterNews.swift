import ParkSyncReports
import ParkSyncStore

/// What an operator should hear of what is asked of the park.
package enum ArbiterNews: Sendable {
    /// Answers are durable.
    case wrote(TransactionResult)
    /// All that waits was looked at.
    case looked
    /// Nothing is left without an answer.
    case answeredAll
    /// All is answered but what cannot be.
    case setAside(ArbiterStatus)
    /// It is tried again soon.
    case failed(any Error)
}

/// What a desk does in one go.
enum DeskLimits {
    /// Entries looked at.
    static let entries = 256
    /// No further entry is read once those before it have so many bytes in the log.
    static let entryBytesTarget = 256 << 10
    /// Requests of one subject that are set aside. Then come the others.
    static let setAside = 32
    /// Subjects with requests that no step can answer: more are not named.
    static let unanswerableSubjects = 1_000
    /// Who writes the answers.
    static let author = "arbiter"
}
