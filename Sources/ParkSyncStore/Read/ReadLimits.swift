/// Bounds of what reading may hold in memory, and of how long it may wait. Units are in each name.
enum ReadLimits {
    /// Longest text or blob that SQL from outside may make or read, and most bytes of one row that
    /// it gets back.
    static let valueBytesMax = 64 << 20
    /// The same in a statement that calls functions which make or read through texts, which parse
    /// JSON, or which compare with patterns: each call is one step for SQLite, which nothing
    /// interrupts.
    static let textValueBytesMax = 16 << 20
    static let jsonValueBytesMax = 4 << 20
    static let patternValueBytesMax = 1 << 20
    /// Whatever a statement calls, values may be as long as this: SQLite's own virtual tables keep
    /// blocks of up to so many bytes.
    static let valueBytesMin = 64 << 10
    /// So many calls of a kind in one statement may each work on values of its full length; with
    /// more of them the values are shorter.
    static let callsAtFullLength = 4
    static let plainCallsAtFullLength = 16
    /// Most calls of functions in one statement, triggers and views included; and of those that
    /// compare with patterns.
    static let functionCallsMax = 1_000
    static let patternCallsMax = 64
    /// Longest pattern of LIKE and GLOB, set of characters of trim(), and path of json_set() and
    /// json_insert().
    static let patternBytesMax = 256
    /// In a longer statement a value has at most `textValueBytesMax`.
    static let largeValueSQLBytesMax = 4 << 10
    /// Most bytes of SQL that SQLite would come to when it has copied common table expressions to
    /// where they are named.
    static let commonTableBytesMax = 16 << 20
    /// Most bytes that SQLite holds at once for one statement from outside, in blocks of 64 KiB and
    /// more.
    static let guestMemoryBytesMax = 128 << 20
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
