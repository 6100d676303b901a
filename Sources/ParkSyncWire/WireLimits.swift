import ParkSyncCore

/// Bounds of the peer protocol and of the local API. Units are the last word of each name.
package enum WireLimits {
    /// Version of the peer protocol; peers of another version refuse each other with a clear error.
    ///
    /// 2: what a node says of a copy of somebody's log carries that somebody's signatures.
    package static let protocolVersion: UInt64 = 2
    /// Longest request body of `POST /sync/v1/log`.
    package static let logRequestBytesMax = 256 << 10
    /// A feed gathers entries until a frame has about this many bytes; one larger entry still travels whole.
    package static let entriesFrameTargetBytes = 1 << 20
    /// Longest frame of any zone: the largest entry and room for its framing. A node takes frames of the longest entry that it takes, and
    /// `entriesFrameTargetBytes`.
    package static let frameBytesMax = CoreLimits.payloadBytesMax + (1 << 20)
    /// Of longer frames one peer sends one at a time; the streams of others that begin one wait.
    package static let longFrameBytesMin = 4 << 20
    /// While others wait, a peer's long frame has to be whole within this time.
    package static let longFrameMillisecondsMax: UInt64 = 120_000
    /// How often a feed speaks when nothing happens, so that a dead link is noticed.
    package static let heartbeatMilliseconds: UInt64 = 5_000
    /// A stream that is silent for this long is closed and opened again.
    package static let silenceMillisecondsMax: UInt64 = 15_000
    /// A peer that says to have entries of this node's park has so long to show the newest signed one. It comes right behind what says so.
    package static let headMillisecondsMax: UInt64 = 10_000
    /// A peer that has shown entries of this node's log has so long to send them, all its links together; and so long it is waited for while it is away.
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
    /// Most bytes of received entries that wait for the store, for each peer, before its stream is paused.
    package static let inboundBytesMax = 8 << 20
    /// The same for all peers together: each has its share.
    package static let inboundBytesOfAllMax = 64 << 20
    /// Most bytes of consecutive entries that are handed to the store in one piece.
    package static let storeBatchBytesMax = 2 << 20
    /// Most bytes that the store has at a time, of all peers; it applies in one transaction all pieces that wait. Each peer may have one there.
    package static let storingBytesMax = 22 << 20

    /// Longest JSON text that anything decodes; a route or file may have a lower bound.
    package static let jsonBytesMax = 256 << 20
    /// How deep objects and arrays may be nested in it. What ParkSync itself writes needs 7.
    package static let jsonDepthMax = 32
    /// Most members of one object.
    package static let jsonMembersMax = 1_024
    /// Longest number: the exact digits of the smallest reals have 1,077.
    package static let jsonNumberBytesMax = 1_100

    /// Longest body of a local API request.
    package static let localRequestBytesMax = 32 << 20
    /// Most values in it, objects and arrays counted.
    package static let localRequestValuesMax = 400_000
    /// How much memory requests may take at a time, those of all clients and peers together.
    package static let requestBytesMax = 192 << 20
    /// How long a body may take to come.
    package static let bodyMillisecondsMax: UInt64 = 60_000
    /// Most statements in one transaction request.
    package static let statementsPerTransactionMax = 100_000
    /// Longest SQL text of one statement.
    package static let sqlBytesMax = 1 << 20
    /// Default and longest time limit of a query or transaction.
    package static let queryMillisecondsDefault = 10_000
    package static let queryMillisecondsMax = 600_000
    /// Most rows a transaction's RETURNING or SELECT statements give back.
    package static let transactionRowsMax = 10_000
    /// Most conflicts that one request confirms.
    package static let confirmationsMax = 1_000
    /// Most captured writes that one request forgets by their numbers.
    package static let refusedDropsMax = 1_000
    /// Longest part of a bundle in one request of an import.
    package static let importPartBytesMax = 16 << 20
    /// Most change subscriptions at a time.
    package static let subscriptionsMax = 64
    /// An entry with more bytes in the log is told to subscribers without its changes.
    package static let eventEntryBytesMax = 256 << 10

    /// Shortest and longest token of the loopback listener: 32 bytes in base64 without padding, and what fits a header.
    package static let tokenBytesMin = 43
    package static let tokenBytesMax = 512
    /// Longest name of a token.
    package static let tokenNameBytesMax = 32
    /// Most tokens of a file, and its longest text.
    package static let tokensMax = 64
    package static let tokenFileBytesMax = 64 << 10
}

/// Paths of the HTTP interfaces.
package enum WirePath {
    /// Peer interface.
    package static let log = "/sync/v1/log"
    package static let snapshot = "/sync/v1/snapshot"
    /// Local interface.
    package static let transactions = "/v1/transactions"
    package static let queries = "/v1/queries"
    package static let changes = "/v1/changes"
    package static let status = "/v1/status"
    package static let blame = "/v1/blame"
    package static let conflicts = "/v1/conflicts"
    package static let confirmations = "/v1/confirmations"
    package static let entries = "/v1/log"
    package static let verify = "/v1/verify"
    package static let verifyRows = "/v1/verify/rows"
    package static let repairs = "/v1/repairs"
    package static let forks = "/v1/forks"
    package static let refused = "/v1/refused"
    package static let refusedDrops = "/v1/refused/drops"
    package static let acceptWrites = "/v1/accept-writes"
    package static let links = "/v1/links"
    package static let compact = "/v1/compact"
    package static let fences = "/v1/fences"
    package static let reissue = "/v1/reissue"
    package static let backups = "/v1/backups"
    package static let bundles = "/v1/bundles"
    package static let imports = "/v1/imports"
    package static let localSnapshot = "/v1/snapshot"
    package static let copies = "/v1/copies"
    package static let health = "/healthz"
    package static let ready = "/readyz"
    package static let metrics = "/metrics"
}
