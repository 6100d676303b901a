import ParkSyncCore

/// A branch of this node's own log that is fetched beside the log and the tables. Nothing of either
/// changes before all of it is here, up to the signed head that its holder has shown
/// (docs/decisions/0014-amnesia.md, Diverged).
package struct BranchFetch: Hashable, Sendable {
    /// The peer that it is asked of, by its base origin.
    package var source: OriginID
    /// The last entry that it shares with the log here.
    package var after: UInt64
    /// The head that the source has shown: with that entry the branch is whole.
    package var head: LogBranch.Head
    /// The newest entry that has come, or `after`.
    package var fetched: UInt64
    /// Hash of the entry `fetched`; 32 bytes.
    package var hash: [UInt8]
    /// Payloads that have come.
    package var bytes: UInt64

    package init(source: OriginID, after: UInt64, head: LogBranch.Head, fetched: UInt64, hash: [UInt8], bytes: UInt64) {
        (self.source, self.after, self.head) = (source, after, head)
        (self.fetched, self.hash, self.bytes) = (fetched, hash, bytes)
    }

    package var isWhole: Bool { fetched >= head.seq }

    /// Whether the same entries are asked of the same peer.
    func isSameTask(as other: BranchFetch?) -> Bool {
        guard let other else { return false }
        return source == other.source && after == other.after && head == other.head
    }
}

/// What is to be fetched beside the log, and of whom.
package struct BranchOrder: Hashable, Sendable {
    package var source: OriginID
    /// The last entry that both have.
    package var after: UInt64
    /// What the source says of its copy, the newest first, which is signed. What has come already
    /// stays as far as it is named here.
    package var heads: [LogBranch.Head]
    package var cause: String

    package init(source: OriginID, after: UInt64, heads: [LogBranch.Head], cause: String) {
        (self.source, self.after, self.heads, self.cause) = (source, after, heads, cause)
    }
}

/// Where what is asked for begins.
package struct LogPosition: Hashable, Sendable {
    /// The entry before it.
    package var after: UInt64
    /// Its hash (32 bytes); `EntryChain.genesis` if it is not kept.
    package var hash: [UInt8]

    package init(after: UInt64, hash: [UInt8]) { (self.after, self.hash) = (after, hash) }
}
