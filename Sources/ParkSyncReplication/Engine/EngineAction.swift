import ParkSyncCore

/// One stream to one peer. A peer has at most one at a time; what is heard of an earlier one is
/// ignored.
package struct StreamKey: Hashable, Sendable {
    package var peer: OriginID
    /// Counts the streams to this peer, from 1.
    package var generation: UInt64
    package init(peer: OriginID, generation: UInt64) {
        self.peer = peer
        self.generation = generation
    }
}

/// What the engine wants to be done, in this order.
package enum EngineAction: Hashable, Sendable {
    /// Ask the peer for what these origins wrote after what the log holds at this moment.
    case open(StreamKey, origins: [OriginID])
    case close(StreamKey)
    /// Stop and go on reading from the peer.
    case pause(StreamKey)
    case resume(StreamKey)
    /// Give the entries to the log, and report the outcome with `stored`.
    case store(StreamKey, LogSlice)
    /// Compare the peer's copy of a log with the own one at once, and report with `compared`.
    case compare(StreamKey, LogBranch)
    /// Have the log do this, and report with `carriedOut`.
    case demand(LogDemand)
    /// Call `tick` at this monotonic time; an earlier request may be forgotten.
    case wake(at: UInt64)
}

/// What became of entries that were given to the log.
package enum StoreOutcome: Hashable, Sendable {
    case stored
    /// They are not what their origin signed; nothing was kept.
    case refused(SliceRefused)
    /// The log could not keep them, for a reason of its own (disk full).
    case failed(String)
}
