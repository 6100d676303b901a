/// Bounds of what reading may hold in memory, and of how long it may wait. Units are in each name.
enum ReadLimits {
    /// Longest text or blob that SQL from outside may make or read, and most bytes of one row that it gets back.
    static let valueBytesMax = 64 << 20
    /// A query gathers rows until they have about this many bytes before it hands them on.
    static let queryBatchBytesTarget = 1 << 20
    /// Most bytes of values that the statements of one transaction give back.
    static let transactionResultBytesMax = 16 << 20
    /// Connections for what clients ask for.
    static let clientReadersMax = 6
    /// Connections for short reads of the node itself.
    static let nodeReadersMax = 2
    /// Connections for subscriptions and the booking arbiter.
    static let backgroundReadersMax = 2
    /// Longest wait for a connection.
    static let readerWaitMillisecondsMax: UInt64 = 5_000
}
