extension Verdict {
    /// What a reason is about. The names are a contract: scripts and alerts go by them, the texts
    /// may change.
    package enum Cause: String, Hashable, Codable, CaseIterable, Sendable {
        /// The node does not answer.
        case unreachable

        // About the node.
        case archiveDamaged = "archive-damaged"
        case bookings
        case certificateEarly = "certificate-early"
        case certificateEnded = "certificate-ended"
        case certificateEnding = "certificate-ending"
        case checking
        case damaged
        case digestBehind = "digest-behind"
        case diskLow = "disk-low"
        case fenced
        case fenceProposal = "fence-proposal"
        case fork
        case futureStamps = "future-stamps"
        case held
        case indexRepaired = "wal-index-repaired"
        case logHeldBack = "wal-held-back"
        case logNotWrittenBack = "wal-not-written-back"
        case logUnguarded = "wal-unguarded"
        case noPeers = "no-peers"
        case notListening = "not-listening"
        case otherBranch = "other-branch"
        case quarantined
        case recovering
        case rowsDiffer = "rows-differ"
        case rowsNotVerified = "rows-not-verified"
        case rowsRefused = "rows-refused"
        case rowsSuspected = "rows-suspected"
        case silentPark = "silent-park"
        case stopping
        case tableObstacle = "table-obstacle"
        case unapplied
        case unsealed
        case writeLocked = "write-locked"
        case writingBlocked = "writing-blocked"

        // About a peer.
        case catchingUp = "catching-up"
        case clockOff = "clock-off"
        case connecting
        case linkFailed = "link-failed"
        case lying
        case unfoundedSnapshot = "unfounded-snapshot"
        case noLink = "no-link"
        case notCompared = "not-compared"
        case notHeard = "not-heard"
        case paused
        case tablesDiffer = "tables-differ"
        case theyNeed = "they-need"
        case weNeed = "we-need"
    }
}
