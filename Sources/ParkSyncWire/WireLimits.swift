import ParkSyncCore

/// Bounds of the peer protocol. Units are the last word of each name.
package enum WireLimits {
    /// Version of the peer protocol; peers of another version refuse each other with a clear error.
    ///
    /// 2: what a node says of a copy of somebody's log carries that somebody's signatures.
    package static let protocolVersion: UInt64 = 2
    /// Longest request body of `POST /sync/v1/log`.
    package static let logRequestBytesMax = 256 << 10
    /// A feed gathers entries until a frame has about this many bytes; one larger entry still
    /// travels whole.
    package static let entriesFrameTargetBytes = 1 << 20
    /// Longest frame of any zone: the largest entry and room for its framing. A node takes frames
    /// of the longest entry that it takes, and `entriesFrameTargetBytes`.
    package static let frameBytesMax = CoreLimits.payloadBytesMax + (1 << 20)
    /// Of longer frames one peer sends one at a time; the streams of others that begin one wait.
    package static let longFrameBytesMin = 4 << 20
    /// While others wait, a peer's long frame has to be whole within this time.
    package static let longFrameMillisecondsMax: UInt64 = 120_000
    /// How often a feed speaks when nothing happens, so that a dead link is noticed.
    package static let heartbeatMilliseconds: UInt64 = 5_000
    /// A stream that is silent for this long is closed and opened again.
    package static let silenceMillisecondsMax: UInt64 = 15_000
    /// A peer that says to have entries of this node's park has so long to show the newest signed
    /// one. It comes right behind what says so.
    package static let headMillisecondsMax: UInt64 = 10_000
    /// A peer that has shown entries of this node's log has so long to send them, all its links
    /// together; and so long it is waited for while it is away.
    package static let branchMillisecondsMax: UInt64 = 60_000
    /// So many bytes of them buy another millisecond.
    package static let branchBytesPerMillisecondMin: UInt64 = 32
    /// How often a feed tells newest heads of logs that are neither its own park's nor the asker's.
    package static let gossipMilliseconds: UInt64 = 5_000
    /// Logs that it looks at each time, one after the other in turn.
    package static let gossipOriginsMax = 8
    /// Of a long frame so many bytes have to come in that time.
    package static let progressBytesMin = 16 << 10
    /// Least time between two state frames that only report progress.
    package static let stateFrameIntervalMilliseconds: UInt64 = 100
    /// Most bytes of received entries that wait for the store, for each peer, before its stream is
    /// paused.
    package static let inboundBytesMax = 8 << 20
    /// The same for all peers together: each has its share.
    package static let inboundBytesOfAllMax = 64 << 20
    /// Most bytes of consecutive entries that are handed to the store in one piece.
    package static let storeBatchBytesMax = 2 << 20
    /// Most bytes that the store has at a time, of all peers; it applies in one transaction all
    /// pieces that wait. Each peer may have one there.
    package static let storingBytesMax = 22 << 20
}

/// Paths of the peer interface.
package enum WirePath {
    package static let log = "/sync/v1/log"
    package static let snapshot = "/sync/v1/snapshot"
}
