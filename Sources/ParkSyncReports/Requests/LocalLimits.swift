/// Bounds of the local API, and of JSON wherever it is read. Units are the last word of each name.
package enum LocalLimits {
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

    /// Shortest and longest token of the loopback listener: 32 bytes in base64 without padding, and
    /// what fits a header.
    package static let tokenBytesMin = 43
    package static let tokenBytesMax = 512
    /// Longest name of a token.
    package static let tokenNameBytesMax = 32
    /// Most tokens of a file, and its longest text.
    package static let tokensMax = 64
    package static let tokenFileBytesMax = 64 << 10
}
